//! Weights of the components of a mixture along the path from it.

use rayon::prelude::*;

use crate::{
    Run,
    path::Path,
    sample::{Base, Kernel, MixtureBase, Rung, Sample},
    stats::LogWeights,
    streams::Purpose,
};

/// Chains from each component.
const CHAINS: usize = 24;
/// Steps of each.
const STEPS: usize = 250;

/// The mixture of some bases in which each keeps its share of the states along the path.
///
/// By itself, component k leads to the model along qₖ^{1−t} e^{−tβE}, whose ln Zₖ(t) a few chains
/// estimate. With αₖ(t) = πₖ/Zₖ(t) a rung is Σₖ πₖ pₖ(t), every pₖ normalised: none dies out on the
/// way that has a share of the model at its end, as all but those of the lowest energy would with
/// weights that stay what they are. πₖ ∝ Zₖ(1) as the chains find it in the time that they have: the
/// part of the model that component k leads to.
pub(super) fn balanced<M: Sample + ?Sized>(
    model: &M,
    bases: &[Base],
    beta: f64,
    part: usize,
    run: &Run<'_>,
) -> MixtureBase {
    let weighted = |(k, base): (usize, &Base)| {
        let path = Path::from_base(model, base, Kernel::Auto, beta);
        let log_z = log_z_along(&path, Purpose::Balance { part, component: k }.number(), run);
        // From 1 − t = 0, the model, to the base.
        (log_z.iter().rev().map(|here| log_z[STEPS] - here).collect(), base.clone())
    };
    MixtureBase::with_log_weights(bases.par_iter().enumerate().map(weighted).collect())
}

/// ln Z at equal steps of t from a base, which is normalised, to the model: the logarithm of the
/// mean weight, step by step.
fn log_z_along(path: &Path, stream: u64, run: &Run<'_>) -> Vec<f64> {
    let mut chains = path.sampler.chains_at_base(CHAINS, run.seed, stream);
    let (mut here, mut sum, mut log_z) = (Rung::BASE, 0.0, vec![0.0]);
    for step in 1..=STEPS {
        let t = step as f64 / STEPS as f64;
        let next = path.rung(t);
        let mut log_w = vec![0.0; CHAINS];
        chains.add_log_ratio(&[here], &[next], &mut log_w);
        chains.sweep(&[next]);
        sum += LogWeights::new(&log_w).log_mean;
        // The base of a path has the normalisation `log_z_base`, of which a rung has the part 1 − t.
        log_z.push(sum + t * path.log_z_base);
        here = next;
    }
    log_z
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rbm;

    /// Without couplings ln Zₖ(t) is a sum over units. Planted bugs that fail: the normalisation of
    /// the base left out; the weights in the order of t.
    #[test]
    fn weights_are_the_inverse_of_what_a_component_weighs_on_the_way() {
        let rbm = Rbm::from_rows(&[[0.0; 5]; 8], &[0.7; 8], &[-0.4; 5]).unwrap();
        let bases = [Base::with_fields(vec![2.0; 13]), Base::with_fields(vec![-1.5; 13])];
        let log_z = |base: &Base, t: f64| {
            let unit =
                |bias: f64, theta: f64| ((1.0 - t) * theta + t * bias).exp().ln_1p() - (1.0 - t) * theta.exp().ln_1p();
            let biases = [0.7; 8].into_iter().chain([-0.4; 5]);
            biases.zip(base.fields()).map(|(bias, theta)| unit(bias, *theta)).sum::<f64>()
        };
        let mixture = balanced(&rbm, &bases, 1.0, 3, &Run::quiet(1));
        for t in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let log_weight = |k: usize| mixture.components()[k].log_weight(1.0 - t);
            let found = log_weight(0) - log_weight(1);
            let exact = log_z(&bases[1], t) - log_z(&bases[0], t);
            // At the base both have ln Z = 0, and the shares Zₖ(1) are equal.
            println!("{t}: {found} for {exact}");
            assert!((found - exact).abs() < 0.2, "{t}: {found} for {exact}");
        }
    }
}

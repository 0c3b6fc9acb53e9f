//! ln Z of a model whose chains are at hand: annealing up from independent units, and down from
//! the chains.

use std::{sync::Arc, time::Instant};

use super::{
    annealing::{AnnealingRun, Dependence, InitialStates, Origin, forward, reverse},
    bar::BothWays,
    batches::widen_to_error,
    bootstrap::Bootstrapped,
    share::Share,
    work::Directions,
};
use crate::{
    Error, Rbm,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Status},
    path::{Path, Profile},
    run::Run,
    sample::{Base, Kernel, Rung, Sample},
    stats::LogWeights,
    streams::Purpose,
};

/// Bootstrap replicates.
const REPLICATES: usize = 200;

/// What a step of a chain costs by collapsed Gibbs, in steps by block Gibbs.
const COLLAPSED: usize = 10;

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effort {
    /// Chains that go up.
    pub(crate) chains: usize,
    /// Steps of the way.
    pub(crate) steps: usize,
    /// Sweeps of the chains at hand before they go down.
    pub(crate) burn_in: usize,
}

/// Block Gibbs, the cheapest, where single precision is enough.
fn kernel(rbm: &Rbm) -> Kernel {
    if rbm.check_kernel(Kernel::Block).is_ok() { Kernel::Block } else { Kernel::Collapsed }
}

/// The products of one state with W that a step of one chain takes.
pub(crate) fn products_of_step(rbm: &Rbm) -> usize {
    if kernel(rbm) == Kernel::Block { 2 } else { 2 * COLLAPSED }
}

/// ln Z at β = 1 by Bennett's acceptance ratio between chains up from independent units with these
/// means of all units, and chains down from visible states that are near the model, such as the
/// persistent chains of a training run. `None` if the run was cancelled.
///
/// The chains at hand may be far from equilibrium, and those that go up may miss what the model
/// has; either makes its own side low, and where both sides are right they agree. So the standard
/// error is half of their distance at least, and the number of effective chains that went up is
/// part of the evidence.
///
/// # Errors
/// [`Error::Config`] if the rows do not fit the model, [`Error::NotFinite`] if its weights are not
/// finite.
pub(crate) fn two_sided(
    rbm: &Rbm,
    means: &[f64],
    states: &crate::data::Data,
    effort: Effort,
    run: &Run<'_>,
) -> Result<Option<Curve>, Error> {
    let clock = Instant::now();
    let units: Vec<_> = [vec![rbm.visible_units(); rbm.n_visible()], vec![rbm.hidden_units(); rbm.n_hidden()]].concat();
    let path = Arc::new(Path::from_base(rbm, &Base::with_means(means, &units), kernel(rbm), 1.0));
    let annealing = AnnealingRun::to_beta(&path, 1.0, effort.steps, &Profile::even(), (0, 1))?;
    let Some(up) = forward(&annealing, effort.chains, Share::WHOLE, run).pop() else { return Ok(None) };
    let kept = rbm.kept_of_data(states, 1.0, run.seed, annealing.data_stream())?;
    let mut arriving = path.sampler.chains_from(&kept, run.seed, Purpose::Chains { block: 0 }.number());
    (0..effort.burn_in).for_each(|_| arriving.sweep(&[Rung::at(1.0)]));
    let initial = InitialStates::whole(arriving.kept(), Origin::Gibbs);
    let Some(down) = reverse(&annealing, &initial, run) else { return Ok(None) };
    let weights = LogWeights::new(&up.log_w);
    let (ess, share) = (weights.effective_size(), weights.largest_share());
    let both = BothWays::join(&up, down, Dependence::Gibbs)?;
    let directions = Directions::of(&both.work, both.joined.overlap)?;
    let mut points = Bootstrapped::new(REPLICATES, run);
    points.push(|resample| both.counts(resample), |counts, series| both.push(counts, series))?;
    let apart = (directions.reverse_log_z - directions.forward_log_z).abs();
    widen_to_error(0.5 * apart, &points.values, &mut points.replicates, 0);
    Curve {
        method: Method::Bar,
        betas: Betas::one(1.0)?,
        reached: vec![Status::Converged],
        values: points.values,
        replicates: points.replicates,
        log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
        warnings: Vec::new(),
        visited: Vec::new(),
        diagnostics: Diagnostics::default()
            .evidence(vec![ess], vec![share])
            .per_beta("forward_log_z_by_beta", vec![directions.forward_log_z])
            .per_beta("reverse_log_z_by_beta", vec![directions.reverse_log_z])
            .crooks_slope(vec![directions.slope], vec![directions.slope_error])
            .overlap(vec![directions.overlap])
            .number("chains", effort.chains as f64)
            .number("rungs", annealing.ladder.len() as f64),
        seconds: clock.elapsed().as_secs_f64(),
    }
    .checked()
    .map(Some)
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;
    use crate::{Estimator, Exact, Units, data::Data, model::Draw};

    fn model(units: Units, strength: f64) -> Rbm {
        let w = |i: usize, j: usize| strength * (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos();
        let a = DVector::from_fn(12, |i, _| 0.3 * (i as f64).sin());
        let b = DVector::from_fn(5, |j, _| -0.2 * (j as f64 + 1.0).cos());
        Rbm::new(DMatrix::from_fn(12, 5, w), a, b).unwrap().with_units(units, units)
    }

    fn means(rbm: &Rbm) -> Vec<f64> {
        let exact = rbm.unit_means(1.0, &Run::quiet(1)).unwrap();
        exact.visible.iter().chain(exact.hidden.iter()).copied().collect()
    }

    /// From exact states, ln Z and U of both kinds of units within 4.5 standard errors (one false
    /// alarm in 37,000 for each of four numbers; the seed is fixed). In a single step to stronger
    /// couplings the two directions are further apart than the bootstrap knows: the error is half of
    /// that at least, and ln Z lies within four of it.
    ///
    /// Planted bugs that fail: a standard error without that distance; the work down with the sign
    /// of that up.
    #[test]
    fn two_directions_bracket_ln_z() {
        for units in [Units::Bit, Units::Spin] {
            let of = |strength: f64, steps: usize| {
                let (rbm, run) = (model(units, strength), Run::quiet(4));
                let exact = Exact::default().curve(&rbm, &Betas::one(1.0).unwrap(), &run).unwrap();
                let drawn = rbm.draw(1.0, 400, &run).unwrap().unwrap();
                let visible = drawn.chunks(17).flat_map(|state| &state[..12]).copied().collect();
                let (states, effort) =
                    (Data::new(12, visible, None).unwrap(), Effort { chains: 400, steps, burn_in: 0 });
                let curve = two_sided(&rbm, &means(&rbm), &states, effort, &run).unwrap().unwrap();
                let [up, down] = ["forward_log_z_by_beta", "reverse_log_z_by_beta"]
                    .map(|name| curve.diagnostics.at(name, 0).unwrap());
                let off = |sampled: crate::Measured, truth: f64| {
                    let error = sampled.claim.std_error().unwrap();
                    ((sampled.value - truth).abs() / error, error)
                };
                let log_z = off(curve.log_z()[0].unwrap(), exact.values.log_z[0]);
                let energy = off(crate::thermo::energy(&curve)[0].unwrap(), exact.values.energy[0].unwrap());
                (log_z, energy, (down - up).abs())
            };
            let (log_z, energy, _) = of(0.9, 20);
            assert!(log_z.0 < 4.5 && log_z.1 < 0.1 && energy.0 < 4.5, "{units}: {log_z:?}, {energy:?}");
            let (log_z, _, apart) = of(if units == Units::Bit { 3.0 } else { 1.2 }, 1);
            assert!(log_z.1 > 0.499 * apart, "{units}: {log_z:?}, {apart} apart");
            assert!(log_z.0 < 4.0, "{units}: {log_z:?}, {apart} apart");
        }
    }

    /// Two products with W a step, and ten times as many where single precision is not enough.
    #[test]
    fn a_step_of_collapsed_gibbs_counts_ten() {
        assert_eq!(products_of_step(&model(Units::Bit, 1.0)), 2);
        assert_eq!(products_of_step(&model(Units::Bit, 1e12)), 20);
    }
}

//! ln Z of a model whose chains are at hand: annealing up from independent units, and down from
//! the chains.

use std::{sync::Arc, time::Instant};

use super::{
    annealing::{AnnealingRun, Dependence, InitialStates, Origin, forward, reverse},
    bar::{BothWays, Directions},
    batches::widen,
    bootstrap::Bootstrapped,
    share::Share,
};
use crate::{
    Error, Rbm,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Status},
    path::{Path, Profile},
    run::Run,
    sample::{Base, Kernel, Rung, Sample},
    stats::{LogWeights, std_dev},
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
    let directions = Directions::of(&both)?;
    let mut points = Bootstrapped::new(REPLICATES, run);
    points.push(|resample| both.counts(resample), |counts, series| both.push(counts, series))?;
    let bootstrap = std_dev(&points.replicates.iter().map(|series| series.log_z[0]).collect::<Vec<_>>());
    let apart = 0.5 * (directions.reverse_log_z - directions.forward_log_z).abs() / bootstrap;
    if apart.is_finite() && apart > 1.0 {
        widen(&points.values, &mut points.replicates, 0, apart);
    }
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

    fn model(units: Units) -> Rbm {
        let w = |i: usize, j: usize| 0.9 * (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos();
        let a = DVector::from_fn(12, |i, _| 0.3 * (i as f64).sin());
        let b = DVector::from_fn(5, |j, _| -0.2 * (j as f64 + 1.0).cos());
        Rbm::new(DMatrix::from_fn(12, 5, w), a, b).unwrap().with_units(units, units)
    }

    fn means(rbm: &Rbm) -> Vec<f64> {
        let exact = rbm.unit_means(1.0, &Run::quiet(1)).unwrap();
        exact.visible.iter().chain(exact.hidden.iter()).copied().collect()
    }

    /// From exact states, ln Z and U of both kinds of units within 4.5 standard errors (one false
    /// alarm in 37,000 for each of four numbers; the seed is fixed). From states that are all alike,
    /// as of chains that are lost, the error is half of the distance of the two directions at least,
    /// and the number is within four of it.
    ///
    /// Planted bugs that fail: a standard error without that distance; the work down with the sign
    /// of that up.
    #[test]
    fn two_directions_bracket_ln_z() {
        for units in [Units::Bit, Units::Spin] {
            let (rbm, run) = (model(units), Run::quiet(4));
            let exact = Exact::default().curve(&rbm, &Betas::one(1.0).unwrap(), &run).unwrap();
            let (truth, energy) = (exact.values.log_z[0], exact.values.energy[0].unwrap());
            let drawn = rbm.draw(1.0, 400, &run).unwrap().unwrap();
            let visible = drawn.chunks(17).flat_map(|state| &state[..12]).copied().collect();
            let effort = Effort { chains: 400, steps: 20, burn_in: 0 };
            let of = |states: &Data, effort| {
                let curve = two_sided(&rbm, &means(&rbm), states, effort, &run).unwrap().unwrap();
                let (log_z, energy) = (curve.log_z()[0].unwrap(), crate::thermo::energy(&curve)[0].unwrap());
                let [up, down] = ["forward_log_z_by_beta", "reverse_log_z_by_beta"]
                    .map(|name| curve.diagnostics.at(name, 0).unwrap());
                (log_z, energy, (down - up).abs())
            };
            let (log_z, sampled, _) = of(&Data::new(12, visible, None).unwrap(), effort);
            let error = |m: crate::Measured| m.claim.std_error().unwrap();
            assert!(
                (log_z.value - truth).abs() < 4.5 * error(log_z) && error(log_z) < 0.1,
                "{units}: {log_z:?}, {truth}"
            );
            assert!((sampled.value - energy).abs() < 4.5 * error(sampled), "{units}: {sampled:?}, {energy}");

            let alike = Data::new(12, [1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1].repeat(100), None).unwrap();
            let (log_z, _, apart) = of(&alike, Effort { chains: 100, steps: 8, burn_in: 0 });
            assert!(error(log_z) > 0.499 * apart && apart > 0.2, "{units}: {log_z:?}, {apart} apart");
            assert!((log_z.value - truth).abs() < 4.0 * error(log_z), "{units}: {log_z:?}, {truth}");
        }
    }
}

//! Annealed importance sampling backwards: from the model down to the base.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Ais, Configure, Estimator, Pooled, Prepared, Samples, Setting, Share, Start, Tempering,
    ais::few_chains,
    annealing::{
        Collected, all_exact, annealing_runs, block_count, inexact_start, initial_states, most_rungs, reverse, steps,
    },
    bootstrap::Bootstrapped,
    pooled,
    prepared::joined,
    setting,
};
use crate::{
    Error,
    curve::{Betas, BoundKind, Claim, Curve, Diagnostics, Method, Status},
    data::Data,
    path::Trajectory,
    run::Run,
    sample::{Capabilities, Sample},
    stats::LogWeights,
};

/// Annealing from the model at β down to the base, by the time-reversed protocol of [`Ais`].
///
/// # Formula
/// With the work −ln w collected on the way down, ⟨w⟩ = Z₀/Z(β) for chains that start in
/// equilibrium at β, so ln Z(β) = ln Z₀ − ln⟨w⟩ (Jarzynski, Phys. Rev. Lett. 78, 2690 (1997);
/// Crooks, Phys. Rev. E 60, 2721 (1999); as a bound Grosse, Ghahramani & Adams, *Sandwiching the
/// marginal likelihood using bidirectional Monte Carlo*, 2015). Each β has a run of its own.
///
/// # Claim
/// In expectation it is above ln Z, as forward annealing is below it: together they bracket the
/// truth. That needs exact samples to start from ([`Start`]); then the claim is an upper bound with
/// the standard error of its estimate. From any other start it is an estimate, and a warning says
/// that it bounds nothing.
///
/// # Errors
/// [`Error::Config`] for a setting out of range, or if the model is too large for exact samples
/// that were asked for.
///
/// # Examples
/// ```
/// use plefka::{Ais, Betas, Claim, Estimator, Rbm, Run, estimator::ReverseAis};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let annealing = Ais { chains: 200, rungs: 20, ..Ais::default() };
/// let curve = ReverseAis { annealing, ..ReverseAis::default() }.curve(&rbm, &Betas::one(1.0)?, &Run::quiet(1))?;
/// let log_z = curve.log_z()[0].expect("the run was not cancelled");
/// assert!(matches!(log_z.claim, Claim::Bound { .. }));
/// assert!((log_z.value - (3.0 + 1f64.exp()).ln()).abs() < 4.0 * log_z.claim.std_error().unwrap());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReverseAis {
    /// The ladder, the number of chains, the kernel and the base: those of the climb that this
    /// reverses.
    pub annealing: Ais,
    /// Where the chains start.
    pub start: Start,
    /// Sweeps of Gibbs sampling before they do, where the start is [`Start::Gibbs`].
    pub burn_in: usize,
    /// The ladders, their base and their lengths, where the start is [`Start::Tempering`]; the
    /// number of states follows from that of the chains.
    pub tempering: Tempering,
}

impl Default for ReverseAis {
    fn default() -> Self {
        // States alone are wanted, not averages over all temperatures: shorter ladders do.
        let tempering = Tempering { sweeps: 2500, burn_in: 1000, ..Tempering::default() };
        Self { annealing: Ais::default(), start: Start::Auto, burn_in: 10_000, tempering }
    }
}

impl Configure for ReverseAis {
    fn settings() -> Vec<Setting> {
        let own = vec![
            Setting::choice("start", Start::CHOICES, "where the samples come from that it starts with"),
            Setting::count("burn_in", "sweeps of Gibbs sampling for these samples, where they are not exact"),
        ];
        // The settings of tempering that have a name of their own here keep their defaults.
        let mut tempering = setting::within("tempering", Tempering::settings());
        tempering.retain(|setting| !matches!(setting.name, "burn_in" | "replicates"));
        let annealing = setting::within("annealing", Ais::settings());
        setting::join(setting::join(annealing, own), tempering)
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.sampled()))
    }

    fn reads_data(&self) -> bool {
        self.annealing.reads_data() || self.start != Start::Exact
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.annealing.give_data(data);
        self.tempering.give_data(data);
    }

    fn follows_trajectory(&self) -> bool {
        self.annealing.follows_trajectory() || self.tempering.follows_trajectory()
    }

    fn give_trajectory(&mut self, trajectory: &Arc<Trajectory>) {
        self.annealing.give_trajectory(trajectory);
        self.tempering.give_trajectory(trajectory);
    }
}

impl<M: Sample + ?Sized> Estimator<M> for ReverseAis {
    fn method(&self) -> Method {
        Method::ReverseAis
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        Estimator::<M>::check(&self.annealing, model)?;
        self.start.check(model, self.annealing.data.as_deref(), &self.tempering)
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        pooled::whole_curve(self, model, betas, run)
    }

    fn pooled(&self) -> Option<&dyn Pooled<M>> {
        Some(self)
    }
}

impl<M: Sample + ?Sized> Pooled<M> for ReverseAis {
    fn batches(&self) -> usize {
        block_count(self.annealing.chains)
    }

    fn samples(&self, model: &M, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error> {
        Estimator::<M>::check(self, model)?;
        let runs = annealing_runs(&self.annealing, model, betas, true, run)?;
        let chains = share.of(self.annealing.chains).len();
        run.progress.begin(Method::ReverseAis.name(), (steps(&runs) * chains) as u64);
        let rungs = most_rungs(&runs);
        let mut collected = Vec::new();
        for annealing in &runs {
            let Some(initial) = initial_states(model, annealing, self, share, run)? else { break };
            let Some(down) = reverse(annealing, &initial, run) else { break };
            collected.push(Collected { rungs, up: None, down: Some((down, initial.origin)) });
        }
        run.progress.end();
        Ok(Samples(pooled::Drawn::Annealed(collected)))
    }

    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        let collected = samples.annealed()?;
        let rungs = collected.iter().map(|point| point.rungs).max().unwrap_or(0);
        let mut points = Bootstrapped::new(self.annealing.replicates, run);
        let (mut dependences, mut visited) = (Vec::new(), Vec::new());
        let (mut ess, mut share) = (Vec::new(), Vec::new());
        for (down, origin) in collected.into_iter().filter_map(|point| point.down) {
            let dependence = origin.dependence();
            points.push(
                |resample| dependence.counts(down.log_w.len(), resample),
                |counts, series| {
                    down.push_reverse(counts, series);
                    Ok(())
                },
            )?;
            let weights = LogWeights::new(&down.log_w);
            ess.push(weights.effective_size());
            share.push(weights.largest_share());
            visited.push(down.into_visited_reverse(dependence));
            dependences.push(dependence);
        }
        let bound = Claim::Bound { kind: BoundKind::Upper, std_error: None };
        let warnings = inexact_start(&dependences).into_iter().chain(few_chains(betas, &ess, &share)).collect();
        Curve {
            method: Method::ReverseAis,
            betas: betas.clone(),
            reached: vec![Status::Converged; dependences.len()],
            values: points.values,
            replicates: points.replicates,
            log_z_claim: if all_exact(&dependences) { bound } else { Claim::Approximation },
            visited,
            diagnostics: Diagnostics::default()
                .number("ess", ess.iter().copied().fold(f64::INFINITY, f64::min))
                .evidence(ess, share)
                .start(self.start, &dependences)
                .number("chains", self.annealing.chains as f64)
                .number("rungs", rungs as f64),
            warnings,
            seconds: 0.0,
        }
        .checked()
    }
}

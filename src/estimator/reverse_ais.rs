//! Annealed importance sampling backwards: from the model down to the base.

use std::time::Instant;

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::{
    Ais, Estimator, Tempering,
    ais::few_chains,
    annealing::Knot,
    descents::{Descent, Descents},
    start::{Origin, Start, Started, all_exact, inexact_start},
};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Side, Status},
    run::Run,
    sample::Sample,
    stats::LogWeights,
};

/// Annealing from the model at β down to the base, by the time-reversed protocol of [`Ais`].
///
/// # Formula
/// With the work −ln w collected on the way down, ⟨w⟩ = Z₀/Z(β) for chains that start in equilibrium at β, so
/// ln Z(β) = ln Z₀ − ln⟨w⟩ (Jarzynski, Phys. Rev. Lett. 78, 2690 (1997); Crooks, Phys. Rev. E 60, 2721 (1999); as a bound
/// Grosse, Ghahramani & Adams, *Sandwiching the marginal likelihood using bidirectional Monte Carlo*, 2015). Each β has a
/// descent of its own.
///
/// # Claim
/// In expectation it is above ln Z, as forward annealing is below it: together they bracket the truth. That needs exact
/// samples to start from ([`Start`]); then the claim is an upper bound with the standard error of its estimate. From any
/// other start it is an estimate, and a warning says that it bounds nothing.
///
/// # Errors
/// [`Error::Config`] for a setting out of range, or if the model is too large for exact samples that were asked for.
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
    /// The ladder, the number of chains, the kernel and the base: those of the climb that this reverses.
    pub annealing: Ais,
    /// Where the chains start.
    pub start: Start,
    /// Sweeps of Gibbs sampling before they do, where the start is [`Start::Gibbs`].
    pub burn_in: usize,
    /// The ladders, their base and their lengths, where the start is [`Start::Tempering`]; the number of states follows
    /// from that of the chains.
    pub tempering: Tempering,
}

impl Default for ReverseAis {
    fn default() -> Self {
        Self { annealing: Ais::default(), start: Start::Auto, burn_in: 10_000, tempering: Tempering::default() }
    }
}

/// Chains that went down from the model at one β.
struct Down {
    knot: Knot,
    origin: Origin,
}

impl Descent for Down {
    type Counts = Vec<u32>;

    fn origin(&self) -> Origin {
        self.origin
    }

    fn counts(&self, resample: Option<&mut Xoshiro256PlusPlus>) -> Vec<u32> {
        self.origin.counts(self.knot.log_w.len(), resample)
    }

    fn push(&self, counts: &Vec<u32>, series: &mut Series) -> Result<(), Error> {
        self.knot.push_reverse(counts, series);
        Ok(())
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
        Estimator::<M>::check(self, model)?;
        let clock = Instant::now();
        let descents = Descents::run(Method::ReverseAis, &self.annealing, (model, betas), 1, run, |leg| {
            let Some(Started { kept, origin }) = self.start.draw(model, leg, self, run)? else { return Ok(None) };
            Ok(leg.descend(&kept, run).map(|knot| Down { knot, origin }))
        })?;
        let origins = descents.origins();
        let weights: Vec<LogWeights> = descents.done.iter().map(|down| LogWeights::new(&down.knot.log_w)).collect();
        let ess: Vec<f64> = weights.iter().map(LogWeights::effective_size).collect();
        let share: Vec<f64> = weights.iter().map(LogWeights::largest_share).collect();
        let bound = Claim::Bound { side: Side::Upper, std_error: None };
        let warnings = inexact_start(&origins).into_iter().chain(few_chains(betas, &ess, &share)).collect();
        Curve {
            method: Method::ReverseAis,
            betas: betas.clone(),
            reached: vec![Status::Converged; descents.done.len()],
            values: descents.values,
            replicates: descents.replicates,
            log_z_claim: if all_exact(&origins) { bound } else { Claim::Approximation },
            diagnostics: Diagnostics::default()
                .number("ess", ess.iter().copied().fold(f64::INFINITY, f64::min))
                .evidence(ess, share)
                .start(self.start, &origins)
                .number("chains", self.annealing.chains as f64)
                .number("rungs", descents.rungs as f64),
            warnings,
            seconds: clock.elapsed().as_secs_f64(),
        }
        .checked()
    }
}

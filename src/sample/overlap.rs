//! How fast a Markov chain forgets, measured: the autocorrelation of an overlap.

use rayon::prelude::*;

use super::exact::draws_exactly;
use crate::{
    Error, Run,
    model::{Model, Rbm},
    sample::{Base, Kernel, Rung, Sample, Sampler},
    stats::{IntegratedTime, integrated_time, mean, std_dev},
    streams::Purpose,
};

/// Chains, each on a stream of its own.
const CHAINS: usize = 16;
/// Sweeps between looks at the flag that stops a run.
const STRIDE: usize = 256;

/// The integrated autocorrelation time of the overlap with a frozen state.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlapTime {
    /// The time of each chain.
    pub chains: Vec<IntegratedTime>,
}

impl OverlapTime {
    /// τ_int in sweeps, the mean over the chains: ½ for independent states.
    #[must_use]
    pub fn tau(&self) -> f64 {
        mean(&self.chains.iter().map(|chain| chain.tau).collect::<Vec<_>>())
    }

    /// Its standard error, from the spread of the chains.
    #[must_use]
    pub fn std_error(&self) -> f64 {
        let times: Vec<f64> = self.chains.iter().map(|chain| chain.tau).collect();
        std_dev(&times) / (times.len() as f64).sqrt()
    }

    /// Whether every chain is at least 50τ long. If not, τ is probably too small.
    #[must_use]
    pub fn is_long_enough(&self) -> bool {
        self.chains.iter().all(IntegratedTime::is_long_enough)
    }
}

/// τ_int of block Gibbs sampling at β from 16 chains of `sweeps` sweeps, for models that are too
/// large for [`Relaxation`](super::Relaxation). `None` if the run was cancelled.
///
/// # Formula
/// q(t) = (1/n) Σᵢ sᵢ(t) rᵢ over the kept units as ±1, with r an equilibrium state that another
/// chain has given; τ_int as in [`integrated_time`]. Where one mode dominates, τ_int = ½ coth(1/2τ)
/// ≈ τ = −1/ln λ₂. (r stands still: the overlap of two states that both move has the square of a
/// mode in it, which relaxes twice as fast.) For other modes τ_int is an average over them, and
/// smaller.
///
/// Chains begin in exact samples of models with up to 20 kept units; others are cooled from β = 0
/// over `sweeps` sweeps. Then a mode slower than that is missed, and nothing here can tell.
///
/// # Errors
/// [`Error::Config`] if there are fewer than 100 sweeps, and [`Error::NotFinite`] if the weights at
/// this β exceed f64.
pub fn overlap_time(rbm: &Rbm, beta: f64, sweeps: usize, run: &Run<'_>) -> Result<Option<OverlapTime>, Error> {
    if sweeps < 100 {
        return Err(Error::config("sweeps", sweeps, "give at least 100, better 1,000 times the expected τ"));
    }
    let sampler = rbm.sampler(Kernel::Block, &Base::uniform(rbm.n_units()));
    let Some(starts) = equilibrium(rbm, &*sampler, beta, sweeps, run)? else { return Ok(None) };
    let series = |chain: usize| {
        let mut chains =
            sampler.chains_from(&starts[chain..=chain], run.seed, Purpose::Chains { block: CHAINS + chain }.number());
        let frozen = &starts[(chain + 1) % CHAINS];
        let mut overlaps = Vec::with_capacity(sweeps);
        for step in 0..sweeps {
            if step % STRIDE == 0 && !run.advance_or_stop(STRIDE as u64) {
                return None;
            }
            chains.sweep(&[Rung::at(beta)]);
            let equal = chains.kept()[0].iter().zip(frozen).filter(|(s, r)| s == r).count();
            overlaps.push(2.0 * equal as f64 / frozen.len() as f64 - 1.0);
        }
        Some(integrated_time(&overlaps))
    };
    run.progress.begin("overlaps", (CHAINS * sweeps.next_multiple_of(STRIDE)) as u64);
    let chains: Option<Vec<IntegratedTime>> = (0..CHAINS).into_par_iter().map(series).collect();
    run.progress.end();
    Ok(chains.map(|chains| OverlapTime { chains }))
}

/// The kept units of a state in equilibrium for each chain.
fn equilibrium(
    rbm: &Rbm,
    sampler: &dyn Sampler,
    beta: f64,
    sweeps: usize,
    run: &Run<'_>,
) -> Result<Option<Vec<Vec<bool>>>, Error> {
    if draws_exactly(rbm) {
        return rbm.exact_kept(beta, CHAINS, run);
    }
    let cooled = |chain: usize| {
        let mut chains = sampler.chains_at_base(1, run.seed, Purpose::Chains { block: chain }.number());
        for step in 1..=sweeps {
            // Half of the time to cool, half at β.
            chains.sweep(&[Rung::at(beta * (2.0 * step as f64 / sweeps as f64).min(1.0))]);
            if step % STRIDE == 0 && run.cancelled() {
                return None;
            }
        }
        chains.kept().pop()
    };
    Ok((0..CHAINS).into_par_iter().map(cooled).collect())
}

//! Annealed importance sampling.

mod ladder;

use std::time::Instant;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::ladder::Ladder;
use super::{Estimator, Run};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Evidence, Method, Series, Status},
    model::{ConditionalEnergy, Kernel, Sample, Sampler},
    sample::{BOOTSTRAP_STREAM, block_stream, stream},
    stats::{LogWeights, resample_counts},
};

/// The numbers of chains that advance together, each on one random stream: nearly equal parts.
///
/// They depend on the number of chains alone, so that results do not depend on the number of threads. A block pays for
/// building its tables of sums once a sweep, so it should hold 50 chains at least, and has no more to gain beyond 125;
/// between the two, eight blocks leave work for as many threads.
fn block_sizes(chains: usize) -> impl Iterator<Item = usize> {
    let blocks = chains.div_ceil(125).max((chains / 50).clamp(1, 8));
    (0..blocks).map(move |k| chains * (k + 1) / blocks - chains * k / blocks)
}

/// Annealed importance sampling from the uniform distribution at β = 0.
///
/// # Formula
/// Chains climb the ladder 0 = β₀ < … < β_K, one sweep a rung. With f(x; β) the marginal weight of the kept layer,
/// ln w = Σₖ [ln f(xₖ; β_{k+1}) − ln f(xₖ; β_k)], and Z(β)/Z(0) = ⟨w⟩ (Neal, Stat. Comput. 11, 125 (2001); for RBMs
/// Salakhutdinov & Murray, ICML 2008; marginal weights: Yasuda & Takahashi 2022). Every rung is a physical temperature, so one run
/// yields the whole curve: ln Z = n ln 2 + ln⟨w⟩, and U and Var E by averages under the same weights, with the summed
/// layer averaged analytically.
///
/// # Error bars
/// Standard errors come from resampling whole chains. They hold while the weights are spread over many chains, which
/// `ess_by_beta` (1/Σw̃², Kong 1992) and `largest_share_by_beta` show; where they are not, the error bar is itself an
/// underestimate, and a warning says so. ln Z is biased low by about ½(1/ESS − 1/chains).
///
/// # Errors
/// [`Error::Config`] for a setting out of range.
///
/// # Examples
/// ```
/// use plefka::{Ais, Betas, Estimator, Rbm, Run};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let ais = Ais { chains: 200, rungs: 20, ..Ais::default() };
/// let curve = ais.curve(&rbm, &Betas::one(1.0)?, &Run::quiet(1))?;
/// let log_z = curve.log_z()[0].expect("the run was not cancelled");
/// assert!((log_z.value - (3.0 + 1f64.exp()).ln()).abs() < 4.0 * log_z.claim.std_error().unwrap());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ais {
    /// Independent chains.
    pub chains: usize,
    /// Steps of the ladder from 0 to the largest β. Where the requested β cut it finer, it has a few more.
    pub rungs: usize,
    /// How the chains move.
    pub kernel: Kernel,
    /// Bootstrap replicates.
    pub replicates: usize,
}

impl Default for Ais {
    fn default() -> Self {
        Self { chains: 1000, rungs: 1000, kernel: Kernel::Auto, replicates: 200 }
    }
}

/// Largest count accepted for a setting: a slip of the keyboard should not ask for all the memory there is.
const MAX_COUNT: usize = 100_000_000;

impl<M: Sample + ?Sized> Estimator<M> for Ais {
    fn method(&self) -> Method {
        Method::Ais
    }

    fn check(&self, _: &M) -> Result<(), Error> {
        for (field, value, least) in
            [("chains", self.chains, 2), ("rungs", self.rungs, 1), ("replicates", self.replicates, 2)]
        {
            if !(least..=MAX_COUNT).contains(&value) {
                return Err(Error::config(field, value, format!("choose a number from {least} to {MAX_COUNT}")));
            }
        }
        Ok(())
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        Estimator::<M>::check(self, model)?;
        let clock = Instant::now();
        let climbed = self.climb(model, betas, run);
        let reached = climbed.first().map_or(0, |chain| chain.len());
        let knots: Vec<Knot> = (0..reached).map(|k| Knot::gather(&climbed, k)).collect();

        let every_chain_once = vec![1; self.chains];
        let base = model.log_z_at_zero();
        let values = series(&knots, base, &every_chain_once);
        let mut rng = stream(run.seed, BOOTSTRAP_STREAM);
        let resamples: Vec<Vec<u32>> = (0..self.replicates).map(|_| resample_counts(self.chains, &mut rng)).collect();
        let replicates = resamples.par_iter().map(|counts| series(&knots, base, counts)).collect();

        let weights: Vec<LogWeights> = knots.iter().map(|knot| LogWeights::new(&knot.log_w)).collect();
        let ess: Vec<f64> = weights.iter().map(LogWeights::effective_size).collect();
        let share: Vec<f64> = weights.iter().map(LogWeights::largest_share).collect();
        Curve {
            method: Method::Ais,
            betas: betas.clone(),
            reached: vec![Status::Converged; reached],
            values,
            replicates,
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            warnings: warning(betas, &ess, &share).into_iter().collect(),
            diagnostics: Diagnostics::default()
                .number("ess", ess.iter().copied().fold(f64::INFINITY, f64::min))
                .evidence(ess, share)
                .number("chains", self.chains as f64)
                .number("rungs", Ladder::new(betas, self.rungs).len() as f64),
            seconds: clock.elapsed().as_secs_f64(),
        }
        .checked()
    }
}

/// What one chain has to say at one knot.
#[derive(Clone, Copy)]
struct Sighting {
    log_w: f64,
    energy: ConditionalEnergy,
}

impl Ais {
    /// Runs all chains up the ladder. For each chain, its sightings at the knots it reached (the same number for all).
    fn climb<M: Sample + ?Sized>(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Vec<Vec<Sighting>> {
        let ladder = Ladder::new(betas, self.rungs);
        let sampler = model.sampler(self.kernel);
        run.progress.begin(Method::Ais.name(), (ladder.len() * self.chains) as u64);
        let blocks: Vec<(usize, usize)> = block_sizes(self.chains).enumerate().collect();
        let climb_block = |&(block, count): &(usize, usize)| climb_block(sampler.as_ref(), &ladder, block, count, run);
        let mut chains: Vec<Vec<Sighting>> = blocks.par_iter().flat_map_iter(climb_block).collect();
        run.progress.end();
        let reached_by_all = chains.iter().map(Vec::len).min().unwrap_or(0);
        chains.iter_mut().for_each(|chain| chain.truncate(reached_by_all));
        chains
    }
}

/// Runs one block of chains up the ladder, until cancelled.
fn climb_block(
    sampler: &dyn Sampler,
    ladder: &Ladder,
    block: usize,
    count: usize,
    run: &Run<'_>,
) -> Vec<Vec<Sighting>> {
    let mut chains = sampler.chains_at_zero(count, run.seed, block_stream(block));
    let mut log_w = vec![0.0; count];
    let mut sightings = vec![Vec::new(); count];
    let mut here = 0.0;
    for rung in ladder.rungs() {
        if run.cancelled() {
            break;
        }
        // The weight of the step is taken before the move: it belongs to the state in equilibrium at `here`.
        if rung.beta > here {
            chains.add_log_ratio(here, rung.beta, &mut log_w);
            chains.sweep(rung.beta);
            here = rung.beta;
        }
        if rung.is_knot {
            let energies = chains.conditional_energies(here);
            for ((sightings, log_w), energy) in sightings.iter_mut().zip(&log_w).zip(energies) {
                sightings.push(Sighting { log_w: *log_w, energy });
            }
        }
        run.progress.advance(count as u64);
    }
    sightings
}

/// What all chains have to say at one knot.
struct Knot {
    log_w: Vec<f64>,
    energies: Vec<ConditionalEnergy>,
}

impl Knot {
    fn gather(chains: &[Vec<Sighting>], k: usize) -> Self {
        Self {
            log_w: chains.iter().map(|chain| chain[k].log_w).collect(),
            energies: chains.iter().map(|chain| chain[k].energy).collect(),
        }
    }
}

/// The curve that chain i, counted `counts[i]` times, makes. `base` is ln Z(0).
fn series(knots: &[Knot], base: f64, counts: &[u32]) -> Series {
    let mut series = Series::default();
    for Knot { log_w, energies } in knots {
        let weights = LogWeights::with_counts(log_w, counts);
        let energy = weights.mean(energies.iter().map(|e| e.energy));
        // Var E = ⟨Var(E | x)⟩ + Var⟨E | x⟩.
        let variance = weights.mean(energies.iter().map(|e| e.energy_variance + (e.energy - energy).powi(2)));
        series.push(base + weights.log_mean, Some(energy), Some(variance));
    }
    series
}

/// Says where few chains carry the weight, and what to try.
fn warning(betas: &Betas, ess: &[f64], share: &[f64]) -> Option<String> {
    let evidence = |k: &usize| Evidence { ess: Some(ess[*k]), largest_share: Some(share[*k]) };
    let poor: Vec<usize> = (0..ess.len()).filter(|k| evidence(k).objection().is_some()).collect();
    let (first, last) = (*poor.first()?, *poor.last()?);
    let least = poor.iter().map(|k| ess[*k]).fold(f64::INFINITY, f64::min);
    let most = poor.iter().map(|k| share[*k]).fold(0.0, f64::max);
    Some(format!(
        "few chains carry the weight at {} of {} β (from {} to {}): effective sample size down to {least:.1}, largest share \
         of one chain {:.0} %; error bars there are too small; try more chains and rungs, or another method",
        poor.len(),
        betas.len(),
        betas[first],
        betas[last],
        100.0 * most,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_nearly_equal_and_hold_every_chain() {
        for chains in (1..2000).chain([99_999, MAX_COUNT]) {
            let sizes: Vec<usize> = block_sizes(chains).collect();
            let (least, most) = (*sizes.iter().min().unwrap(), *sizes.iter().max().unwrap());
            assert_eq!(sizes.iter().sum::<usize>(), chains);
            assert!(most <= 125 && most - least <= 1 && least >= 50.min(chains), "{chains}: {least}..{most}");
        }
        assert_eq!([50, 100, 1000].map(|chains| block_sizes(chains).count()), [1, 2, 8]);
    }
}

//! Samples of a model that is too large to be enumerated, from Markov chains.

use super::{Base, Kernel, Rung, Sample};
use crate::{run::Run, streams::Purpose};

/// The most chains: more of them cost more burn-in, fewer make samples depend on each other.
const MAX_CHAINS: usize = 100;

/// The shortest burn-in in which an autocorrelation time can be looked for.
pub(crate) const LEAST_BURN_IN: usize = 20;

/// Samples, and how they came about.
pub(crate) struct Sampled {
    /// 0 or 1 for each unit, state by state.
    pub states: Vec<u8>,
    /// The number of chains.
    pub chains: usize,
    /// τ_int of the energy, in sweeps.
    pub autocorrelation_time: f64,
    /// Sweeps between two samples of a chain.
    pub every: usize,
}

/// `count` states at β from chains that begin at β = 0: half of the burn-in raises β, half is spent
/// at it and measures the autocorrelation time τ of the energy. Each chain then gives a sample
/// every 2τ sweeps. `None` if cancelled.
pub(crate) fn sample(model: &dyn Sample, beta: f64, count: usize, burn_in: usize, run: &Run<'_>) -> Option<Sampled> {
    let chains_count = count.min(MAX_CHAINS);
    let sampler = model.sampler(Kernel::Auto, &Base::uniform(model.n_units()));
    let mut chains = sampler.chains_at_base(chains_count, run.seed, Purpose::Chains { block: 0 }.number());
    let target = [Rung::at(beta)];

    run.progress.begin("burn-in", burn_in as u64);
    let heating = burn_in / 2;
    for step in 1..=heating {
        chains.sweep(&[Rung::at(beta * step as f64 / heating as f64)]);
        run.advance_or_stop(1).then_some(())?;
    }
    let mut energies = vec![Vec::new(); chains_count];
    for _ in heating..burn_in {
        chains.sweep(&target);
        let now = chains.conditional_energies(&target);
        energies.iter_mut().zip(now).for_each(|(series, now)| series.push(now.energy));
        run.advance_or_stop(1).then_some(())?;
    }
    run.progress.end();

    let tau = autocorrelation_time(&energies);
    let every = (2.0 * tau).ceil().max(1.0) as usize;
    let rounds = count.div_ceil(chains_count);
    run.progress.begin("samples", (rounds * every) as u64);
    let mut states = Vec::with_capacity(count * model.n_units());
    for _ in 0..rounds {
        for _ in 0..every {
            chains.sweep(&target);
            run.advance_or_stop(1).then_some(())?;
        }
        let missing = count - states.len() / model.n_units();
        states.extend(chains.states(&target).into_iter().take(missing).flatten().map(u8::from));
    }
    run.progress.end();
    Some(Sampled { states, chains: chains_count, autocorrelation_time: tau, every })
}

/// Whether a burn-in is too short for its autocorrelation time.
pub(crate) fn is_doubtful(tau: f64, burn_in: usize) -> bool {
    burn_in as f64 / 2.0 < 20.0 * tau
}

/// τ = ½ + Σ ρ(t) of a series, from several chains of it about their common mean, over the window W
/// that is the first to reach 5τ (Sokal 1997). In units in which independent values have τ = ½.
///
/// About the mean of each chain alone, chains caught in different valleys would look well mixed.
fn autocorrelation_time(chains: &[Vec<f64>]) -> f64 {
    let length = chains.iter().map(Vec::len).min().unwrap_or(0);
    let values = || chains.iter().flatten().copied();
    let mean = values().sum::<f64>() / values().count().max(1) as f64;
    let covariance = |lag: usize| {
        let pairs = chains.iter().flat_map(|chain| chain.iter().zip(&chain[lag..]));
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / (chains.len() * (length - lag)) as f64
    };
    if length == 0 || covariance(0) <= 0.0 {
        return 0.5;
    }
    let variance = covariance(0);
    let mut tau = 0.5;
    for lag in 1..length / 2 {
        tau += covariance(lag) / variance;
        if lag as f64 >= 5.0 * tau {
            break;
        }
    }
    tau.max(0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty τ in half of the burn-in are enough.
    #[test]
    fn a_burn_in_is_short_below_forty_autocorrelation_times() {
        let doubtful =
            [(1.0, 39), (1.0, 40), (2.5, 99), (2.5, 100), (10.0, 0)].map(|(tau, sweeps)| is_doubtful(tau, sweeps));
        assert_eq!(doubtful, [true, false, true, false, true]);
    }

    /// x′ = ρx + noise has τ = ½ (1+ρ)/(1−ρ) = 4.5 at ρ = 0.8. The noise is a congruential
    /// generator, as good as is needed here: 100 chains of 500 leave an error of about 2 %.
    #[test]
    fn the_autocorrelation_time_of_a_known_process() {
        let mut state = 1u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        let chains: Vec<Vec<f64>> = (0..100)
            .map(|_| {
                let mut x = 0.0;
                (0..600)
                    .map(|_| {
                        x = 0.8 * x + noise();
                        x
                    })
                    .skip(100)
                    .collect()
            })
            .collect();
        let tau = autocorrelation_time(&chains);
        assert!((tau - 4.5).abs() < 0.4, "{tau}");
        assert_eq!(autocorrelation_time(&[vec![1.0; 50]]), 0.5);
    }
}

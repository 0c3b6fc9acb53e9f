//! One number from what the chains and the ladders of all batches say.

use super::waves::{Batches, REPLICATES};
use crate::{
    Error,
    estimator::{bar::BothWays, batches::spread, bootstrap::Bootstrapped, tempering::numbers},
    run::Run,
    stats::std_dev,
    thresholds::MAX_SIGMAS,
};

/// An estimate and its replicates: ln Z, U, Var E.
pub(super) struct Estimate {
    pub(super) value: [f64; 3],
    pub(super) replicates: Vec<[f64; 3]>,
    /// The standard error of ln Z: by resampling, by the spread of the batches, or by how far chains
    /// and ladders contradict each other, the largest one.
    pub(super) std_error: f64,
    /// The standard error in units of the one that resampling gives, 1 at least.
    pub(super) inflation: f64,
    /// ln Z of the chains alone and of the ladders alone, each with its standard error.
    pub(super) parts: [(f64, f64); 2],
}

/// A value with its replicates.
type Resampled = ([f64; 3], Vec<[f64; 3]>);

impl Estimate {
    /// Chains and ladders weigh as their variances say. What both have in common, the states that
    /// chains descend from, resampling does not know, but the spread of the batches does.
    pub(super) fn of(batches: &Batches<'_>, both: &BothWays, run: &Run<'_>) -> Result<Self, Error> {
        let (chains, ladders) = (by_chains(both, run)?, by_ladders(batches));
        let errors = [error(&chains), error(&ladders)];
        let w = share(errors);
        let mix = |chains: &[f64; 3], ladders: &[f64; 3]| {
            [0, 1, 2].map(|k| if w == 1.0 { chains[k] } else { w * chains[k] + (1.0 - w) * ladders[k] })
        };
        let value = mix(&chains.0, &ladders.0);
        let drawn: Vec<[f64; 3]> =
            chains.1.iter().zip(&ladders.1).map(|(chains, ladders)| mix(chains, ladders)).collect();
        let each = batches.each(|chains, ladder| mix(&[chains; 3], &[ladder; 3])[0]);
        let (resampled, spread) = (error(&(value, drawn.clone())), spread(&each));
        let parts = [(chains.0[0], errors[0]), (ladders.0[0], errors[1])];
        // A state so rare that most ladders never are in it makes all of them too low, by less than
        // anyone asked for and by more than their errors: the truth is no farther than the other part.
        let least = spread.max(beyond_chance(parts));
        let inflation = (least / resampled).max(1.0);
        let inflation = if inflation.is_finite() { inflation } else { 1.0 };
        let wide = |replicate: [f64; 3]| {
            let [log_z, energy, variance] = [0, 1, 2].map(|k| value[k] + inflation * (replicate[k] - value[k]));
            [log_z, energy, variance.max(0.0)]
        };
        Ok(Self {
            value,
            replicates: drawn.into_iter().map(wide).collect(),
            std_error: resampled.max(least),
            inflation,
            parts,
        })
    }
}

/// How far apart two numbers are, if that is more than their errors allow for; else 0.
fn beyond_chance([(a, a_error), (b, b_error)]: [(f64, f64); 2]) -> f64 {
    let distance = (a - b).abs();
    if distance > MAX_SIGMAS * a_error.hypot(b_error) { distance } else { 0.0 }
}

/// How much the chains weigh beside the ladders: all, where one of the two has no error to go by.
fn share([chains, ladders]: [f64; 2]) -> f64 {
    let (chains, ladders) = (chains.powi(2), ladders.powi(2));
    let share = ladders / (chains + ladders);
    if chains > 0.0 && ladders > 0.0 && share.is_finite() { share } else { 1.0 }
}

fn error((_, replicates): &Resampled) -> f64 {
    std_dev(&replicates.iter().map(|[log_z, ..]| *log_z).collect::<Vec<_>>())
}

/// Chains up and chains down, joined by Bennett's ratio.
fn by_chains(both: &BothWays, run: &Run<'_>) -> Result<Resampled, Error> {
    let mut points = Bootstrapped::new(REPLICATES, run);
    points.push(|resample| both.counts(resample), |counts, series| both.push(counts, series))?;
    Ok((numbers(&points.values), points.replicates.iter().map(numbers).collect()))
}

/// The mean of the waves, which are equally long.
fn by_ladders(batches: &Batches<'_>) -> Resampled {
    let waves = &batches.ladders;
    let mean = |of: &dyn Fn(usize) -> [f64; 3]| {
        [0, 1, 2].map(|k| (0..waves.len()).map(|wave| of(wave)[k]).sum::<f64>() / waves.len() as f64)
    };
    // Every wave draws its replicates in the same order from the same stream: those of different waves
    // are taken from different places, so that they are independent.
    let apart = |wave: usize, k: usize| waves[wave].replicates[(k + wave * REPLICATES / waves.len()) % REPLICATES];
    let replicates = (0..REPLICATES).map(|k| mean(&|wave| apart(wave, k))).collect();
    (mean(&|wave| waves[wave].estimate), replicates)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inverse variances; where one of the two has no error there is nothing to weigh by.
    #[test]
    fn chains_and_ladders_weigh_by_their_variances() {
        assert!((share([0.1, 0.2]) - 0.8).abs() < 1e-15 && (share([0.2, 0.1]) - 0.2).abs() < 1e-15);
        for errors in [[0.0, 0.1], [0.1, 0.0], [0.0, 0.0], [0.1, f64::NAN], [0.1, f64::INFINITY]] {
            assert_eq!(share(errors), 1.0, "{errors:?}");
        }
    }

    /// Errors of 0.3 and 0.4 allow for four times 0.5.
    #[test]
    fn a_distance_counts_only_beyond_the_errors_of_both() {
        let distance = |b: f64| beyond_chance([(10.0, 0.3), (b, 0.4)]);
        assert_eq!((distance(11.9), distance(12.0), distance(8.1)), (0.0, 0.0, 0.0));
        assert!((distance(12.5) - 2.5).abs() < 1e-12 && (distance(7.5) - 2.5).abs() < 1e-12);
    }
}

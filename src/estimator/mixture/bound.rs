//! The certain lower bound of ln Z from a mixture of product distributions.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::modes::Mode;
use crate::model::Units;

/// Solutions this much lighter than the heaviest, in nats, get the weight 0: a million of them
/// would add 10⁻⁸ nats.
const NEGLIGIBLE: f64 = 32.0;

/// Below this an overlap has no effect on the bound, and the rest of its factors is left out. What
/// has been multiplied so far is above the true overlap, and an overlap that is too large makes the
/// bound only lower.
const TINY_OVERLAP: f64 = 1e-40;

/// Units between two looks at whether an overlap has become negligible.
const UNITS_A_LOOK: usize = 64;

/// The ascent ends when a step gains less than this, in nats, or after so many steps.
const GAIN: f64 = 1e-7;
const STEPS: usize = 500;

/// Halvings of a step before the ascent gives up.
const HALVINGS: usize = 20;

/// A lower bound of ln Z, and the mixture that proves it.
///
/// # Formula
/// For q(x) = Σₖ αₖ qₖ(x) with product distributions qₖ and Lₖ = S₀(mᵏ) − β⟨E⟩ₖ,
///
/// ln Z ≥ Σₖ αₖ Lₖ − Σₖ αₖ ln Σₗ αₗ Bₖₗ, Bₖₗ = Σₓ √(qₖ(x) qₗ(x)) = Πᵢ Σ_{xᵢ} √(qₖ(xᵢ) qₗ(xᵢ)).
///
/// It is the inequality of Gibbs and Bogoliubov, ln Z ≥ S(q) − β⟨E⟩_q, with the entropy of the
/// mixture replaced by a lower bound of it (Kolchinsky & Tracey, Entropy 19, 361 (2017), eq. 10,
/// with the Chernoff distance at ½). Where the solutions do not overlap, B is the identity and the
/// best α ∝ e^L gives ln Σₖ e^{Lₖ}.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureBound {
    /// The bound, in nats.
    pub log_z: f64,
    /// αₖ of each mode; they sum to 1, and are 0 for modes of negligible weight.
    pub weights: Vec<f64>,
}

/// The best bound that the ascent over α finds, for the modes called `chosen`; the weights stand in
/// their order.
pub(super) fn best_bound(modes: &[Mode], chosen: &[usize], layers: &[(Range<usize>, Units)]) -> MixtureBound {
    let heaviest = chosen.iter().map(|k| modes[*k].log_weight).fold(f64::NEG_INFINITY, f64::max);
    let kept: Vec<usize> =
        (0..chosen.len()).filter(|c| modes[chosen[*c]].log_weight >= heaviest - NEGLIGIBLE).collect();
    let kept_modes: Vec<&Mode> = kept.iter().map(|c| &modes[chosen[*c]]).collect();
    let overlaps = overlaps(&kept_modes, layers);
    // Relative to the heaviest, so that nothing is lost to rounding where L is large.
    let log_weights = DVector::from_iterator(kept.len(), kept_modes.iter().map(|mode| mode.log_weight - heaviest));
    let (above, alpha) = ascend(&log_weights, &overlaps);
    let mut weights = vec![0.0; chosen.len()];
    kept.iter().zip(alpha.iter()).for_each(|(c, a)| weights[*c] = *a);
    MixtureBound { log_z: heaviest + above, weights }
}

/// Bₖₗ over the units of `layers`: 1 on the diagonal, between 0 and 1 elsewhere.
pub(super) fn overlaps(modes: &[&Mode], layers: &[(Range<usize>, Units)]) -> DMatrix<f64> {
    let roots: Vec<[Vec<f64>; 2]> = modes.iter().map(|mode| square_roots(mode, layers)).collect();
    let row = |k: usize| -> Vec<f64> { (0..k).map(|l| overlap(&roots[k], &roots[l])).collect() };
    let rows: Vec<Vec<f64>> = (0..modes.len()).into_par_iter().map(row).collect();
    DMatrix::from_fn(modes.len(), modes.len(), |k, l| match k.cmp(&l) {
        std::cmp::Ordering::Equal => 1.0,
        std::cmp::Ordering::Greater => rows[k][l],
        std::cmp::Ordering::Less => rows[l][k],
    })
}

/// √q of the upper and of the lower value of each unit.
fn square_roots(mode: &Mode, layers: &[(Range<usize>, Units)]) -> [Vec<f64>; 2] {
    let mut roots = [Vec::new(), Vec::new()];
    for (range, units) in layers {
        let [low, high] = units.values();
        for m in &mode.means[range.clone()] {
            roots[0].push(((m - low) / (high - low)).sqrt());
            roots[1].push(((high - m) / (high - low)).sqrt());
        }
    }
    roots
}

fn overlap([up, down]: &[Vec<f64>; 2], [other_up, other_down]: &[Vec<f64>; 2]) -> f64 {
    let mut product = 1.0;
    for start in (0..up.len()).step_by(UNITS_A_LOOK) {
        let units = start..(start + UNITS_A_LOOK).min(up.len());
        // Eight independent products, for the vector units.
        let mut lanes = [1.0; 8];
        for i in units {
            lanes[i % 8] *= up[i] * other_up[i] + down[i] * other_down[i];
        }
        product *= lanes.iter().product::<f64>();
        if product < TINY_OVERLAP {
            break;
        }
    }
    // Rounding may leave a factor above 1.
    product.min(1.0)
}

/// f(α) = Σ αₖ Lₖ − Σ αₖ ln (Bα)ₖ, made larger step by step from α ∝ e^L. Returns f and α.
///
/// A step is αₖ ← αₖ e^{η ∂f/∂αₖ}, normalised, which keeps α a distribution; with B the identity
/// and η = 1 it leads to the optimum from anywhere. The step is halved until f rises: every α gives
/// a bound, so an early end costs only tightness.
fn ascend(log_weights: &DVector<f64>, overlaps: &DMatrix<f64>) -> (f64, DVector<f64>) {
    let mut alpha = normalized(log_weights.clone());
    let mut shared = overlaps * &alpha;
    let mut value = bound(log_weights, &alpha, &shared);
    let mut step = 1.0;
    for _ in 0..STEPS {
        // ∂f/∂αₖ = Lₖ − ln (Bα)ₖ − Σₗ αₗ Bₗₖ / (Bα)ₗ; where αₗ is 0 its term is 0, whatever (Bα)ₗ
        // is.
        let ratio = alpha.zip_map(&shared, |a, s| if a > 0.0 { a / s } else { 0.0 });
        let slope = log_weights - shared.map(|s| s.max(f64::MIN_POSITIVE).ln()) - overlaps * ratio;
        let mut improved = None;
        for _ in 0..HALVINGS {
            let logs = alpha.zip_map(&slope, |a, g| a.max(f64::MIN_POSITIVE).ln() + step * g);
            let next = normalized(logs);
            let next_shared = overlaps * &next;
            let next_value = bound(log_weights, &next, &next_shared);
            if next_value > value {
                improved = Some((next, next_shared, next_value));
                break;
            }
            step /= 2.0;
        }
        let Some((next, next_shared, next_value)) = improved else { break };
        let gain = next_value - value;
        (alpha, shared, value) = (next, next_shared, next_value);
        if gain < GAIN {
            break;
        }
        step = (2.0 * step).min(1.0);
    }
    (value, alpha)
}

/// The bound at α, with Bα at hand. (The sum of α is 1 up to rounding only, so L is relative to the
/// heaviest.)
fn bound(log_weights: &DVector<f64>, alpha: &DVector<f64>, shared: &DVector<f64>) -> f64 {
    let terms = log_weights.iter().zip(alpha.iter().zip(shared.iter()));
    terms.filter(|(_, (a, _))| **a > 0.0).map(|(l, (a, s))| a * (l - s.ln())).sum()
}

fn normalized(logs: DVector<f64>) -> DVector<f64> {
    let largest = logs.max();
    let weights = logs.map(|x| (x - largest).exp());
    let sum = weights.sum();
    weights / sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rbm, model::Expand, stats::log_sum_exp};

    fn modes(means: &[&[f64]], log_weights: &[f64]) -> Vec<Mode> {
        let mode = |(means, log_weight): (&&[f64], &f64)| Mode {
            means: means.to_vec(),
            log_weight: *log_weight,
            energy: 0.0,
            starts: 1,
        };
        means.iter().zip(log_weights).map(mode).collect()
    }

    fn layers() -> Vec<(Range<usize>, Units)> {
        Rbm::from_rows(&[[0.0]], &[0.0], &[0.0]).unwrap().layers()
    }

    #[test]
    fn modes_that_do_not_overlap_add_their_weights() {
        let logs = [2.0, 0.5, -60.0];
        let found = best_bound(&modes(&[&[0.0, 1.0], &[1.0, 0.0], &[1.0, 1.0]], &logs), &[0, 1, 2], &layers());
        assert!((found.log_z - log_sum_exp(&logs[..2])).abs() < 1e-12);
        assert!((found.weights[0] / found.weights[1] - 1.5f64.exp()).abs() < 1e-6);
        assert_eq!(found.weights[2], 0.0);
    }

    /// Planted bug: without the off-diagonal of B, or with α ∝ e^L kept, one solution counted twice
    /// weighs double.
    #[test]
    fn a_mode_that_is_listed_twice_counts_once() {
        let twice = modes(&[&[0.3, 0.8], &[0.3, 0.8]], &[1.25, 1.25]);
        assert!((best_bound(&twice, &[0, 1], &layers()).log_z - 1.25).abs() < 1e-12);
        let near = modes(&[&[0.3, 0.8], &[0.32, 0.8]], &[1.25, 1.25]);
        let bound = best_bound(&near, &[0, 1], &layers()).log_z;
        assert!(bound > 1.25 && bound < 1.251, "{bound}");
    }

    /// Σₓ √(q q′) summed over all states of two bits and of two spins.
    #[test]
    fn overlaps_are_sums_over_states() {
        for units in [Units::Bit, Units::Spin] {
            let [low, high] = units.values();
            let on = |p: f64| low + p * (high - low);
            let (p, q) = ([0.2, 0.7], [0.9, 0.6]);
            let means = [p.map(on).to_vec(), q.map(on).to_vec()];
            let all = modes(&[&means[0], &means[1]], &[0.0, 0.0]);
            let found = overlaps(&all.iter().collect::<Vec<_>>(), &[(0..2, units)])[(0, 1)];
            let weight = |p: [f64; 2], x: usize| -> f64 {
                (0..2).map(|i| if x >> i & 1 == 1 { p[i] } else { 1.0 - p[i] }).product()
            };
            let sum: f64 = (0..4).map(|x| (weight(p, x) * weight(q, x)).sqrt()).sum();
            assert!((found - sum).abs() < 1e-15, "{units}");
        }
    }

    /// No α on a fine grid beats the ascent by more than its tolerance.
    #[test]
    fn the_ascent_finds_the_best_weights_of_two_modes() {
        let log_weights = DVector::from_vec(vec![0.0, -0.7]);
        for b in [0.0, 0.05, 0.3, 0.8] {
            let overlaps = DMatrix::from_row_slice(2, 2, &[1.0, b, b, 1.0]);
            let (found, _) = ascend(&log_weights, &overlaps);
            let at = |k: usize| {
                let alpha = DVector::from_vec(vec![1.0 - k as f64 / 1000.0, k as f64 / 1000.0]);
                bound(&log_weights, &alpha, &(&overlaps * &alpha))
            };
            let best = (0..=1000).map(at).fold(f64::NEG_INFINITY, f64::max);
            assert!(found > best - 1e-6, "{b}: {found} against {best}");
        }
    }
}

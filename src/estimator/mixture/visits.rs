//! Which modes a population of samples should have visited and has not.

use std::{fmt, ops::Range};

use nalgebra::{DMatrix, DVector};

use super::modes::{Mode, Modes};
use crate::{
    curve::Visited,
    model::Units,
    stats::{LogWeights, log_sum_exp},
    thresholds::{MAX_MODE_OVERLAP, MIN_RECOGNISED, MISSED_MODE},
};

/// The least probability of a value of a unit: a mode of saturated means must not forbid a state
/// for one unit.
const FLOOR: f64 = 1e-9;

/// Weighted states of all units or of some of them, such as the layer that a sampler keeps.
#[derive(Debug, Clone)]
pub struct Population<'a> {
    /// Which units the states are of, by their numbers in the model: those of the visible layer,
    /// for example.
    pub units: Range<usize>,
    /// The values of these units in each sample.
    pub states: &'a [Vec<f64>],
    /// The logarithm of the weight of each sample, up to a constant; equal where samples have no
    /// weights.
    pub log_weights: &'a [f64],
    /// How many independent samples they are worth at most, where they are correlated in time.
    pub independent: Option<f64>,
}

/// A mode that a population does not visit as often as it must.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missed {
    /// The mode, by its place in [`Modes::list`] (the heaviest, where several overlap).
    pub mode: usize,
    /// How many solutions overlap with it, itself included.
    pub solutions: usize,
    /// Its mean energy.
    pub energy: f64,
    /// The share of the weight that it must at least have.
    pub least: f64,
    /// The share that it has in the population.
    pub visited: f64,
    /// The effective number of samples.
    pub effective: f64,
}

/// An objection in words.
impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode, solutions, energy, least, visited, effective } = self;
        let energy = format!("{energy:.1}").replace('-', "−");
        let several = if *solutions > 1 { format!(", {solutions} solutions") } else { String::new() };
        write!(
            f,
            "mode {} (mean energy {energy}{several}) must hold at least {} of the weight and holds {} of {effective:.0} \
             effective samples",
            mode + 1,
            percent(*least),
            percent(*visited),
        )
    }
}

fn percent(share: f64) -> String {
    if share == 0.0 || share >= 0.001 { format!("{:.1} %", 100.0 * share) } else { format!("{:.0e} %", 100.0 * share) }
}

/// The modes that `population` does not visit as it must if it represents a model of this ln Z, the
/// heaviest first.
///
/// # Formula
/// Let q be the mixture of a group of overlapping modes, L its bound, and A the states that are
/// more probable under this group than under any other. Since ln Z − L ≥ KL(q‖p), and the
/// divergence of two distributions is at least that of what they say about A,
///
/// p(A) ≥ exp[−(ln Z − L + h(a))/a], a = q(A), h(a) = −a ln a − (1 − a) ln(1 − a),
///
/// with 1 − a ≤ Σ √(αₖαₗ) Bₖₗ/α over solutions k of the group and l of the others, α = Σ αₖ
/// (Bhattacharyya's bound on the error of a classifier). A population of n effective samples that
/// has the share s < p(A) in A would have so small a one with a probability of at most e^{−n
/// KL(s‖p(A))} (Chernoff); from e^−12 on it is missed.
///
/// The claim holds for any `log_z` that is not above the true one, and if it is above, for the
/// population that claims it.
///
/// # Panics
/// If the states are not of the stated units, or there is not one weight for each.
#[must_use]
pub fn missed(modes: &Modes, population: &Population<'_>, log_z: f64) -> Vec<Missed> {
    assert_eq!(population.states.len(), population.log_weights.len(), "one weight for each state");
    assert!(population.states.iter().all(|x| x.len() == population.units.len()), "states of {:?}", population.units);
    if population.states.is_empty() {
        return Vec::new();
    }
    let all = modes.bound();
    let kept: Vec<usize> = (0..all.weights.len()).filter(|k| all.weights[*k] > 0.0).collect();
    let list: Vec<&Mode> = kept.iter().map(|k| &modes.list()[*k]).collect();
    let alpha: Vec<f64> = kept.iter().map(|k| all.weights[*k]).collect();
    let seen = seen_units(modes.layers(), &population.units);
    let overlaps = super::bound::overlaps(&list, &seen);
    let group_of = groups(&overlaps);
    let shares = shares(&list, &alpha, &group_of, &seen, population);

    let weights = LogWeights::new(population.log_weights);
    let effective = weights.effective_size().min(population.independent.unwrap_or(f64::INFINITY));
    let log_z = log_z.max(all.log_z);
    let judge = |(group, visited): (usize, &f64)| {
        let members: Vec<usize> = (0..kept.len()).filter(|k| group_of[*k] == group).collect();
        let recognised = recognised(&members, &alpha, &group_of, &overlaps);
        let chosen: Vec<usize> = members.iter().map(|k| kept[*k]).collect();
        let least = least_share(log_z - modes.bound_of(&chosen).log_z, recognised)?;
        let missed = Missed {
            mode: chosen[0],
            solutions: chosen.len(),
            energy: modes.list()[chosen[0]].energy,
            least,
            visited: *visited,
            effective,
        };
        (*visited < least && effective * divergence(*visited, least) > MISSED_MODE).then_some(missed)
    };
    shares.iter().enumerate().filter_map(judge).collect()
}

/// The modes that the states of some `units`, as a sampler left them, do not visit as they must, in
/// words.
pub(in crate::estimator) fn missed_by(
    modes: &Modes,
    units: Range<usize>,
    visited: &Visited,
    log_z: f64,
) -> Vec<String> {
    let values: Vec<[f64; 2]> =
        modes.layers().iter().flat_map(|(range, units)| range.clone().map(|_| units.values())).collect();
    let values = &values[units.clone()];
    let value = |state: &Vec<bool>| state.iter().zip(values).map(|(x, of)| of[usize::from(*x)]).collect();
    let states: Vec<Vec<f64>> = visited.states.iter().map(value).collect();
    let Visited { log_weights, independent, .. } = visited;
    let population = Population { units, states: &states, log_weights, independent: *independent };
    missed(modes, &population, log_z).iter().map(ToString::to_string).collect()
}

/// The least probability of the states of a mode, given ln Z − L and the probability that they have
/// under the mode.
fn least_share(gap: f64, recognised: f64) -> Option<f64> {
    let entropy = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
    let both = entropy(recognised) + entropy(1.0 - recognised);
    (recognised > MIN_RECOGNISED).then(|| (-(gap.max(0.0) + both) / recognised).exp())
}

/// KL(s‖p) of two coins.
fn divergence(s: f64, p: f64) -> f64 {
    let term = |s: f64, p: f64| if s > 0.0 { s * (s / p).ln() } else { 0.0 };
    term(s, p) + term(1.0 - s, (1.0 - p).max(f64::MIN_POSITIVE))
}

/// The part of each layer that the population shows, by the numbers of the units in the model.
fn seen_units(layers: &[(Range<usize>, Units)], seen: &Range<usize>) -> Vec<(Range<usize>, Units)> {
    let part = |range: &Range<usize>| range.start.max(seen.start)..range.end.min(seen.end);
    layers.iter().map(|(range, units)| (part(range), *units)).filter(|(range, _)| !range.is_empty()).collect()
}

/// The number of the group of each mode: those that overlap, and those that overlap with these.
fn groups(overlaps: &DMatrix<f64>) -> Vec<usize> {
    let mut group_of = vec![usize::MAX; overlaps.nrows()];
    let mut count = 0;
    for k in 0..group_of.len() {
        if group_of[k] != usize::MAX {
            continue;
        }
        let mut waiting = vec![k];
        while let Some(k) = waiting.pop() {
            if group_of[k] == usize::MAX {
                group_of[k] = count;
                waiting.extend((0..group_of.len()).filter(|l| overlaps[(k, *l)] > MAX_MODE_OVERLAP));
            }
        }
        count += 1;
    }
    group_of
}

/// A lower bound of the probability with which a state of the group's mixture is more probable
/// there than elsewhere.
fn recognised(members: &[usize], alpha: &[f64], group_of: &[usize], overlaps: &DMatrix<f64>) -> f64 {
    let others = |k: usize| (0..alpha.len()).filter(move |l| group_of[*l] != group_of[k]);
    let lost: f64 = members
        .iter()
        .map(|k| others(*k).map(|l| (alpha[*k] * alpha[l]).sqrt() * overlaps[(*k, l)]).sum::<f64>())
        .sum();
    (1.0 - lost / members.iter().map(|k| alpha[*k]).sum::<f64>()).max(0.0)
}

/// The share of the population's weight in each group: a state belongs where Σ αₖqₖ is largest.
fn shares(
    list: &[&Mode],
    alpha: &[f64],
    group_of: &[usize],
    seen: &[(Range<usize>, Units)],
    population: &Population<'_>,
) -> Vec<f64> {
    // ln qₖ(x) = Σᵢ ln q(low) + [xᵢ is high] (ln q(high) − ln q(low)): one matrix product for all
    // states and modes.
    let n: usize = seen.iter().map(|(range, _)| range.len()).sum();
    let mut slopes = DMatrix::zeros(n, list.len());
    let mut constants: DVector<f64> = DVector::zeros(list.len());
    let mut high = DMatrix::zeros(population.states.len(), n);
    for (range, units) in seen {
        let [low, high_value] = units.values();
        for i in range.clone() {
            let row = i - population.units.start;
            for (k, mode) in list.iter().enumerate() {
                let p = (mode.means[i] - low) / (high_value - low);
                let [up, down] = [p, 1.0 - p].map(|p| p.max(FLOOR).ln());
                slopes[(row, k)] = up - down;
                constants[k] += down;
            }
            for (s, state) in population.states.iter().enumerate() {
                high[(s, row)] = (state[row] - low) / (high_value - low);
            }
        }
    }
    let logs = high * slopes;
    let weights = LogWeights::new(population.log_weights);
    let count = group_of.iter().max().map_or(0, |last| last + 1);
    let mut shares = vec![0.0; count];
    for (s, weight) in weights.normalized.iter().enumerate() {
        let of_group = |group: usize| {
            let members = (0..list.len()).filter(|k| group_of[*k] == group);
            log_sum_exp(&members.map(|k| logs[(s, k)] + constants[k] + alpha[k].ln()).collect::<Vec<_>>())
        };
        let best = (0..count).map(|group| (group, of_group(group))).max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((group, _)) = best {
            shares[group] += weight;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Rbm, Run,
        estimator::MeanFieldMixture,
        model::{Draw, Enumerate, Model, Sums},
    };

    /// A ferromagnet of 8 + 8 spins in a weak field: up, and down with a weight of about a tenth.
    fn model() -> Rbm {
        let field = DVector::from_element(8, 0.07);
        let spins = Rbm::new(DMatrix::from_element(8, 8, 0.3), field.clone(), field).unwrap();
        spins.with_units(Units::Spin, Units::Spin)
    }

    fn modes(model: &Rbm) -> Modes {
        let search = MeanFieldMixture { starts: 64, ..MeanFieldMixture::default() };
        search.modes(model, 1.0, &Run::quiet(1)).unwrap().unwrap()
    }

    fn log_z(model: &Rbm) -> f64 {
        model.enumerate(1.0, Sums::LogZ, &Run::quiet(0)).unwrap().log_z
    }

    /// Exact samples of all units, as their values.
    fn samples(model: &Rbm, count: usize, seed: u64) -> Vec<Vec<f64>> {
        let states = model.draw(1.0, count, &Run::quiet(seed)).unwrap().unwrap();
        states.chunks(model.n_units()).map(|row| row.iter().map(|x| 2.0 * f64::from(*x) - 1.0).collect()).collect()
    }

    fn of_units(states: &[Vec<f64>], units: Range<usize>) -> Vec<Vec<f64>> {
        states.iter().map(|x| x[units.clone()].to_vec()).collect()
    }

    fn up(state: &[f64]) -> bool {
        state.iter().sum::<f64>() > 0.0
    }

    /// The stated share is a lower bound of the true one, by enumeration, seen from each layer and
    /// from both.
    #[test]
    fn a_mode_holds_at_least_the_share_that_is_demanded_of_it() {
        let model = model();
        let (modes, log_z) = (modes(&model), log_z(&model));
        assert_eq!(modes.list().len(), 2);
        let all = samples(&model, 200_000, 3);
        let down = all.iter().filter(|x| !up(x)).count() as f64 / all.len() as f64;
        for units in [0..8, 8..16, 0..16] {
            let only_up: Vec<Vec<f64>> = all[..400].iter().filter(|x| up(x)).cloned().collect();
            let seen = of_units(&only_up, units.clone());
            let population =
                Population { units, states: &seen, log_weights: &vec![0.0; seen.len()], independent: None };
            let found = missed(&modes, &population, log_z);
            assert_eq!(found.len(), 1, "{found:?}");
            // Within four standard errors of 200,000 draws; and not so low that it would say
            // nothing.
            assert!(found[0].least < down + 0.003 && found[0].least > 0.5 * down, "{found:?} against {down}");
            assert_eq!((found[0].mode, found[0].solutions), (1, 1));
            assert!(modes.list()[1].means[0] < 0.0);
            assert!(found[0].visited < 0.01, "{found:?}");
        }
    }

    /// Planted bug: a list of modes that has lost the second one finds nothing amiss.
    #[test]
    fn the_objection_names_the_mode() {
        let model = model();
        let only_up: Vec<Vec<f64>> = samples(&model, 600, 3).into_iter().filter(|x| up(x)).collect();
        let log_weights = vec![0.0; only_up.len()];
        let population = Population { units: 0..16, states: &only_up, log_weights: &log_weights, independent: None };
        let found = missed(&modes(&model), &population, log_z(&model));
        let text = found[0].to_string();
        assert!(text.starts_with("mode 2 (mean energy −"), "{text}");
        assert!(text.contains("of the weight and holds 0.0 % of 5"), "{text}");
    }

    /// Exact samples are never reproached: 200 populations of 300, whatever layer is seen. The
    /// false-alarm rate is below e^−12 for each mode, and the seeds are fixed.
    #[test]
    fn exact_samples_miss_nothing() {
        let model = model();
        let (modes, log_z) = (modes(&model), log_z(&model));
        for seed in 0..200 {
            let all = samples(&model, 300, seed);
            for units in [0..8, 0..16] {
                let seen = of_units(&all, units.clone());
                let population = Population { units, states: &seen, log_weights: &[0.0; 300], independent: None };
                assert_eq!(missed(&modes, &population, log_z), []);
            }
        }
    }

    /// Few samples, or many that are worth few, prove nothing.
    #[test]
    fn a_small_population_is_not_blamed() {
        let model = model();
        let only_up: Vec<Vec<f64>> = samples(&model, 600, 3).into_iter().filter(|x| up(x)).collect();
        let judge = |count: usize, independent| {
            let states = &only_up[..count];
            let log_weights = vec![0.0; count];
            let population = Population { units: 0..16, states, log_weights: &log_weights, independent };
            missed(&modes(&model), &population, log_z(&model)).len()
        };
        assert_eq!((judge(20, None), judge(500, None), judge(500, Some(20.0))), (0, 1, 0));
    }

    /// Modes that overlap are one group, and so are those that are linked by others; as much as the
    /// limit is not yet an overlap.
    #[test]
    fn modes_linked_by_others_are_one_group() {
        let mut overlaps = DMatrix::identity(7, 7);
        let mut link = |k: usize, l: usize, overlap: f64| (overlaps[(k, l)], overlaps[(l, k)]) = (overlap, overlap);
        link(0, 3, 0.9);
        link(3, 5, 0.06);
        link(1, 6, 0.3);
        link(2, 4, MAX_MODE_OVERLAP);
        assert_eq!(groups(&overlaps), [0, 1, 2, 0, 3, 0, 1]);
    }

    /// By hand: what a coin of one probability says against another.
    #[test]
    fn the_divergence_of_two_coins() {
        for (s, p, expected) in [
            (0.25, 0.25, 0.0),
            (0.0, 0.5, 2f64.ln()),
            (1.0, 0.5, 2f64.ln()),
            (0.25, 0.5, 0.25 * 0.5f64.ln() + 0.75 * 1.5f64.ln()),
        ] {
            assert!((divergence(s, p) - expected).abs() < 1e-15, "{s}, {p}");
        }
    }

    /// By hand: what a group loses to another one, in units of its own weight.
    #[test]
    fn a_group_is_recognised_but_for_its_overlap_with_others() {
        let (alpha, groups) = ([0.5, 0.3, 0.2], [0, 1, 0]);
        let mut overlaps = DMatrix::identity(3, 3);
        let mut link = |k: usize, l: usize, overlap: f64| (overlaps[(k, l)], overlaps[(l, k)]) = (overlap, overlap);
        link(0, 1, 0.04);
        link(1, 2, 0.02);
        link(0, 2, 0.9);
        let lost = 0.15f64.sqrt() * 0.04 + 0.06f64.sqrt() * 0.02;
        assert!((recognised(&[0, 2], &alpha, &groups, &overlaps) - (1.0 - lost / 0.7)).abs() < 1e-15);
        assert!((recognised(&[1], &alpha, &groups, &overlaps) - (1.0 - lost / 0.3)).abs() < 1e-15);
    }

    /// Spins and bits: three states near one mode and one near the other, which weighs twice.
    #[test]
    fn states_belong_to_the_mode_under_which_they_are_likelier() {
        for units in [Units::Spin, Units::Bit] {
            let [low, high] = units.values();
            let mean = |up: f64| low + (high - low) * up;
            let mode = |up: f64| Mode { means: vec![mean(up); 6], log_weight: 0.0, energy: 0.0, starts: 1 };
            let modes = [mode(0.9), mode(0.2)];
            let state = |down: usize| (0..4).map(|i| if i < down { low } else { high }).collect::<Vec<f64>>();
            let states = [state(0), state(1), state(4), state(0)];
            let log_weights = [0.0, 0.0, 2f64.ln(), 0.0];
            let population = Population { units: 1..5, states: &states, log_weights: &log_weights, independent: None };
            let seen = seen_units(&[(0..6, units)], &population.units);
            let found = shares(&modes.each_ref(), &[0.5, 0.5], &[0, 1], &seen, &population);
            assert!((found[0] - 0.6).abs() < 1e-12 && (found[1] - 0.4).abs() < 1e-12, "{units}: {found:?}");
        }
    }
}

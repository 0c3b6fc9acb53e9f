//! Certain bounds, held against every sampled number.

use std::{ops::Range, sync::Arc};

use nalgebra::DMatrix;

use super::{MeanFieldMixture, Modes, alternation::Alternation, visits::missed_by};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Visited},
    data::Data,
    model::{Expand, KeptLayer},
    run::{Quiet, Run},
    sample::Capabilities,
    thresholds::{MAX_SIGMAS_BELOW_BOUND, ROUNDING},
};

/// Starts of the search for modes, over all β: some hundred for a single one, in about a second on
/// 784 × 20 units.
const STARTS: usize = 2048;

/// Couplings of an RBM beyond which there are fewer of them, and fewer sweeps: what is certain should
/// not take longer than what it is held against. So many at least.
const COUPLINGS: usize = 1 << 19;
const FEWEST_STARTS: usize = 16;
const FEWEST_SWEEPS: usize = 48;

/// States of a population that the search for modes starts from as well: half of them the heaviest,
/// half spread over all of it.
const STATES_OF_A_POPULATION: usize = 64;

/// Starts times units: beyond 2,048 units there are fewer starts, so that the points that are moved
/// together take 8 MB and not gigabytes.
const MAX_POINTS: usize = 1 << 20;

/// What is certain of a model without sampling it: at each β the modes that any start has led to,
/// and the lower bound of ln Z from all of them.
pub struct CertainBounds {
    modes: Vec<Modes>,
    log_z: Vec<f64>,
    /// The units that samplers keep.
    kept: Range<usize>,
}

impl CertainBounds {
    /// The modes that random states, biases, Gibbs chains, rows of data and the states behind some
    /// curves on the same `betas` lead to. `None` for a model without an expansion, or if the run
    /// was cancelled.
    ///
    /// # Errors
    /// Those of [`MeanFieldMixture::modes`].
    pub fn find(
        model: &dyn Capabilities,
        data: Option<&Arc<Data>>,
        curves: &[&Curve],
        betas: &Betas,
        run: &Run<'_>,
    ) -> Result<Option<Self>, Error> {
        let Some(expansion) = model.expandable() else { return Ok(None) };
        let run = &Run { progress: &Quiet, ..*run };
        let kept = kept_units(model);
        let most = most_points(expansion.n_units());
        let couplings = expansion.couplings().map_or(0, |couplings| couplings.len());
        let affordable = |count: usize, least: usize| count.min((count * COUPLINGS / couplings.max(1)).max(least));
        let starts = affordable(starts(betas.len()), FEWEST_STARTS).min(most);
        let max_iterations = affordable(MeanFieldMixture::default().max_iterations, FEWEST_SWEEPS);
        let modes_at = |(k, beta): (usize, &f64)| {
            let visited = curves.iter().filter_map(|curve| curve.visited.get(k));
            let given = visited.flat_map(|visited| means_of(expansion, *beta, &kept, visited, most)).collect();
            let search =
                MeanFieldMixture { starts, max_iterations, given, data: data.cloned(), ..MeanFieldMixture::default() };
            search.modes(expansion, *beta, run)
        };
        let modes: Option<Vec<Modes>> = betas.iter().enumerate().map(modes_at).collect::<Result<_, _>>()?;
        Ok(modes.map(|modes| Self { log_z: modes.iter().map(|modes| modes.bound().log_z).collect(), modes, kept }))
    }

    /// The lower bound of ln Z at each β.
    #[must_use]
    pub fn log_z(&self) -> &[f64] {
        &self.log_z
    }
}

/// Starts at each of so many β.
fn starts(betas: usize) -> usize {
    (STARTS / betas).clamp(64, 512)
}

/// Points of a search at most, of a model of so many units.
fn most_points(units: usize) -> usize {
    (MAX_POINTS / units).max(2)
}

/// How many points there are at most at each of so many β: random starts and what goes with them, and states
/// of a population.
pub(in crate::estimator) fn points_of_certain_bounds(units: usize, betas: usize) -> usize {
    starts(betas).min(most_points(units)) * 5 / 4 + STATES_OF_A_POPULATION
}

/// The units that a sampler keeps of a model.
fn kept_units(model: &dyn Capabilities) -> Range<usize> {
    model.as_rbm().map_or(0..model.enumerable().n_units(), |rbm| KeptLayer::smaller(rbm).units_of(rbm))
}

/// The means of all units that go with at most `most` states of a population: those that it shows
/// as they are, the others given these.
fn means_of(model: &dyn Expand, beta: f64, kept: &Range<usize>, visited: &Visited, most: usize) -> Vec<Vec<f64>> {
    let n = visited.states.len();
    let mut heaviest: Vec<usize> = (0..n).collect();
    heaviest.sort_by(|a, b| visited.log_weights[*b].total_cmp(&visited.log_weights[*a]));
    let half = (STATES_OF_A_POPULATION.min(most) / 2).max(1);
    let mut chosen: Vec<usize> =
        heaviest.into_iter().take(half).chain((0..n).step_by(n.div_ceil(half).max(1))).collect();
    chosen.sort_unstable();
    chosen.dedup();
    let (layers, alternation) = (model.layers(), Alternation::new(model, beta));
    let mut points = DMatrix::zeros(chosen.len(), model.n_units());
    for (layer, (range, units)) in layers.iter().enumerate().filter(|(_, (range, _))| kept.contains(&range.start)) {
        debug_assert!(range.end <= kept.end, "layer {layer} is kept in part");
        for (row, state) in chosen.iter().enumerate() {
            for i in range.clone() {
                points[(row, i)] = units.values()[usize::from(visited.states[*state][i - kept.start])];
            }
        }
    }
    for (layer, _) in layers.iter().enumerate().filter(|(_, (range, _))| !kept.contains(&range.start)) {
        alternation.update(layer, &mut points, |_, mean| mean);
    }
    points.row_iter().map(|row| row.iter().copied().collect()).collect()
}

/// The objection to an error bar that is none.
pub(in crate::estimator) fn without_spread(log_z: f64, std_error: f64) -> Option<String> {
    (std_error <= ROUNDING * log_z.abs().max(1.0)).then(|| "no spread among the chains: they sit in one state".into())
}

/// The objection to a number below a certain bound.
pub(in crate::estimator) fn below_bound(log_z: f64, std_error: f64, bound: f64) -> Option<String> {
    let below = bound - log_z;
    (below > MAX_SIGMAS_BELOW_BOUND * std_error + ROUNDING * log_z.abs().max(1.0))
        .then(|| format!("below the certain bound {bound:.3} of mf-mixture by {below:.2} nats"))
}

impl Curve {
    /// Holds the sampled ln Z at each β against a certain lower bound, and the states behind it
    /// against the modes of the model, and objects where either refutes it; and where the samples
    /// have no spread, so that there is no error bar at all.
    pub fn hold_against(&mut self, certain: &CertainBounds) {
        let mut objections: Vec<Vec<String>> =
            (0..self.values.log_z.len()).map(|k| self.diagnostics.objections_at(k).to_vec()).collect();
        for (k, measured) in self.log_z().into_iter().enumerate() {
            let (bound, found) = (certain.log_z[k], &mut objections[k]);
            let Some(measured) = measured else { continue };
            let Claim::Estimate { std_error } = measured.claim else { continue };
            found.extend(without_spread(measured.value, std_error).filter(|_| self.betas[k] > 0.0));
            found.extend(below_bound(measured.value, std_error, bound));
            let visited = self.visited.get(k).filter(|visited| !visited.states.is_empty());
            found.extend(visited.map_or_else(Vec::new, |visited| {
                missed_by(&certain.modes[k], certain.kept.clone(), visited, measured.value)
            }));
        }
        let diagnostics = std::mem::take(&mut self.diagnostics);
        self.diagnostics = diagnostics.per_beta("certain_bound_by_beta", certain.log_z.clone());
        if objections.iter().any(|sentences| !sentences.is_empty()) {
            let diagnostics = std::mem::take(&mut self.diagnostics);
            self.diagnostics = diagnostics.objections(objections);
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};
    use rand::RngExt;

    use super::*;
    use crate::{Ais, Estimator, Rbm, estimator::BaseChoice, streams::Purpose};

    /// A model whose weight is where nearly all hidden units are on, which chains from β = 0 never
    /// find: ln Z = ln Σₙ C(M, n) e^{bn} (1 + e^{a + wn})^N by a sum over the number of units on.
    /// Planted bug that fails: a bound that is not held against the numbers.
    #[test]
    fn a_mode_that_no_chain_visits_is_seen_by_the_bound() {
        let (n_visible, n_hidden, w, a, b) = (300, 60, 0.1, -1.8, -19.5);
        let weights = DMatrix::from_element(n_visible, n_hidden, w);
        let rbm = Rbm::new(weights, DVector::from_element(n_visible, a), DVector::from_element(n_hidden, b)).unwrap();
        let (one, run) = (Betas::one(1.0).unwrap(), Run::quiet(1));
        let bounds = CertainBounds::find(&rbm, None, &[], &one, &run).unwrap().unwrap();
        let bound = bounds.log_z()[0];
        assert!(bound > 94.46 && bound < 94.468 + 1e-3, "{bound}");
        for base in [BaseChoice::Uniform, BaseChoice::Biases] {
            let ais = Ais { chains: 100, rungs: 100, base, ..Ais::default() };
            let mut curve = ais.curve(&rbm, &one, &run).unwrap();
            curve.hold_against(&bounds);
            let objections = curve.diagnostics.objections_at(0).join("; ");
            assert!(objections.contains("below the certain bound 94.4"), "{base:?}: {objections}");
            let sits = base == BaseChoice::Biases;
            assert_eq!(objections.contains("no spread"), sits, "{base:?}: {objections}");
        }
    }
    /// 200 visible bits and 150 hidden ones, each of which is on only where nine tenths of a pattern
    /// of its own are there and loses by it, but for the first, which gains. No start leads there.
    fn with_a_hidden_pattern() -> (Rbm, Vec<bool>) {
        let mut rng = Purpose::Disorder.generator(3);
        let weights = DMatrix::from_fn(200, 150, |_, _| if rng.random::<f64>() < 0.5 { 6.0 } else { -6.0 });
        let mut biases =
            DVector::from_fn(150, |j, _| -0.9 * weights.column(j).iter().filter(|w| **w > 0.0).sum::<f64>());
        biases[0] = 150.0 - weights.column(0).iter().filter(|w| **w > 0.0).sum::<f64>();
        let kept = (0..150).map(|j| j == 0).collect();
        (Rbm::new(weights, DVector::zeros(200), biases).unwrap(), kept)
    }

    /// One sampler has seen a mode that no start leads to: it raises the bound for all, and those
    /// that have not been there are told which mode they miss. Planted bugs that fail: states that
    /// are not starts; a population that is not held against the modes.
    #[test]
    fn a_mode_that_one_sampler_has_seen_is_held_against_all() {
        let (rbm, pattern) = with_a_hidden_pattern();
        let (one, run) = (Betas::one(1.0).unwrap(), Run::quiet(1));
        let annealing = Ais { chains: 500, rungs: 2, base: BaseChoice::Biases, ..Ais::default() };
        let curve = annealing.curve(&rbm, &one, &run).unwrap();
        let alone = CertainBounds::find(&rbm, None, &[&curve], &one, &run).unwrap().unwrap();
        let objections = |bounds: &CertainBounds| {
            let mut held = curve.clone();
            held.hold_against(bounds);
            held.diagnostics.objections_at(0).join("; ")
        };
        // The hidden units never move, but nothing is missed.
        assert_eq!(objections(&alone), "no spread among the chains: they sit in one state");

        let other = Curve { visited: vec![Visited::equally(vec![pattern], None)], ..curve.clone() };
        let both = CertainBounds::find(&rbm, None, &[&curve, &other], &one, &run).unwrap().unwrap();
        assert!(both.log_z()[0] > 149.99 && alone.log_z()[0] < 140.0, "{:?} {:?}", both.log_z(), alone.log_z());
        let objections = objections(&both);
        assert!(objections.contains("below the certain bound 150.4"), "{objections}");
        assert!(
            objections.contains("mode 1 (mean energy −147.0)") && objections.contains("holds 0.0 %"),
            "{objections}"
        );
    }

    /// 2,048 starts over all β, from 64 to 512 at each, and no more than 2²⁰ values of units.
    #[test]
    fn many_betas_and_many_units_have_fewer_starts() {
        assert_eq!([1, 4, 8, 20, 32, 100].map(starts), [512, 512, 256, 102, 64, 64]);
        assert_eq!([1 << 10, 1 << 12, 1 << 19, 1 << 22].map(most_points), [1024, 256, 2, 2]);
        let points = [(100, 1), (100, 8), (1 << 12, 1), (1 << 12, 32)]
            .map(|(units, betas)| points_of_certain_bounds(units, betas));
        assert_eq!(points, [640 + 64, 320 + 64, 320 + 64, 80 + 64]);
    }

    /// Three standard errors and the rounding of ln Z, which is 10⁻⁹ of it and 10⁻⁹ at least.
    #[test]
    fn a_number_is_refuted_by_more_than_its_error_bar_and_rounding() {
        assert_eq!(below_bound(10.0, 0.1, 10.29), None);
        let objection = below_bound(10.0, 0.1, 10.31).unwrap();
        assert_eq!(objection, "below the certain bound 10.310 of mf-mixture by 0.31 nats");
        assert_eq!(below_bound(-500.0, 0.0, -500.0 + 4e-7), None);
        assert!(below_bound(-500.0, 0.0, -500.0 + 6e-7).is_some());
        assert!(below_bound(0.1, 0.0, 0.1 + 2e-9).is_some() && below_bound(0.1, 0.0, 0.1 + 0.5e-9).is_none());
        assert!(without_spread(500.0, 4e-7).is_some() && without_spread(500.0, 6e-7).is_none());
        assert!(without_spread(-0.1, 0.9e-9).is_some() && without_spread(-0.1, 1.1e-9).is_none());
    }

    /// The units that are kept as they were, the others at their means given these; of more states
    /// than there may be, the heaviest and some in equal steps.
    #[test]
    fn means_of_states_are_those_of_the_other_layer() {
        let weights = DMatrix::from_fn(4, 2, |i, j| (1.0 + i as f64 + 3.0 * j as f64).sin());
        let rbm = Rbm::new(weights.clone(), DVector::from_element(4, 0.3), DVector::from_element(2, -0.1)).unwrap();
        let beta = 0.7;
        let states = vec![vec![false, false], vec![true, false], vec![true, true]];
        let visited = Visited::equally(states.clone(), None);
        let points = means_of(&rbm, beta, &(4..6), &visited, 64);
        assert_eq!(points.len(), 3);
        for (point, state) in points.iter().zip(&states) {
            let hidden = DVector::from_iterator(2, state.iter().map(|on| f64::from(u8::from(*on))));
            assert_eq!(point[4..], hidden.as_slice()[..]);
            for (i, field) in (&weights * &hidden).iter().enumerate() {
                let mean = 1.0 / (1.0 + (-beta * (0.3 + field)).exp());
                assert!((point[i] - mean).abs() < 1e-14, "{i}: {} against {mean}", point[i]);
            }
        }
        let many = |most: usize, heavy: usize| {
            let states = (0..300).map(|k| vec![k == heavy, true]).collect();
            let log_weights = (0..300).map(|k| if k == heavy { 1.0 } else { 0.0 }).collect();
            means_of(&rbm, beta, &(4..6), &Visited { states, log_weights, independent: None }, most)
        };
        for (most, least, top) in [(10, 6, 10), (1000, 33, 64), (2, 1, 2)] {
            let points = many(most, 211);
            assert!((least..=top).contains(&points.len()), "{} of {most}", points.len());
            assert_eq!(points.iter().filter(|point| point[4] == 1.0).count(), 1, "the heaviest of {most}");
        }
    }
}

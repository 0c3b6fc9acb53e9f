//! Many points of an RBM at once, in single precision.

use std::ops::Range;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::{bit_chains::BitChains, modes::distinct};
use crate::{
    Run,
    kernel::means::shifted_sigmoids,
    model::{Expand, Units},
};

/// Couplings from which on this is worth its preparation, and the rounding of single precision.
const COUPLINGS: usize = 4096;

/// The largest field that single precision is trusted with.
const LARGEST_FIELD: f64 = 1e4;

/// The smallest move in a sweep that is more than rounding.
const RESOLUTION: f64 = 1e-5;

/// Points that are updated together, at most and at least.
const POINTS_A_BLOCK: usize = 128;
const FEWEST_ROWS: usize = 8;

/// Sweeps between two looks at which points have arrived, and which have met.
const SWEEPS_A_ROUND: usize = 12;

/// A point that moves by less than this in a sweep is near a solution: its next moves are taken to
/// be a geometric series.
const NEAR: f32 = 0.1;
/// The most that is added at once, in units of the last move.
const LEAP: f32 = 200.0;
/// A point has arrived, too, that has leapt to the end of a series which had no more than this left
/// to go: the bound changes by the square of it.
const LEFT_TO_GO: f32 = 3e-4;

/// The two layers of a model on bits: a unit is at its upper value with probability σ(z), z = β
/// (high − low)(b + Σ W x), and z = `biases` + `weights` p with the probabilities p of the others.
pub(in crate::estimator) struct Layered {
    layers: [(Range<usize>, Units); 2],
    /// Of shape (first layer, second layer), and transposed.
    weights: [DMatrix<f32>; 2],
    biases: [Vec<f32>; 2],
    /// Gibbs chains of the same model.
    pub(in crate::estimator) chains: BitChains,
}

impl Layered {
    /// `None` for a model that has not two layers, is small, or has fields beyond single precision.
    pub(in crate::estimator) fn new<M: Expand + ?Sized>(model: &M, beta: f64) -> Option<Self> {
        let couplings = model.couplings().filter(|couplings| couplings.len() >= COUPLINGS)?;
        Self::of(model, couplings, beta)
    }

    fn of<M: Expand + ?Sized>(model: &M, couplings: &DMatrix<f64>, beta: f64) -> Option<Self> {
        let layers: [_; 2] = model.layers().try_into().ok()?;
        let values = layers.each_ref().map(|(_, units)| units.values());
        let spans = values.map(|[low, high]| high - low);
        let scaled = couplings * (beta * spans[0] * spans[1]);
        let fields = |layer: usize, sums: Vec<f64>| -> Vec<f64> {
            let low = values[1 - layer][0];
            model.biases(layer).iter().zip(sums).map(|(b, sum)| beta * spans[layer] * (b + low * sum)).collect()
        };
        let biases = [
            fields(0, couplings.column_sum().iter().copied().collect()),
            fields(1, couplings.row_sum().iter().copied().collect()),
        ];
        let mut reach = biases.each_ref().map(|biases| biases.iter().map(|b| b.abs()).collect::<Vec<f64>>());
        for (j, column) in scaled.column_iter().enumerate() {
            let [first, second] = &mut reach;
            first.iter_mut().zip(column.iter()).for_each(|(reach, w)| *reach += w.abs());
            second[j] += column.iter().map(|w| w.abs()).sum::<f64>();
        }
        if !reach.iter().flatten().all(|reach| *reach <= LARGEST_FIELD) {
            return None;
        }
        let single = scaled.map(|w| w as f32);
        Some(Self {
            chains: BitChains::new(layers.clone(), &scaled, &biases),
            biases: biases.map(|biases| biases.into_iter().map(|b| b as f32).collect()),
            weights: [single.clone(), single.transpose()],
            layers,
        })
    }

    /// The probabilities that go with means, and back.
    fn probabilities(&self, points: &DMatrix<f64>) -> DMatrix<f32> {
        let mut all = points.map(|x| x as f32);
        for (range, units) in &self.layers {
            let [low, high] = units.values().map(|x| x as f32);
            all.columns_mut(range.start, range.len()).apply(|x| *x = (*x - low) / (high - low));
        }
        all
    }

    fn means(&self, points: &DMatrix<f32>) -> DMatrix<f64> {
        let mut all = points.map(f64::from);
        for (range, units) in &self.layers {
            let [low, high] = units.values();
            all.columns_mut(range.start, range.len()).apply(|x| *x = low + (high - low) * *x);
        }
        all
    }

    /// Each layer at its means given the other, the first one first.
    fn sweep(&self, points: &mut DMatrix<f32>) {
        let n = self.layers[0].0.len();
        let (mut first, mut second) = points.columns_range_pair_mut(0..n, n..);
        first.gemm(1.0, &second, &self.weights[1], 0.0);
        let units = first.column_iter_mut().zip(&self.biases[0]);
        units.for_each(|(mut fields, bias)| shifted_sigmoids(fields.as_mut_slice(), *bias));
        second.gemm(1.0, &first, &self.weights[0], 0.0);
        let units = second.column_iter_mut().zip(&self.biases[1]);
        units.for_each(|(mut fields, bias)| shifted_sigmoids(fields.as_mut_slice(), *bias));
    }

    /// The points after some sweeps. `None` if the run was cancelled.
    pub(in crate::estimator) fn relaxed(
        &self,
        points: &DMatrix<f64>,
        sweeps: usize,
        run: &Run<'_>,
    ) -> Option<DMatrix<f64>> {
        let mut points = self.probabilities(points);
        for _ in 0..sweeps {
            if run.cancelled() {
                return None;
            }
            self.sweep(&mut points);
        }
        Some(self.means(&points))
    }

    /// Iterates until no unit moves by more than `tolerance` in a sweep (or by more than rounding),
    /// or for `max_iterations` sweeps. Points that meet on the way go on as one. Returns the points,
    /// and how many of the starts are in each; `None` if the run was cancelled.
    pub(in crate::estimator) fn solve(
        &self,
        points: &DMatrix<f64>,
        tolerance: f64,
        max_iterations: usize,
        run: &Run<'_>,
    ) -> Option<(DMatrix<f64>, Vec<usize>)> {
        let tolerance = tolerance.max(RESOLUTION) as f32;
        let mut starts = vec![1; points.nrows()];
        let mut points = self.probabilities(points);
        let (mut arrived, mut arrived_starts) = (Vec::new(), Vec::new());
        let mut left = max_iterations;
        while left > 0 && points.nrows() > 0 {
            let sweeps = left.min(SWEEPS_A_ROUND);
            left -= sweeps;
            let rows = points.nrows();
            let block = |start: usize| {
                let count = POINTS_A_BLOCK.min(rows - start);
                let mut block = points.rows(start, count).into_owned();
                // A product of a few rows takes as long, or longer.
                block.resize_vertically_mut(count.max(FEWEST_ROWS), 0.0);
                let ended = self.round(&mut block, sweeps, tolerance, run)?;
                Some((block.rows(0, count).into_owned(), ended[..count].to_vec()))
            };
            let starts_of_blocks: Vec<usize> = (0..rows).step_by(POINTS_A_BLOCK).collect();
            let blocks: Option<Vec<(DMatrix<f32>, Vec<bool>)>> = starts_of_blocks.into_par_iter().map(block).collect();
            let blocks = blocks?;
            let ended: Vec<bool> = blocks.iter().flat_map(|(_, ended)| ended.iter().copied()).collect();
            points = stack(blocks.iter().map(|(block, _)| block), points.ncols());
            let (mut going, mut still, mut done) = (Vec::new(), Vec::new(), Vec::new());
            for (k, count) in distinct(&points, &starts) {
                if ended[k] {
                    done.push(k);
                    arrived_starts.push(count);
                } else {
                    going.push(k);
                    still.push(count);
                }
            }
            arrived.push(points.select_rows(&done));
            points = points.select_rows(&going);
            starts = still;
        }
        arrived_starts.extend(starts);
        let all = stack(arrived.iter().chain([&points]), points.ncols());
        Some((self.means(&all), arrived_starts))
    }

    /// Some sweeps of a block, after which points near a solution leap to where they seem to go.
    /// Returns which of them have arrived.
    fn round(&self, block: &mut DMatrix<f32>, sweeps: usize, tolerance: f32, run: &Run<'_>) -> Option<Vec<bool>> {
        let second = self.layers[1].0.clone();
        let mut earlier = None;
        for _ in 0..sweeps - 1 {
            if run.cancelled() {
                return None;
            }
            earlier = Some(block.columns(second.start, second.len()).into_owned());
            self.sweep(block);
        }
        let before = block.clone();
        self.sweep(block);
        let mut moves = vec![0f32; block.nrows()];
        for (column, before) in block.column_iter().zip(before.column_iter()) {
            for (largest, (a, b)) in moves.iter_mut().zip(column.iter().zip(before.iter())) {
                *largest = largest.max((a - b).abs());
            }
        }
        let leaps = match earlier {
            Some(earlier) => self.leap(block, &before, &earlier, &moves),
            None => vec![0.0; moves.len()],
        };
        let arrived = |(moved, leap): (&f32, f32)| {
            *moved <= tolerance || (leap > 0.0 && leap < LEAP && moved * leap.max(1.0) <= LEFT_TO_GO)
        };
        Some(moves.iter().zip(leaps).map(arrived).collect())
    }

    /// Near a solution the moves d of the second layer, of which the first is a function, are a
    /// geometric series: with the ratio λ of the last two, d λ/(1 − λ) is what is still to come
    /// (Aitken). Returns λ/(1 − λ) of the points that have leapt, and 0 of the others.
    fn leap(&self, block: &mut DMatrix<f32>, before: &DMatrix<f32>, earlier: &DMatrix<f32>, moves: &[f32]) -> Vec<f32> {
        let first = self.layers[1].0.start;
        let (mut square, mut product) = (vec![0f32; moves.len()], vec![0f32; moves.len()]);
        for j in 0..earlier.ncols() {
            let columns = (block.column(first + j), before.column(first + j), earlier.column(j));
            for k in 0..moves.len() {
                let (old, new) = (columns.1[k] - columns.2[k], columns.0[k] - columns.1[k]);
                square[k] += old * old;
                product[k] += old * new;
            }
        }
        let leap = |k: usize| {
            let ratio = product[k] / square[k];
            let near = moves[k] < NEAR && ratio > 0.0 && ratio < 1.0;
            if near { (ratio / (1.0 - ratio)).min(LEAP) } else { 0.0 }
        };
        let leaps: Vec<f32> = (0..moves.len()).map(leap).collect();
        for j in 0..earlier.ncols() {
            let before = before.column(first + j);
            let mut column = block.column_mut(first + j);
            for k in 0..moves.len() {
                column[k] = (column[k] + leaps[k] * (column[k] - before[k])).clamp(0.0, 1.0);
            }
        }
        leaps
    }
}

fn stack<'a>(parts: impl Iterator<Item = &'a DMatrix<f32>>, columns: usize) -> DMatrix<f32> {
    let parts: Vec<&DMatrix<f32>> = parts.collect();
    let mut all = DMatrix::zeros(parts.iter().map(|part| part.nrows()).sum(), columns);
    let mut row = 0;
    for part in parts {
        all.rows_mut(row, part.nrows()).copy_from(part);
        row += part.nrows();
    }
    all
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Rbm, estimator::mixture::alternation::Alternation, model::Model, streams::stream};
    use nalgebra::DVector;
    use rand::RngExt;

    pub(in crate::estimator::mixture) fn models() -> Vec<Rbm> {
        let mut rng = stream(5, 0);
        let weights = DMatrix::from_fn(7, 5, |_, _| 2.0 * rng.random::<f64>() - 1.0);
        let visible = DVector::from_fn(7, |_, _| rng.random::<f64>() - 0.5);
        let hidden = DVector::from_fn(5, |_, _| rng.random::<f64>() - 0.5);
        let rbm = Rbm::new(weights, visible, hidden).unwrap();
        let kinds = [[Units::Bit, Units::Bit], [Units::Spin, Units::Spin], [Units::Bit, Units::Spin]];
        kinds.into_iter().map(|[v, h]| rbm.clone().with_units(v, h)).collect()
    }

    pub(in crate::estimator::mixture) fn layered(rbm: &Rbm, beta: f64) -> Layered {
        Layered::of(rbm, rbm.weights(), beta).unwrap()
    }

    /// Random means within the range of the units.
    pub(in crate::estimator::mixture) fn points(rbm: &Rbm, count: usize) -> DMatrix<f64> {
        let mut rng = stream(6, 0);
        let mut points = DMatrix::zeros(count, rbm.n_units());
        for (range, units) in rbm.layers() {
            let [low, high] = units.values();
            points.columns_mut(range.start, range.len()).apply(|m| *m = low + (high - low) * rng.random::<f64>());
        }
        points
    }

    #[test]
    fn a_sweep_is_that_of_double_precision() {
        for rbm in models() {
            let start = points(&rbm, 9);
            let run = Run::quiet(0);
            let single = layered(&rbm, 1.3).relaxed(&start, 3, &run).unwrap();
            let double = Alternation::new(&rbm, 1.3).relaxed(start, 3, &run).unwrap();
            let error = (single - double).amax();
            assert!(error < 5e-6, "{error:e}");
        }
    }

    /// However far the points leap, they end at solutions; and at the same ones as without.
    #[test]
    fn points_end_where_slow_iteration_ends() {
        for rbm in models() {
            let (beta, run) = (1.5, Run::quiet(0));
            let start = points(&rbm, 40);
            let (found, counts) = layered(&rbm, beta).solve(&start, 1e-6, 512, &run).unwrap();
            assert_eq!(counts.iter().sum::<usize>(), 40);
            let (expected, _) = Alternation::new(&rbm, beta).solve(start, 1e-9, 100_000, &run).unwrap();
            for point in found.row_iter() {
                assert!(expected.row_iter().any(|other| (point - other).amax() < 2e-3), "{}", rbm.visible_units());
            }
            assert_eq!(found.nrows(), expected.nrows());
        }
    }

    #[test]
    fn fields_beyond_single_precision_are_left_alone() {
        let huge = Rbm::new(DMatrix::from_element(80, 80, 1e300), DVector::zeros(80), DVector::zeros(80)).unwrap();
        assert!(Layered::new(&huge, 1.0).is_none() && Layered::new(&huge, 1e-300).is_some());
    }

    /// Each coupling is within reach, their sum at one unit is not, on whichever side it is.
    #[test]
    fn fields_that_many_couplings_make_are_counted() {
        let weights = DMatrix::from_element(1, 3, 0.4 * LARGEST_FIELD);
        let narrow = Rbm::new(weights.clone(), DVector::zeros(1), DVector::zeros(3)).unwrap();
        assert!(Layered::of(&narrow, narrow.weights(), 1.0).is_none());
        let wide = Rbm::new(weights.transpose(), DVector::zeros(3), DVector::zeros(1)).unwrap();
        assert!(Layered::of(&wide, wide.weights(), 1.0).is_none());
        assert!(Layered::of(&wide, wide.weights(), 0.8).is_some());
    }

    /// Moves d, λd, λ²d, … of the second layer add up to d/(1 − λ). Rows that are far from a solution,
    /// or whose moves are no such series, stay.
    #[test]
    fn a_leap_ends_where_a_geometric_series_ends() {
        let model = layered(&models()[0], 1.0);
        // The ratio of each row, its largest move, and λ/(1 − λ), by which it leaps.
        let rows = [
            (0.5f32, 0.01f32, 1.0f32),
            (0.8, 0.09, 4.0),
            (0.25, 0.09, 1.0 / 3.0),
            (0.8, 0.1, 0.0),
            (1.5, 0.01, 0.0),
            (1.0, 0.01, 0.0),
            (-0.5, 0.01, 0.0),
            (0.999, 0.01, LEAP),
        ];
        let moves: Vec<f32> = rows.iter().map(|(_, moved, _)| *moved).collect();
        let (first, n) = (7, 12);
        let start = |j: usize| 0.3 + 0.05 * j as f32;
        let step = |j: usize| 1e-3 * (1.0 + j as f32);
        let earlier = DMatrix::from_fn(rows.len(), n - first, |_, j| start(j));
        let before =
            DMatrix::from_fn(rows.len(), n, |_, i| if i < first { 0.7 } else { start(i - first) + step(i - first) });
        let mut block =
            DMatrix::from_fn(
                rows.len(),
                n,
                |k, i| {
                    if i < first { 0.7 } else { before[(k, i)] + rows[k].0 * step(i - first) }
                },
            );
        let here = block.clone();
        let leaps = model.leap(&mut block, &before, &earlier, &moves);
        for (k, (ratio, _, leap)) in rows.into_iter().enumerate() {
            // Single precision: the moves are differences of numbers near ½, good to 10⁻⁴ of themselves.
            assert!((leaps[k] - leap).abs() <= 2e-3 * leap.max(1.0), "{k}: {} for {leap}", leaps[k]);
            for i in 0..n {
                let more = if i < first { 0.0 } else { leap * ratio * step(i - first) };
                let expected = (here[(k, i)] + more).min(1.0);
                assert!((block[(k, i)] - expected).abs() < 1e-4 * (1.0 + leap / 10.0), "{k} {i}: {}", block[(k, i)]);
            }
        }
    }

    /// Where a leap says that little is left to go, a point has arrived before its moves vanish; and
    /// it is at a solution then.
    #[test]
    fn points_that_have_little_left_to_go_have_arrived() {
        for rbm in models() {
            let (beta, run) = (1.5, Run::quiet(0));
            let (start, model) = (points(&rbm, 16), layered(&rbm, beta));
            let (solutions, _) = Alternation::new(&rbm, beta).solve(start.clone(), 1e-9, 100_000, &run).unwrap();
            let mut block = model.probabilities(&start);
            let mut seen = [false; 16];
            for _ in 0..60 {
                // No move is as small as this: only leaps tell.
                let arrived = model.round(&mut block, 3, -1.0, &run).unwrap();
                let here = model.means(&block);
                for (k, _) in arrived.iter().enumerate().filter(|(_, arrived)| **arrived) {
                    seen[k] = true;
                    let near = |solution: &nalgebra::RowDVector<f64>| (here.row(k) - solution).amax() < 2e-3;
                    assert!(solutions.row_iter().any(|solution| near(&solution.into_owned())), "{k}");
                }
            }
            // A point that is at rest before it is near enough for a leap is not told.
            assert!(seen.iter().filter(|seen| **seen).count() >= 4, "{seen:?}");
        }
    }
}

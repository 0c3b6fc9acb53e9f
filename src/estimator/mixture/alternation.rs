//! The alternating iteration of naive mean field, from many starts at once.

use std::ops::Range;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::modes::distinct;
use crate::{
    Run,
    model::{Channels, Expand, Order, Units},
};

/// Points that are updated together: as many as keep a matrix product busy, and few enough to deal
/// out to threads.
const POINTS_A_BLOCK: usize = 64;

/// Sweeps between two looks at which points have arrived, and which have met.
const SWEEPS_A_ROUND: usize = 16;

/// Moves points to solutions: each layer in turn is put at mᵢ = f(β(bᵢ + Σⱼ Wᵢⱼmⱼ)), where L is
/// largest given the others, so that L rises at every step. Where the units of a layer are coupled
/// this is done one unit after the other.
pub(super) struct Alternation<'a, M: ?Sized> {
    model: &'a M,
    beta: f64,
    layers: Vec<(Range<usize>, Units)>,
    coupled: Vec<bool>,
}

impl<'a, M: Expand + ?Sized> Alternation<'a, M> {
    pub(super) fn new(model: &'a M, beta: f64) -> Self {
        let layers = model.layers();
        let nothing = Channels::zeros(Order::First, model.n_units());
        let coupled = layers.iter().map(|(range, _)| model.unit_sums(range.start, &nothing).is_some()).collect();
        Self { model, beta, layers, coupled }
    }

    /// Puts each unit of `layer` where `choose` says, given its two values and its mean in the
    /// present field; for each point of a block, in the order of the points.
    pub(super) fn update(&self, layer: usize, points: &mut DMatrix<f64>, mut choose: impl FnMut([f64; 2], f64) -> f64) {
        let (range, units) = self.layers[layer].clone();
        let mut put = |x: &mut f64, field: f64| *x = choose(units.values(), units.mean(self.beta * field));
        if self.coupled[layer] {
            let mut sources = Channels::zeros(Order::First, points.ncols());
            for k in 0..points.nrows() {
                points.row(k).iter().enumerate().for_each(|(i, m)| sources.set(i, [*m, 0.0, 0.0]));
                for (i, bias) in range.clone().zip(self.model.biases(layer)) {
                    let [sum, ..] = self.model.unit_sums(i, &sources).unwrap_or_default();
                    put(&mut points[(k, i)], bias + sum);
                    sources.set(i, [points[(k, i)], 0.0, 0.0]);
                }
            }
        } else {
            let sums = self.model.coupling_products(layer, points);
            for (column, (i, bias)) in sums.column_iter().zip(range.zip(self.model.biases(layer))) {
                points.column_mut(i).iter_mut().zip(column.iter()).for_each(|(m, sum)| put(m, bias + sum));
            }
        }
    }

    /// How many layers the model has.
    pub(super) fn layers(&self) -> usize {
        self.layers.len()
    }

    /// The points after some sweeps. `None` if the run was cancelled.
    pub(super) fn relaxed(&self, mut points: DMatrix<f64>, sweeps: usize, run: &Run<'_>) -> Option<DMatrix<f64>> {
        for _ in 0..sweeps {
            if run.cancelled() {
                return None;
            }
            self.sweep(&mut points);
        }
        Some(points)
    }

    /// The layers, from the first to the last, each at its means given the others.
    fn sweep(&self, points: &mut DMatrix<f64>) {
        (0..self.layers.len()).for_each(|layer| self.update(layer, points, |_, mean| mean));
    }

    /// The points after one more sweep.
    pub(super) fn swept(&self, points: DMatrix<f64>) -> DMatrix<f64> {
        let rows = points.nrows();
        let block = |start: usize| {
            let mut block = points.rows(start, POINTS_A_BLOCK.min(rows - start)).into_owned();
            self.sweep(&mut block);
            block
        };
        let starts: Vec<usize> = (0..rows).step_by(POINTS_A_BLOCK).collect();
        let blocks: Vec<DMatrix<f64>> = starts.into_par_iter().map(block).collect();
        stack(&blocks)
    }

    /// Iterates until no unit moves by more than `tolerance` in a sweep, or for `max_iterations`
    /// sweeps. Points that meet on the way go on as one. Returns the points, and how many of the
    /// starts are in each; `None` if the run was cancelled.
    pub(super) fn solve(
        &self,
        mut points: DMatrix<f64>,
        tolerance: f64,
        max_iterations: usize,
        run: &Run<'_>,
    ) -> Option<(DMatrix<f64>, Vec<usize>)> {
        let mut starts = vec![1; points.nrows()];
        let (mut arrived, mut arrived_starts) = (DMatrix::zeros(0, points.ncols()), Vec::new());
        let mut left = max_iterations;
        while left > 0 && points.nrows() > 0 {
            let sweeps = left.min(SWEEPS_A_ROUND);
            let rows = points.nrows();
            let block = |start: usize| {
                let mut block = points.rows(start, POINTS_A_BLOCK.min(rows - start)).into_owned();
                for _ in 0..sweeps - 1 {
                    if run.cancelled() {
                        return None;
                    }
                    self.sweep(&mut block);
                }
                let before = block.clone();
                self.sweep(&mut block);
                let moves =
                    |k| block.row(k).iter().zip(before.row(k).iter()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                let moves: Vec<f64> = (0..block.nrows()).map(moves).collect();
                Some((block, moves))
            };
            let starts_of_blocks: Vec<usize> = (0..rows).step_by(POINTS_A_BLOCK).collect();
            let blocks: Option<Vec<(DMatrix<f64>, Vec<f64>)>> = starts_of_blocks.into_par_iter().map(block).collect();
            let blocks = blocks?;
            let moves: Vec<f64> = blocks.iter().flat_map(|(_, moves)| moves.iter().copied()).collect();
            points = stack(blocks.iter().map(|(block, _)| block));
            left -= sweeps;
            // Those that have met go on as one; of these, those that have arrived are done.
            let (mut going, mut still, mut done) = (Vec::new(), Vec::new(), Vec::new());
            for (k, count) in distinct(&points, &starts) {
                if moves[k] <= tolerance {
                    done.push(k);
                    arrived_starts.push(count);
                } else {
                    going.push(k);
                    still.push(count);
                }
            }
            arrived = stack([&arrived, &points.select_rows(&done)]);
            points = points.select_rows(&going);
            starts = still;
        }
        arrived_starts.extend(starts);
        Some((stack([&arrived, &points]), arrived_starts))
    }
}

/// Matrices of as many columns, one below the other.
pub(super) fn stack<'a>(parts: impl IntoIterator<Item = &'a DMatrix<f64>>) -> DMatrix<f64> {
    let parts: Vec<&DMatrix<f64>> = parts.into_iter().collect();
    let rows = parts.iter().map(|part| part.nrows()).sum();
    let mut all = DMatrix::zeros(rows, parts.first().map_or(0, |part| part.ncols()));
    let mut row = 0;
    for part in parts {
        all.rows_mut(row, part.nrows()).copy_from(part);
        row += part.nrows();
    }
    all
}

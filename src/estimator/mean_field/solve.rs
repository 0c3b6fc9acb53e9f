//! The damped alternating iteration.

use super::{MeanField, Run, Solution};
use crate::{
    curve::Status,
    model::{Expand, Units},
};
use std::ops::Range;

/// Iterates the layers in turn from `means` until the residual of all equations together is within tolerance.
pub(super) fn solve<M: Expand + ?Sized>(
    config: &MeanField,
    model: &M,
    beta: f64,
    mut means: Vec<f64>,
    run: &Run<'_>,
) -> Solution {
    let layers = model.layers();
    let mut field = vec![0.0; means.len()];
    let mut residual = f64::INFINITY;
    for iteration in 1..=config.max_iterations {
        if run.cancelled() {
            return Solution { means, residual, iterations: iteration - 1, status: Status::Cancelled };
        }
        let mut change = 0.0f64;
        for (layer, (range, units)) in layers.iter().enumerate() {
            let field = &mut field[range.clone()];
            model.effective_field(config.order, beta, &means, layer, field);
            for (m, x) in means[range.clone()].iter_mut().zip(field.iter()) {
                let target = units.mean(*x);
                change = change.max((target - *m).abs());
                *m = config.damping * *m + (1.0 - config.damping) * target;
            }
        }
        // A small step of each layer is necessary but not sufficient: the layers moved one after the other. The
        // residual of all equations at one and the same m is the certificate.
        if change <= config.tolerance || iteration == config.max_iterations {
            residual = residual_at(config, model, beta, &means, &layers, &mut field);
            if residual <= config.tolerance {
                return Solution { means, residual, iterations: iteration, status: Status::Converged };
            }
        }
    }
    Solution { means, residual, iterations: config.max_iterations, status: Status::NotConverged }
}

/// maxᵢ |mᵢ − fᵢ(m)|.
fn residual_at<M: Expand + ?Sized>(
    config: &MeanField,
    model: &M,
    beta: f64,
    means: &[f64],
    layers: &[(Range<usize>, Units)],
    field: &mut [f64],
) -> f64 {
    let mut residual = 0.0f64;
    for (layer, (range, units)) in layers.iter().enumerate() {
        let field = &mut field[range.clone()];
        model.effective_field(config.order, beta, means, layer, field);
        for (m, x) in means[range.clone()].iter().zip(field.iter()) {
            residual = residual.max((units.mean(*x) - m).abs());
        }
    }
    residual
}

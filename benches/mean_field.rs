//! The mean-field iteration on a 784×500 model: ten damped iterations of each order at one β, with residual and certificate at their end.
//!
//! No residual is small enough for the tolerance, so that every run does the same work. The throughput is in iterations.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use plefka::{Betas, Estimator, MeanField, Rbm, Run, estimator::Solver, model::Order};

const ITERATIONS: usize = 10;

fn iterations(c: &mut Criterion) {
    let (n_visible, n_hidden) = (784, 500);
    // Incommensurate phases stand in for random numbers: the couplings are spread evenly and have no structure.
    let wave = |k: usize| 0.2 * (k as f64 * k as f64 * 0.754_877_666).sin();
    let weights = DMatrix::from_fn(n_visible, n_hidden, |i, j| wave(n_hidden * i + j));
    let rbm = Rbm::new(weights, DVector::from_fn(n_visible, |i, _| wave(i)), DVector::zeros(n_hidden));
    let rbm = rbm.expect("finite parameters of the right shapes");
    let beta = Betas::one(1.0).expect("a valid grid");

    let mut group = c.benchmark_group("mean field 784×500");
    group.throughput(Throughput::Elements(ITERATIONS as u64));
    for order in [Order::First, Order::Second, Order::Third] {
        let mean_field = MeanField {
            order,
            solver: Solver::Damped,
            max_iterations: ITERATIONS,
            tolerance: 1e-300,
            ..MeanField::default()
        };
        group.bench_with_input(BenchmarkId::from_parameter(format!("{order:?} order")), &rbm, |b, rbm| {
            b.iter(|| mean_field.curve(black_box(rbm), &beta, &Run::quiet(0)));
        });
    }
    group.finish();
}

criterion_group!(benches, iterations);
criterion_main!(benches);

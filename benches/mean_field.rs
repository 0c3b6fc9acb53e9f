//! The mean-field iteration on a 784×500 model: ten damped iterations of each order at one β, with
//! residual and certificate at their end.
//!
//! And a whole search on a strongly coupled model: `auto` beside the plain damped iteration, to a
//! residual of 10⁻¹⁰. The ratio of the two times is what the choice of a solver is worth; where the
//! damped iteration does not converge within its allowance of updates, it is that time which is
//! shown, and a line on stderr says so.
//!
//! In the first, no residual is small enough for the tolerance, so that every run does the same
//! work. The throughput is in iterations.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use plefka::{Betas, Estimator, MeanField, Rbm, Run, estimator::Solver, model::Order};

const ITERATIONS: usize = 10;

fn iterations(c: &mut Criterion) {
    let (n_visible, n_hidden) = (784, 500);
    // Incommensurate phases stand in for random numbers: the couplings are spread evenly and have
    // no structure.
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

/// Couplings without structure, at biases that leave the units undecided, at which the damped
/// iteration is slow or oscillates.
fn strongly_coupled() -> Rbm {
    let (n_visible, n_hidden) = (784, 100);
    let wave = |k: usize| (k as f64 * k as f64 * 0.754_877_666).sin();
    let weights = DMatrix::from_fn(n_visible, n_hidden, |i, j| 0.4 * wave(n_hidden * i + j));
    let visible = DVector::from_fn(n_visible, |i, _| wave(i) - 0.2 * weights.row(i).sum());
    let hidden = DVector::from_fn(n_hidden, |j, _| -0.5 * weights.column(j).sum());
    Rbm::new(weights, visible, hidden).expect("finite parameters of the right shapes")
}

fn solvers(c: &mut Criterion) {
    let (rbm, beta) = (strongly_coupled(), Betas::one(1.0).expect("a valid grid"));
    let mut group = c.benchmark_group("mean field 784×100, strongly coupled, to 1e-10");
    group.sample_size(10);
    for (solver, damping) in [(Solver::Auto, 0.5), (Solver::Damped, 0.5), (Solver::Damped, 0.9)] {
        let mean_field = MeanField { solver, damping, max_iterations: 5_000, ..MeanField::default() };
        let name = if solver == Solver::Auto { "auto".into() } else { format!("damped, {damping}") };
        let once = mean_field.curve(&rbm, &beta, &Run::quiet(0)).expect("valid settings");
        let evidence = |key| once.diagnostics.at(key, 0).unwrap_or(f64::NAN);
        let (residual, updates) = (evidence("residual_by_beta"), evidence("iterations_by_beta"));
        eprintln!("{name}: residual {residual:.1e} after {updates} updates");
        group.bench_with_input(BenchmarkId::from_parameter(name), &rbm, |b, rbm| {
            b.iter(|| mean_field.curve(black_box(rbm), &beta, &Run::quiet(0)));
        });
    }
    group.finish();
}

criterion_group!(benches, iterations, solvers);
criterion_main!(benches);

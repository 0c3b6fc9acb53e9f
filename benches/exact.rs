//! The exact enumeration: ln Z, U and Var E at one β, 784 units summed out, 2^m states of the kept layer visited.
//!
//! The throughput is in elementary factors, states × units summed out; divide by the number of cores used.

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use plefka::{Betas, Estimator, Exact, Rbm, Run};

const N_SUMMED: usize = 784;

fn enumeration(c: &mut Criterion) {
    let mut group = c.benchmark_group("exact");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let beta = Betas::one(1.0).expect("a valid grid");
    for m in [16, 20] {
        // The work does not depend on the parameters, as long as no single factor overflows.
        let wave = |k: usize| 0.1 * (k as f64).sin();
        let weights = DMatrix::from_fn(N_SUMMED, m, |i, j| wave(m * i + j));
        let rbm = Rbm::new(weights, DVector::from_fn(N_SUMMED, |i, _| wave(7 * i)), DVector::zeros(m));
        let rbm = rbm.expect("finite parameters of the right shapes");
        group.throughput(Throughput::Elements((N_SUMMED as u64) << m));
        group.bench_with_input(BenchmarkId::new("784 summed", m), &rbm, |b, rbm| {
            b.iter(|| Exact::default().curve(black_box(rbm), &beta, &Run::quiet(0)));
        });
    }
    group.finish();
}

criterion_group!(benches, enumeration);
criterion_main!(benches);

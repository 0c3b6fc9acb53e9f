//! Exact enumeration at one β: 784 units summed out, 2^m states of the kept layer visited, ln Z
//! alone and with U and Var E.
//!
//! The throughput is in factors: states × units summed out.

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use plefka::{Betas, Estimator, Exact, Rbm, Run};
use rayon::ThreadPoolBuilder;

const N_SUMMED: usize = 784;

/// The work does not depend on the parameters, as long as no single factor overflows.
fn model(m: usize) -> Rbm {
    let wave = |k: usize| 0.1 * (k as f64).sin();
    let weights = DMatrix::from_fn(N_SUMMED, m, |i, j| wave(m * i + j));
    Rbm::new(weights, DVector::from_fn(N_SUMMED, |i, _| wave(7 * i)), DVector::zeros(m)).expect("finite parameters")
}

fn enumeration(c: &mut Criterion) {
    let mut group = c.benchmark_group("exact");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let beta = Betas::one(1.0).expect("a valid grid");
    for m in [16, 20, 24] {
        let rbm = model(m);
        group.throughput(Throughput::Elements((N_SUMMED as u64) << m));
        for (what, log_z_only) in [("ln Z", true), ("ln Z, U, Var E", false)] {
            let exact = Exact { log_z_only, ..Exact::default() };
            for threads in [1, 2] {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
                group.bench_function(BenchmarkId::new(format!("784×{m}, {what}, threads"), threads), |b| {
                    b.iter(|| pool.install(|| exact.curve(black_box(&rbm), &beta, &Run::quiet(0))));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, enumeration);
criterion_main!(benches);

//! Block Gibbs sampling and annealed importance sampling of a model of the size of a digit model,
//! 784×500.
//!
//! Throughput is in chain steps: a sweep of one chain, with its log-weight where the name says AIS.

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use plefka::{
    Ais, Betas, Estimator, Rbm, Run,
    sample::{Base, Kernel, Rung, Sample},
};
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};

/// Weights of standard deviation 0.15 and visible biases that leave most pixels dark.
fn digit_sized() -> Rbm {
    let wave = |k: usize| 0.15 * (12.9898 * (k as f64 + 1.0)).sin() * std::f64::consts::SQRT_2;
    let weights = DMatrix::from_fn(784, 500, |i, j| wave(500 * i + j));
    Rbm::new(weights, DVector::from_element(784, -2.0), DVector::zeros(500)).expect("the parameters are finite")
}

fn threads(count: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(count).build().expect("threads can be started")
}

/// One rung for one block of chains, on one thread.
fn ais_step(c: &mut Criterion) {
    let sampler = digit_sized().sampler(Kernel::Block, &Base::uniform(1284));
    let mut group = c.benchmark_group("ais_step");
    for count in [1, 8, 50, 125, 1000] {
        let mut chains = sampler.chains_at_base(count, 1, 1);
        let mut log_w = vec![0.0; count];
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| {
                chains.add_log_ratio(&[Rung::at(0.5)], &[Rung::at(0.501)], &mut log_w);
                chains.sweep(&[Rung::at(0.501)]);
            });
        });
    }
    group.finish();
}

/// Sweeps of 1,000 chains in eight blocks.
fn gibbs_sweep(c: &mut Criterion) {
    let sampler = digit_sized().sampler(Kernel::Block, &Base::uniform(1284));
    let mut blocks: Vec<_> = (0..8).map(|k| sampler.chains_at_base(125, 1, k)).collect();
    let mut group = c.benchmark_group("gibbs_sweep_1000_chains");
    group.throughput(Throughput::Elements(1000));
    for count in [1, 2] {
        let pool = threads(count);
        let mut sweep = || blocks.par_iter_mut().for_each(|chains| chains.sweep(&[Rung::at(1.0)]));
        group.bench_function(BenchmarkId::new("threads", count), |b| b.iter(|| pool.install(&mut sweep)));
    }
    group.finish();
}

/// A whole run of 1,000 rungs.
fn ais_run(c: &mut Criterion) {
    let (rbm, betas) = (digit_sized(), Betas::one(1.0).expect("1 is a temperature"));
    let mut group = c.benchmark_group("ais_run_1000_rungs");
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    for chains in [100, 1000] {
        let ais = Ais { chains, rungs: 1000, ..Ais::default() };
        group.throughput(Throughput::Elements(1000 * chains as u64));
        for count in [1, 2] {
            let pool = threads(count);
            let run = || ais.curve(&rbm, &betas, &Run::quiet(1)).expect("the settings are in range");
            group.bench_function(BenchmarkId::new(format!("{chains} chains, threads"), count), |b| {
                b.iter(|| black_box(pool.install(run)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, ais_step, gibbs_sweep, ais_run);
criterion_main!(benches);

//! An update of training at the size of a digit model, 784×500: batch and chains of 100.
//!
//! A hundred updates are an epoch of 10,000 rows.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use plefka::{
    Run, dataset,
    train::{Negative, RateSchedule, Train, Trainer},
};
use rayon::ThreadPoolBuilder;

fn updates(c: &mut Criterion) {
    let digits = dataset::digits();
    let mut group = c.benchmark_group("update_784x500");
    group.sample_size(20);
    for (name, negative) in [("cd", Negative::Cd), ("pcd", Negative::Pcd)] {
        for threads in [1, 2] {
            let plan = Train {
                hidden: 500,
                negative,
                rate_schedule: RateSchedule::Constant,
                rate: 1e-3,
                updates: Some(1_000_000),
                ..Train::default()
            };
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            let mut trainer = Trainer::new(&plan, &digits).expect("the plan fits the digits");
            group.bench_function(BenchmarkId::new(name, threads), |b| {
                b.iter(|| pool.install(|| black_box(trainer.advance(&Run::quiet(1)))));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, updates);
criterion_main!(benches);

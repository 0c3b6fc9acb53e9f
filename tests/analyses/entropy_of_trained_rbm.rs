//! The fall of the entropy of a small model.

use crate::common;

#[path = "../../analyses/entropy_of_trained_rbm/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// The script on a model of twenty units: the trained one takes a minute.
#[test]
fn entropy_of_trained_rbm_finds_the_peak_of_a_small_model() {
    let effort = analysis::Effort { points: 21, samples: 2000 };
    let study = analysis::study("small", &common::twelve_by_eight(1.5), &effort).unwrap();
    assert!(study.points.windows(2).all(|pair| pair[0].entropy > pair[1].entropy), "S falls with β");
    assert_eq!(study.histogram.map(|h| h.counts.iter().sum::<usize>()), study.row.peak_beta.map(|_| 2000));
}

//! Which checkpoints of a run a path leads through.

use crate::{
    Run,
    path::{Path, Trajectory},
    sample::{Kernel, Rung},
    streams::Purpose,
};

/// Chains of the search.
const CHAINS: usize = 64;
/// Steps from one checkpoint to the next, at least, and of the whole way.
const STEPS: (usize, usize) = (8, 200);
/// Neighbours on the path exchange their states this often, at least.
const LEAST_ACCEPTANCE: f64 = 0.3;
/// The path goes on to a checkpoint no more than so many places on, so that the work is in proportion to
/// the number of checkpoints of a long run and not to its square.
const LONGEST_STRIDE: usize = 32;

/// The checkpoints that are needed: from each, beginning at the base, the path goes on to the last
/// one with which it would exchange states in three of ten cases, or to the next if there is none.
///
/// Every checkpoint is a corner, and one whose neighbours exchange their states without it makes
/// the way longer for nothing. No more than these are left out, though the shortest way often has
/// fewer yet: it meets the transitions that training went around.
pub(super) fn needed(trajectory: &Trajectory, kernel: Kernel, beta: f64, part: usize, run: &Run<'_>) -> Trajectory {
    let path = Path::through(trajectory, kernel, beta, true);
    let gains = gains(&path, trajectory.checkpoints().len(), Purpose::Checkpoints { part }.number(), run);
    let last = trajectory.checkpoints().len();
    let (mut here, mut places) = (0, Vec::new());
    while here < last {
        let accepts = |there: &usize| acceptance(&gains[here][*there], &gains[*there][here]) >= LEAST_ACCEPTANCE;
        here = (here + 1..=last.min(here + LONGEST_STRIDE)).rev().find(accepts).unwrap_or(here + 1);
        places.push(here - 1);
    }
    trajectory.only(&places)
}

/// ln fⱼ − ln fᵢ of the states that chains have at i, for all i and j of the base, which is the first,
/// and the checkpoints; nothing for those that are farther apart than a stride.
fn gains(path: &Path, checkpoints: usize, stream: u64, run: &Run<'_>) -> Vec<Vec<Vec<f64>>> {
    let mut chains = path.sampler.chains_at_base(CHAINS, run.seed, stream);
    let place = |k: f64| if k == 0.0 { Rung::BASE } else { path.rung(k / checkpoints as f64) };
    let steps = STEPS.0.max(STEPS.1.div_ceil(checkpoints));
    let mut gains = Vec::new();
    for k in 0..=checkpoints {
        if k > 0 {
            let between = |step: usize| place((k - 1) as f64 + step as f64 / steps as f64);
            (1..=steps).for_each(|step| chains.sweep(&[between(step)]));
        }
        let gain = |other: usize| {
            if k.abs_diff(other) > LONGEST_STRIDE {
                return Vec::new();
            }
            let mut log_w = vec![0.0; CHAINS];
            chains.add_log_ratio(&[place(k as f64)], &[place(other as f64)], &mut log_w);
            log_w
        };
        gains.push((0..=checkpoints).map(gain).collect());
    }
    gains
}

/// The mean of min(1, eᵍ⁺ʰ) over all pairs of states, with what each would gain by the exchange.
fn acceptance(there: &[f64], back: &[f64]) -> f64 {
    let pairs = there.iter().flat_map(|g| back.iter().map(move |h| (g + h).min(0.0).exp()));
    pairs.sum::<f64>() / (there.len() * back.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rbm, path::Checkpoint, stats::softplus};

    /// Models of one kind whose couplings grow.
    fn trajectory() -> Trajectory {
        let model = |k: u64| {
            let weight = |i: usize, j: usize| 0.15 * k as f64 * (1.0 + 3.7 * i as f64 + 5.1 * j as f64).sin();
            let rows: Vec<[f64; 8]> = (0..12).map(|i| [0, 1, 2, 3, 4, 5, 6, 7].map(|j| weight(i, j))).collect();
            Rbm::from_rows(&rows, &[-0.3; 12], &[0.2; 8]).unwrap()
        };
        Trajectory::new((0..24).map(|k| Checkpoint { update: k, rbm: model(k) }).collect()).unwrap()
    }

    /// ln f of every state of the hidden units.
    fn log_f(rbm: &Rbm) -> Vec<f64> {
        let of = |state: usize| {
            let on = |j: usize| f64::from(state >> j & 1 == 1);
            let field = |i: usize| rbm.visible_bias()[i] + (0..8).map(|j| rbm.weights()[(i, j)] * on(j)).sum::<f64>();
            (0..8).map(|j| rbm.hidden_bias()[j] * on(j)).sum::<f64>() + (0..12).map(|i| softplus(field(i))).sum::<f64>()
        };
        (0..256).map(of).collect()
    }

    /// By enumeration.
    fn exact_acceptance(one: &Rbm, other: &Rbm) -> f64 {
        let (f, g) = (log_f(one), log_f(other));
        let (log_z, log_z_other) = (crate::stats::log_sum_exp(&f), crate::stats::log_sum_exp(&g));
        let pair =
            |x: usize, y: usize| (f[x] - log_z + g[y] - log_z_other).exp() * (g[x] - f[x] + f[y] - g[y]).min(0.0).exp();
        (0..256).flat_map(|x| (0..256).map(move |y| (x, y))).map(|(x, y)| pair(x, y)).sum()
    }

    /// Neighbours on the way exchange their states often enough, and would not if one more were left
    /// out. Planted bugs that fail: the gain of one of the two states with the wrong sign; the next
    /// checkpoint in place of the last one that is near.
    #[test]
    fn checkpoints_that_are_needed_are_as_far_apart_as_they_may_be() {
        let all = trajectory();
        for kernel in [Kernel::Block, Kernel::Collapsed] {
            let chosen = needed(&all, kernel, 1.0, 0, &Run::quiet(1));
            let updates: Vec<u64> = chosen.checkpoints().iter().map(|checkpoint| checkpoint.update).collect();
            println!("{kernel:?}: {updates:?}");
            assert_eq!(updates.last(), Some(&23), "the last model is always there");
            assert!((3..12).contains(&updates.len()));
            for pair in chosen.checkpoints().windows(2) {
                let near = exact_acceptance(&pair[0].rbm, &pair[1].rbm);
                assert!(near > 0.2, "{near} between {} and {}", pair[0].update, pair[1].update);
                if let Some(beyond) = all.checkpoints().get(pair[1].update as usize + 1) {
                    let far = exact_acceptance(&pair[0].rbm, &beyond.rbm);
                    assert!(far < 0.4, "{far} between {} and {}", pair[0].update, beyond.update);
                }
            }
        }
    }

    /// However near a hundred checkpoints are, strides have an end, and each reaches as far as it may.
    #[test]
    fn strides_have_an_end() {
        let rbm = Rbm::from_rows(&[[0.1; 3]; 5], &[0.0; 5], &[0.0; 3]).unwrap();
        let all = Trajectory::new((0..100).map(|k| Checkpoint { update: k, rbm: rbm.clone() }).collect()).unwrap();
        let chosen = needed(&all, Kernel::Block, 1.0, 0, &Run::quiet(1));
        let updates: Vec<u64> = chosen.checkpoints().iter().map(|checkpoint| checkpoint.update).collect();
        assert_eq!(updates, [31, 63, 95, 99]);
    }

    /// A checkpoint that no other would exchange states with stays.
    #[test]
    fn the_way_round_a_gap_has_every_checkpoint_beside_it() {
        let model = |field: f64| Rbm::from_rows(&[[0.0; 3]; 20], &[0.0; 20], &[field; 3]).unwrap();
        let fields = [0.0, 0.02, 9.0, 9.02, -9.0];
        let checkpoint = |(k, field): (usize, &f64)| Checkpoint { update: k as u64, rbm: model(*field) };
        let all = Trajectory::new(fields.iter().enumerate().map(checkpoint).collect()).unwrap();
        let chosen = needed(&all, Kernel::Block, 1.0, 0, &Run::quiet(1));
        let updates: Vec<u64> = chosen.checkpoints().iter().map(|checkpoint| checkpoint.update).collect();
        assert_eq!(updates, [1, 2, 3, 4]);
    }
}

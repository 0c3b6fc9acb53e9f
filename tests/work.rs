//! Free energy from work: forward and reverse annealing, Bennett's acceptance ratio, tempering.

mod common;

use common::{assert_close, curve, fixture_r, twelve_by_eight};
use plefka::{
    Ais, Betas, Claim, Curve, Estimator, Exact, Rbm, Run, Status,
    curve::Side,
    dataset::Data,
    estimator::{Bar, BaseChoice, ReverseAis, Schedule, Start, Tempering},
    model::{Ising, Kernel, Levels, Sample},
    stats::{
        free_energy::{Work, bar, crooks, forward_average, reverse_average},
        mean, std_dev,
    },
    thermo,
};
use rayon::prelude::*;

/// f(1) − f(0) = ln Z(0) − ln Z(1) of fixture R, from the table of an independent program.
const DELTA_F: f64 = -0.245640580803;

/// The Jarzynski averages of both directions, Bennett's ratio and Crooks' slope, on R from β = 0 to 1 in ten steps with
/// 20,000 chains each way: within four standard errors of the truth. (Five numbers, fixed seed: chance failure 3·10⁻⁴.)
///
/// Bugs that this catches, each tried: the sign of the reverse work (Bennett's ratio +0.07 off, slope −1); weights taken
/// before the move on the way down (reverse average 30 σ); …
#[test]
fn work_of_both_directions_gives_the_free_energy() {
    for kernel in [Kernel::Block, Kernel::Collapsed] {
        let annealing = Ais { chains: 20_000, rungs: 10, kernel, ..Ais::default() };
        let works = Bar { annealing, ..Bar::default() }.works(&fixture_r(), 1.0, &Run::quiet(3)).unwrap().unwrap();
        assert!(works.exact_start);
        let (forward, reverse) = (Work::new(&works.forward).unwrap(), Work::new(&works.reverse).unwrap());
        let z = |what: &str, value: f64, std_error: f64| {
            let z = (value - DELTA_F) / std_error;
            println!("{kernel:?} {what}: {value:.6} ± {std_error:.6}, z = {z:.2}");
            assert!(z.abs() < 4.0, "{kernel:?}, {what}: {value} ± {std_error}");
        };
        let (up, down) = (forward_average(forward), reverse_average(reverse));
        z("forward", up.delta_f, up.std_error);
        z("reverse", down.delta_f, down.std_error);
        let both = bar(forward, reverse);
        z("both", both.delta_f, both.std_error.unwrap());
        // Jensen's inequality: the mean work of either direction is on its own side.
        println!("{kernel:?}: ⟨w_F⟩ = {}, −⟨w_R⟩ = {}", forward.mean(), -reverse.mean());
        assert!(-reverse.mean() < DELTA_F - 0.01 && DELTA_F + 0.01 < forward.mean());
        let crooks = crooks(forward, reverse).unwrap();
        println!("{kernel:?}: Crooks slope {} ± {}, crossing {}", crooks.slope, crooks.slope_error, crooks.crossing);
        assert_close("Crooks slope", crooks.slope, 1.0, 0.05);
        z("crossing", crooks.crossing, crooks.crossing_error);
    }
}

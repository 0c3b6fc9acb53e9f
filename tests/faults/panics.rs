//! Nothing ends in a panic.

use plefka::{
    Rbm, io,
    model::{Levels, Units},
};

use super::scene::Scene;

/// Work of 10^16: 1 is below its rounding error, and the bracket of Bennett's root was widened by 1.
#[test]
fn bennett_joins_work_whose_rounding_error_exceeds_one() {
    let scene = Scene::new();
    scene.save_free("bar16.npz", &[0.0], &[1e16], Units::Spin);
    let (status, stdout, stderr) = scene.run("estimate bar16.npz --method bar --chains 20 --rungs 10 --format csv");
    assert_eq!(status, Some(0), "{stderr}");
    // Z = 2 · 2 cosh 10^16; f64 has every second integer there.
    let log_z: f64 = stdout.lines().nth(1).unwrap().split(',').nth(3).unwrap().parse().unwrap();
    assert!((log_z - 1e16).abs() <= 4.0, "{log_z}");
}

/// Levels that differ by more than f64 can hold: the two sides of Bennett's equation are NaN, and
/// the search for a bracket went on for ever.
#[test]
fn bennett_does_not_search_for_ever_where_work_overflows() {
    let scene = Scene::new();
    let levels = [-1e100, 1e154, -1e300, 1.7e308, -1.7e308, 1e15, 1e300, -1.7e308];
    io::save_model(&Levels::new(levels.to_vec()).unwrap(), &scene.path("l.npz")).unwrap();
    let (status, _, stderr) = scene.run("estimate l.npz --method bar --chains 20 --rungs 10 --burn-in 20 --threads 1");
    assert!(status == Some(1) && stderr.contains("rescale the model or lower β"), "{stderr}");
}

/// W² overflows: the bracket of a unit's equation had ends that are no numbers.
#[test]
fn expansions_of_weights_whose_squares_overflow_are_refused() {
    let scene = Scene::new();
    let rbm = Rbm::from_rows(&[[1e261, -2e35], [-1e215, 1e185]], &[0.5, 0.1], &[0.4, -0.8]).unwrap();
    io::save_model(&rbm, &scene.path("r.npz")).unwrap();
    for method in ["tap2", "tap3"] {
        let (status, _, stderr) = scene.run(&format!("estimate r.npz --method {method}"));
        assert!(status == Some(1) && stderr.contains("rescale the model or lower β"), "{method}: {stderr}");
    }
}

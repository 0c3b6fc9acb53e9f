//! Inputs of public reports: the right value, or a refusal that holds the word which helps. The files
//! are in `tests/data/faults`, where `make.py` says what they are.

use std::fs;

use nalgebra::{DMatrix, DVector};
use plefka::{
    Betas, Estimator, Rbm, Run,
    data::Data,
    estimator::MeanFieldMixture,
    io,
    model::{AnyModel, SparseIsing},
    stats::{log_sum_exp, softplus},
};

use super::scene::Scene;

fn file(name: &str) -> String {
    format!("{}/tests/data/faults/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// ln Z of `estimate FILE --method exact`, or what it says instead.
fn exact(name: &str) -> Result<f64, String> {
    let (status, stdout, stderr) = Scene::new().run(&format!("estimate {} --method exact --format csv", file(name)));
    match status {
        Some(0) => Ok(stdout.lines().nth(1).unwrap().split(',').nth(3).unwrap().parse().unwrap()),
        status => {
            assert_eq!(status, Some(2), "{name}: {stderr}");
            Err(stderr)
        }
    }
}

/// Numbers of any type that holds them are those numbers: ln Z of W = [[1, 0], [0, 1], [1, 1]], a =
/// (0, 1, 1), b = (1, 0), and with b = 0, by the sum over the four states of h.
#[test]
fn numbers_of_few_bits_are_numbers() {
    let of = |b: [f64; 2]| {
        let weight = |h: [f64; 2]| {
            let fields = [h[0], 1.0 + h[1], 1.0 + h[0] + h[1]];
            b[0] * h[0] + b[1] * h[1] + fields.into_iter().map(softplus).sum::<f64>()
        };
        log_sum_exp(&[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(weight))
    };
    for name in ["int64.npz", "int8.npz", "bool.npz", "float16.npz"] {
        let found = exact(name).unwrap();
        assert!((found - of([1.0, 0.0])).abs() < 1e-13, "{name}: {found}");
    }
    assert!((exact("integer_hbias.npz").unwrap() - of([0.0, 0.0])).abs() < 1e-13);
}

/// What means another model than the one that would be read, and what is none.
#[test]
fn what_would_be_another_model_is_refused_by_name() {
    for (name, words) in [
        ("key_Units.npz", &["`Units`", "`units`"][..]),
        ("key_unit.npz", &["`unit`", "`units`"]),
        ("key_units_.npz", &["`units_`", "`units`"]),
        ("key_spin.npz", &["`spin`", "`units`"]),
        ("units_numbers.npz", &["`units`", "bit", "spin"]),
        ("units_binary.npz", &["`binary`", "bit", "spin"]),
        ("complex.npz", &["complex"]),
        ("never_on.npz", &["-inf at [0]", "never on", "clip"]),
        ("unitsflip.npz", &["archive", "copy or save it again"]),
        ("dup-W.npz", &["`W.npy`", "copy or save it again"]),
        ("two-concat.npz", &["archive", "copy or save it again"]),
    ] {
        let said = exact(name).unwrap_err();
        words.iter().for_each(|word| assert!(said.contains(word), "{name}: `{word}` is not in: {said}"));
        assert!(!said.contains("astype"), "{name}: a remedy that drops the imaginary part: {said}");
    }
    let (status, stdout, _) = Scene::new().run(&format!("info {}", file("square.npz")));
    assert!(status == Some(0) && stdout.contains("W is square") && stdout.contains("transposed"), "{stdout}");
}

/// The field was read over in silence: ln Z = 1.820, called exact.
#[test]
fn a_field_by_the_name_h_is_a_field() {
    let name = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/formats/field_h.npz");
    let (_, stdout, _) = Scene::new().run(&format!("estimate {name} --method exact"));
    assert!(stdout.contains("3.1451"), "{stdout}");
}

/// Panics, a hang, C below 0, a dry run of minutes (which says that it tried nothing).
#[test]
fn numbers_at_the_ends_of_f64_end_well() {
    let scene = Scene::new();
    for (arguments, says) in [
        ("bar16.npz --method bar --chains 20 --rungs 10", None),
        ("tap3-clamp.npz --method tap3", None),
        ("levels-hang.npz --method bar --chains 20 --rungs 10 --burn-in 20 --threads 1", None),
        ("negative-C.npz --method exact --betas 1e10", Some("exact")),
    ] {
        let (name, rest) = arguments.split_once(' ').unwrap();
        let (status, stdout, stderr) = scene.run(&format!("estimate {} {rest} --format json", file(name)));
        assert!(matches!(status, Some(0 | 1)) && !stderr.contains("panic"), "{arguments}: {status:?} {stderr}");
        if status == Some(1) {
            assert!(stderr.contains("rescale the model or lower β"), "{arguments}: {stderr}");
        } else {
            let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
            let point = &json["curves"][0]["points"][0];
            assert!(
                point["heat_capacity"].is_null() || point["heat_capacity"]["value"].as_f64() >= Some(0.0),
                "{point}"
            );
        }
        assert!(says.is_none() || status == Some(0), "{arguments}: {stderr}");
    }
    fs::copy(file("dryrun.toml"), scene.path("p.toml")).unwrap();
    let (status, stdout, stderr) = scene.run("sweep p.toml --dry-run");
    assert!(status == Some(0) && stdout.contains("time     unknown"), "{stdout}{stderr}");
    assert!(stdout.contains("from 0 measured"), "{stdout}");

    let rbm = Rbm::from_rows(&[[1e308, -1e308], [1e308, 1e308]], &[0.0, 0.0], &[0.0, 0.0]).unwrap();
    io::save_model(&rbm, &scene.path("w.npz")).unwrap();
    let (status, _, stderr) = scene.run("estimate w.npz --method tempering --sweeps 20 --records 10");
    assert!(matches!(status, Some(1 | 2)) && stderr.contains("rescale the model or lower β"), "{status:?} {stderr}");
}

/// Whoever gives data to `estimate` may want their likelihood.
#[test]
fn estimate_with_data_names_the_command_for_their_likelihood() {
    let scene = Scene::new();
    assert_eq!(scene.run("model rbm --visible 6 --hidden 4 --units bit -o m.npz").0, Some(0));
    assert_eq!(scene.run("sample m.npz --count 20 -o x.npz").0, Some(0));
    for command in ["estimate m.npz --method exact", "compare m.npz --method exact,mf --out c"] {
        let (status, _, stderr) = scene.run(&format!("{command} --data x.npz"));
        assert!(status == Some(0) && stderr.contains("plefka likelihood MODEL --data"), "{command}: {stderr}");
    }
    let (_, _, stderr) = scene.run("likelihood m.npz --data x.npz --method exact");
    assert!(!stderr.contains("no effect"), "{stderr}");
}

/// ±1 for a model on spins, however the model is held, read, weighed and given a temperature.
#[test]
fn samples_of_plus_and_minus_one_belong_to_spins() {
    let scene = Scene::new();
    let spins = SparseIsing::new(&[(0, 1, 0.5), (1, 2, -0.5), (2, 3, 1.0)], DVector::zeros(4)).unwrap();
    io::save_model(&spins, &scene.path("spins.npz")).unwrap();
    // Six rows of ±1 as NumPy saves them: a header of 128 bytes, then int8.
    let mut npy = b"\x93NUMPY\x01\x00v\x00{'descr': '|i1', 'fortran_order': False, 'shape': (6, 4), }".to_vec();
    npy.resize(127, b' ');
    npy.push(b'\n');
    let rows: [[i8; 4]; 6] =
        [[1, 1, -1, -1], [-1, -1, 1, 1], [1, 1, 1, 1], [1, -1, -1, -1], [-1, -1, -1, -1], [1, 1, -1, 1]];
    npy.extend(rows.iter().flatten().map(|x| *x as u8));
    fs::write(scene.path("x.npy"), npy).unwrap();
    let (status, stdout, stderr) = scene.run("likelihood spins.npz --data x.npy --method exact --format json");
    assert_eq!(status, Some(0), "{stderr}");
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    // A tree: ln Z = ln 2 + Σ ln(2 cosh J).
    let log_z = 2f64.ln() + [0.5f64, 0.5, 1.0].map(|j| (2.0 * j.cosh()).ln()).iter().sum::<f64>();
    let energy = |s: &[i8; 4]| spins.energy(&s.map(f64::from));
    let mean = rows.iter().map(|s| -energy(s) - log_z).sum::<f64>() / 6.0;
    assert!((json["log_likelihood"]["value"].as_f64().unwrap() - mean).abs() < 1e-12, "{json}");
    let (status, stdout, stderr) = scene.run("temperature spins.npz --data x.npy");
    assert!(status == Some(0) && stdout.contains("pseudo_likelihood"), "{stderr}");
}

/// Data of another width, as they are refused everywhere.
#[test]
fn data_of_another_width_are_refused_for_spins() {
    let scene = Scene::new();
    let model: AnyModel = SparseIsing::new(&[(0, 1, 1.0)], DVector::zeros(3)).unwrap().into();
    io::save_model(&model, &scene.path("m.npz")).unwrap();
    io::save_data(&Data::new(2, vec![0, 1, 1, 0], None).unwrap(), &scene.path("x.npz")).unwrap();
    for command in ["temperature", "likelihood"] {
        let (status, _, stderr) = scene.run(&format!("{command} m.npz --data x.npz"));
        assert!(status == Some(2) && stderr.contains("rows of 2 values"), "{command}: {stderr}");
    }
}

/// One hidden unit with weights s and a bias that is worth as much, biases a = −s + c: ln Z = ln(e^{5
/// + Σ sp(a + s)} + e^{Σ sp(a)}) + 69 ln 2. Where s is large all weight is where that unit is on.
#[test]
fn a_unit_of_huge_weights_is_found_by_the_mixture() {
    for s in [2.0, 50.0, 1e4, 1e8] {
        let c = |i: usize| 0.3 + 0.3 * (12.9898 * (i as f64 + 1.0)).sin() * std::f64::consts::SQRT_2;
        let weights = DMatrix::from_fn(120, 70, |_, j| if j == 0 { s } else { 0.0 });
        let a = DVector::from_fn(120, |i, _| c(i) - s);
        let b = DVector::from_fn(70, |j, _| if j == 0 { 5.0 } else { 0.0 });
        let sum = |shift: f64| a.iter().map(|a| softplus(a + shift)).sum::<f64>();
        let truth = log_sum_exp(&[5.0 + sum(s), sum(0.0)]) + 69.0 * 2f64.ln();
        let rbm = Rbm::new(weights, a, b).unwrap();
        let mixture = MeanFieldMixture { starts: 64, ..MeanFieldMixture::default() };
        let found = mixture.curve(&rbm, &Betas::one(1.0).unwrap(), &Run::quiet(1)).unwrap().values.log_z[0];
        let rounding = 1e-6 + 1e-15 * 120.0 * s;
        assert!(found < truth + rounding && found > truth - 0.05 - rounding, "s = {s}: {found} against {truth}");
    }
}

/// 2²⁰ states of the hidden layer.
#[test]
fn a_model_of_a_few_separate_modes_has_its_exact_value() {
    let found = exact("emf20.npz").unwrap();
    assert!((found - 245.631833).abs() < 1e-6, "{found}");
}

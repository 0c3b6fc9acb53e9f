//! Spins with lists of neighbours: the same numbers as with a matrix of couplings, the exact ones of
//! the torus, and the memory of neither N² numbers nor of chains that keep more than their spins.

use nalgebra::DVector;
use plefka::{
    Ais, Betas, Bethe, Curve, Estimator, Exact, MeanField, Run,
    data::Data,
    estimator::{MethodConfig, Tempering},
    io::{load_model, read_model, save_model},
    model::{AnyModel, DataWeights, Draw, Expand, Model, Order, SparseIsing, torus},
    observe::Sampling,
    sample::{Capabilities, quench},
};

/// A ring of `n` spins with a chord from every third, uneven couplings of both signs, and fields.
fn ring_with_chords(n: usize) -> SparseIsing {
    let strength = |k: usize| 0.9 * (1.0 + 2.3 * k as f64).sin();
    let ring = (0..n).map(|i| (i, (i + 1) % n, strength(i)));
    let chords = (0..n / 2).step_by(3).map(|i| (i, i + n / 2, strength(100 + i)));
    let bonds: Vec<_> = ring.chain(chords).collect();
    let field = DVector::from_fn(n, |i, _| 0.3 * (0.7 * i as f64).cos());
    SparseIsing::new(&bonds, field).unwrap().with_constant(0.25).unwrap()
}

fn curve<M: Model + ?Sized>(estimator: &impl Estimator<M>, model: &M, betas: &[f64]) -> Curve {
    estimator.curve(model, &Betas::new(betas).unwrap(), &Run::quiet(3)).unwrap()
}

#[track_caller]
fn assert_same(what: &str, sparse: &Curve, dense: &Curve, tolerance: f64) {
    for k in 0..dense.values.log_z.len() {
        for (name, a, b) in [
            ("ln Z", Some(sparse.values.log_z[k]), Some(dense.values.log_z[k])),
            ("U", sparse.values.energy[k], dense.values.energy[k]),
            ("Var E", sparse.values.energy_variance[k], dense.values.energy_variance[k]),
        ] {
            let close = match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= tolerance * b.abs().max(1.0),
                (a, b) => a == b,
            };
            assert!(close, "{what}, {name} at β = {}: {a:?} against {b:?}", dense.betas[k]);
        }
    }
}

/// Enumeration is that of the matrix, to the last bit. Chains draw the same random numbers and take
/// the same decisions, since a field that is summed afresh differs from one that was kept by
/// rounding alone; so do the equations of mean field.
///
/// Planted bug that fails: J in place of J² in the second order (`tap2`).
#[test]
fn every_method_gives_the_numbers_of_the_matrix() {
    let sparse = ring_with_chords(12);
    let dense = sparse.to_dense();
    let betas = [0.0, 0.3, 1.0, 2.0];
    let exact = Exact::default();
    assert_eq!(curve(&exact, &sparse, &betas).values, curve(&exact, &dense, &betas).values);
    let ais = Ais { chains: 200, rungs: 60, ..Ais::default() };
    assert_same("ais", &curve(&ais, &sparse, &betas), &curve(&ais, &dense, &betas), 1e-10);
    let tempering =
        Tempering { ladders: 2, temperatures: 6, sweeps: 200, burn_in: 50, records: 50, ..Default::default() };
    assert_same("tempering", &curve(&tempering, &sparse, &betas), &curve(&tempering, &dense, &betas), 1e-9);
    for order in [Order::First, Order::Second] {
        let mean_field = MeanField { order, ..MeanField::default() };
        assert_same("mean field", &curve(&mean_field, &sparse, &betas), &curve(&mean_field, &dense, &betas), 1e-8);
    }
    assert_same("bethe", &curve(&Bethe::default(), &sparse, &betas), &curve(&Bethe::default(), &dense, &betas), 1e-9);
    for method in ["bar", "reverse-ais", "ti", "mf-mixture", "auto"] {
        let config = MethodConfig::of(method.parse().unwrap());
        let betas = Betas::one(0.7).unwrap();
        let of = |model: &dyn Capabilities| config.prepare(model).unwrap().curve(&betas, &Run::quiet(2)).unwrap();
        assert_same(method, &of(&sparse), &of(&dense), 1e-8);
    }
}

/// What else a model does: draws, weights of data, replicas, quenches, expansion, scaling.
#[test]
fn everything_else_is_that_of_the_matrix() {
    let sparse = ring_with_chords(10);
    let dense = sparse.to_dense();
    let run = Run::quiet(1);
    let states = sparse.draw(0.8, 50, &run).unwrap().unwrap();
    assert_eq!(states, dense.draw(0.8, 50, &run).unwrap().unwrap());
    let data = Data::new(10, states.clone(), None).unwrap();
    let close = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-12) && a.len() == b.len();
    assert!(close(
        sparse.row_log_weights(&data, 0.8, &Run::quiet(0)).unwrap(),
        dense.row_log_weights(&data, 0.8, &Run::quiet(0)).unwrap()
    ));
    assert!(close(
        sparse.row_log_conditionals(&data, 0.8, &Run::quiet(0)).unwrap(),
        dense.row_log_conditionals(&data, 0.8, &Run::quiet(0)).unwrap()
    ));
    let (a, b) = (quench(&sparse, &states).unwrap(), quench(&dense, &states).unwrap());
    assert_eq!(
        a.minima.iter().map(|m| &m.state).collect::<Vec<_>>(),
        b.minima.iter().map(|m| &m.state).collect::<Vec<_>>()
    );
    let sampling = Sampling { replicas: 4, burn_in: 10, records: 10, ..Sampling::default() };
    let replicas = |model: &AnyModel| sampling.replicas(model.sampled(), &[0.4, 0.8], None, &run).unwrap();
    assert_eq!(replicas(&sparse.clone().into()), replicas(&dense.clone().into()));
    let means = [0.3, -0.1, 0.7, 0.0, -0.9, 0.2, 0.4, -0.6, 0.1, 0.8];
    let (a, b) = (sparse.plefka_terms(Order::Second, &means), dense.plefka_terms(Order::Second, &means));
    assert!((a.log_z(1.3) - b.log_z(1.3)).abs() < 1e-13);
    let scaled = |model: &AnyModel| match model.concrete().scaled(0.5, 2.0).unwrap() {
        AnyModel::SparseIsing(sparse) => sparse.to_dense(),
        AnyModel::Ising(dense) => dense,
        _ => unreachable!("the kind stays"),
    };
    assert_eq!(scaled(&sparse.clone().into()), scaled(&dense.into()));
    assert_eq!(AnyModel::from(sparse).kind(), "ising");
}

/// Belief propagation is exact where the graph has no cycle: a binary tree of 15 spins with fields,
/// ln Z, U and Var E (a central difference).
///
/// Planted bug that fails: a message that is sent back to where it came from.
#[test]
fn belief_propagation_is_exact_on_a_tree_of_spins() {
    let bonds: Vec<_> = (1..15).map(|i| ((i - 1) / 2, i, (i as f64).sin())).collect();
    let field = DVector::from_fn(15, |i, _| 0.4 * (1.0 + i as f64).cos());
    let tree = SparseIsing::new(&bonds, field).unwrap().with_constant(-1.5).unwrap();
    let betas = [0.0, 0.5, 1.0, 3.0];
    let (bethe, exact) = (curve(&Bethe::default(), &tree, &betas), curve(&Exact::default(), &tree, &betas));
    assert_same("bethe on a tree", &bethe, &exact, 1e-5);
    for k in 0..4 {
        assert!((bethe.values.log_z[k] - exact.values.log_z[k]).abs() < 1e-9);
    }
}

/// Tempering on a torus of 16 × 16, whose ln Z nobody can enumerate, against Kaufman's: both sides of
/// the transition at 0.4407, each number within four of its own standard errors, which eight numbers
/// exceed in one of 2,000 such tests.
#[test]
fn tempering_of_lists_finds_kaufmans_ln_z() {
    let lattice = torus::lattice(16, 16).unwrap();
    let tempering =
        Tempering { ladders: 4, temperatures: 20, sweeps: 1500, burn_in: 300, records: 150, ..Default::default() };
    let betas = [0.2, 0.35, 0.4407, 0.6];
    let found = curve(&tempering, &lattice, &betas);
    for (k, (log_z, energy)) in found.log_z().into_iter().zip(plefka::thermo::energy(&found)).enumerate() {
        let truth = torus::kaufman(16, 16, betas[k]);
        for (what, number, truth) in [("ln Z", log_z, truth.log_z), ("U", energy, truth.energy.unwrap())] {
            let number = number.unwrap();
            let z = (number.value - truth) / number.claim.std_error().unwrap();
            println!("{what} at β = {}: {} against {truth}, z = {z:.2}", betas[k], number.value);
            assert!(z.abs() < 4.0, "{what} at β = {}: {number:?} against {truth}", betas[k]);
        }
    }
}

/// Files: as scipy's compressed rows, and back to the last bit; a large matrix that is mostly zeros
/// becomes lists by itself, a small one stays a matrix.
#[test]
fn files_of_few_couplings_become_lists_above_a_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let large = torus::lattice(50, 50).unwrap().with_constant(2.5).unwrap();
    save_model(&large, path("large.npz").as_ref()).unwrap();
    let loaded = load_model(&path("large.npz")).unwrap();
    assert_eq!(loaded.model, AnyModel::SparseIsing(large.clone()));
    assert!(loaded.reading.arrays[0].contains("sparse matrix (csr) (2500, 2500), 5000 bonds"), "{:?}", loaded.reading);
    save_model(&large.to_dense(), path("dense.npz").as_ref()).unwrap();
    assert_eq!(load_model(&path("dense.npz")).unwrap().model, AnyModel::SparseIsing(large.clone()));

    let small = torus::lattice(6, 7).unwrap();
    save_model(&small, path("small.npz").as_ref()).unwrap();
    assert_eq!(load_model(&path("small.npz")).unwrap().model, AnyModel::Ising(small.to_dense()));

    let list = |lattice: &SparseIsing| {
        let bonds = lattice.bonds().map(|(i, j, strength)| format!("{} {} {strength}\n", i + 1, j + 1));
        format!("{} {}\n", lattice.n_units(), lattice.n_bonds()) + &bonds.collect::<String>()
    };
    let read = |lattice: &SparseIsing| read_model("x.sg", list(lattice).as_bytes(), &Default::default()).unwrap().model;
    let (large, small) = (torus::lattice(50, 50).unwrap(), torus::lattice(6, 7).unwrap());
    assert_eq!(read(&large), AnyModel::SparseIsing(large));
    assert_eq!(read(&small), AnyModel::Ising(small.to_dense()));
}

/// The form is a matter of memory: as a matrix this lattice takes 800 MB, and the process has address
/// space for the program, its stacks and some 100 MB. Ten sweeps are no result.
#[test]
#[cfg(all(target_os = "linux", feature = "cli"))]
fn a_lattice_of_100_by_100_is_tempered_in_little_memory() {
    tempered_in_little_memory(100);
}

/// 65 GB as a matrix.
#[test]
#[ignore = "calibration: a minute"]
#[cfg(all(target_os = "linux", feature = "cli"))]
fn a_lattice_of_300_by_300_is_tempered_in_little_memory() {
    tempered_in_little_memory(300);
}

#[cfg(all(target_os = "linux", feature = "cli"))]
fn tempered_in_little_memory(side: usize) {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &str| {
        let script = "ulimit -v 700000 && exec \"$0\" $1";
        let mut shell = std::process::Command::new("sh");
        let shell = shell.args(["-c", script, env!("CARGO_BIN_EXE_plefka"), args]).current_dir(folder.path());
        let output = shell.env("MALLOC_ARENA_MAX", "1").output().unwrap();
        assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let spins = side * side;
    assert!(
        run(&format!("model ising2d --side {side} -o big.npz")).contains(&format!("ising with {spins} spin units"))
    );
    let info = run("info big.npz");
    assert!(info.contains(&format!("{} bonds", 2 * spins)) && info.contains("lists of neighbours"), "{info}");
    let tempering = "estimate big.npz --method tempering --betas 0.02 --ladders 2 --temperatures 4 --sweeps 10 --records 10 \
                     --threads 1 --format json";
    let json: serde_json::Value = serde_json::from_str(&run(tempering)).unwrap();
    let point = &json["curves"][0]["points"][0];
    // ln Z = N ln 2 + Nβ² + …, of which chains at β = 0 see a part of order √N β.
    let off = (point["log_z"]["value"].as_f64().unwrap() - torus::kaufman(side, side, 0.02).log_z).abs();
    assert!(off < 10.0 * side as f64 * 0.02, "{off}");
}

#[test]
fn what_lists_cannot_be_is_refused_with_the_remedy() {
    let lattice = torus::lattice(300, 300).unwrap();
    let refused = |method: &str| {
        let config = MethodConfig::of(method.parse().unwrap());
        let prepared = config.prepare(&lattice);
        prepared.and_then(|prepared| prepared.check()).unwrap_err().to_string()
    };
    assert!(refused("exact").contains("2^90000"), "{}", refused("exact"));
    assert!(refused("tap3").contains("choose first or second order"), "{}", refused("tap3"));
    assert!(lattice.draw(1.0, 1, &Run::quiet(1)).unwrap_err().to_string().contains("2^90000"));
    let dense = torus::ferromagnet(101, 100).unwrap_err().to_string();
    assert!(dense.contains("`lattice`, which keeps lists of neighbours"), "{dense}");
    assert!(torus::lattice(1, 5).unwrap_err().to_string().contains("at least 2"));
    assert_eq!(torus::lattice(2, 3).unwrap().to_dense(), torus::ferromagnet(2, 3).unwrap());
}

//! Model and data files of other programs: read to the ln Z that NumPy or the program itself
//! enumerates, written so that they come back to the last bit, refused by name where they are not
//! supported.
//!
//! The files were made by `data/formats/make.py`.

use std::{collections::BTreeMap, fs, path::Path};

use plefka::{
    Betas, Estimator, Exact, Run,
    data::Data,
    io::{LoadedModel, ReadOptions, convert, load_data, load_model, load_model_with, read_model},
    model::AnyModel,
    sample::Capabilities,
};
use serde::Deserialize;

/// What `make.py` enumerated.
#[derive(Deserialize)]
struct Truth {
    log_z: f64,
    energy: f64,
}

fn fixture(name: &str) -> String {
    format!("{}/tests/data/formats/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn truths() -> BTreeMap<String, Truth> {
    serde_json::from_str(&fs::read_to_string(fixture("reference.json")).unwrap()).unwrap()
}

/// ln Z and U at β = 1.
fn enumerate(model: &AnyModel) -> (f64, f64) {
    let (betas, run) = (Betas::one(1.0).unwrap(), Run::quiet(1));
    let exact = Exact::default();
    let curve = match model {
        AnyModel::Rbm(model) => exact.curve(model, &betas, &run),
        AnyModel::Ising(model) => exact.curve(model, &betas, &run),
        AnyModel::SparseIsing(model) => exact.curve(model, &betas, &run),
        AnyModel::Levels(model) => exact.curve(model, &betas, &run),
    };
    let values = curve.unwrap().values;
    (values.log_z[0], values.energy[0].unwrap())
}

/// What must be said of a file whose reader has to be told more.
fn options(name: &str) -> ReadOptions {
    match name {
        "boltzmann_jl.h5" => ReadOptions { name: Some("first".into()), ..ReadOptions::default() },
        _ => ReadOptions::default(),
    }
}

/// Sums of at most 256 terms of order 1 to 10: rounding alone, 1e-12.
#[test]
fn every_program_s_file_has_the_ln_z_of_its_enumeration() {
    for (name, truth) in truths() {
        let LoadedModel { model, .. } = load_model_with(&fixture(&name), &options(&name)).unwrap();
        let (log_z, energy) = enumerate(&model);
        assert!((log_z - truth.log_z).abs() < 1e-12, "{name}: ln Z {log_z}, not {}", truth.log_z);
        assert!((energy - truth.energy).abs() < 1e-12, "{name}: U {energy}, not {}", truth.energy);
    }
}

/// What is written and read again is the same model, to the last bit.
#[test]
fn what_is_written_comes_back_exactly() {
    let folder = tempfile::tempdir().unwrap();
    for name in truths().keys() {
        let loaded = load_model_with(&fixture(name), &options(name)).unwrap();
        for ending in ["npz", "h5", "safetensors", "json"] {
            let path = folder.path().join(format!("model.{ending}"));
            let is_rbm = matches!(loaded.model, AnyModel::Rbm(_));
            if let Err(refused) = convert(&loaded, &path) {
                let refused = refused.to_string();
                let constant = loaded.model.as_rbm().is_some_and(|rbm| rbm.constant() != 0.0);
                let known = !is_rbm && ["h5", "safetensors"].contains(&ending) || constant && ending == "h5";
                assert!(known && refused.contains("write an .npz"), "{name} to {ending}: {refused}");
                continue;
            }
            let again = load_model(path.to_str().unwrap()).unwrap().model;
            match (ending, is_rbm) {
                // An RBM becomes a quadratic model of all its units: the same ln Z.
                ("json", true) => {
                    let ((a, u), (b, w)) = (enumerate(&again), enumerate(&loaded.model));
                    assert!((a - b).abs() < 1e-12 && (u - w).abs() < 1e-12, "{name} to json");
                }
                _ => assert_eq!(again, loaded.model, "{name} to {ending}"),
            }
        }
    }
    let loaded = load_model(&fixture("couplings.sg")).unwrap();
    let nameless = convert(&loaded, Path::new("model")).unwrap_err().to_string();
    assert!(nameless.contains(".npz") && nameless.contains(".safetensors"), "{nameless}");
}

#[test]
fn an_archive_of_a_run_is_read_at_any_of_its_updates() {
    let run = fixture("rbms_0.5.h5");
    let update = |n| load_model_with(&run, &ReadOptions { update: Some(n), ..Default::default() });
    assert_eq!(load_model(&run).unwrap().model, update(10).unwrap().model);
    assert_eq!(load_model(&format!("{run}@1")).unwrap().model, update(1).unwrap().model);
    let missing = update(7).unwrap_err().to_string();
    assert!(missing.contains("no update 7: there are 2 from 1 to 10"), "{missing}");
    assert!(missing.contains("nearest below is 1"), "{missing}");
}

#[test]
fn what_was_read_from_where_is_told() {
    let reading = |name| load_model(&fixture(name)).unwrap().reading;
    let told = reading("torch.safetensors");
    assert_eq!(told.format, "safetensors");
    assert_eq!(told.arrays[0], "W from `W` (3, 5), transposed");
    for (name, word) in [
        ("weights_alone.npz", "taken as zero"),
        ("rbms_0.6.h5", "update 10 of 2 from 1 to 10"),
        ("maxcut.mc", "J = −w"),
        ("couplings.sg", "J is taken as it stands"),
        ("dimod_spin.json", "J = −quadratic"),
        ("dimod_spin.json", "unit 0, 1, … are \"a\", \"b\""),
        ("dimod_spin.bqm", "unit 0, 1, … are \"a\", \"b\""),
        ("dimod_binary.coo", "keeps neither the offset"),
    ] {
        let notes = reading(name).notes.join("\n");
        assert!(notes.contains(word), "{name}: `{word}` is not in {notes}");
    }
}

/// Each file that is recognised and not read, with what must be said of it.
const REFUSED: &[(&str, &[&str])] = &[
    ("rbms_potts.h5", &["PBRBM", "Potts units", "BBRBM"]),
    ("julia_potts.h5", &["`Potts`", "not supported", "Binary"]),
    ("boltzmann_jl.h5", &["several models", "`first`, `second`", "--name"]),
    ("square.safetensors", &["(4, 4)", "--transposed"]),
    ("whole_module.pt", &["`__main__.Rbm`", "torch.save(model.state_dict()"]),
    ("before_1.6.pt", &["before version 1.6", "torch.save(torch.load"]),
    ("unknown.mat", &["`penrecbiases`", "not understood"]),
    ("ambiguous.txt", &["list of pairs", ".sg", ".mc", "vartype=SPIN"]),
    ("adabmdca_potts.dat", &["Potts", "Ising mode"]),
    ("data_csr.npz", &["sparse matrix of shape (3, 5)", "couplings J of a model are square", "--data"]),
    ("spins_upper.npz", &["J is not symmetric at [0, 1] and [1, 0]", "(J + J.T) / 2"]),
    ("spins_diagonal.npz", &["J holds 1 at [0, 0]", "diagonal to 0"]),
    ("data.npy", &["single array (.npy)"]),
];

#[test]
fn what_cannot_be_read_is_refused_by_its_name() {
    for (name, words) in REFUSED {
        let message = load_model(&fixture(name)).unwrap_err().to_string();
        for word in [&[*name, "; "], *words].concat() {
            assert!(message.contains(word), "{name}: `{word}` is not in: {message}");
        }
    }
}

#[test]
fn beginnings_are_enough_to_say_what_a_file_is() {
    let folder = tempfile::tempdir().unwrap();
    for (bytes, word) in [
        (&b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c"[..], "pickle"),
        (b"\x78\x9c\x00\x00", "joblib"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"DIMODCQM", "other than a BinaryQuadraticModel"),
        (b"{\"type\": \"QuadraticModel\"}", "no quadratic model of dimod"),
        (b"", "is empty"),
    ] {
        let path = folder.path().join("file");
        fs::write(&path, bytes).unwrap();
        let message = load_model(path.to_str().unwrap()).unwrap_err().to_string();
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
}

#[test]
fn a_square_matrix_is_read_as_it_is_said_to_be() {
    let read = |transposed| {
        let options = ReadOptions { transposed: Some(transposed), ..ReadOptions::default() };
        load_model_with(&fixture("square.safetensors"), &options).unwrap().model
    };
    let (one, other) = (read(true), read(false));
    let [one, other] = [&one, &other].map(|model| model.as_rbm().unwrap().weights());
    assert_eq!(one, &other.transpose());
}

#[test]
fn data_are_read_in_every_form() {
    let rows = Data::new(5, b"011011000011011".map(|digit| digit - b'0').to_vec(), None).unwrap();
    for name in ["data.npy", "data_spins.npz", "data_csr.npz", "data_csc.npz", "data_coo.npz"] {
        assert_eq!(load_data(&fixture(name), Some(5)).unwrap(), rows, "{name}");
    }
    let refused = load_data(&fixture("data_dia.npz"), None).unwrap_err().to_string();
    assert!(refused.contains("`dia`") && refused.contains("tocsr()"), "{refused}");
    let model = load_data(&fixture("rbms_0.5.h5"), None).unwrap_err().to_string();
    assert!(model.contains("neither an .npz archive nor an .npy array"), "{model}");
}

/// Lengths whose product overflows: the parser of MATLAB files would multiply them unchecked.
#[test]
fn lengths_out_of_proportion_are_refused_before_they_are_multiplied() {
    let mut bytes = fs::read(fixture("hinton.mat")).unwrap();
    let lengths = 128 + 8 + 16 + 8; // behind the header, the tag, the flags and the tag of the lengths
    assert_eq!(bytes[lengths..lengths + 8], [5, 0, 0, 0, 3, 0, 0, 0]);
    bytes[lengths..lengths + 8].copy_from_slice(&[255, 255, 255, 127, 255, 255, 255, 127]);
    let refused = read_model("m.mat", &bytes, &ReadOptions::default()).unwrap_err().to_string();
    assert!(refused.contains("damaged"), "{refused}");
}

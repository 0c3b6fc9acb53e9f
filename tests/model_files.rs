//! Model and data files: what NumPy wrote is read as it was meant, and what cannot be read is
//! refused in words.
//!
//! The files were made by `data/model_files/make.py`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use nalgebra::{DMatrix, DVector};
use plefka::{
    Error, Rbm, Units,
    data::Data,
    io::{LoadedModel, ModelInfo, load_data, load_model, save_data, save_model},
    model::{AnyModel, Ising, Levels},
};
use proptest::{prelude::*, test_runner::RngSeed};

const MODELS: [&str; 13] = [
    "model_f32",
    "model_f64",
    "model_mixed_precision",
    "model_fortran",
    "model_fortran_f32",
    "model_big_endian",
    "model_sklearn",
    "model_sklearn_c",
    "model_bias_matrices",
    "model_extra_keys",
    "model_units",
    "model_deflated",
    "model_npy_versions",
];
const SPIN_MODELS: [&str; 5] = ["spin_unicode", "spin_bytes", "spin_big_endian", "spin_array", "spin_pair"];
const MIXED_MODEL: &str = "mixed_units";
const ISING_MODELS: [&str; 3] = ["ising_field", "ising_f32", "ising_without_field"];
const LEVELS: [&str; 2] = ["levels_f64", "levels_f32"];

const LABELLED_DATA: [&str; 9] = [
    "data_uint8",
    "data_bool",
    "data_int8",
    "data_int64",
    "data_int32",
    "data_float32",
    "data_float64",
    "data_fortran",
    "data_bits",
];
const MORE_DATA: [&str; 3] = ["data_bits_fortran", "data_bits_without_n", "data_without_labels"];

/// Each file that is no model, and what must be said about it: the key, the fault, the remedy.
const BAD_MODELS: &[(&str, &[&str])] = &[
    ("bad_no_hbias", &["no array `hbias`", "`W`, `vbias`", "save `hbias`"]),
    ("bad_no_weights", &["no array `W`", "`hbias`, `vbias`"]),
    ("bad_both_schemes", &["mixed", "`W`, `components_`, `hbias`, `vbias`", "`intercept_hidden_` of scikit-learn"]),
    ("bad_no_scheme", &["no model file", "`a`, `b`, `weights`", "needs `W`, `vbias`, `hbias`", "`components_`"]),
    ("bad_no_arrays", &["holds no arrays", "needs `W`"]),
    ("bad_weights_1d", &["`W` has shape (3,)", "two dimensions", "(n_visible, n_hidden)"]),
    ("bad_weights_3d", &["`W` has shape (1, 3, 2)", "two dimensions"]),
    ("bad_transposed", &["`vbias` has shape (3,)", "`W` has shape (2, 3)", "n_visible = 2", "transpose"]),
    (
        "bad_sklearn_not_transposed",
        &["`intercept_visible_` has shape (3,)", "`components_` has shape (3, 2)", "not (n_hidden, n_visible)"],
    ),
    ("bad_bias_shape", &["`vbias` has shape (3, 2)", "`W` has shape (3, 2)", "n_visible = 3"]),
    ("bad_bias_scalar", &["`hbias` has shape ()", "n_hidden = 2"]),
    ("bad_no_units", &["`W` has shape (3, 0)", "at least one unit"]),
    ("bad_nan", &["`W` holds NaN at [1, 0]", "finite"]),
    ("bad_infinite_bias", &["`intercept_hidden_` holds -inf at [1]", "finite"]),
    ("bad_float16", &["`W` has dtype '<f2'", "float32 or float64", ".astype(numpy.float64)"]),
    ("bad_integers", &["`W` has dtype '<i8'", "float32 or float64"]),
    ("bad_complex", &["`W` has dtype '<c16'", "float32 or float64"]),
    ("bad_structured", &["`W` has dtype [('w', '<f8'), ('c', '<i4')", "float32 or float64"]),
    ("bad_object", &["`W` holds Python objects", "plain array"]),
    ("bad_units_name", &["`units` holds `ising`", "`bit` (0/1) or `spin` (±1)"]),
    ("bad_units_number", &["`units` has dtype '<i8'", "a string"]),
    ("bad_units_object", &["`units` holds Python objects", "strings"]),
    ("bad_units_three", &["`units` has shape (3,)", "[visible, hidden]"]),
    ("bad_units_empty", &["`units` is empty", "[visible, hidden]"]),
    ("bad_ising_square", &["`J` has shape (2, 3)", "square", "(N, N)"]),
    ("bad_ising_1d", &["`J` has shape (3,)", "two dimensions", "(N, N)"]),
    ("bad_ising_empty", &["`J` has shape (0, 0)", "at least one spin"]),
    ("bad_ising_asymmetric", &["`J` is not symmetric", "0.5 at [0, 1] and 0 at [1, 0]", "(J + J.T) / 2"]),
    ("bad_ising_diagonal", &["`J` holds 3.5 at [2, 2]", "diagonal to 0"]),
    ("bad_ising_nan", &["`J` holds NaN at [1, 2]", "finite"]),
    ("bad_ising_integers", &["`J` has dtype '<i8'", ".astype(numpy.float64)"]),
    ("bad_ising_field", &["`field` has shape (2,)", "`J` has shape (3, 3)", "N = 3"]),
    ("bad_ising_field_inf", &["`field` holds inf at [1]", "finite"]),
    ("bad_ising_field_alone", &["no model file", "it holds `field`", "an Ising model `J`"]),
    ("bad_levels_three", &["`energies` has shape (3,)", "2^N levels"]),
    ("bad_levels_one", &["`energies` has shape (1,)", "N at least 1"]),
    ("bad_levels_matrix", &["`energies` has shape (2, 2)", "one vector"]),
    ("bad_levels_inf", &["`energies` holds -inf at [1]", "finite"]),
    ("bad_levels_integers", &["`energies` has dtype '<i8'", "float32 or float64"]),
    ("bad_two_kinds", &["several kinds", "`J`, `energies`", "one model a file"]),
    ("bad_ising_and_rbm", &["several kinds", "`J`, `W`, `hbias`, `vbias`"]),
    ("bad_bzip2", &["`W` is compressed", "numpy.savez_compressed"]),
    ("bad_empty", &["the file is empty"]),
    ("bad_text", &["not an .npz archive", "numpy.savez"]),
    ("bad_single_array", &["single array (.npy)", "numpy.savez"]),
    ("bad_cut_archive", &["damaged or cut short", "again"]),
    ("bad_cut_array", &["`W` declares shape (3, 2) of '<f8'", "40 bytes"]),
    ("bad_trailing_bytes", &["`W` declares shape (3, 2) of '<f8'", "56 bytes"]),
    ("bad_cut_header", &["`W` ends within its header"]),
    ("bad_huge_shape", &["`W` declares shape (100000000, 100000) of '<f8'", "48 bytes"]),
    ("bad_overflowing_shape", &["`W` declares", "fits into no memory"]),
    ("bad_negative_shape", &["`W` has a header that cannot be read"]),
    ("bad_sizeless_items", &["`W` holds items of no size"]),
    ("bad_nested_header", &["`W` has a header that no plain array has"]),
    ("bad_huge_header", &["`W` ends within its header"]),
    ("bad_npy_version", &["`W` is of an unknown version"]),
    ("bad_not_npy", &["`W` is not in the npy format"]),
    ("bad_flipped_bit", &["`W` is damaged"]),
    ("bad_declared_size", &["`W` is damaged"]),
];

const BAD_DATA: &[(&str, &[&str])] = &[
    ("bad_data_two", &["`X` holds 2 at [0, 1]", "0 or 1"]),
    ("bad_data_half", &["`X` holds 0.5 at [0, 1]", "binarise"]),
    ("bad_data_spins", &["`X` holds -1 at [0, 0]", "(X + 1) / 2"]),
    ("bad_data_nan", &["`X` holds NaN at [0, 1]", "0 or 1"]),
    ("bad_data_float16", &["`X` has dtype '<f2'", "float32 or float64"]),
    ("bad_data_1d", &["`X` has shape (10,)", "(n_samples, n_visible)"]),
    ("bad_data_no_rows", &["`X` has shape (0, 10)", "no samples"]),
    ("bad_data_no_columns", &["`X` has shape (3, 0)", "no samples"]),
    ("bad_data_no_key", &["no data file", "`x`", "`X` (n_samples, n_visible)"]),
    ("bad_data_both_keys", &["twice: it holds `X`, `bits`", "not both"]),
    ("bad_data_bits_dtype", &["`bits` has dtype '<i2'", "uint8"]),
    ("bad_data_bits_n", &["`bits` has shape (3, 2)", "20 values takes 3 bytes", "numpy.packbits"]),
    ("bad_data_bits_padding", &["`bits` has rows longer than 9", "`n`"]),
    ("bad_data_n", &["`n` holds 9.5;", "whole number"]),
    ("bad_data_n_shape", &["`n` has shape (2,)", "one whole number"]),
    ("bad_data_label_count", &["`labels` has shape (2,)", "3 samples"]),
    ("bad_data_label_names", &["`labels` has dtype '<U5'", "integer"]),
    ("bad_data_label_fraction", &["`labels` holds 0.5 at [1]", "whole number"]),
];

fn fixture(name: &str) -> String {
    format!("{}/tests/data/model_files/{name}.npz", env!("CARGO_MANIFEST_DIR"))
}

fn load(name: &str) -> LoadedModel {
    load_model(&fixture(name)).unwrap()
}

/// The model of the fixtures: f32 numbers, widened.
fn reference() -> Rbm {
    let weights = [[0.1f32, -1.25], [2.7, 0.3], [-0.7, 1e-30]].map(|row| row.map(f64::from));
    Rbm::from_rows(&weights, &[0.1f32, -0.2, 0.3].map(f64::from), &[0.4f32, -0.5].map(f64::from)).unwrap()
}

/// The data of the fixtures.
fn reference_data() -> Data {
    let values = b"011000101110000001101111111111".map(|digit| digit - b'0');
    Data::new(10, values.to_vec(), Some(vec![3, 0, 9])).unwrap()
}

#[test]
fn one_model_written_in_many_ways_is_one_model() {
    for name in MODELS {
        assert_eq!(load(name).model, reference().into(), "{name}");
    }
}

#[test]
fn units_are_read_in_every_form() {
    for name in SPIN_MODELS {
        let LoadedModel { model, info } = load(name);
        assert_eq!(model, reference().with_units(Units::Spin, Units::Spin).into(), "{name}");
        assert_eq!(info.units, "spin");
    }
    let LoadedModel { model, info } = load(MIXED_MODEL);
    assert_eq!(model, reference().with_units(Units::Bit, Units::Spin).into());
    assert_eq!(info.units, "bit/spin");
}

#[test]
fn the_keys_say_of_what_kind_a_model_is() {
    let couplings = DMatrix::from_row_slice(3, 3, &[0.0, 0.5, -1.25, 0.5, 0.0, 2.0, -1.25, 2.0, 0.0]);
    for name in ISING_MODELS {
        let field = if name == "ising_without_field" { [0.0; 3] } else { [0.25, 0.0, -1.0] };
        let ising = Ising::new(couplings.clone(), DVector::from_column_slice(&field)).unwrap();
        let loaded = load(name);
        assert_eq!(loaded.model, AnyModel::Ising(ising), "{name}");
        let refusal = loaded.rbm().unwrap_err().to_string();
        assert!(refusal.contains(name) && refusal.contains("kind `ising`"), "{refusal}");
    }
    for name in LEVELS {
        assert_eq!(load(name).model, Levels::new(vec![0.0, 1.5, -2.25, 0.125]).unwrap().into(), "{name}");
    }
}

#[test]
fn other_models_are_described_by_their_number_of_units() {
    for (name, kind, units, n_units) in [("ising_field", "ising", "spin", 3), ("levels_f64", "levels", "bit", 2)] {
        let info = load(name).info;
        let json = serde_json::to_value(&info).unwrap();
        assert_eq!((&json["kind"], &json["units"], &json["n_units"]), (&kind.into(), &units.into(), &n_units.into()));
        assert!(json.get("n_visible").is_none(), "{json}");
        assert_eq!(serde_json::from_value::<ModelInfo>(json).unwrap(), info);
        assert_eq!(info.shape.n_units(), n_units);
    }
}

#[test]
fn the_description_is_that_of_the_contract() {
    let path = fixture("model_f32");
    let info = load_model(&path).unwrap().info;
    let json = serde_json::to_value(&info).unwrap();
    let expected = serde_json::json!({
        "kind": "rbm", "units": "bit", "n_visible": 3, "n_hidden": 2, "source": path, "sha256": SHA256_OF_F32,
    });
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_value::<ModelInfo>(json).unwrap(), info);
}

/// As `sha256sum` gives it.
const SHA256_OF_F32: &str = "3ac7b7be0261b84ca28276ff9eda5feaa03130d2c710567ebf49bb974f090130";

#[test]
fn every_bad_file_is_refused_with_its_name_the_fault_and_the_remedy() {
    let refusals = BAD_MODELS.iter().map(|(name, words)| (name, words, load_model(&fixture(name)).map(drop)));
    let data_refusals = BAD_DATA.iter().map(|(name, words)| (name, words, load_data(&fixture(name), None).map(drop)));
    for (name, words, refused) in refusals.chain(data_refusals) {
        let error = refused.expect_err(name);
        assert!(matches!(error, Error::Format { .. }), "{name}: {error:?}");
        let message = error.to_string();
        for word in [&format!("{name}.npz`: ")[..], "; "].iter().chain(*words) {
            assert!(message.contains(word), "{name}: `{word}` is not in: {message}");
        }
    }
}

#[test]
fn every_fixture_is_tested() {
    let mut tested: BTreeSet<String> =
        [&MODELS[..], &SPIN_MODELS, &[MIXED_MODEL], &ISING_MODELS, &LEVELS, &LABELLED_DATA, &MORE_DATA]
            .concat()
            .into_iter()
            .chain(BAD_MODELS.iter().chain(BAD_DATA).map(|(name, _)| *name))
            .map(|name| format!("{name}.npz"))
            .collect();
    tested.insert("make.py".into());
    let folder = PathBuf::from(fixture("x"));
    let present = fs::read_dir(folder.parent().unwrap()).unwrap();
    let present: BTreeSet<String> = present.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(tested, present);
}

#[test]
fn names_that_lead_nowhere_are_explained() {
    let say = |name: &str| load_model(name).unwrap_err().to_string();
    let missing = say("no/such/model.npz");
    assert!(missing.contains("cannot read `no/such/model.npz`"), "{missing}");
    let unknown = say("builtin:mnist30");
    assert!(unknown.contains("builtin:mnist30") && unknown.contains("`builtin:mnist20`"), "{unknown}");
    let without_prefix = say("mnist20");
    assert!(
        without_prefix.contains("no such file") && without_prefix.contains("`builtin:mnist20`"),
        "{without_prefix}"
    );
    let unknown_data = load_data("builtin:cifar", None).unwrap_err().to_string();
    assert!(unknown_data.contains("`builtin:mnist10k`"), "{unknown_data}");
    assert!(say(env!("CARGO_MANIFEST_DIR")).contains("cannot read"));
}

/// The sums are NumPy's, of the f32 parameters widened to f64.
#[test]
fn the_built_in_model_is_whole() {
    let loaded = load_model("builtin:mnist20").unwrap();
    let (rbm, info) = (loaded.rbm().unwrap(), &loaded.info);
    assert_eq!((rbm.n_visible(), rbm.n_hidden()), (784, 20));
    assert!((rbm.weights().sum() - -2_094.095_475_264_053_7).abs() < 1e-9);
    assert!((rbm.visible_bias().sum() - -3_126.925_732_631_236_3).abs() < 1e-9);
    assert!((rbm.hidden_bias().sum() - 108.099_378_511_309_62).abs() < 1e-11);
    assert_eq!(rbm.weights()[(0, 0)], f64::from(-0.098_602_146_f32));
    assert_eq!((info.source.as_str(), info.units.as_str()), ("builtin:mnist20", "bit"));
}

#[test]
fn one_data_set_written_in_many_ways_is_one_data_set() {
    for name in LABELLED_DATA {
        for n_visible in [None, Some(10)] {
            assert_eq!(load_data(&fixture(name), n_visible).unwrap(), reference_data(), "{name}");
        }
    }
    assert_eq!(load_data(&fixture("data_bits_fortran"), None).unwrap(), reference_data());
    assert_eq!(load_data(&fixture("data_bits_without_n"), Some(10)).unwrap(), reference_data());
    // Without any `n` the rows are as long as their bytes.
    let padded = load_data(&fixture("data_bits_without_n"), None).unwrap();
    assert_eq!(padded.n_features(), 16);
    assert!(padded.rows().zip(reference_data().rows()).all(|(a, b)| a[..10] == *b && a[10..] == [0; 6]));
    let unlabelled = load_data(&fixture("data_without_labels"), None).unwrap();
    assert_eq!((unlabelled.values(), unlabelled.labels()), (reference_data().values(), None));
}

#[test]
fn data_of_another_width_than_the_model_are_refused() {
    for (name, n_visible) in [("data_uint8", 12), ("data_bits", 12), ("data_bits", 784), ("data_bits_without_n", 784)] {
        let message = load_data(&fixture(name), Some(n_visible)).unwrap_err().to_string();
        assert!(message.contains(name) && message.contains(&n_visible.to_string()), "{message}");
    }
    // A slip of a few units stays within the last byte, but there something is set.
    assert!(load_data(&fixture("data_bits_without_n"), Some(9)).is_err());
}

#[test]
fn a_saved_model_is_read_back_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.npz");
    let extreme = [[0.1, -0.0], [f64::MIN_POSITIVE / 8.0, f64::MAX], [1.0 / 3.0, -1e-300]];
    let rbm = Rbm::from_rows(&extreme, &[0.1, 0.2, 0.3], &[-0.0, 1e17]).unwrap();
    for visible in [Units::Bit, Units::Spin] {
        for hidden in [Units::Bit, Units::Spin] {
            let rbm = rbm.clone().with_units(visible, hidden);
            save_model(&rbm, &path).unwrap();
            let read = load_model(path.to_str().unwrap()).unwrap();
            assert_eq!(read.rbm().unwrap(), &rbm);
            let bits = |rbm: &Rbm| -> Vec<u64> {
                let (w, a, b) = (rbm.weights(), rbm.visible_bias(), rbm.hidden_bias());
                w.iter().chain(a.iter()).chain(b.iter()).map(|x| x.to_bits()).collect()
            };
            assert_eq!(bits(read.rbm().unwrap()), bits(&rbm));
        }
    }
    // The same model is the same file, so its checksum can be compared.
    let first = fs::read(&path).unwrap();
    save_model(&rbm.with_units(Units::Spin, Units::Spin), &path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first);
}

#[test]
fn saved_spins_and_levels_are_read_back_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.npz");
    let numbers = [0.1, f64::MIN_POSITIVE / 8.0, f64::MAX, -1.0 / 3.0];
    let upper = DMatrix::from_fn(4, 4, |i, j| if i < j { numbers[(i + j) % 4] } else { 0.0 });
    let models = [
        AnyModel::from(Ising::new(&upper + upper.transpose(), DVector::from_column_slice(&numbers)).unwrap()),
        AnyModel::from(Levels::new(numbers.to_vec()).unwrap()),
        AnyModel::from(reference().with_units(Units::Spin, Units::Bit)),
    ];
    for model in models {
        save_model(&model, &path).unwrap();
        assert_eq!(load_model(path.to_str().unwrap()).unwrap().model, model);
    }
}

#[test]
fn saved_data_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.npz");
    save_data(&reference_data(), &path).unwrap();
    assert_eq!(load_data(path.to_str().unwrap(), Some(10)).unwrap(), reference_data());
}

#[test]
fn saving_where_nothing_can_be_saved_is_refused() {
    let message = save_model(&reference(), Path::new("no/such/folder/m.npz")).unwrap_err().to_string();
    assert!(message.contains("no/such/folder"), "{message}");
}

/// Writes `bytes` to a file of its own and loads it both ways; a refusal must name the file.
fn load_bytes(bytes: &[u8]) -> [Result<(), String>; 2] {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, bytes).unwrap();
    let name = file.path().to_str().unwrap();
    let outcomes = [load_model(name).map(drop), load_data(name, None).map(drop)];
    outcomes.map(|outcome| outcome.map_err(|error| error.to_string()).inspect_err(|e| assert!(e.contains(name), "{e}")))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_cut_file_is_refused(name in prop::sample::select(&MODELS[..]), part in 0.0..1.0f64) {
        let bytes = fs::read(fixture(name)).unwrap();
        let length = (part * bytes.len() as f64) as usize;
        let [model, data] = load_bytes(&bytes[..length]);
        prop_assert!(model.is_err() && data.is_err());
    }

    /// Checksums catch most of it, but not what is changed in the table of contents. No panic, no
    /// abort.
    #[test]
    fn changed_bytes_are_no_panic(
        name in prop::sample::select([&MODELS[..], &SPIN_MODELS, &LABELLED_DATA].concat()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = fs::read(fixture(name)).unwrap();
        for (place, byte) in changes {
            *place.get_mut(&mut bytes) = byte;
        }
        let _ = load_bytes(&bytes);
    }

    /// The same behind a valid checksum: the header of an array is what is changed.
    #[test]
    fn changed_headers_are_no_panic(
        changes in prop::collection::vec((6..128usize, any::<u8>()), 1..4),
        text in any::<bool>(),
    ) {
        let mut array = npy_of_w();
        for (place, byte) in changes {
            array[place] = if text { b' ' + byte % 95 } else { byte };
        }
        let _ = load_bytes(&archive_with_w(&array));
    }

    #[test]
    fn odd_headers_are_no_panic(header in r"[\[\](){},:'<>|_.fSUOVMmicubeLjTrue0-9 -]{0,60}") {
        let header = format!("{{'descr': {header}, 'fortran_order': False, 'shape': (3, 2), }}\n");
        let mut array = b"\x93NUMPY\x01\x00".to_vec();
        array.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        array.extend(header.as_bytes());
        array.extend([0; 48]);
        let _ = load_bytes(&archive_with_w(&array));
    }
}

/// The first entry of the uncompressed fixture, which is W: a header of 128 bytes and six f64.
fn npy_of_w() -> Vec<u8> {
    let bytes = fs::read(fixture("model_f64")).unwrap();
    let start = bytes.windows(6).position(|window| window == b"\x93NUMPY").unwrap();
    bytes[start..start + 128 + 48].to_vec()
}

/// A fixture with another W, and a checksum that fits.
fn archive_with_w(array: &[u8]) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut source = zip::ZipArchive::new(Cursor::new(fs::read(fixture("model_f64")).unwrap())).unwrap();
    let mut target = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["W.npy", "vbias.npy", "hbias.npy"] {
        let mut bytes = Vec::new();
        source.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        target.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        target.write_all(if name == "W.npy" { array } else { &bytes }).unwrap();
    }
    target.finish().unwrap().into_inner()
}

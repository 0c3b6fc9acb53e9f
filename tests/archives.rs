//! Archives that say two things, that want more memory than they may, or that are no files: refused
//! before anything is read from them. And keys that nobody knows: never ignored.

use std::{
    fs,
    io::{Cursor, Write},
    path::PathBuf,
};

use nalgebra::{DMatrix, DVector};
use plefka::{
    Rbm, Units,
    io::{load_data, load_model, save_model},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A model of three arrays and its units, as bytes.
fn archive() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.npz");
    let rbm = Rbm::new(DMatrix::from_element(3, 2, 0.5), DVector::zeros(3), DVector::zeros(2)).unwrap();
    save_model(&rbm.with_units(Units::Spin, Units::Spin), &path).unwrap();
    fs::read(path).unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.npz");
    fs::write(&path, bytes).unwrap();
    let name = path.to_str().unwrap();
    let (model, data) = (load_model(name).map(drop), load_data(name, None).map(drop));
    let model = model.expect_err("refused").to_string();
    assert!(data.is_err() && model.contains("m.npz"), "{model}");
    model
}

/// Writes `to` wherever `from` stands, both of one length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8], skip: usize) -> Vec<u8> {
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    let mut bytes = bytes.to_vec();
    places.into_iter().skip(skip).for_each(|at| bytes[at..at + to.len()].copy_from_slice(to));
    bytes
}

#[test]
fn an_archive_that_says_two_things_is_refused() {
    let whole = archive();
    assert!(whole.starts_with(b"PK"));
    // Nothing but the directory is changed: the units would be unknown, and bits would be assumed.
    let renamed = refusal(&replaced(&whole, b"units.npy", b"unitr.npy", 1));
    assert!(renamed.contains("disagree"), "{renamed}");
    // Changed in both places, the name itself is what is refused.
    let elsewhere = refusal(&replaced(&whole, b"units.npy", b"unitr.npy", 0));
    assert!(elsewhere.contains("`unitr`") && elsewhere.contains("name it `units`"), "{elsewhere}");
    let twice = refusal(&replaced(&whole, b"hbias.npy", b"vbias.npy", 0));
    assert!(twice.contains("two entries named `vbias.npy`"), "{twice}");
    for (bytes, word) in [
        ([&b"junk"[..], &whole].concat(), "not an .npz archive"),
        ([&whole[..], b"junk"].concat(), "damaged or cut short"),
        ([&whole[..], &whole].concat(), "two archives in one file"),
    ] {
        let message = refusal(&bytes);
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
    // Each single bit of the directory and the end is a refusal, or the same model. (What is left
    // over are dates, versions and attributes of files.)
    let start = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flipped.npz");
    let name = path.to_str().unwrap();
    fs::write(&path, &whole).unwrap();
    let truth = load_model(name).unwrap().model;
    for bit in 8 * start..8 * whole.len() {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, flipped).unwrap();
        if let Ok(read) = load_model(name) {
            assert_eq!(read.model, truth, "bit {bit} makes another model");
        }
    }
}

#[test]
fn what_unpacks_out_of_proportion_is_refused_unread() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("W.npy", options).unwrap();
    let zeros = vec![0; 1 << 20];
    (0..80).for_each(|_| zip.write_all(&zeros).unwrap());
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 200_000);
    let message = refusal(&bomb);
    assert!(message.contains("would unpack to 83886080, more than 100 times its size"), "{message}");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let pipe: PathBuf = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for name in [pipe.to_str().unwrap(), "/dev/zero"] {
        for message in [load_model(name).unwrap_err().to_string(), load_data(name, None).unwrap_err().to_string()] {
            assert!(message.contains("a pipe or a device, and not a regular file"), "{message}");
        }
    }
    // A folder may be a training run where a model is meant.
    let message = load_data(folder.path().to_str().unwrap(), None).unwrap_err().to_string();
    assert!(message.contains("a folder, and not a regular file"), "{message}");
}

/// An array of numbers in the npy format.
fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [&b"\x93NUMPY\x01\x00"[..], &length, header.as_bytes(), values].concat()
}

fn floats(shape: &str, values: &[f64]) -> Vec<u8> {
    npy("<f8", shape, &values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>())
}

fn word(text: &str) -> Vec<u8> {
    npy(&format!("|S{}", text.len()), "()", text.as_bytes())
}

fn zipped(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_key_that_nobody_knows_is_refused_with_the_one_that_was_meant() {
    let model =
        || vec![("W", floats("(1, 1)", &[1.0])), ("vbias", floats("(1,)", &[0.0])), ("hbias", floats("(1,)", &[0.0]))];
    for key in ["Units", "unit", "units_", "spin"] {
        let message = refusal(&zipped(&[model(), vec![(key, word("spin"))]].concat()));
        assert!(message.contains(&format!("`{key}`")) && message.contains("name it `units`"), "{message}");
    }
    let unheard = refusal(&zipped(&[model(), vec![("temperature", floats("()", &[2.0]))]].concat()));
    assert!(unheard.contains("`temperature`") && unheard.contains("`constant`"), "{unheard}");
    for (units, words) in [
        (npy("<i8", "(2,)", &[255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0]), "<i8"),
        (word("binary"), "`binary`"),
    ] {
        let message = refusal(&zipped(&[model(), vec![("units", units)]].concat()));
        assert!(message.contains(words), "{message}");
        assert!(message.contains("`bit` (0/1) or `spin` (±1)"), "{message}");
    }
    let spins = vec![("J", floats("(1, 1)", &[0.0])), ("units", word("bit"))];
    let message = refusal(&zipped(&spins));
    assert!(message.contains("`units` holds `bit`") && message.contains("on spins"), "{message}");
    // Notes about a training run are let pass.
    let path = tempfile::NamedTempFile::new().unwrap();
    let noted = [model(), vec![("epoch", floats("()", &[3.0]))]].concat();
    fs::write(&path, zipped(&noted)).unwrap();
    assert!(load_model(path.path().to_str().unwrap()).is_ok());
}

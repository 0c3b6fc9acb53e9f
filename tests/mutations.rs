//! Damaged files of every format: read or refused, and never a panic or memory out of proportion.
//!
//! The inputs are derived from the files in `data/`, the same ones in every run. The work is done
//! by a second process of this test program whose address space is limited, so that an allocation
//! out of proportion to the files (at most 64 kB each) fails it. How many inputs each file gives
//! can be raised by the variable `PLEFKA_MUTATIONS`; a million inputs are made by
//!
//! PLEFKA_MUTATIONS=5300 cargo test --release --test mutations -- --ignored --nocapture every_mutation

use std::{
    env, fs,
    io::{Cursor, Read, Write},
    panic,
    path::PathBuf,
    process::Command,
    time::Instant,
};

use plefka::io::{ReadOptions, read_data, read_model};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Of each file.
const INPUTS: usize = 60;

/// KiB of address space: room for 64 MiB unpacked, four times over, beside the program itself.
const ADDRESS_SPACE: u64 = 900_000;

#[test]
fn damaged_files_are_read_or_refused_within_bounds() {
    let program = env::current_exe().unwrap();
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -v {ADDRESS_SPACE} && exec \"$0\" \"$@\"")]).arg(program);
        shell
    } else {
        Command::new(program)
    };
    let arguments = ["--exact", "every_mutation", "--ignored", "--nocapture", "--test-threads", "1"];
    let output = command.args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "part: run by the test above, in a process of limited memory"]
fn every_mutation() {
    let count = env::var("PLEFKA_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(INPUTS);
    let (mut inputs, mut refused, mut longest) = (0, 0, (0.0, String::new()));
    for (number, path) in fixtures().into_iter().enumerate() {
        let original = fs::read(&path).unwrap();
        // The ending of a list of couplings is part of what it says.
        let name = path.file_name().unwrap().to_str().unwrap();
        for k in 0..count {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64((number * 1_000_003 + k) as u64);
            let bytes = match k % 2 {
                1 => mutate_inside(&original, &mut rng).unwrap_or_else(|| mutate(&original, &mut rng)),
                _ => mutate(&original, &mut rng),
            };
            let options = ReadOptions::default();
            let clock = Instant::now();
            let outcome = panic::catch_unwind(|| {
                [read_model(name, &bytes, &options).is_err(), read_data(name, &bytes, None).is_err()]
            });
            let [model, data] = outcome.unwrap_or_else(|_| panic!("{name}, input {k}: a panic"));
            let seconds = clock.elapsed().as_secs_f64();
            if seconds > longest.0 {
                longest = (seconds, format!("{name}, input {k}"));
            }
            inputs += 1;
            refused += usize::from(model && data);
        }
        if number % 20 == 0 {
            println!("{inputs} inputs: {}", memory());
        }
    }
    println!("{inputs} inputs, {refused} refused; {}", memory());
    println!("the longest, by the clock: {:.3} s, {}", longest.0, longest.1);
    // Most of a file matters: were nearly all accepted, the mutations would not reach what is read.
    assert!(2 * refused > inputs, "{refused} of {inputs} refused");
}

/// What the process holds, and the most that it has held, where the system tells.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find(|line| line.starts_with(name)).unwrap_or("").replace('\t', " ");
    format!("{} {}", line("VmRSS"), line("VmHWM"))
}

/// All files that are small enough, in the order of their names.
fn fixtures() -> Vec<PathBuf> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files: Vec<PathBuf> = ["formats", "model_files", "faults"]
        .iter()
        .flat_map(|folder| fs::read_dir(data.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "py"))
        .filter(|path| fs::metadata(path).is_ok_and(|file| (1..65_536).contains(&file.len())))
        .collect();
    files.sort();
    files
}

/// An archive with one of its entries changed and its checksums right, so that the change reaches the
/// reader of the arrays. `None` for what is no archive.
fn mutate_inside(original: &[u8], rng: &mut Xoshiro256PlusPlus) -> Option<Vec<u8>> {
    let entries = ZipArchive::new(Cursor::new(original)).ok()?.len();
    let changed = rng.random_range(0..entries.max(1));
    rewritten(original, |k, bytes| if k == changed { mutate(&bytes, rng) } else { bytes })
}

/// An archive with its entries as `change` makes them.
fn rewritten(original: &[u8], mut change: impl FnMut(usize, Vec<u8>) -> Vec<u8>) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(original)).ok()?;
    let mut writer = ZipWriter::new(Cursor::default());
    for k in 0..archive.len() {
        let mut entry = archive.by_index(k).ok()?;
        let mut bytes = Vec::new();
        entry.by_ref().take(1 << 17).read_to_end(&mut bytes).ok()?;
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(entry.name().ok()?.into_owned(), stored).ok()?;
        writer.write_all(&change(k, bytes)).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// Were archives refused for being written anew, no change would reach what is in them.
#[test]
fn an_archive_that_is_only_written_anew_is_read() {
    let mut read = 0;
    for path in fixtures() {
        let (name, original) = (path.to_str().unwrap(), fs::read(&path).unwrap());
        let model = |bytes: &[u8]| read_model(name, bytes, &ReadOptions::default()).ok().map(|loaded| loaded.model);
        let Some(before) = model(&original) else { continue };
        let Some(anew) = rewritten(&original, |_, bytes| bytes) else { continue };
        assert_eq!(model(&anew), Some(before), "{name}");
        read += 1;
    }
    assert!(read > 40, "{read}");
}

/// One to four changes: bits, bytes of extreme values, numbers of extreme lengths, cuts,
/// repetitions.
fn mutate(original: &[u8], rng: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..rng.random_range(1..5) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..7) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][rng.random_range(0..5)],
            2 => bytes[at] = rng.random(),
            3 => bytes.truncate(at),
            4 => {
                let end = (at + rng.random_range(1..64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let end = (at + rng.random_range(1..16)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let value = [u64::MAX, 1 << 62, 1 << 32, 0xffff_ffff, 0x7fff_ffff, 0][rng.random_range(0..6)];
                for (byte, new) in bytes[at..].iter_mut().zip(value.to_le_bytes()) {
                    *byte = new;
                }
            }
        }
    }
    bytes
}

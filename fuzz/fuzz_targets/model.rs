//! Any bytes as a model of any format, with and without what a file may leave open.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plefka::io::{ReadOptions, read_model};

fuzz_target!(|bytes: &[u8]| {
    let _ = read_model("file", bytes, &ReadOptions::default());
    let told = ReadOptions { update: Some(1), name: Some("first".into()), transposed: Some(true) };
    let _ = read_model("file", bytes, &told);
});

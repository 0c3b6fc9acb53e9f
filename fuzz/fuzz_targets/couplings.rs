//! Any bytes as a list of couplings, whose name says of which kind it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plefka::io::{ReadOptions, read_model};

fuzz_target!(|bytes: &[u8]| {
    for name in ["file.sg", "file.mc"] {
        let _ = read_model(name, bytes, &ReadOptions::default());
    }
});

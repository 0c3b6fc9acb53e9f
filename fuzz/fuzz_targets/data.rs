//! Any bytes as data, for a model of any size and of five units.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plefka::io::read_data;

fuzz_target!(|bytes: &[u8]| {
    let _ = read_data("file", bytes, None);
    let _ = read_data("file", bytes, Some(5));
});

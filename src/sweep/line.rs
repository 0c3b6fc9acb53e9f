//! One line of a store: a record as JSON behind its checksum.
//!
//! `{"sum":"0123456789abcdef","record":{…}}`, where the sum is the first half of the SHA-256 of the
//! bytes of the record.

use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::checksum::hexadecimal;

const HEAD: &str = "{\"sum\":\"";
const NECK: &str = "\",\"record\":";
const DIGITS: usize = 32;

/// A record as a line, with its end.
pub fn encode(record: &impl Serialize) -> serde_json::Result<String> {
    let body = serde_json::to_string(record)?;
    Ok(format!("{HEAD}{}{NECK}{body}}}\n", sum(&body)))
}

/// The record of a line without its end, or what is wrong with it.
pub fn decode<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    let body = body(line).ok_or("it is not a line of a sweep")?;
    if line.get(HEAD.len()..HEAD.len() + DIGITS) != Some(&sum(body)) {
        return Err("its checksum does not fit".into());
    }
    serde_json::from_str(body).map_err(|e| format!("it cannot be read ({e})"))
}

fn body(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(HEAD)?.get(DIGITS..)?;
    rest.strip_prefix(NECK)?.strip_suffix('}')
}

fn sum(body: &str) -> String {
    hexadecimal(&Sha256::digest(body)[..DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_flipped_bit_is_noticed() {
        let line = encode(&vec![0.1, 2.5e-300]).unwrap();
        let line = line.trim_end();
        assert_eq!(decode::<Vec<f64>>(line).unwrap(), [0.1, 2.5e-300]);
        for k in 0..line.len() {
            for bit in 0..7 {
                let mut bytes = line.as_bytes().to_vec();
                bytes[k] ^= 1 << bit;
                let damaged = String::from_utf8(bytes).unwrap();
                assert!(decode::<Vec<f64>>(&damaged).is_err(), "{damaged}");
            }
        }
    }
}

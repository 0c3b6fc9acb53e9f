//! Checksums in the files that are written: a flipped bit is seen before anything is drawn from it.
//!
//! A JSON document has its own as its last field, `"checksum": "sha256:…"`, of all bytes before the
//! comma; a figure and the report have it in a comment after their last element, of all bytes before
//! that, with the checksum of the numbers that they were drawn from.

use crate::checksum::sha256;

const FIELD: &str = ",\n  \"checksum\": \"sha256:";
const FIELD_END: &str = "\"\n}\n";
const COMMENT: &str = "<!-- checksum sha256:";
const OF: &str = " of ";
const COMMENT_END: &str = " -->\n";

/// What the checksum of a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seal {
    /// The file is as it was written, with this checksum.
    Whole(String),
    /// It is not.
    Broken,
    /// It carries none: it was written by an older version, or by another program.
    None,
}

impl Seal {
    /// The checksum of a file that is whole.
    #[must_use]
    pub fn checksum(&self) -> Option<&str> {
        if let Self::Whole(checksum) = self { Some(checksum) } else { None }
    }
}

fn seal(text: &str, written: &str) -> Seal {
    let sum = sha256(text);
    if sum == written { Seal::Whole(sum) } else { Seal::Broken }
}

/// A JSON object with its checksum.
pub(crate) fn sealed_json(object: &str) -> String {
    let text = object.trim_end();
    let text = text.strip_suffix('}').unwrap_or(text).trim_end();
    format!("{text}{FIELD}{}{FIELD_END}", sha256(text))
}

/// Whether a JSON document is as it was written.
#[must_use]
pub fn json_seal(document: &str) -> Seal {
    match document.rsplit_once(FIELD) {
        Some((text, rest)) => rest.strip_suffix(FIELD_END).map_or(Seal::Broken, |written| seal(text, written)),
        // A flipped bit in the name of the field, or a file that was laid out anew.
        None if document.contains("sha256:") || document.contains("\"checksum\"") => Seal::Broken,
        None => Seal::None,
    }
}

/// An SVG or HTML document with its checksum, and that of the numbers in `source` that it shows.
#[cfg(any(feature = "plot", test))]
pub(crate) fn sealed_xml(document: &str, source: Option<(&str, &str)>) -> String {
    let text = document.trim_end();
    let of = source.map(|(name, sum)| format!("{OF}{name} sha256:{sum}")).unwrap_or_default();
    let stamped = format!("{text}{of}");
    format!("{text}\n{COMMENT}{}{of}{COMMENT_END}", sha256(&stamped))
}

/// Whether an SVG or HTML document is as it was written, and the file and the checksum of the
/// numbers that it shows.
#[must_use]
pub fn xml_seal(document: &str) -> (Seal, Option<(String, String)>) {
    let Some((text, rest)) = document.rsplit_once(&format!("\n{COMMENT}")) else {
        let damaged = document.contains("checksum sha256:");
        return (if damaged { Seal::Broken } else { Seal::None }, None);
    };
    let Some(rest) = rest.strip_suffix(COMMENT_END) else { return (Seal::Broken, None) };
    let (written, of) = rest.split_once(OF).map_or((rest, None), |(written, of)| (written, Some(of)));
    let stamped = format!("{text}{}", of.map(|of| format!("{OF}{of}")).unwrap_or_default());
    let source = of.and_then(|of| of.split_once(" sha256:")).map(|(name, sum)| (name.to_owned(), sum.to_owned()));
    (seal(&stamped, written), source)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Planted bug: a checksum of the numbers alone. No flip of any bit of the file passes.
    #[test]
    fn every_flipped_bit_is_seen() {
        let json = sealed_json("{\n  \"a\": 1.5,\n  \"b\": [1, 2]\n}\n");
        let svg = sealed_xml("<svg>\n<title>x</title>\n</svg>\n", Some(("results.json", "abc")));
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
        assert!(matches!(json_seal(&json), Seal::Whole(_)));
        let (whole, source) = xml_seal(&svg);
        assert!(whole.checksum().is_some() && source == Some(("results.json".into(), "abc".into())));
        for (text, is_json) in [(json, true), (svg, false)] {
            for bit in 0..8 * text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let Ok(flipped) = String::from_utf8(bytes) else { continue };
                let seal = if is_json { json_seal(&flipped) } else { xml_seal(&flipped).0 };
                assert!(!matches!(seal, Seal::Whole(_)), "bit {bit}: {flipped}");
            }
        }
        assert_eq!((json_seal("{}"), xml_seal("<svg/>").0), (Seal::None, Seal::None));
    }
}

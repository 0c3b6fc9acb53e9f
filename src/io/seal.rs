//! Checksums in the files that are written: a flipped bit is seen before anything is drawn from it.
//!
//! A JSON document has its own as its last field, `"checksum": "sha256:…"`, of all bytes before the
//! comma; a figure and the report have it in a comment after their last element, of all bytes before
//! that, with the checksum of the numbers that they were drawn from; a plan has it in a comment on its
//! last line; a table as its last column, in each row of all bytes before, so that rows can be added.

use sha2::{Digest, Sha256};

use crate::checksum::{hexadecimal, sha256};

const FIELD: &str = ",\n  \"checksum\": \"sha256:";
const FIELD_END: &str = "\"\n}\n";
const COMMENT: &str = "<!-- checksum sha256:";
const OF: &str = " of ";
const COMMENT_END: &str = " -->\n";
const TOML_COMMENT: &str = "# checksum sha256:";
const CELL: &str = ",sha256:";

/// The last column of a table that carries checksums.
pub(crate) const CHECKSUM_COLUMN: &str = "checksum";

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
        // One flipped bit cannot hide both.
        let damaged = document.contains("<!-- checksum") || document.contains(" sha256:");
        return (if damaged { Seal::Broken } else { Seal::None }, None);
    };
    let Some(rest) = rest.strip_suffix(COMMENT_END) else { return (Seal::Broken, None) };
    let (written, of) = rest.split_once(OF).map_or((rest, None), |(written, of)| (written, Some(of)));
    let stamped = format!("{text}{}", of.map(|of| format!("{OF}{of}")).unwrap_or_default());
    let source = of.and_then(|of| of.split_once(" sha256:")).map(|(name, sum)| (name.to_owned(), sum.to_owned()));
    (seal(&stamped, written), source)
}

/// A TOML document with its checksum.
pub(crate) fn sealed_toml(document: &str) -> String {
    format!("{document}{TOML_COMMENT}{}\n", sha256(document))
}

/// Whether a TOML document is as it was written.
#[must_use]
pub fn toml_seal(document: &str) -> Seal {
    match document.strip_suffix('\n').and_then(|document| document.rsplit_once(TOML_COMMENT)) {
        Some((text, written)) => seal(text, written),
        None if document.contains("# checksum") || document.contains(" sha256:") => Seal::Broken,
        None => Seal::None,
    }
}

/// A table in CSV with its checksums, from its header and its rows; no line need end.
pub(crate) fn sealed_table(header: &str, rows: &[String]) -> String {
    let mut text = format!("{header},{CHECKSUM_COLUMN}\n");
    let mut hasher = Sha256::new_with_prefix(text.as_bytes());
    for row in rows {
        let row = row.strip_suffix('\n').unwrap_or(row);
        hasher.update(row);
        let cell = format!("{CELL}{}\n", hexadecimal(&hasher.clone().finalize()));
        hasher.update(&cell);
        text += row;
        text += &cell;
    }
    text
}

/// Whether a table is as it was written. Rows that are missing at its end are not seen: it was as
/// short as that once.
#[must_use]
pub fn table_seal(table: &str) -> Seal {
    match table.strip_suffix('\n').and_then(|table| table.rsplit_once(CELL)) {
        Some((text, written)) => seal(text, written),
        // A flipped bit, or cells that were taken out. A header alone says nothing.
        None if table.contains("sha256:") => Seal::Broken,
        None if table.lines().count() > 1 && table.lines().any(|line| line.ends_with(CHECKSUM_COLUMN)) => Seal::Broken,
        None => Seal::None,
    }
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
        let toml = sealed_toml("a = 1.5\n[b]\nc = \"#\"\n");
        assert!(toml.parse::<toml::Table>().is_ok());
        let table = sealed_table("a,b", &["1,2\n".into(), "3,\"x\ny\"".into()]);
        assert!(toml_seal(&toml).checksum().is_some() && table_seal(&table).checksum().is_some());
        type Check = fn(&str) -> Seal;
        let checks: [(String, Check); 4] =
            [(json, json_seal), (svg, |text| xml_seal(text).0), (toml, toml_seal), (table, table_seal)];
        for (text, check) in checks {
            for bit in 0..8 * text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let Ok(flipped) = String::from_utf8(bytes) else { continue };
                assert_eq!(check(&flipped), Seal::Broken, "bit {bit}: {flipped}");
            }
        }
        for seal in [json_seal("{}"), xml_seal("<svg/>").0, toml_seal("a = 1\n"), table_seal("a,b\n1,2\n")] {
            assert_eq!(seal, Seal::None);
        }
    }
}

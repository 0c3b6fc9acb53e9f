//! Quadratic models of dimod in its binary form, `bqm.to_file()`, versions 1 and 2.
//!
//! `DIMODBQM`, two bytes of version, the length of a JSON header (u32), the header; then the
//! offset, for each variable the start of its neighbourhood and its linear bias, and for each
//! variable its neighbours with their biases, each pair twice.

use serde::Deserialize;

use super::{
    Error, Format, Reading, Source,
    dimod::{Quadratic, Vartype, note_labels},
    text::SpinsBuilder,
};
use crate::model::AnyModel;

/// A file of `bqm.to_file()`.
pub struct DimodBinary;

const MAGIC: &[u8] = b"DIMODBQM";

#[derive(Deserialize)]
struct Header {
    shape: [u64; 2],
    dtype: String,
    itype: String,
    ntype: String,
    vartype: String,
    variables: serde_json::Value,
}

impl Format for DimodBinary {
    fn recognises(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(b"DIMOD")
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let how = "save it again with bqm.to_file(), or as JSON with bqm.to_serializable()";
        let refuse = |problem: &str| source.refuse(problem, how);
        if !source.bytes.starts_with(MAGIC) {
            return Err(refuse("it is a model of dimod other than a BinaryQuadraticModel"));
        }
        let mut cursor = Cursor { rest: &source.bytes[MAGIC.len()..] };
        let cut = || refuse("it is cut short");
        let version = cursor.take(2).ok_or_else(cut)?[0];
        if !(1..=2).contains(&version) {
            return Err(refuse("it is of a version of the format that is not known here"));
        }
        let length = cursor.integer("uint32").and_then(|n| usize::try_from(n).ok()).ok_or_else(cut)?;
        let header = cursor.take(length).ok_or_else(cut)?;
        let header: Header =
            serde_json::from_slice(header).map_err(|e| refuse(&format!("its header is damaged ({e})")))?;
        let vartype =
            Vartype::named(&header.vartype).ok_or_else(|| refuse("its variables are neither SPIN nor BINARY"))?;
        let [n, m] = header.shape.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let mut quadratic = Quadratic { vartype, offset: 0.0, linear: Vec::new(), pairs: Vec::new() };
        SpinsBuilder::check(source, n)?;
        let kinds = Kinds { bias: &header.dtype, index: &header.itype, start: &header.ntype };
        let mut body = || -> Option<()> {
            quadratic.offset = cursor.float(kinds.bias)?;
            let mut starts = Vec::new();
            for _ in 0..n {
                starts.push(usize::try_from(cursor.integer(kinds.start)?).ok()?);
                quadratic.linear.push(cursor.float(kinds.bias)?);
            }
            let mut from = 0;
            for k in 0..m.checked_mul(2)? {
                while starts.get(from + 1).is_some_and(|next| *next <= k) {
                    from += 1;
                }
                let to = usize::try_from(cursor.integer(kinds.index)?).ok()?;
                let bias = cursor.float(kinds.bias)?;
                if from < to {
                    quadratic.pairs.push((from, to, bias));
                }
            }
            Some(())
        };
        body().ok_or_else(cut)?;
        if quadratic.pairs.len() != m {
            return Err(refuse("its neighbourhoods do not hold each pair twice"));
        }
        let mut reading = Reading::of("dimod binary");
        if let Some(labels) = labels(&header.variables, cursor.rest) {
            note_labels(&labels, &mut reading);
        }
        let model = quadratic.model(source, &mut reading)?;
        Ok((model, reading))
    }
}

/// The types of the numbers, by NumPy's names.
struct Kinds<'a> {
    bias: &'a str,
    index: &'a str,
    start: &'a str,
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn integer(&mut self, kind: &str) -> Option<u64> {
        let size = match kind {
            "int8" | "uint8" => 1,
            "int16" | "uint16" => 2,
            "int32" | "uint32" => 4,
            "int64" | "uint64" => 8,
            _ => return None,
        };
        let mut wide = [0; 8];
        wide[..size].copy_from_slice(self.take(size)?);
        Some(u64::from_le_bytes(wide))
    }

    fn float(&mut self, kind: &str) -> Option<f64> {
        match kind {
            "float64" => Some(f64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            "float32" => Some(f64::from(f32::from_le_bytes(self.take(4)?.try_into().ok()?))),
            _ => None,
        }
    }
}

/// The labels: in the header (version 1), or after the biases, behind `VARS` and a length (version
/// 2).
fn labels(variables: &serde_json::Value, rest: &[u8]) -> Option<Vec<serde_json::Value>> {
    if let serde_json::Value::Array(labels) = variables {
        return Some(labels.clone());
    }
    let mut section = Cursor { rest };
    if section.take(4)? != b"VARS" {
        return None;
    }
    let length = usize::try_from(section.integer("uint32")?).ok()?;
    serde_json::from_slice(section.take(length)?).ok()
}

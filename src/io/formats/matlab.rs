//! MATLAB's `.mat` (version 5) with the arrays of Hinton's published code: `vishid` (n_visible,
//! n_hidden), `visbiases`, and `hidbiases` or `hidrecbiases`.

use std::io::Read;

use flate2::read::ZlibDecoder;
use matfile::{MatFile as Parsed, NumericData};

use super::{
    super::{
        accounted::{is_harmless, unknown},
        limits::unpacked_limit,
        rbm_parts::{NAMES, Parts, Role, role},
        tensor::Tensor,
    },
    Error, Format, Reading, Source,
};
use crate::model::AnyModel;

/// A `.mat` file.
pub struct MatFile;

const HEADER: usize = 128;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const HOW: &str = "save it again with save('m.mat', 'vishid', 'visbiases', 'hidbiases')";

impl Format for MatFile {
    fn recognises(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(b"MATLAB 5.0")
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let plain = unpack(source)?;
        let parsed = Parsed::parse(&plain.bytes[..]).map_err(|_| source.refuse("this MATLAB file is damaged", HOW))?;
        let names: Vec<&str> = plain.names.iter().map(String::as_str).collect();
        let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        if let Some(name) = names.iter().find(|name| role(name).is_none() && !is_harmless(name)) {
            let (problem, remedy) = unknown(name, &known);
            return Err(source.refuse(problem, remedy));
        }
        let find = |wanted: fn(Role) -> bool| -> Result<Option<(Tensor, Role)>, Error> {
            let mut of_role = names.iter().filter_map(|name| Some((*name, role(name).filter(|role| wanted(*role))?)));
            let Some((name, role)) = of_role.next() else { return Ok(None) };
            if let Some((second, _)) = of_role.next() {
                return Err(source.refuse(format!("`{name}` and `{second}` are the same part of an RBM"), HOW));
            }
            Ok(Some((tensor(source, &parsed, name)?, role)))
        };
        let Some((weights, Role::Weights(orientation))) = find(|role| matches!(role, Role::Weights(_)))? else {
            return Err(source.refuse(format!("there is no `vishid`: it holds {}", names.join(", ")), HOW));
        };
        let parts = Parts {
            weights,
            orientation,
            visible_bias: find(|role| role == Role::VisibleBias)?.map(|(tensor, _)| tensor),
            hidden_bias: find(|role| role == Role::HiddenBias)?.map(|(tensor, _)| tensor),
        };
        let mut reading = Reading::of("MATLAB .mat");
        let rbm = parts.rbm(source.path, source.options, &mut reading)?;
        Ok((rbm.into(), reading))
    }
}

/// The file without compression, and the name of every array in it.
struct Plain {
    bytes: Vec<u8>,
    names: Vec<String>,
}

/// The parser that follows unpacks without a limit and leaves out in silence what is not numeric:
/// both are seen to here.
fn unpack(source: &Source<'_>) -> Result<Plain, Error> {
    let damaged = || source.refuse("this MATLAB file is damaged or cut short", HOW);
    let header = source.bytes.get(..HEADER).ok_or_else(damaged)?;
    if header[126..] != *b"IM" {
        let problem = "this MATLAB file was written on a big-endian machine, or is damaged";
        return Err(source.refuse(problem, "save it again on another machine"));
    }
    let mut plain = Plain { bytes: header.to_vec(), names: Vec::new() };
    let mut budget = unpacked_limit(source.bytes.len());
    let mut rest = &source.bytes[HEADER..];
    while !rest.is_empty() {
        let (kind, length) = tag(rest).ok_or_else(damaged)?;
        let body = rest[8..].get(..length).ok_or_else(damaged)?;
        let unpacked;
        let element = match kind {
            COMPRESSED => {
                let mut bytes = Vec::new();
                ZlibDecoder::new(body).take(budget + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
                unpacked = bytes;
                &unpacked[..]
            }
            _ => &rest[..8 + length],
        };
        budget = budget.checked_sub(element.len() as u64).ok_or_else(|| {
            source.refuse(
                "this MATLAB file would unpack to more than a file of its size may",
                "save it without compression",
            )
        })?;
        match tag(element) {
            Some((MATRIX, length)) if element.len() == 8 + length => {
                plain.names.push(name(&element[8..]).ok_or_else(|| {
                    source.refuse("it holds a matrix that is sparse, not numeric or damaged, or has no name", HOW)
                })?);
                plain.bytes.extend_from_slice(element);
            }
            _ => return Err(damaged()),
        }
        rest = &rest[8 + length..];
        // All but compressed elements fill up to eight bytes.
        if kind != COMPRESSED {
            let padding = length.next_multiple_of(8) - length;
            rest = rest.get(padding..).ok_or_else(damaged)?;
        }
    }
    Ok(plain)
}

/// Type and length of an element.
fn tag(bytes: &[u8]) -> Option<(u32, usize)> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((word(0)?, usize::try_from(word(4)?).ok()?))
}

/// The name of a numeric matrix: behind its flags and its lengths. `None` if it is a cell, a
/// structure, text or sparse.
fn name(matrix: &[u8]) -> Option<String> {
    let class = *matrix.get(8)?;
    if !(6..=15).contains(&class) || tag(matrix)? != (6, 8) {
        return None;
    }
    let lengths = matrix.get(16..)?;
    // Two lengths, no more values than bytes: the parser multiplies them unchecked.
    let (5, 8) = tag(lengths)? else { return None };
    let (rows, columns) = tag(lengths.get(8..)?)?;
    if (rows as usize).checked_mul(columns)? > matrix.len() {
        return None;
    }
    let element = lengths.get(16..)?;
    let (kind, length) = tag(element)?;
    // A short one stands in its own tag, the length in the upper half of the type.
    let text = match kind >> 16 {
        0 => element.get(8..8usize.checked_add(length)?)?,
        short => element.get(4..4 + (short as usize).min(4))?,
    };
    // The parts that follow must end within the matrix, whatever their lengths claim.
    let mut rest = element;
    while !rest.is_empty() {
        let (kind, length) = tag(rest)?;
        let held = if kind >> 16 == 0 { length } else { 0 };
        let end = 8usize.checked_add(held).filter(|end| *end <= rest.len())?;
        rest = rest.get(end.next_multiple_of(8)..).unwrap_or(&[]);
    }
    Some(String::from_utf8_lossy(text).into_owned())
}

/// An array with its values by rows, where MATLAB has columns.
fn tensor(source: &Source<'_>, parsed: &Parsed, name: &str) -> Result<Tensor, Error> {
    let array = parsed.find_by_name(name);
    let array = array.ok_or_else(|| source.refuse(format!("`{name}` cannot be read as numbers"), HOW))?;
    let stored: Option<Vec<f64>> = match array.data() {
        NumericData::Double { real, imag: None } => Some(real.clone()),
        NumericData::Single { real, imag: None } => Some(real.iter().map(|x| f64::from(*x)).collect()),
        NumericData::Int8 { real, imag: None } => Some(real.iter().map(|x| f64::from(*x)).collect()),
        NumericData::UInt8 { real, imag: None } => Some(real.iter().map(|x| f64::from(*x)).collect()),
        NumericData::Int16 { real, imag: None } => Some(real.iter().map(|x| f64::from(*x)).collect()),
        NumericData::UInt16 { real, imag: None } => Some(real.iter().map(|x| f64::from(*x)).collect()),
        NumericData::Int32 { real, imag: None } => Some(real.iter().map(|x| f64::from(*x)).collect()),
        NumericData::UInt32 { real, imag: None } => Some(real.iter().map(|x| f64::from(*x)).collect()),
        NumericData::Int64 { real, imag: None } => Some(real.iter().map(|x| *x as f64).collect()),
        NumericData::UInt64 { real, imag: None } => Some(real.iter().map(|x| *x as f64).collect()),
        _ => None,
    };
    let complex = || source.refuse(format!("`{name}` is complex, but a number here is real"), "save real(x)");
    let (stored, shape) = (stored.ok_or_else(complex)?, array.size().clone());
    let &[rows, columns] = &shape[..] else {
        return Err(source.refuse(format!("`{name}` has {} dimensions, not two", shape.len()), HOW));
    };
    if rows.checked_mul(columns) != Some(stored.len()) {
        return Err(source.refuse(format!("`{name}` is cut short"), HOW));
    }
    let by_rows = (0..stored.len()).map(|k| stored[k / columns + k % columns * rows]).collect();
    Ok(Tensor::new(source.path, name, shape, by_rows))
}

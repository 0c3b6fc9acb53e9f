//! A named array of numbers, as any format hands it over.

use std::path::{Path, PathBuf};

use crate::Error;

/// An array with its name, shape and values as f64, the last axis varying fastest.
#[derive(Debug, Clone)]
pub struct Tensor {
    path: PathBuf,
    name: String,
    shape: Vec<usize>,
    values: Vec<f64>,
}

/// What to do about a bias that is infinite, which is what the log-odds of a constant pixel are.
const CLIP: &str = "a bias of −inf is the log-odds of a unit that is never on in the data, +inf of one that is always on: \
                    clip the means before taking log-odds, as in numpy.clip(p, 1e-3, 1 - 1e-3)";

impl Tensor {
    /// Takes the values of the array `name` of the file `path`.
    ///
    /// # Panics
    /// If there are not as many values as the shape says: a reader checks that before.
    pub fn new(path: &Path, name: impl Into<String>, shape: Vec<usize>, values: Vec<f64>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "a shape says how many values there are");
        Self { path: path.to_owned(), name: name.into(), shape, values }
    }

    /// Its name in the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The shape as NumPy prints it.
    pub fn shape_name(&self) -> String {
        shape_name(&self.shape)
    }

    /// The values, the last axis varying fastest.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The length of a vector; one row or one column of a matrix will do.
    pub fn vector_len(&self) -> Option<usize> {
        vector_len(&self.shape)
    }

    /// An error about this array.
    pub fn refuse(&self, problem: impl AsRef<str>, remedy: impl Into<String>) -> Error {
        Error::format(&self.path, format!("`{}` {}", self.name, problem.as_ref()), remedy)
    }

    /// Refuses a number that is not finite, with its place.
    pub fn finite(&self) -> Result<(), Error> {
        let Some(k) = self.values.iter().position(|x| !x.is_finite()) else { return Ok(()) };
        let bad = self.values[k];
        let is_bias = self.vector_len().is_some() && bad.is_infinite();
        let remedy = if is_bias { CLIP } else { "did the training diverge?" };
        let problem = format!("holds {bad}{}", place(k, &self.shape, false));
        Err(self.refuse(problem, format!("every parameter must be finite; {remedy}")))
    }
}

/// A shape as NumPy prints it.
pub fn shape_name(shape: &[usize]) -> String {
    match shape {
        [n] => format!("({n},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The length of a vector; one row or one column of a matrix will do.
pub fn vector_len(shape: &[usize]) -> Option<usize> {
    match *shape {
        [n] | [1, n] | [n, 1] => Some(n),
        _ => None,
    }
}

/// Where the `k`th stored value is, in words; nothing for a scalar.
pub fn place(mut k: usize, shape: &[usize], first_axis_fastest: bool) -> String {
    if shape.is_empty() {
        return String::new();
    }
    let mut index = vec![0; shape.len()];
    let mut axes: Vec<usize> = (0..shape.len()).collect();
    if !first_axis_fastest {
        axes.reverse();
    }
    for axis in axes {
        index[axis] = k % shape[axis];
        k /= shape[axis];
    }
    format!(" at {index:?}")
}

/// The 16-bit float of IEEE 754, widened exactly.
pub fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

/// The upper half of a 32-bit float (bfloat16), widened exactly.
pub fn brain(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are NumPy's.
    #[test]
    fn half_precision_is_widened_exactly() {
        for (bits, value) in [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x3555, 0.333_251_953_125),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x7BFF, 65504.0),
            (0x7C00, f64::INFINITY),
            (0x8000, 0.0),
        ] {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7E00).is_nan());
        assert_eq!(brain(0x3FC0), 1.5);
    }
}

//! One array of an archive: what its header declares, and its values.

use std::path::{Path, PathBuf};

use npyz::{DType, Deserialize, NpyFile, NpyHeader, Order, TypeChar};

use crate::Error;

/// NumPy itself reads no longer header.
const MAX_HEADER: usize = 10_000;

/// An array as it is stored, with where it came from.
pub struct Array {
    path: PathBuf,
    key: String,
    header: NpyHeader,
    shape: Vec<usize>,
    bytes: Vec<u8>,
    payload: usize,
}

impl Array {
    /// Reads the header of the array `key` and checks that the values it declares are there.
    pub fn new(path: &Path, key: &str, bytes: Vec<u8>) -> Result<Self, Error> {
        let damaged = |problem: &str| {
            let remedy = format!("save `{key}` again, as a plain array of numbers or strings");
            Error::format(path, format!("`{key}` {problem}"), remedy)
        };
        screen_header(&bytes).map_err(damaged)?;
        let mut rest = bytes.as_slice();
        let header = NpyHeader::from_reader(&mut rest).map_err(|_| damaged("has a header that cannot be read"))?;
        let held = rest.len();
        if header.uses_pickled_array() {
            return Err(damaged("holds Python objects, which only Python can read"));
        }
        let item = header.dtype().num_bytes().filter(|&n| n > 0).ok_or_else(|| damaged("holds items of no size"))?;
        let shape: Option<Vec<usize>> = header.shape().iter().map(|&n| usize::try_from(n).ok()).collect();
        let shape = shape.ok_or_else(|| damaged("is too large for this machine"))?;
        if shape.iter().try_fold(item, |size, &n| size.checked_mul(n)) != Some(held) {
            let problem = format!(
                "declares shape {} of {}, which does not fit the {held} bytes it holds",
                tuple(&shape),
                header.dtype().descr()
            );
            return Err(damaged(&problem));
        }
        let payload = bytes.len() - held;
        Ok(Self { path: path.to_owned(), key: key.to_owned(), header, shape, bytes, payload })
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The shape as NumPy prints it.
    pub fn shape_name(&self) -> String {
        tuple(&self.shape)
    }

    /// An error about this array.
    pub fn refuse(&self, problem: impl AsRef<str>, remedy: impl Into<String>) -> Error {
        Error::format(&self.path, format!("`{}` {}", self.key, problem.as_ref()), remedy)
    }

    /// The two lengths of a matrix, of shape `expected` in words.
    pub fn matrix_shape(&self, expected: &str) -> Result<(usize, usize), Error> {
        match self.shape[..] {
            [rows, columns] => Ok((rows, columns)),
            _ => Err(self.refuse(
                format!("has shape {}, but it must have two dimensions", self.shape_name()),
                format!("save it with shape {expected}"),
            )),
        }
    }

    /// The length of a vector; one row or one column of a matrix will do.
    pub fn vector_len(&self) -> Option<usize> {
        match self.shape[..] {
            [n] | [1, n] | [n, 1] => Some(n),
            _ => None,
        }
    }

    /// The values of a matrix, row by row.
    pub fn by_rows<T: Copy>(&self, stored: Vec<T>) -> Vec<T> {
        match (self.header.order(), &self.shape[..]) {
            (Order::Fortran, &[rows, columns]) => {
                (0..rows * columns).map(|k| stored[k / columns + k % columns * rows]).collect()
            }
            _ => stored,
        }
    }

    /// Finite f64, in stored order, of an array of f32 (widened exactly) or f64.
    pub fn floats(&self) -> Result<Vec<f64>, Error> {
        match self.scalar() {
            Some((TypeChar::Float, 4 | 8)) => {
                let remedy = "every parameter must be finite; did the training diverge?";
                self.numbers(|x| x.is_finite().then_some(x), remedy)
            }
            _ => Err(self.wrong_dtype("float32 or float64 (`<f4`, `<f8`)", "numpy.float64")),
        }
    }

    /// `convert` of the values, in stored order, of an array of booleans, integers, f32 or f64. A
    /// value for which there is none is refused with `remedy`.
    pub fn numbers<U>(&self, convert: impl Fn(f64) -> Option<U>, remedy: &str) -> Result<Vec<U>, Error> {
        match self.scalar() {
            Some((TypeChar::Bool, 1)) => self.convert(|x: bool| f64::from(u8::from(x)), convert, remedy),
            Some((TypeChar::Uint, 1)) => self.convert(|x: u8| f64::from(x), convert, remedy),
            Some((TypeChar::Uint, 2)) => self.convert(|x: u16| f64::from(x), convert, remedy),
            Some((TypeChar::Uint, 4)) => self.convert(|x: u32| f64::from(x), convert, remedy),
            Some((TypeChar::Uint, 8)) => self.convert(|x: u64| x as f64, convert, remedy),
            Some((TypeChar::Int, 1)) => self.convert(|x: i8| f64::from(x), convert, remedy),
            Some((TypeChar::Int, 2)) => self.convert(|x: i16| f64::from(x), convert, remedy),
            Some((TypeChar::Int, 4)) => self.convert(|x: i32| f64::from(x), convert, remedy),
            Some((TypeChar::Int, 8)) => self.convert(|x: i64| x as f64, convert, remedy),
            Some((TypeChar::Float, 4)) => self.convert(|x: f32| f64::from(x), convert, remedy),
            Some((TypeChar::Float, 8)) => self.convert(|x: f64| x, convert, remedy),
            _ => Err(self.wrong_dtype("bool, an integer, float32 or float64", "numpy.uint8")),
        }
    }

    /// Packed bytes, in stored order.
    pub fn packed(&self) -> Result<Vec<u8>, Error> {
        match self.scalar() {
            Some((TypeChar::Uint, 1)) => Ok(self.bytes[self.payload..].to_vec()),
            _ => Err(self.wrong_dtype("uint8, as numpy.packbits gives", "numpy.uint8")),
        }
    }

    /// Strings, in stored order, of an array of `<U` or `|S`.
    pub fn strings(&self) -> Result<Vec<String>, Error> {
        match self.scalar() {
            Some((TypeChar::UnicodeStr, _)) => self.read::<String>()?.collect(),
            Some((TypeChar::ByteStr, _)) => {
                self.read::<Vec<u8>>()?.map(|text| Ok(String::from_utf8_lossy(&text?).into_owned())).collect()
            }
            _ => Err(self.wrong_dtype("a string (`<U` or `|S`)", "str")),
        }
    }

    /// Type and size of an item that is neither structured nor an array.
    fn scalar(&self) -> Option<(TypeChar, u64)> {
        match self.header.dtype() {
            DType::Plain(item) => Some((item.type_char(), item.size_field())),
            DType::Array(..) | DType::Record(_) => None,
        }
    }

    fn wrong_dtype(&self, accepted: &str, remedy: &str) -> Error {
        let problem = format!("has dtype {}, but it must be {accepted}", self.header.dtype().descr());
        self.refuse(problem, format!("convert it with .astype({remedy}) before saving"))
    }

    fn convert<T: Deserialize, U>(
        &self,
        widen: impl Fn(T) -> f64,
        convert: impl Fn(f64) -> Option<U>,
        remedy: &str,
    ) -> Result<Vec<U>, Error> {
        let refused = |k, x| self.refuse(format!("holds {x}{}", self.position(k)), remedy);
        let values = self.read::<T>()?.map(|x| x.map(&widen)).enumerate();
        values.map(|(k, x)| x.and_then(|x| convert(x).ok_or_else(|| refused(k, x)))).collect()
    }

    fn read<T: Deserialize>(&self) -> Result<impl Iterator<Item = Result<T, Error>>, Error> {
        let damaged =
            || self.refuse("holds bytes that are no value of its dtype", "the file is damaged: save it again");
        let stored = NpyFile::with_header(self.header.clone(), &self.bytes[self.payload..]);
        let values = stored.data::<T>().map_err(|_| damaged())?;
        Ok(values.map(move |x| x.map_err(|_| damaged())))
    }

    /// Where the `k`th stored value is, in words; nothing for a scalar.
    fn position(&self, mut k: usize) -> String {
        if self.shape.is_empty() {
            return String::new();
        }
        let mut index = vec![0; self.shape.len()];
        let mut axes: Vec<usize> = (0..self.shape.len()).collect();
        if self.header.order() == Order::C {
            axes.reverse();
        }
        for axis in axes {
            index[axis] = k % self.shape[axis];
            k /= self.shape[axis];
        }
        format!(" at {index:?}")
    }
}

/// A shape as NumPy prints it.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [n] => format!("({n},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Refuses a header that no plain array has, before it is parsed.
///
/// The parser takes any Python literal: thousands of brackets would exhaust its stack, a few dozen
/// its patience (it tries each as a list and again as another thing), and lengths whose product
/// overflows would stop a checked build. With at most 18 digits in the whole header, every product
/// of lengths is below 10¹⁸.
fn screen_header(bytes: &[u8]) -> Result<(), &'static str> {
    let text = match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, 0, low, high, rest @ ..] => {
            rest.get(..usize::from(u16::from_le_bytes([*low, *high])))
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, 0, a, b, c, d, rest @ ..] => {
            usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok().and_then(|length| rest.get(..length))
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', _, _, _, _, ..] => {
            return Err("is of an unknown version of the npy format");
        }
        _ => return Err("is not in the npy format"),
    };
    let text = text.ok_or("ends within its header")?;
    let count = |pick: fn(&u8) -> bool| text.iter().filter(|byte| pick(byte)).count();
    let plain = count(|byte| !(b' '..=b'~').contains(byte) && *byte != b'\n' || *byte == b'\\') == 0;
    if !plain || text.len() > MAX_HEADER || count(|byte| b"([{".contains(byte)) > 8 {
        return Err("has a header that no plain array has");
    }
    if count(u8::is_ascii_digit) > 18 {
        return Err("declares a shape that fits into no memory");
    }
    Ok(())
}

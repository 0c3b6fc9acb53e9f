//! NumPy's `.npz`: a zip archive of arrays.

use std::{
    borrow::Cow,
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use npyz::{AutoSerialize, DType, WriteOptions, WriterBuilder};
use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{npy::Array, write_atomically};
use crate::Error;

/// Deflate cannot expand one byte to more than this.
const MAX_EXPANSION: u64 = 1032;

/// An archive held in memory.
pub struct Npz {
    path: PathBuf,
    archive: ZipArchive<Cursor<Cow<'static, [u8]>>>,
    size: u64,
}

impl Npz {
    /// Reads the table of contents; `path` is used in messages only.
    pub fn new(path: impl Into<PathBuf>, bytes: Cow<'static, [u8]>) -> Result<Self, Error> {
        let (path, size) = (path.into(), bytes.len() as u64);
        let (problem, remedy) = match &bytes[..] {
            [] => ("the file is empty", "save it again"),
            [b'P', b'K', ..] => ("the archive is damaged or cut short", "copy or save it again"),
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
                ("this is a single array (.npy)", "save named arrays with numpy.savez")
            }
            _ => ("this is not an .npz archive", "save named arrays with numpy.savez"),
        };
        match ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) => Ok(Self { path, archive, size }),
            Err(_) => Err(Error::format(path, problem, remedy)),
        }
    }

    /// The names of the arrays.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = (self.archive.file_names_raw())
            .filter_map(|name| Some(std::str::from_utf8(name).ok()?.strip_suffix(".npy")?.to_owned()))
            .collect();
        keys.sort_unstable();
        keys
    }

    /// The names of the arrays in words.
    pub fn keys_found(&self) -> String {
        match &self.keys()[..] {
            [] => "no arrays".into(),
            keys => list(keys),
        }
    }

    /// Whether there is an array of this name.
    pub fn has(&self, key: &str) -> bool {
        self.archive.index_for_name(&file_name(key)).is_some()
    }

    /// An error about this file.
    pub fn refuse(&self, problem: impl Into<String>, remedy: impl Into<String>) -> Error {
        Error::format(&self.path, problem, remedy)
    }

    /// An error about the model in this file.
    pub fn refuse_model(&self, error: Error) -> Error {
        match error {
            Error::Model { problem, remedy } => self.refuse(problem, remedy),
            other => other,
        }
    }

    /// The array `key`, if there is one.
    pub fn optional(&mut self, key: &str) -> Result<Option<Array>, Error> {
        if self.has(key) { self.array(key).map(Some) } else { Ok(None) }
    }

    /// The array `key`.
    pub fn array(&mut self, key: &str) -> Result<Array, Error> {
        match self.unpack(key) {
            Ok(bytes) => Array::new(&self.path, key, bytes),
            Err(ZipError::FileNotFound) => {
                let problem = format!("there is no array `{key}`; the file holds {}", self.keys_found());
                Err(self.refuse(problem, format!("save `{key}`, too")))
            }
            Err(ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_)) => Err(self.refuse(
                format!("`{key}` is compressed or encrypted in a way that NumPy does not use"),
                "save the file with numpy.savez or numpy.savez_compressed",
            )),
            Err(_) => {
                Err(self.refuse(format!("the array `{key}` is damaged or cut short"), "copy or save the file again"))
            }
        }
    }

    fn unpack(&mut self, key: &str) -> Result<Vec<u8>, ZipError> {
        let damaged = || ZipError::InvalidArchive("declared size".into());
        let entry = self.archive.by_name(&file_name(key))?;
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(ZipError::UnsupportedArchive("compression"));
        }
        let declared = entry.size();
        if declared > self.size.saturating_mul(MAX_EXPANSION) {
            return Err(damaged());
        }
        // Grows with what is really there. Reading past the declared end also makes the checksum be
        // compared.
        let mut bytes = Vec::new();
        entry.take(declared + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == declared { Ok(bytes) } else { Err(damaged()) }
    }
}

/// Names in words: `a`, `b`.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

fn file_name(key: &str) -> String {
    format!("{key}.npy")
}

/// An archive being written, deflated. The same arrays give the same bytes: no time is recorded.
pub struct NpzWriter {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl NpzWriter {
    /// Writes the arrays that `add` adds to the file `path`, whole or not at all.
    pub fn save(path: &Path, add: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<(), Error> {
        let mut writer = Self { zip: ZipWriter::new(Cursor::default()) };
        let bytes = add(&mut writer).and_then(|()| Ok(writer.zip.finish()?.into_inner()));
        write_atomically(path, &bytes.map_err(Error::io("write", path))?)
    }

    /// Adds numbers, the last axis varying fastest.
    pub fn numbers<T: AutoSerialize>(
        &mut self,
        key: &str,
        shape: &[usize],
        values: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        self.begin(key, shape, size_of::<T>())?;
        let mut array = WriteOptions::new().default_dtype().shape(&lengths(shape)).writer(&mut self.zip).begin_nd()?;
        array.extend(values)?;
        array.finish()
    }

    /// Adds strings.
    pub fn strings(&mut self, key: &str, shape: &[usize], values: &[&str]) -> io::Result<()> {
        let longest = values.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
        let dtype = DType::new_scalar(format!("<U{longest}").parse().map_err(io::Error::other)?);
        self.begin(key, shape, 4 * longest)?;
        let mut array =
            WriteOptions::<str>::new().dtype(dtype).shape(&lengths(shape)).writer(&mut self.zip).begin_nd()?;
        for text in values {
            array.push(text)?;
        }
        array.finish()
    }

    fn begin(&mut self, key: &str, shape: &[usize], item: usize) -> io::Result<()> {
        // Sizes from 4 GiB on need the wide form of the zip entry.
        let large = shape.iter().product::<usize>().saturating_mul(item) as u64 > u64::from(u32::MAX / 2);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .large_file(large);
        Ok(self.zip.start_file(file_name(key), options)?)
    }
}

fn lengths(shape: &[usize]) -> Vec<u64> {
    shape.iter().map(|&n| n as u64).collect()
}

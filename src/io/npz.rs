//! NumPy's `.npz`: a zip archive of arrays.

use std::{
    io::{self, Cursor},
    path::{Path, PathBuf},
};

use npyz::{AutoSerialize, DType, WriteOptions, WriterBuilder};
use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{
    accounted::{is_harmless, unknown},
    npy::Array,
    rbm_parts::about,
    write_atomically, zip_layout,
};
use crate::Error;

/// An archive held in memory.
pub struct Npz<'a> {
    path: PathBuf,
    archive: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Npz<'a> {
    /// Reads the table of contents; `path` is used in messages only.
    pub fn new(path: impl Into<PathBuf>, bytes: &'a [u8]) -> Result<Self, Error> {
        let path = path.into();
        let again = "copy or save it again";
        zip_layout::check(bytes).map_err(|flaw| Error::format(&path, format!("the archive {flaw}"), again))?;
        match ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) => Ok(Self { path, archive }),
            Err(_) => Err(Error::format(path, "the archive is damaged or cut short", again)),
        }
    }

    /// Reads everything to its end, and so holds every entry against its checksum, whoever knows it.
    #[cfg(feature = "cli")]
    pub fn check(&mut self) -> Result<(), Error> {
        for index in 0..self.archive.len() {
            let read = |mut entry: zip::read::ZipFile<'_, _>| io::copy(&mut entry, &mut io::sink());
            let whole = self.archive.by_index(index).map_err(io::Error::from).and_then(read);
            if whole.is_err() {
                let problem = format!("entry {} of the archive is damaged or cut short", index + 1);
                return Err(self.refuse(problem, "copy or save the file again"));
            }
        }
        Ok(())
    }

    /// The names of the arrays; of an entry that is no array, its name as it is.
    pub fn keys(&self) -> Vec<String> {
        let name = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            name.strip_suffix(".npy").unwrap_or(&name).to_owned()
        };
        let mut keys: Vec<String> = self.archive.file_names_raw().map(name).collect();
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

    /// Refuses an array that is neither among `known` nor harmless.
    pub fn account(&self, known: &[&str]) -> Result<(), Error> {
        let understood = |key: &String| self.has(key) && (known.contains(&&**key) || is_harmless(key));
        match self.keys().iter().find(|key| !understood(key)) {
            Some(key) => {
                let (problem, remedy) = unknown(key, known);
                Err(self.refuse(problem, remedy))
            }
            None => Ok(()),
        }
    }

    /// Whether there is an array of this name.
    pub fn has(&self, key: &str) -> bool {
        self.archive.index_for_name(&file_name(key)).is_some()
    }

    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An error about this file.
    pub fn refuse(&self, problem: impl Into<String>, remedy: impl Into<String>) -> Error {
        Error::format(&self.path, problem, remedy)
    }

    /// An error about the model in this file.
    pub fn refuse_model(&self, error: Error) -> Error {
        about(&self.path, error)
    }

    /// The array `key`, if there is one.
    pub fn optional(&mut self, key: &str) -> Result<Option<Array>, Error> {
        if self.has(key) { self.array(key).map(Some) } else { Ok(None) }
    }

    /// The array `key`.
    pub fn array(&mut self, key: &str) -> Result<Array, Error> {
        let refuse = |problem: String, remedy: String| Err(Error::format(&self.path, problem, remedy));
        let again = "save the file with numpy.savez or numpy.savez_compressed";
        let strange = format!("`{key}` is compressed or encrypted in a way that NumPy does not use");
        if !self.has(key) {
            let problem = format!("there is no array `{key}`; the file holds {}", self.keys_found());
            return refuse(problem, format!("save `{key}`, too"));
        }
        match self.archive.by_name(&file_name(key)) {
            Ok(entry) if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) => {
                refuse(strange, again.into())
            }
            Ok(entry) => Array::read(&self.path, key, entry.size(), entry),
            Err(ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_)) => {
                refuse(strange, again.into())
            }
            Err(_) => {
                refuse(format!("the array `{key}` is damaged or cut short"), "copy or save the file again".into())
            }
        }
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
        write_atomically(path, &Self::bytes(add).map_err(Error::io("write", path))?)
    }

    /// The bytes of an archive of the arrays that `add` adds.
    pub fn bytes(add: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<Vec<u8>> {
        let mut writer = Self { zip: ZipWriter::new(Cursor::default()) };
        add(&mut writer)?;
        Ok(writer.zip.finish()?.into_inner())
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

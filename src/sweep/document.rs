//! A TOML text whose tables are read key by key, so that every refusal names a line and a key.

use std::{ops::Range, path::Path};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use crate::Error;

/// The text, and where it came from.
#[derive(Clone, Copy)]
pub struct Document<'t> {
    path: &'t Path,
    text: &'t str,
}

/// A value with its key, as `axes.beta`, and its place in the text.
#[derive(Clone)]
pub struct Entry<'t> {
    document: Document<'t>,
    /// The key without its table.
    pub name: String,
    key: String,
    place: Range<usize>,
    value: Spanned<DeValue<'t>>,
}

/// A table of which each key is taken once; [`finish`](Self::finish) refuses what is left.
pub struct Section<'t> {
    document: Document<'t>,
    key: String,
    place: Range<usize>,
    entries: Vec<Entry<'t>>,
}

impl<'t> Document<'t> {
    /// Parses the text; its root table.
    pub fn parse(text: &'t str, path: &'t Path) -> Result<Section<'t>, Error> {
        let document = Self { path, text };
        let table = DeTable::parse(text).map_err(|e| {
            let place = e.span().unwrap_or(0..0);
            Error::format(path, format!("{}: {}", document.line(&place), e.message()), "correct the TOML")
        })?;
        Ok(Section::new(document, String::new(), 0..0, table.into_inner()))
    }

    fn line(&self, place: &Range<usize>) -> String {
        let before = &self.text.as_bytes()[..place.start.min(self.text.len())];
        format!("line {}", 1 + before.iter().filter(|byte| **byte == b'\n').count())
    }

    fn refuse(&self, place: &Range<usize>, key: &str, problem: impl AsRef<str>, remedy: impl Into<String>) -> Error {
        Error::format(self.path, format!("{}: `{key}` {}", self.line(place), problem.as_ref()), remedy)
    }
}

impl<'t> Section<'t> {
    fn new(document: Document<'t>, key: String, place: Range<usize>, table: DeTable<'t>) -> Self {
        let entry = |(name, value): (Spanned<_>, _)| {
            let (place, name) = (name.span(), String::from(name.into_inner()));
            let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            Entry { document, name, key, place, value }
        };
        let mut entries: Vec<_> = table.into_iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.place.start); // as they are written, not by name
        Self { document, key, place, entries }
    }

    /// The value of a key, if it is there.
    pub fn take(&mut self, name: &str) -> Option<Entry<'t>> {
        let k = self.entries.iter().position(|entry| entry.name == name)?;
        Some(self.entries.remove(k))
    }

    /// A table that must be there; `remedy` says what to write.
    pub fn section(&mut self, name: &str, remedy: &str) -> Result<Self, Error> {
        match self.take(name) {
            Some(entry) => entry.into_section(),
            None => Err(Error::format(self.document.path, format!("there is no table `[{name}]`"), remedy)),
        }
    }

    /// All entries that are left, in the order in which they are written.
    pub fn rest(&mut self) -> Vec<Entry<'t>> {
        std::mem::take(&mut self.entries)
    }

    /// Refuses the first key that nobody took. `known` are the keys that there could have been.
    pub fn finish(self, known: &str) -> Result<(), Error> {
        match self.entries.first() {
            Some(entry) => Err(entry.refuse("is not known here", format!("the keys here are {known}"))),
            None => Ok(()),
        }
    }

    /// The keys that are left, in the order in which they are written.
    pub fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.name.clone()).collect()
    }

    /// A refusal of the table as a whole.
    pub fn refuse(&self, problem: impl AsRef<str>, remedy: impl Into<String>) -> Error {
        self.document.refuse(&self.place, &self.key, problem, remedy)
    }
}

impl<'t> Entry<'t> {
    /// A refusal of this entry.
    pub fn refuse(&self, problem: impl AsRef<str>, remedy: impl Into<String>) -> Error {
        self.document.refuse(&self.place, &self.key, problem, remedy)
    }

    /// The entry as a table.
    pub fn into_section(self) -> Result<Section<'t>, Error> {
        let Self { document, key, place, value, .. } = self.clone();
        match value.into_inner() {
            DeValue::Table(table) => Ok(Section::new(document, key, place, table)),
            other => {
                Err(self.refuse(format!("is a {}", other.type_str()), format!("make it a table, `[{}]`", self.key)))
            }
        }
    }

    /// The entry as a `T`, refused in the words of serde, at the line of the key within it that is
    /// to blame.
    pub fn read<T: DeserializeOwned>(&self, remedy: &str) -> Result<T, Error> {
        T::deserialize(ValueDeserializer::from(self.value.clone())).map_err(|e| {
            let place = e.span().unwrap_or_else(|| self.place.clone());
            self.document.refuse(&place, &self.key, format!("cannot be used: {}", e.message()), remedy)
        })
    }

    /// The entry as text.
    pub fn text(&self, remedy: &str) -> Result<String, Error> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            other => Err(self.refuse(format!("is a {}", other.type_str()), remedy)),
        }
    }

    /// The value itself.
    pub fn value(&self) -> &DeValue<'t> {
        self.value.get_ref()
    }
}

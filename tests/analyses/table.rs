//! The tables of the analyses, read.

use std::{collections::HashMap, path::Path};

use plefka::plot::{Chart, FigureFile};
use serde::de::DeserializeOwned;

/// A table by method and β, as written, and by column.
pub type Table = HashMap<(String, String), HashMap<String, String>>;

pub fn table(csv: &str) -> Table {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let key = (record[0].to_string(), record[1].to_string());
        (key, header.iter().zip(&record).map(|(name, cell)| (name.into(), cell.into())).collect())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

pub fn number(row: &HashMap<String, String>, column: &str) -> Option<f64> {
    Some(&row[column]).filter(|cell| !cell.is_empty()).map(|cell| cell.parse().unwrap())
}

/// Each row of a table, by the name in its first column.
pub fn by_name(csv: &str) -> HashMap<String, HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        (record[0].to_string(), header.iter().zip(&record).map(|(name, cell)| (name.into(), cell.into())).collect())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// The rows of the table at a path below `analyses/`.
pub fn rows<T: DeserializeOwned>(path: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("analyses").join(path);
    csv::Reader::from_path(path).unwrap().deserialize().collect::<Result<_, _>>().unwrap()
}

/// The committed figure at a path below `analyses/` shows the rows that this chart was made of.
pub fn check_figure(path: &str, chart: Chart) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("analyses").join(path);
    let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap());
    let saved = FigureFile::read_all(folder).unwrap().into_iter().find(|(of, _)| of == name);
    let (_, saved) = saved.unwrap_or_else(|| panic!("there is no {}", path.display()));
    assert!(saved == FigureFile::from(chart), "{} is not of the committed table", path.display());
}

//! Figures that are saved as the numbers they are drawn from: `NAME.figure.json` beside `NAME.svg`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Chart, Figure, HeatMap, chart, heat_map::heat_map};
use crate::{
    Error,
    io::{Seal, json_seal, read_text, sealed_json, write_atomically},
};

/// How the name of a file of numbers ends.
const ENDING: &str = ".figure.json";

/// The numbers of one figure.
///
/// ```
/// use plefka::plot::{Chart, FigureFile, Series};
/// let dir = tempfile::tempdir()?;
/// let parabola = Series::theory("x²", 1, (0..9).map(f64::from).map(|x| (x, x * x)));
/// let saved = FigureFile::from(Chart {
///     title: "A parabola".into(),
///     subtitle: "nine points".into(),
///     caption: "x² against x.".into(),
///     labels: ["x".into(), "x²".into()],
///     series: vec![parabola],
///     vertical: vec![],
///     horizontal: vec![],
/// });
/// let written = saved.save(dir.path(), "parabola")?; // parabola.figure.json, parabola.svg
/// assert_eq!(written.len(), 2);
/// assert_eq!(FigureFile::read_all(dir.path())?, [("parabola".to_string(), saved)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "figure", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FigureFile {
    /// Curves over one parameter.
    Chart(Chart),
    /// A number over two parameters.
    HeatMap(HeatMap),
}

impl From<Chart> for FigureFile {
    fn from(chart: Chart) -> Self {
        Self::Chart(chart)
    }
}

impl From<HeatMap> for FigureFile {
    fn from(map: HeatMap) -> Self {
        Self::HeatMap(map)
    }
}

impl FigureFile {
    /// The figure, called `name`. `None` if there is no number to draw.
    ///
    /// # Errors
    /// Those of the kind of figure, as of [`chart`].
    pub fn draw(&self, name: &str) -> Result<Option<Figure>, Error> {
        match self {
            Self::Chart(numbers) => chart(name, numbers),
            Self::HeatMap(numbers) => heat_map(name, numbers),
        }
    }

    /// Writes `NAME.figure.json`, and `NAME.svg` if there is a number to draw, to the folder `dir`;
    /// the paths of both.
    ///
    /// # Errors
    /// Those of [`draw`](Self::draw); [`Error::Format`] if a coordinate is not finite, which JSON
    /// has no number for; [`Error::Io`] if a file cannot be written.
    pub fn save(&self, dir: &Path, name: &str) -> Result<Vec<PathBuf>, Error> {
        let path = dir.join(Self::file_name(name));
        let (text, figure) = self.text_and_figure(name)?;
        write_atomically(&path, text.as_bytes())?;
        let drawn = figure.map(|figure| figure.write(dir)).transpose()?;
        Ok(std::iter::once(path).chain(drawn).collect())
    }

    /// The name of the file of the figure called `name`.
    pub(crate) fn file_name(name: &str) -> String {
        format!("{name}{ENDING}")
    }

    /// What is saved of the figure called `name`, and the figure if there is a number to draw.
    pub(crate) fn text_and_figure(&self, name: &str) -> Result<(String, Option<Figure>), Error> {
        let path = Self::file_name(name);
        let unfit = |e: serde_json::Error| {
            Error::format(Path::new(&path), e.to_string(), "leave out coordinates that are not finite")
        };
        let text = serde_json::to_string(self).map_err(unfit)?;
        // Drawn from what will be read, so that it is drawn the same again.
        let saved: Self = serde_json::from_str(&text).map_err(unfit)?;
        Ok((sealed_json(&text), saved.draw(name)?))
    }

    /// Writes `NAME.svg` alone.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn draw_into(&self, dir: &Path, name: &str) -> Result<Option<PathBuf>, Error> {
        self.draw(name)?.map(|figure| figure.write(dir)).transpose()
    }

    /// The numbers of every figure in a folder with their names, in the order of these.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder or a file cannot be read; [`Error::Format`] if a file is not one
    /// of these.
    pub fn read_all(dir: &Path) -> Result<Vec<(String, Self)>, Error> {
        let mut found = Vec::new();
        for entry in fs::read_dir(dir).map_err(Error::io("read", dir))? {
            let path = entry.map_err(Error::io("read", dir))?.path();
            let Some(name) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(ENDING)) else {
                continue;
            };
            let text = read_text(&path)?;
            if json_seal(&text) == Seal::Broken {
                let problem = "its checksum does not fit: it was damaged, or changed after it was written";
                return Err(Error::format(&path, problem, "restore it, or make it again"));
            }
            let numbers = serde_json::from_str(&text)
                .map_err(|e| Error::format(&path, e.to_string(), "remove the file, or make it again"))?;
            found.push((name.to_owned(), numbers));
        }
        found.sort_by(|a: &(String, Self), b| a.0.cmp(&b.0));
        Ok(found)
    }
}

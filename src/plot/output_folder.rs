//! A folder of results: the numbers, and what is drawn from them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{FigureFile, figures, history_charts, report, temperatures};
use crate::{
    Error,
    io::{self, HistoryFile, ResultFile, TemperatureFile, Transaction, sealed_xml},
};

/// The numbers of curves, in a folder of results.
pub const RESULTS: &str = "results.json";
/// The numbers of temperatures.
pub const TEMPERATURES: &str = "temperature.json";
/// The numbers of a history.
pub const HISTORY: &str = "history.json";

/// A folder of results that is locked, so that a long run does not mix with another. Files appear in
/// it together or not at all, and each figure carries the checksum of the numbers it was drawn from.
///
/// # Examples
/// ```
/// use plefka::{io::{self, CurveRecord, Provenance, ResultFile}, plot::OutputFolder};
/// # let dir = tempfile::tempdir().unwrap();
/// # let dir = dir.path();
/// let model = io::load_model("builtin:mnist20")?;
/// let curve = plefka::Exact::default();
/// let curve = plefka::Estimator::curve(&curve, model.rbm()?, &plefka::Betas::one(1.0)?, &plefka::Run::quiet(1))?;
/// let results = ResultFile::new(model.info, vec![CurveRecord::from(&curve)], Provenance::default());
/// let written = OutputFolder::open(dir)?.save(&results)?;
/// assert!(written.iter().all(|path| path.exists()));
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug)]
pub struct OutputFolder {
    dir: PathBuf,
    transaction: Transaction,
}

impl OutputFolder {
    /// Makes the folder if need be, and locks it.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses, [`Error::Format`] if another process is at work on it.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        io::make_folder(dir)?;
        Ok(Self { dir: dir.to_owned(), transaction: Transaction::begin(dir)? })
    }

    /// Saves the numbers and draws them, all or none; the paths of what was written.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn save(&mut self, results: &ResultFile) -> Result<Vec<PathBuf>, Error> {
        let json = results.to_json()?;
        let mut written = vec![self.transaction.write(RESULTS, &json)?];
        written.push(self.transaction.write("results.csv", &io::to_csv(results)?)?);
        written.extend(self.draw(results, io::json_seal(&json).checksum())?);
        self.commit()?;
        Ok(written)
    }

    /// Draws every figure and the report from the numbers with this checksum; the paths of what will
    /// be there.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn draw(&mut self, results: &ResultFile, sum: Option<&str>) -> Result<Vec<PathBuf>, Error> {
        self.forget(RESULTS)?;
        let source = sum.map(|sum| (RESULTS, sum));
        let mut written = Vec::new();
        for figure in figures(results)? {
            written.push(self.transaction.write(&figure.file_name(), &sealed_xml(&figure.svg, source))?);
        }
        let report = sealed_xml(&report::render(results)?, source);
        written.push(self.transaction.write(report::FILE_NAME, &report)?);
        Ok(written)
    }

    /// Saves temperatures and draws them; the paths of what was written.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn save_temperatures(&mut self, file: &TemperatureFile) -> Result<Vec<PathBuf>, Error> {
        let json = file.to_json()?;
        let mut written = vec![self.transaction.write(TEMPERATURES, &json)?];
        written.push(self.transaction.write("temperature.csv", &file.to_csv()?)?);
        written.extend(self.draw_temperatures(file, io::json_seal(&json).checksum())?);
        self.commit()?;
        Ok(written)
    }

    /// Draws temperatures with this checksum; the path of the figure, if there is an estimate to
    /// draw.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn draw_temperatures(&mut self, file: &TemperatureFile, sum: Option<&str>) -> Result<Option<PathBuf>, Error> {
        self.forget(TEMPERATURES)?;
        let Some(svg) = temperatures(file)? else { return Ok(None) };
        let sealed = sealed_xml(&svg, sum.map(|sum| (TEMPERATURES, sum)));
        Ok(Some(self.transaction.write("temperature.svg", &sealed)?))
    }

    /// Saves a history and draws it, all or none; the paths of what was written.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn save_history(&mut self, file: &HistoryFile) -> Result<Vec<PathBuf>, Error> {
        let json = file.to_json()?;
        let mut written = vec![self.transaction.write(HISTORY, &json)?];
        written.push(self.transaction.write("history.csv", &file.to_csv())?);
        self.forget(HISTORY)?;
        let sum = io::json_seal(&json);
        for (name, chart) in history_charts(file) {
            let (text, figure) = FigureFile::from(chart).text_and_figure(name)?;
            written.push(self.transaction.write(&FigureFile::file_name(name), &text)?);
            if let Some(figure) = figure {
                let sealed = sealed_xml(&figure.svg, sum.checksum().map(|sum| (HISTORY, sum)));
                written.push(self.transaction.write(&figure.file_name(), &sealed)?);
            }
        }
        self.commit()?;
        Ok(written)
    }

    /// Draws the saved numbers of one figure; its path, if there is a number to draw.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn draw_figure(&mut self, name: &str, figure: &FigureFile) -> Result<Option<PathBuf>, Error> {
        let Some(figure) = figure.draw(name)? else { return Ok(None) };
        Ok(Some(self.transaction.write(&figure.file_name(), &sealed_xml(&figure.svg, None))?))
    }

    /// Puts what was written in its place.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn commit(&mut self) -> Result<(), Error> {
        self.transaction.commit()
    }

    /// What an earlier run has drawn from its numbers goes when those of this one come.
    fn forget(&mut self, source: &str) -> Result<(), Error> {
        for entry in fs::read_dir(&self.dir).map_err(Error::io("read", &self.dir))? {
            let path = entry.map_err(Error::io("read", &self.dir))?.path();
            let is_drawn = path.extension().is_some_and(|ending| ending == "svg" || ending == "html");
            if is_drawn
                && let Ok(text) = fs::read_to_string(&path)
                && let (Some((of, _)), Some(name)) = (io::xml_seal(&text).1, path.file_name())
                && of == source
            {
                self.transaction.remove(name.to_string_lossy().into_owned());
            }
        }
        Ok(())
    }
}

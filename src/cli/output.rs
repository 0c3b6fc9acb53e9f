//! Where results go to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::console;
use crate::{
    Error,
    io::{self, HistoryFile, ResultFile, Seal, TemperatureFile, Transaction, sealed_xml},
    plot::{self, FigureFile},
};

/// The files of numbers that figures are drawn from.
pub const RESULTS: &str = "results.json";
pub const TEMPERATURES: &str = "temperature.json";
pub const HISTORY: &str = "history.json";

/// A folder that was found writable and is locked before any work, so that a long run neither dies
/// when it saves nor mixes with another.
pub struct OutputFolder {
    dir: PathBuf,
    transaction: Transaction,
}

impl OutputFolder {
    /// Makes the folder if need be, writes to it on trial and locks it.
    ///
    /// `argument` is how the user gave it, for the message.
    pub fn open(argument: &str, dir: &Path) -> anyhow::Result<Self> {
        check_folder(argument, dir)?;
        let transaction = Transaction::begin(dir).context(argument.to_owned())?;
        Ok(Self { dir: dir.to_owned(), transaction })
    }

    /// Saves the numbers and draws them, all or none; the paths of what was written.
    pub fn save(&mut self, results: &ResultFile) -> anyhow::Result<Vec<PathBuf>> {
        let json = results.to_json()?;
        let mut written = vec![self.transaction.write(RESULTS, &json)?];
        written.push(self.transaction.write("results.csv", &io::to_csv(results)?)?);
        written.extend(self.draw(results, io::json_seal(&json).checksum())?);
        self.commit()?;
        Ok(written)
    }

    /// Draws every figure and the report from the numbers with this checksum; the paths of what will
    /// be there.
    pub fn draw(&mut self, results: &ResultFile, sum: Option<&str>) -> anyhow::Result<Vec<PathBuf>> {
        self.forget(RESULTS)?;
        let source = sum.map(|sum| (RESULTS, sum));
        let mut written = Vec::new();
        for figure in plot::figures(results)? {
            written.push(self.transaction.write(&figure.file_name(), &sealed_xml(&figure.svg, source))?);
        }
        let report = sealed_xml(&plot::report::render(results)?, source);
        written.push(self.transaction.write(plot::report::FILE_NAME, &report)?);
        Ok(written)
    }

    /// Saves temperatures and draws them; the paths of what was written.
    pub fn save_temperatures(&mut self, file: &TemperatureFile) -> anyhow::Result<Vec<PathBuf>> {
        let json = file.to_json()?;
        let mut written = vec![self.transaction.write(TEMPERATURES, &json)?];
        written.push(self.transaction.write("temperature.csv", &file.to_csv()?)?);
        written.extend(self.draw_temperatures(file, io::json_seal(&json).checksum())?);
        self.commit()?;
        Ok(written)
    }

    /// Draws temperatures with this checksum; the path of the figure, if there is an estimate to
    /// draw.
    pub fn draw_temperatures(&mut self, file: &TemperatureFile, sum: Option<&str>) -> anyhow::Result<Option<PathBuf>> {
        self.forget(TEMPERATURES)?;
        let Some(svg) = plot::temperatures(file)? else { return Ok(None) };
        let sealed = sealed_xml(&svg, sum.map(|sum| (TEMPERATURES, sum)));
        Ok(Some(self.transaction.write("temperature.svg", &sealed)?))
    }

    /// Saves a history and draws it, all or none; the paths of what was written.
    pub fn save_history(&mut self, file: &HistoryFile) -> anyhow::Result<Vec<PathBuf>> {
        let json = file.to_json()?;
        let mut written = vec![self.transaction.write(HISTORY, &json)?];
        written.push(self.transaction.write("history.csv", &file.to_csv())?);
        self.forget(HISTORY)?;
        let sum = io::json_seal(&json);
        for (name, chart) in plot::history_charts(file) {
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
    pub fn draw_figure(&mut self, name: &str, figure: &FigureFile) -> anyhow::Result<Option<PathBuf>> {
        let Some(figure) = figure.draw(name)? else { return Ok(None) };
        Ok(Some(self.transaction.write(&figure.file_name(), &sealed_xml(&figure.svg, None))?))
    }

    /// Puts what was written in its place.
    pub fn commit(&mut self) -> anyhow::Result<()> {
        Ok(self.transaction.commit()?)
    }

    /// What an earlier run has drawn from its numbers goes when those of this one come.
    fn forget(&mut self, source: &str) -> anyhow::Result<()> {
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

/// The checksum of a file of numbers in a folder; says so if it carries none.
pub fn checksum(dir: &Path, name: &str) -> anyhow::Result<Option<String>> {
    let path = dir.join(name);
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    let seal = io::json_seal(&text);
    if seal == Seal::None {
        console::note(format!(
            "{} carries no checksum: whether it is as it was written cannot be known",
            path.display()
        ));
    }
    Ok(seal.checksum().map(str::to_owned))
}

/// Makes a folder if need be, and writes to it on trial.
///
/// `argument` is how the user gave it, for the message.
pub fn check_folder(argument: &str, dir: &Path) -> anyhow::Result<()> {
    if dir.exists() && !dir.is_dir() {
        bail!("{argument}: `{}` is a file; choose the name of a folder", dir.display());
    }
    let opened = fs::create_dir_all(dir)
        .map_err(Error::io("create", dir))
        .and_then(|()| tempfile::tempfile_in(dir).map_err(Error::io("write to", dir)));
    match opened {
        Ok(_trial) => Ok(()),
        Err(error) => bail!("{argument}: {error}; choose a folder that can be written to"),
    }
}

/// Refuses a file that could not be written, before any work.
///
/// `argument` is how the user gave it, for the message.
pub fn check_file(argument: &str, path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{argument}: `{}` is a folder; give the name of a file", path.display());
    }
    if path.exists() && !path.is_file() {
        return Ok(()); // A pipe or a device: it can only be tried.
    }
    io::check_link(path).context(argument.to_owned())?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match tempfile::tempfile_in(folder).map_err(Error::io("write to", folder)) {
        Ok(_trial) => Ok(()),
        Err(error) => bail!("{argument}: {error}; choose a folder that is there and can be written to"),
    }
}

/// The paths, one a line.
pub fn list(written: &[PathBuf]) -> String {
    written.iter().map(|path| format!("{}\n", path.display())).collect()
}

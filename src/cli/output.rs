//! Where results go to.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::{
    Error,
    io::{self, HistoryFile, ResultFile, TemperatureFile},
    plot::{self, FigureFile},
};

/// A folder that was found writable before any work, so that a long run cannot die when it saves.
pub struct OutputFolder(PathBuf);

impl OutputFolder {
    /// Makes the folder if need be, and writes to it on trial.
    ///
    /// `argument` is how the user gave it, for the message.
    pub fn open(argument: &str, dir: &Path) -> anyhow::Result<Self> {
        let opened = std::fs::create_dir_all(dir)
            .map_err(Error::io("create", dir))
            .and_then(|()| tempfile::tempfile_in(dir).map_err(Error::io("write to", dir)));
        match opened {
            Ok(_trial) => Ok(Self(dir.to_owned())),
            Err(error) => bail!("{argument}: {error}; choose a folder that can be written to"),
        }
    }

    /// Saves the numbers and draws them; the paths of what was written.
    pub fn save(&self, results: &ResultFile) -> anyhow::Result<Vec<PathBuf>> {
        let table = self.0.join("results.csv");
        let mut written = vec![results.write(&self.0)?];
        io::write_csv(results, &table)?;
        written.push(table);
        written.extend(self.draw(results)?);
        Ok(written)
    }

    /// Draws every figure and the report from saved numbers; the paths of what was written.
    pub fn draw(&self, results: &ResultFile) -> anyhow::Result<Vec<PathBuf>> {
        let mut written = plot::draw_all(results, &self.0)?;
        written.push(plot::report::write(results, &self.0)?);
        Ok(written)
    }

    /// Saves temperatures and draws them; the paths of what was written.
    pub fn save_temperatures(&self, file: &TemperatureFile) -> anyhow::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for (name, text) in [("temperature.json", file.to_json()?), ("temperature.csv", file.to_csv()?)] {
            written.push(self.write(name, &text)?);
        }
        written.extend(self.draw_temperatures(file)?);
        Ok(written)
    }

    /// Saves a history and draws it; the paths of what was written.
    pub fn save_history(&self, file: &HistoryFile) -> anyhow::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for (name, text) in [("history.json", file.to_json()?), ("history.csv", file.to_csv())] {
            written.push(self.write(name, &text)?);
        }
        for (name, chart) in plot::history_charts(file) {
            written.extend(FigureFile::from(chart).save(&self.0, name)?);
        }
        Ok(written)
    }

    /// Draws saved temperatures; the path of the figure, if there is an estimate to draw.
    pub fn draw_temperatures(&self, file: &TemperatureFile) -> anyhow::Result<Option<PathBuf>> {
        plot::temperatures(file)?.map(|svg| self.write("temperature.svg", &svg)).transpose()
    }

    /// Draws the saved numbers of one figure; its path, if there is a number to draw.
    pub fn draw_figure(&self, name: &str, figure: &FigureFile) -> anyhow::Result<Option<PathBuf>> {
        Ok(figure.draw_into(&self.0, name)?)
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.0.join(name);
        io::write_atomically(&path, text.as_bytes())?;
        Ok(path)
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

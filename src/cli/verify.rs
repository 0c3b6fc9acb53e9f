//! `plefka verify`: is everything as it was written?

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::{Subcommand, console};
use crate::{
    Error,
    io::{self, HistoryFile, ResultFile, SamplesFile, Seal, TemperatureFile, Transaction},
    plot,
    sweep::{self, STORE, Store},
};

/// The longer help.
pub const LONG: &str = "\
Check that files are as plefka wrote them, and that those of a folder belong to one run.

Results, figures, reports and the plan and the log of a training run carry a checksum, archives one
of each array, each line of a sweep its own; other tables are compared with the numbers that they
were made from. What a killed process had decided
to write is finished first. A file without a checksum (of an older version, or of another program)
is named as such and is no failure. Exit status 1 if anything is damaged or of another run.";

/// The arguments of `verify`.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// A folder that plefka has written to, or a single file
    #[arg(value_name = "FOLDER|FILE")]
    path: PathBuf,
}

/// What is to be looked at.
pub struct Verify {
    path: PathBuf,
    files: Vec<PathBuf>,
}

/// What is known about a file.
enum Found {
    /// It is whole, and how that is known.
    Whole(&'static str),
    /// It cannot be known.
    Unknown(&'static str),
    /// What is wrong.
    Damaged(String),
}

impl Subcommand for Verify {
    type Args = VerifyArgs;

    fn plan(VerifyArgs { path }: VerifyArgs) -> anyhow::Result<Self> {
        if !path.is_dir() {
            fs::metadata(&path).map_err(Error::io("read", &path)).context("FOLDER|FILE")?;
            return Ok(Self { files: vec![path.clone()], path });
        }
        drop(Transaction::begin(&path).context("FOLDER")?);
        let mut files = Vec::new();
        for entry in fs::read_dir(&path).map_err(Error::io("read", &path))? {
            files.push(entry.map_err(Error::io("read", &path))?.path());
        }
        files.retain(|path| path.is_file());
        files.sort();
        if files.is_empty() {
            bail!("FOLDER: there is no file in `{}`; give a folder that plefka has written to", path.display());
        }
        Ok(Self { path, files })
    }

    fn run(self) -> anyhow::Result<()> {
        let mut damaged = 0;
        let mut text = String::new();
        for path in &self.files {
            let found = self.look_at(path);
            damaged += usize::from(matches!(found, Found::Damaged(_)));
            let words = match found {
                Found::Whole(how) => format!("whole ({how})"),
                Found::Unknown(why) => format!("unknown: {why}"),
                Found::Damaged(what) => format!("DAMAGED: {what}"),
            };
            text += &format!("{}: {words}\n", path.display());
        }
        console::print(&text)?;
        if damaged > 0 {
            bail!("{damaged} of {} files are damaged or of another run", self.files.len());
        }
        Ok(())
    }
}

impl Verify {
    fn look_at(&self, path: &Path) -> Found {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending {
            "json" => text(path).map_or_else(Found::Damaged, |text| numbers(path, &text)),
            "svg" | "html" => text(path).map_or_else(Found::Damaged, |text| self.drawn(&text)),
            "jsonl" => match Store::read(path.parent().unwrap_or(Path::new("."))) {
                Ok(_) => Found::Whole("the checksum of each line"),
                Err(error) => Found::Damaged(error.to_string()),
            },
            "npz" | "npy" => archive(path),
            "csv" => self.table(path),
            "toml" => text(path).map_or_else(Found::Damaged, |text| sealed(&io::toml_seal(&text))),
            _ => Found::Unknown("it carries no checksum"),
        }
    }

    /// A figure or a report: whole, and of the numbers in this folder.
    fn drawn(&self, text: &str) -> Found {
        let (seal, source) = io::xml_seal(text);
        if let (Seal::Whole(_), Some((name, sum))) = (&seal, source)
            && let Ok(numbers) = fs::read_to_string(self.path.join(&name))
            && let Seal::Whole(here) = io::json_seal(&numbers)
            && here != sum
        {
            return Found::Damaged(format!("it is of another run than {name}: of that with the checksum {sum}"));
        }
        sealed(&seal)
    }

    /// A table, against the numbers that it was made from.
    fn table(&self, path: &Path) -> Found {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let made = match name {
            _ if text(path).is_ok_and(|text| io::table_seal(&text) != Seal::None) => {
                return text(path).map_or_else(Found::Damaged, |text| sealed(&io::table_seal(&text)));
            }
            _ if !self.path.is_dir() => return Found::Unknown("a table carries no checksum; verify its folder"),
            "results.csv" if self.path.join(plot::RESULTS).exists() => {
                ResultFile::read(&self.path).and_then(|results| io::to_csv(&results))
            }
            "results.csv" if self.path.join(STORE).exists() => {
                Store::read(&self.path).and_then(|mut store| sweep::table(&mut store))
            }
            "temperature.csv" => match TemperatureFile::read(&self.path) {
                Ok(Some(file)) => file.to_csv(),
                Ok(None) => return Found::Unknown("there is no temperature.json beside it"),
                Err(error) => Err(error),
            },
            "history.csv" => match HistoryFile::read(&self.path) {
                Ok(Some(file)) => Ok(file.to_csv()),
                Ok(None) => return Found::Unknown("there is no history.json beside it"),
                Err(error) => Err(error),
            },
            _ => return Found::Unknown("it carries no checksum"),
        };
        match (made, fs::read_to_string(path)) {
            (Ok(made), Ok(there)) if made == there => Found::Whole("as made from the numbers beside it"),
            (Ok(_), Ok(_)) => Found::Damaged("it is not the table of the numbers beside it".into()),
            (Err(error), _) => Found::Damaged(format!("the numbers beside it cannot be read: {error}")),
            (_, Err(error)) => Found::Damaged(error.to_string()),
        }
    }
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| error.to_string())
}

fn sealed(seal: &Seal) -> Found {
    match seal {
        Seal::Whole(_) => Found::Whole("its checksum"),
        Seal::None => Found::Unknown("it carries no checksum"),
        Seal::Broken => Found::Damaged("its checksum does not fit".into()),
    }
}

/// Numbers whose checksum fits, and that can be read.
fn numbers(path: &Path, text: &str) -> Found {
    match serde_json::from_str::<serde_json::Value>(text) {
        Err(error) => Found::Damaged(format!("it is not JSON ({error})")),
        Ok(_) if path.file_name().is_some_and(|name| name == plot::RESULTS) => match ResultFile::read(path) {
            Err(error) => Found::Damaged(error.to_string()),
            Ok(_) => sealed(&io::json_seal(text)),
        },
        Ok(_) => sealed(&io::json_seal(text)),
    }
}

/// A model, data or samples, every array of which is as its checksum says. (What it takes to go on
/// with a training run is no part of a model, and is not read with it.)
fn archive(path: &Path) -> Found {
    let name = path.to_string_lossy();
    if path.extension().is_some_and(|ending| ending == "npz")
        && let Err(error) = io::check_archive(path)
    {
        return Found::Damaged(error.to_string());
    }
    match io::load_model(&name) {
        Err(error) if io::load_data(&name, None).is_err() && SamplesFile::read(path).is_err() => {
            Found::Damaged(error.to_string())
        }
        _ => Found::Whole("the checksum of each array"),
    }
}

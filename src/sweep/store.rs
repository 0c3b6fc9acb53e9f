//! The store: one append-only file of JSON lines that survives a kill.
//!
//! The first line, the head, pins the program's version and the whole grid; each further line is
//! one job. A line is handed to the system in one piece as soon as its job is done, so a killed
//! process loses at most the jobs under way; what it may leave is a last line without its end,
//! which the next one cuts off. The disk itself is asked to keep the data (`fsync`) at least every
//! [`SYNC_SECONDS`] and at the end: so much a failing machine may lose.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use serde::{Deserialize, Serialize};

use super::{Column, Grid, Job, Number, Progressed, Shard, Task, difference::differences, line};
use crate::{
    Error, Measured,
    io::{CurveRecord, Locking, is_unused, keep_name, make_folder, refuse_read, refuse_written},
    observe::Observable,
};

/// The name of the store in the folder of a sweep.
pub const STORE: &str = "sweep.jsonl";

/// The name of the table in the folder of a sweep.
pub const RESULTS: &str = "results.csv";

/// The version of the format.
const FORMAT: u32 = 1;

const SYNC_SECONDS: f64 = 5.0;

/// Where a record is not.
const NOT_STORED: u64 = u64::MAX;

/// Whether a sweep may go on with what a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The folder must be empty, or not there yet.
    New,
    /// The folder may hold the same sweep, which is then gone on with.
    Resume,
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The curve.
    Curve(CurveRecord),
    /// The averages over replicas, at each β.
    Replicas(Vec<ReplicaAverages>),
    /// Why there is none.
    Failed(String),
}

impl Outcome {
    /// What stands in a column for the `k`-th β, if anything does.
    #[must_use]
    pub fn measured(&self, column: Column, k: usize) -> Option<Measured> {
        match (column, self) {
            (Column::Curve(quantity), Self::Curve(curve)) => quantity.of(curve.points.get(k)?),
            (Column::Replicas(observable), Self::Replicas(at)) => at.get(k)?.values.get(&observable).copied(),
            _ => None,
        }
    }
}

/// Averages over replicas at one β.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaAverages {
    /// The inverse temperature.
    pub beta: f64,
    /// All that the model has.
    pub values: BTreeMap<Observable, Measured>,
}

/// One line of the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The number of the job in the order of the grid.
    pub job: usize,
    /// Its identity, in hexadecimal.
    pub id: String,
    /// The values of the axes other than β.
    pub axes: BTreeMap<String, Number>,
    /// The method, or `replicas`.
    pub method: Task,
    /// The result.
    pub outcome: Outcome,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    version: String,
    sha256: String,
    shard: Shard,
    grid: Grid,
}

/// The records of a sweep, or of a share of it, in a file.
///
/// Only where each record lies is held in memory. While it is open the file is locked, unless that
/// is declined: two processes cannot work on it.
pub struct Store {
    path: PathBuf,
    file: File,
    grid: Grid,
    shard: Shard,
    /// The share of the jobs, in the order in which they are to be run.
    jobs: Vec<usize>,
    /// Where the record of each job of the grid begins.
    places: Vec<u64>,
    length: u64,
    done: usize,
    failed: usize,
    synced: Instant,
}

impl Store {
    /// Opens the store in `folder` for the given share of `grid`, or begins one.
    ///
    /// # Errors
    /// [`Error::Format`], naming the file, the line and the remedy, if the folder holds something
    /// else, if the store is of another plan (with the differences), version or share, or if a line
    /// in it is damaged, if another process has it open, or if the file system has no locks;
    /// [`Error::Io`] if the system refuses.
    pub fn open(folder: &Path, grid: &Grid, shard: Shard, access: Access, locking: Locking) -> Result<Self, Error> {
        make_folder(folder)?;
        let path = folder.join(STORE);
        let is_empty = is_unused(folder)?;
        // A process that ended before the first line has left a store in which nothing was begun.
        let is_begun = fs::metadata(&path).is_ok_and(|file| file.len() > 0);
        match (is_begun, access) {
            (true, Access::New) => {
                let problem = format!("there is a sweep in it already, `{STORE}`");
                return Err(Error::format(folder, problem, "go on with it by `--resume`, or choose another folder"));
            }
            (false, _) if !is_empty && !path.exists() => {
                let problem = format!("it is not empty and holds no `{STORE}`");
                return Err(Error::format(folder, problem, "choose an empty folder"));
            }
            _ => {}
        }
        let options = || OpenOptions::new().read(true).write(true).create(true).truncate(false).to_owned();
        let file = options().open(&path).map_err(Error::io("open", &path))?;
        refuse_written(&path, &file, locking)?;
        let mut store = Self::unread(path, file, grid.clone(), shard);
        if !store.scan(true)? {
            store.write(&head_line(grid, shard)?)?;
        }
        store.sync()?;
        keep_name(&store.path);
        Ok(store)
    }

    /// Opens the store in `folder` to read it, whatever its plan.
    ///
    /// # Errors
    /// As [`open`](Self::open), and if there is no store.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(STORE);
        let file = File::open(&path).map_err(Error::io("read", &path))?;
        refuse_read(&path, &file)?;
        let mut first = String::new();
        BufReader::new(&file).read_line(&mut first).map_err(Error::io("read", &path))?;
        let head: Head = decode_head(&path, first.trim_end_matches('\n'))?;
        let mut store = Self::unread(path, file, head.grid, head.shard);
        store.scan(false)?;
        Ok(store)
    }

    fn unread(path: PathBuf, file: File, grid: Grid, shard: Shard) -> Self {
        let (jobs, places) = (shard.jobs(&grid), vec![NOT_STORED; grid.jobs()]);
        Self { path, file, grid, shard, jobs, places, length: 0, done: 0, failed: 0, synced: Instant::now() }
    }

    /// Reads all lines and notes where they are; whether there is a head. A last line without its
    /// end was being written when the process was killed: it is left out, and cut off if the store
    /// is to be written.
    fn scan(&mut self, repair: bool) -> Result<bool, Error> {
        let file = self.file.try_clone().map_err(Error::io("read", &self.path))?;
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(0)).map_err(Error::io("read", &self.path))?;
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            reader.read_until(b'\n', &mut bytes).map_err(Error::io("read", &self.path))?;
            let Some((b'\n', text)) = bytes.split_last() else { break };
            let text = std::str::from_utf8(text).unwrap_or_default();
            if number == 1 {
                self.must_have(&decode_head(&self.path, text)?)?;
            } else {
                self.note(text).map_err(|problem| {
                    let remedy = format!(
                        "the file was damaged after it was written: restore it, or keep the {} lines before and resume",
                        number - 1
                    );
                    Error::format(&self.path, format!("line {number}: {problem}"), remedy)
                })?;
            }
            self.length += bytes.len() as u64;
        }
        if repair && !bytes.is_empty() {
            self.file.set_len(self.length).map_err(Error::io("repair", &self.path))?;
        }
        Ok(self.length > 0)
    }

    /// Notes the record that begins at the present length.
    fn note(&mut self, text: &str) -> Result<(), String> {
        let record: Record = line::decode(text)?;
        let place = self.places.get(record.job).ok_or(format!("there is no job {}", record.job))?;
        if *place != NOT_STORED {
            return Err(format!("job {} is there twice", record.job));
        }
        if record.id != id(&self.grid.job(record.job)) {
            return Err(format!("it is not job {} of this plan", record.job));
        }
        self.count(record.job, &record.outcome);
        Ok(())
    }

    fn count(&mut self, job: usize, outcome: &Outcome) {
        self.places[job] = self.length;
        self.done += 1;
        self.failed += usize::from(matches!(outcome, Outcome::Failed(_)));
    }

    /// Refuses the head of a store of another plan or another share.
    fn must_have(&self, head: &Head) -> Result<(), Error> {
        let differences = differences(&head.grid, &self.grid);
        if !differences.is_empty() {
            let problem = format!("it is of another plan: {}", differences.join("; "));
            return Err(Error::format(&self.path, problem, "restore that plan, or choose another folder for this one"));
        }
        if head.shard != self.shard {
            let problem = format!("it is share {} of the sweep, not {}", head.shard, self.shard);
            return Err(Error::format(&self.path, problem, "choose another folder for this share"));
        }
        Ok(())
    }

    /// Records what became of a job.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written whole; the store is then as it was before.
    pub fn append(&mut self, job: &Job, outcome: Outcome) -> Result<(), Error> {
        let axes = job.cell.iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let method = self.grid.methods[job.method].method;
        let record = Record { job: job.number, id: id(job), axes, method, outcome };
        let place = self.length;
        self.write(&line_of(&record)?)?;
        self.places[job.number] = place;
        self.done += 1;
        self.failed += usize::from(matches!(record.outcome, Outcome::Failed(_)));
        if self.synced.elapsed().as_secs_f64() > SYNC_SECONDS {
            self.sync()?;
        }
        Ok(())
    }

    /// Appends a line in one piece. What a full disk took of it is taken back.
    fn write(&mut self, line: &str) -> Result<(), Error> {
        let written = self.file.seek(SeekFrom::Start(self.length)).and_then(|_| self.file.write_all(line.as_bytes()));
        if let Err(error) = written {
            // Should this be refused, too, there is a last line without its end, and resuming cuts
            // it off.
            let _ = self.file.set_len(self.length);
            return Err(Error::io("write", &self.path)(error));
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// Has the disk keep what was recorded.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.synced = Instant::now();
        self.file.sync_data().map_err(Error::io("write", &self.path))
    }

    /// The record of a job, if it was done.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Format`] if it was damaged in the meantime.
    pub fn record(&mut self, job: usize) -> Result<Option<Record>, Error> {
        let Some(text) = self.line(job)? else { return Ok(None) };
        let refuse =
            |problem| Error::format(&self.path, format!("the record of job {job}: {problem}"), "resume the sweep");
        line::decode(text.trim_end_matches('\n')).map(Some).map_err(refuse)
    }

    /// The line of a job, as it is.
    pub(super) fn line(&mut self, job: usize) -> Result<Option<String>, Error> {
        let place = self.places[job];
        if place == NOT_STORED {
            return Ok(None);
        }
        let mut text = String::new();
        let sought = self.file.seek(SeekFrom::Start(place));
        let read = sought.and_then(|_| BufReader::new((&self.file).take(self.length - place)).read_line(&mut text));
        read.map_err(Error::io("read", &self.path))?;
        Ok(Some(text))
    }

    /// The jobs of this share that are not done, in the order in which they are to be run.
    #[must_use]
    pub fn missing(&self) -> Vec<usize> {
        self.jobs.iter().copied().filter(|job| !self.holds(*job)).collect()
    }

    /// Whether a job is done.
    #[must_use]
    pub fn holds(&self, job: usize) -> bool {
        self.places[job] != NOT_STORED
    }

    /// How far this share has come.
    #[must_use]
    pub fn progressed(&self) -> Progressed {
        Progressed { jobs: self.jobs.len(), done: self.done, failed: self.failed }
    }

    /// What was planned.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Which share this is.
    #[must_use]
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The identity of a job in hexadecimal.
fn id(job: &Job) -> String {
    format!("{:032x}", job.id)
}

fn line_of(record: &impl Serialize) -> Result<String, Error> {
    line::encode(record).map_err(|e| Error::format(STORE, e.to_string(), "please report this as a bug"))
}

/// The first line of a store.
pub(super) fn head_line(grid: &Grid, shard: Shard) -> Result<String, Error> {
    let (version, sha256) = (env!("CARGO_PKG_VERSION").into(), grid.sha256());
    line_of(&Head { format: FORMAT, version, sha256, shard, grid: grid.clone() })
}

/// The head, refused if another version wrote it: its numbers need not be those of this one.
fn decode_head(path: &Path, text: &str) -> Result<Head, Error> {
    let head: Head = line::decode(text).map_err(|problem| {
        Error::format(path, format!("line 1: {problem}"), "give the folder of a sweep, or begin it anew in another one")
    })?;
    let here = env!("CARGO_PKG_VERSION");
    if head.format != FORMAT || head.version != here {
        let problem = format!("it was written by plefka {} (format {})", head.version, head.format);
        return Err(Error::format(
            path,
            problem,
            format!("finish it with that version: this is {here}, format {FORMAT}"),
        ));
    }
    Ok(head)
}

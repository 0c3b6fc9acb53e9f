//! A run in a folder, from which it goes on after any interruption.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use serde::{Deserialize, Serialize};

use super::{Evaluator, LogRow, Train, Trainer, log, state::State};
use crate::{
    Error, Run,
    data::Data,
    io::{
        FolderLock, LAST_MODEL, Seal, checkpoint_file, load_checkpoint, make_folder, read_text, save_checkpoint,
        sealed_toml, toml_seal, update_of_file, write_atomically,
    },
};

const PLAN: &str = "plan.toml";
const LOG: &str = "log.csv";

/// The folder of a run.
///
/// It holds `plan.toml` (all settings, and which data), `log.csv` (a row a checkpoint),
/// `update-NNNNNNNN.npz` (the model after so many updates, with what it takes to go on) and
/// `model.npz` (the last of them). Every file is written whole or not at all, so whatever ends a
/// run leaves a folder from which it goes on, to the same bits.
pub struct RunFolder {
    dir: PathBuf,
    /// One trainer at a time.
    _lock: FolderLock,
}

/// What `plan.toml` holds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedPlan {
    /// SHA-256 of the training rows.
    train_rows: String,
    /// SHA-256 of the held-out rows.
    test_rows: Option<String>,
    train: Train,
}

impl RunFolder {
    /// Opens the folder of a run, which is made if there is none. What is to be done must be the
    /// same as before: the plan and the data.
    ///
    /// # Errors
    /// [`Error::Config`] if a run is there and is not to be gone on with, or is another one;
    /// [`Error::Io`] if the folder cannot be written to.
    pub fn open(dir: &Path, plan: &Train, train: &Data, test: Option<&Data>, resume: bool) -> Result<Self, Error> {
        plan.check(train)?;
        let saved = SavedPlan { train_rows: train.sha256(), test_rows: test.map(Data::sha256), train: plan.clone() };
        make_folder(dir)?;
        let lock = FolderLock::take(dir)?;
        let path = dir.join(PLAN);
        if path.exists() {
            if !resume {
                let remedy = "a run is there already; go on with it (`--resume`), or choose another folder";
                return Err(Error::config("out", dir.display(), remedy));
            }
            saved.check_same(&SavedPlan::read(&path)?)?;
        } else {
            let text =
                toml::to_string(&saved).map_err(|error| Error::io("write", &path)(std::io::Error::other(error)))?;
            write_atomically(&path, sealed_toml(&text).as_bytes())?;
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    /// The rows of `data` that the run in a folder was trained on and those it held out, if it was
    /// trained on these data. `None` where there is no such run.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Format`] if its plan cannot be read.
    pub fn split(dir: &Path, data: &Data) -> Result<Option<(Data, Option<Data>)>, Error> {
        let path = dir.join(PLAN);
        if !path.exists() {
            return Ok(None);
        }
        let saved = SavedPlan::read(&path)?;
        let (train, test) = saved.train.split(data)?;
        Ok((train.sha256() == saved.train_rows).then_some((train, test)))
    }

    /// The labels that have units in the rows of the run in a folder
    /// ([`labels::one_hot`](super::labels::one_hot)); none where there is no such run.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Format`] if its plan cannot be read.
    pub fn classes(dir: &Path) -> Result<Vec<i64>, Error> {
        let path = dir.join(PLAN);
        if path.exists() { Ok(SavedPlan::read(&path)?.train.classes) } else { Ok(Vec::new()) }
    }

    /// The rows of the log.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Format`] if it cannot be read.
    pub fn log(&self) -> Result<Vec<LogRow>, Error> {
        log::read(&self.dir.join(LOG))
    }

    /// Trains to the end of the plan, from the last checkpoint that is there; `false` if the run
    /// was cancelled. Each new row of the log is given to `report`.
    ///
    /// # Errors
    /// [`Error::Model`] if the parameters diverge, [`Error::Io`] if a file cannot be written, and
    /// those of the evaluation.
    pub fn train(
        &self,
        plan: &Train,
        train: &Arc<Data>,
        test: Option<&Data>,
        evaluator: &Evaluator,
        run: &Run<'_>,
        report: &mut dyn FnMut(&LogRow),
    ) -> Result<bool, Error> {
        let mut trainer = Trainer::new(plan, train)?;
        let resumed = self.restore(&mut trainer)?;
        let mut rows = self.log()?;
        rows.retain(|row| row.update <= trainer.update());
        let mut seconds = rows.last().map_or(0.0, |row| row.seconds);
        let last = plan.total_updates(train);
        for target in plan.checkpoints.updates(last) {
            if target < trainer.update() {
                continue;
            }
            let so_far = rows.last().and_then(|row: &LogRow| row.log_likelihood_test.or(row.log_likelihood_train));
            let so_far = so_far.map_or(String::new(), |likelihood| format!(", ln p(v) {likelihood:.2}"));
            run.progress
                .begin(&format!("training to update {target} of {last}{so_far}"), (target - trainer.update()) as u64);
            let clock = Instant::now();
            while trainer.update() < target {
                if !trainer.advance(run)? {
                    run.progress.end();
                    return Ok(false);
                }
                run.progress.advance(1);
            }
            run.progress.end();
            seconds += clock.elapsed().as_secs_f64();
            let known = rows.last().is_some_and(|row| row.update == target);
            if !(known && resumed) {
                save_checkpoint(trainer.rbm(), &trainer.save().0, &self.dir.join(checkpoint_file(target)))?;
                if run.cancelled() {
                    return Ok(false);
                }
                let cost = plan.cost_of_log_z(trainer.rbm(), train, target == last);
                let (chains, at) = (trainer.chains(), (target, cost.steps));
                let Some(mut row) = evaluator.evaluate_along(trainer.rbm(), chains, at, (train, test), run)? else {
                    return Ok(false);
                };
                (row.update, row.epoch, row.seconds) = (target, trainer.epoch(), seconds);
                if !evaluator.enumerates(trainer.rbm()) {
                    row.log_z_share = plan.log_z_share(trainer.rbm(), train, target);
                }
                row.fill(trainer.evidence());
                row.score_labels(trainer.rbm(), train, test, plan.classes.len())?;
                report(&row);
                rows.push(row);
                log::write(&rows, &self.dir.join(LOG))?;
            }
            save_checkpoint(trainer.rbm(), &Default::default(), &self.dir.join(LAST_MODEL))?;
        }
        Ok(true)
    }

    /// Goes on from the last checkpoint there is; `false` if there is none.
    fn restore(&self, trainer: &mut Trainer<'_>) -> Result<bool, Error> {
        let mut updates = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(Error::io("read", &self.dir))? {
            let name = entry.map_err(Error::io("read", &self.dir))?.file_name();
            updates.extend(name.to_str().and_then(update_of_file));
        }
        let Some(last) = updates.into_iter().max() else { return Ok(false) };
        let (rbm, arrays) = load_checkpoint(&self.dir.join(checkpoint_file(last)))?;
        trainer.restore(last, rbm, State(arrays))?;
        Ok(true)
    }
}

impl SavedPlan {
    fn read(path: &Path) -> Result<Self, Error> {
        let text = read_text(path)?;
        if toml_seal(&text) == Seal::Broken {
            let problem = "its checksum does not fit: it was damaged, or changed after it was written";
            return Err(Error::format(path, problem, "restore the file, or begin another run"));
        }
        toml::from_str(&text)
            .map_err(|error| Error::format(path, error.message(), "restore the file, or begin another run"))
    }

    /// Refuses to go on with another run.
    fn check_same(&self, before: &Self) -> Result<(), Error> {
        if (&self.train_rows, &self.test_rows) != (&before.train_rows, &before.test_rows) {
            let remedy = "the run in this folder was begun on other rows; give those, or choose another folder";
            return Err(Error::config("data", "these rows", remedy));
        }
        if self.train != before.train {
            let lines = |plan: &Train| toml::to_string(plan).unwrap_or_default();
            let (now, then) = (lines(&self.train), lines(&before.train));
            let differs = then.lines().find(|line| !now.lines().any(|other| other == *line));
            let was = differs.map_or("fewer settings".into(), |line| format!("`{line}`"));
            let remedy = format!("the run in this folder was begun with {was}; give the settings of its plan.toml");
            return Err(Error::config("resume", "with other settings", remedy));
        }
        Ok(())
    }
}

//! Which path is taken to the model.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{BaseChoice, checkpoints::needed};
use crate::{
    Error, Run,
    data::Data,
    path::{Path, Trajectory},
    sample::{Kernel, Sample},
};

/// How chains get from a base to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathChoice {
    /// Straight from the base.
    #[default]
    Direct,
    /// Through checkpoints of the model's training, from the first without its couplings: those that
    /// are needed.
    Trajectory,
    /// Through every checkpoint.
    EveryCheckpoint,
}

impl PathChoice {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("direct", "straight from the base to the model"),
        (
            "trajectory",
            "through those checkpoints of its training that are needed: MODEL is a run, or an archive of rbms",
        ),
        ("every-checkpoint", "through all checkpoints of its training"),
    ];

    /// As in settings.
    pub(in crate::estimator) fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Trajectory => "trajectory",
            Self::EveryCheckpoint => "every-checkpoint",
        }
    }
}

/// What a path is made from.
pub(in crate::estimator) struct Way<'a> {
    pub(in crate::estimator) path: PathChoice,
    pub(in crate::estimator) base: BaseChoice,
    pub(in crate::estimator) data: Option<&'a Arc<Data>>,
    pub(in crate::estimator) trajectory: Option<&'a Arc<Trajectory>>,
    pub(in crate::estimator) kernel: Kernel,
}

impl Way<'_> {
    /// Whether one path passes every β.
    pub(in crate::estimator) fn passes_every_beta(&self) -> bool {
        self.path == PathChoice::Direct && self.base == BaseChoice::Uniform
    }

    /// Whether [`to`](Self::to) can be had.
    pub(in crate::estimator) fn check<M: Sample + ?Sized>(&self, model: &M) -> Result<(), Error> {
        match self.path {
            PathChoice::Direct => self.base.check(model, self.data.map(Arc::as_ref), self.kernel),
            PathChoice::Trajectory | PathChoice::EveryCheckpoint => self.trajectory_to(model).map(|_| ()),
        }
    }

    /// In words.
    pub(in crate::estimator) fn name(&self) -> String {
        match self.path {
            PathChoice::Direct => format!("base {}", self.base.name()),
            PathChoice::Trajectory => "through checkpoints of its training".into(),
            PathChoice::EveryCheckpoint => "through every checkpoint of its training".into(),
        }
    }

    /// The path to the model at `beta`; a search for the base draws from part `search_part` of the
    /// run.
    pub(in crate::estimator) fn to<M: Sample + ?Sized>(
        &self,
        model: &M,
        beta: f64,
        search_part: usize,
        run: &Run<'_>,
    ) -> Result<Path, Error> {
        match self.path {
            PathChoice::Direct => self.base.path(model, self.data, self.kernel, beta, search_part, run),
            PathChoice::Trajectory => {
                let chosen = needed(self.trajectory_to(model)?, self.kernel, beta, search_part, run);
                Ok(Path::through(&chosen, self.kernel, beta, false))
            }
            PathChoice::EveryCheckpoint => Ok(Path::through(self.trajectory_to(model)?, self.kernel, beta, false)),
        }
    }

    fn trajectory_to<M: Sample + ?Sized>(&self, model: &M) -> Result<&Trajectory, Error> {
        let refuse = |remedy: &str| Error::config("path", self.path.name(), remedy);
        if self.base != BaseChoice::Uniform {
            let remedy = "a trajectory begins at its first checkpoint without couplings; leave it out";
            return Err(Error::config("base", self.base.name(), remedy));
        }
        let Some(trajectory) = self.trajectory else {
            return Err(refuse("the model is none of a training run; give RUN or an archive of rbms, or use `direct`"));
        };
        if model.rbm() != Some(&trajectory.last().rbm) {
            return Err(refuse("its last checkpoint is not the model; give the checkpoints that lead to it"));
        }
        Ok(trajectory)
    }
}

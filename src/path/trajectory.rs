//! The models that a training run has passed.

use crate::{Error, Rbm};

/// A model of a training run.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Updates made.
    pub update: u64,
    /// The model.
    pub rbm: Rbm,
}

/// The checkpoints of a training run, in the order of training: what an annealed path may lead
/// through.
///
/// The path begins at the first model without its couplings, where ln Z is known, and goes on in
/// straight segments, θ = (1 − t)θ_k + tθ_{k+1} (Béreux, Decelle, Furtlehner, Rosset & Seoane,
/// arXiv:2405.15376). It is a good one only if the run was trained near equilibrium.
///
/// # Examples
/// ```
/// use plefka::{Rbm, path::{Checkpoint, Trajectory}};
/// let model = |w: f64| Rbm::from_rows(&[[w]], &[0.0], &[0.0]);
/// let run = vec![Checkpoint { update: 0, rbm: model(0.0)? }, Checkpoint { update: 10, rbm: model(1.0)? }];
/// assert_eq!(Trajectory::new(run)?.last().rbm.weights()[(0, 0)], 1.0);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    checkpoints: Vec<Checkpoint>,
}

impl Trajectory {
    /// Of at least one checkpoint, in ascending order of their updates.
    ///
    /// # Errors
    /// [`Error::Model`] if there is none, they are not in order, or not all of one shape and kind.
    pub fn new(checkpoints: Vec<Checkpoint>) -> Result<Self, Error> {
        let Some(first) = checkpoints.first() else {
            return Err(Error::model("there is no checkpoint", "give a training run that has saved one"));
        };
        let kind = |rbm: &Rbm| (rbm.n_visible(), rbm.n_hidden(), rbm.visible_units(), rbm.hidden_units());
        for pair in checkpoints.windows(2) {
            if pair[0].update >= pair[1].update {
                let problem = format!("checkpoint {} comes after checkpoint {}", pair[1].update, pair[0].update);
                return Err(Error::model(problem, "give the checkpoints in ascending order, each once"));
            }
        }
        if let Some(other) = checkpoints.iter().find(|other| kind(&other.rbm) != kind(&first.rbm)) {
            let problem = format!("checkpoint {} has another shape or other units than the first", other.update);
            return Err(Error::model(problem, "give the checkpoints of one run"));
        }
        Ok(Self { checkpoints })
    }

    /// The checkpoints.
    #[must_use]
    pub fn checkpoints(&self) -> &[Checkpoint] {
        &self.checkpoints
    }

    /// The last of them.
    #[must_use]
    pub fn last(&self) -> &Checkpoint {
        // `new` has seen one.
        &self.checkpoints[self.checkpoints.len() - 1]
    }

    /// The first `count` checkpoints: the run as it was before.
    ///
    /// # Errors
    /// [`Error::Model`] if that is none.
    pub fn until(&self, count: usize) -> Result<Self, Error> {
        Self::new(self.checkpoints[..count.min(self.checkpoints.len())].to_vec())
    }

    /// Some of the checkpoints, which are counted from 0.
    ///
    /// # Panics
    /// If they are not checkpoints in ascending order.
    pub(crate) fn only(&self, places: &[usize]) -> Self {
        assert!(!places.is_empty() && places.is_sorted());
        Self { checkpoints: places.iter().map(|k| self.checkpoints[*k].clone()).collect() }
    }

    /// The models.
    pub(crate) fn models(&self) -> Vec<&Rbm> {
        self.checkpoints.iter().map(|checkpoint| &checkpoint.rbm).collect()
    }
}

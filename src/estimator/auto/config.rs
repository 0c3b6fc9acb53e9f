//! The configuration of `auto`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{data::Data, path::Trajectory};

/// Finds its own way to ln Z: exact enumeration where that takes seconds, else annealing both ways
/// in independent batches on the best of several paths, laid beside other evidence.
///
/// # How it decides
/// 1. Enumeration, if the factors to multiply are few enough for seconds.
/// 2. The modes of the model, as a [mixture of mean fields](crate::estimator::MeanFieldMixture): a
///    certain lower bound of ln Z, and the list of what a sampler must visit.
/// 3. A pilot on each path (from β = 0, from the biases, from a mean-field solution, from the means
///    of the data, from a mixture of mean-field solutions, through the checkpoints of the model's
///    training). The one of the most effective chains is taken, and the next best one where no
///    replica makes the way on it.
/// 4. Eight batches, which go on in waves: in each a ladder of parallel tempering brings states of the
///    model, chains go up from the base and down from these states, each batch on random streams
///    of its own. Bennett's acceptance ratio over all batches and MBAR over the rungs of the ladders
///    are weighted by their variances. After the first wave the standard error says how many more it takes
///    until it is `error`, as far as the work of `time` allows.
/// 5. What the evidence says. The number counts as checked if up, down and ladders agree, replicas have
///    travelled between the base and the model, every known mode is visited as it must be, no
///    certain bound and no other path speaks against it.
///
/// # Error bars
/// The larger of the bootstrap over chains and ladders and the spread between batches with
/// Student's factor.
///
/// # Work and time
/// `time` is turned into work by a nominal speed, so that the same seed gives the same numbers on a
/// slow machine and on a fast one; how long it takes differs.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) for a setting out of range, and those of the methods
/// that it uses.
///
/// # Examples
/// ```
/// use plefka::{Betas, Method, Rbm};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let curve = plefka::estimate(&rbm, Method::Auto, &Betas::one(1.0)?)?;
/// assert!((curve.values.log_z[0] - (3.0 + 1f64.exp()).ln()).abs() < 1e-15); // it enumerates
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auto {
    /// The standard error of ln Z to reach, nats.
    pub error: f64,
    /// How long it may take, seconds on a machine of nominal speed.
    pub time: f64,
    /// Enumerate a model of no more factors than this, over all β.
    pub exact_factors: f64,
    /// Data of the model, for a path from their means and for modes that they lead to.
    #[serde(skip)]
    pub data: Option<Arc<Data>>,
    /// The training run that led to the model, for a path through its checkpoints.
    #[serde(skip)]
    pub trajectory: Option<Arc<Trajectory>>,
}

impl Default for Auto {
    /// A standard error of 0.05 nats, in 60 s; enumeration of up to 2·10¹⁰ factors.
    fn default() -> Self {
        Self { error: 0.05, time: 60.0, exact_factors: 2e10, data: None, trajectory: None }
    }
}

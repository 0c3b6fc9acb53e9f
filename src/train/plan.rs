//! The plan of a training run, in plain numbers.

use nalgebra::{DMatrix, DVector};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::{
    Checkpoints, Gauge, Limit, Negative, Objective, RateSchedule, SolutionStart, SolutionWeights, StepRule, labels,
};
use crate::{Error, Rbm, Units, data::Data, streams::Training};

/// The standard deviation of a weight before the first update.
const WEIGHT_SCALE: f64 = 0.01;

/// How an RBM is trained: what `plan.toml` of a run holds, and what the options of `plefka train`
/// say.
///
/// Options that belong to one negative phase are `None` unless they are given, and refused beside
/// another one.
///
/// # Examples
/// ```
/// use plefka::{Run, data::Data, train::{Train, Trainer}};
/// let data = Data::new(2, [[0, 0], [1, 1]].concat().repeat(50), None)?; // two equal pixels
/// let plan = Train { hidden: 1, batch: 20, rate: 0.5, epochs: Some(60), ..Train::default() };
/// let mut trainer = Trainer::new(&plan, &data)?;
/// while trainer.update() < plan.total_updates(&data) {
///     trainer.advance(&Run::quiet(1))?;
/// }
/// let means = trainer.rbm().unit_means(1.0, &Run::quiet(1)).expect("nobody cancelled");
/// assert!((means.visible[0] - 0.5).abs() < 0.1);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct Train {
    /// Hidden units
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    pub hidden: usize,
    /// The values of the units: `bit` (0, 1) or `spin` (−1, +1)
    #[cfg_attr(feature = "cli", arg(long, value_name = "UNITS", default_value_t = Self::default().units))]
    pub units: Units,
    /// What is increased: likelihood, discriminative (ln p(y|x) of labels y) or hybrid=A (ln p(y|x)
    /// + A ln p(x, y))
    #[cfg_attr(feature = "cli", arg(long, value_name = "WHAT", default_value_t = Self::default().objective))]
    pub objective: Objective,
    /// The labels that have a unit each behind the units of a row, in their order: see
    /// [`labels::one_hot`]. None without labels.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub classes: Vec<i64>,
    /// Where the moments of the model come from
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Self::default().negative))]
    pub negative: Negative,
    /// Sweeps (cd, pcd, ptt) or iterations (emf) in an update [default: 1; emf: 5]
    #[cfg_attr(feature = "cli", arg(long, value_name = "K"))]
    pub steps: Option<usize>,
    /// Persistent chains (pcd, ptt) [default: 100]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    pub chains: Option<usize>,
    /// Order of the expansion (emf): 1 is naive mean field, 2 is TAP, 3 the next [default: 1]
    #[cfg_attr(feature = "cli", arg(long, value_name = "P"))]
    pub order: Option<usize>,
    /// Mean-field solutions (emf) that go on from update to update [default: 300]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    pub solutions: Option<usize>,
    /// How the solutions are averaged (emf) [default: boltzmann]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub weights: Option<SolutionWeights>,
    /// Where the solutions come from (emf) [default: persistent]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub start_from: Option<SolutionStart>,
    /// The share of persistent solutions that each update replaces by rows of the batch (emf)
    /// [default: 0.1]
    #[cfg_attr(feature = "cli", arg(long, value_name = "X"))]
    pub refresh: Option<f64>,
    /// The share of the old means in an iteration (emf) [default: 0]
    #[cfg_attr(feature = "cli", arg(long, value_name = "X"))]
    pub damping: Option<f64>,
    /// Count units from their means in the data: the centred gradient
    #[cfg_attr(feature = "cli", arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value_t = Self::default().centred, action = clap::ArgAction::Set))]
    pub centred: bool,
    /// Length of the run in updates
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", conflicts_with = "epochs"))]
    pub updates: Option<usize>,
    /// Length of the run in passes over the training data [default: 30]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    pub epochs: Option<usize>,
    /// Rows in an update
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = Self::default().batch))]
    pub batch: usize,
    /// Learning rate of the first update
    #[cfg_attr(feature = "cli", arg(long, value_name = "X", default_value_t = Self::default().rate))]
    pub rate: f64,
    /// The learning rate over the run
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Self::default().rate_schedule))]
    pub rate_schedule: RateSchedule,
    /// How a gradient becomes a step
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Self::default().step))]
    pub step: StepRule,
    /// Momentum μ of steepest ascent: V ← μV + gradient
    #[cfg_attr(feature = "cli", arg(long, value_name = "X", default_value_t = Self::default().momentum))]
    pub momentum: f64,
    /// Weight decay λ, on W alone: the likelihood less (λ/2)‖W‖²
    #[cfg_attr(feature = "cli", arg(long, value_name = "X", default_value_t = Self::default().decay))]
    pub decay: f64,
    /// The same with Σ|W|
    #[cfg_attr(feature = "cli", arg(long, value_name = "X", default_value_t = Self::default().l1))]
    pub l1: f64,
    /// Largest norm of W after each epoch: frobenius=V, l1=V or spectral=V
    #[cfg_attr(feature = "cli", arg(long, value_name = "NORM=V"))]
    pub limit: Option<Limit>,
    /// What shrinks with W under a limit
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Self::default().gauge))]
    pub gauge: Gauge,
    /// The share of the rows, the last of the file, that is held out for testing
    #[cfg_attr(feature = "cli", arg(long, value_name = "FRACTION", default_value_t = Self::default().holdout))]
    pub holdout: f64,
    /// When the run is saved and evaluated: linear:N or log:N
    #[cfg_attr(feature = "cli", arg(long, value_name = "WHEN", default_value_t = Self::default().checkpoints))]
    pub checkpoints: Checkpoints,
    /// Seed of all randomness
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = Self::default().seed))]
    pub seed: u64,
}

impl Default for Train {
    fn default() -> Self {
        Self {
            hidden: 100,
            units: Units::Bit,
            objective: Objective::Likelihood,
            classes: Vec::new(),
            negative: Negative::Pcd,
            steps: None,
            chains: None,
            order: None,
            solutions: None,
            weights: None,
            start_from: None,
            refresh: None,
            damping: None,
            centred: true,
            updates: None,
            epochs: None,
            batch: 100,
            rate: 0.05,
            rate_schedule: RateSchedule::Linear,
            step: StepRule::Sgd,
            momentum: 0.0,
            decay: 0.0,
            l1: 0.0,
            limit: None,
            gauge: Gauge::Centred,
            holdout: 0.0,
            checkpoints: Checkpoints::Linear(10),
            seed: 1,
        }
    }
}

/// What to do about a setting of a phase that is not there.
const NO_NEGATIVE_PHASE: &str =
    "the objective `discriminative` takes no moments of the model; leave it out, or train with `hybrid=A`";

/// Passes over the data unless told otherwise.
const EPOCHS: usize = 30;

impl Train {
    /// Whether a run on these training data can start.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that is out of range, or belongs to another negative phase.
    pub fn check(&self, data: &Data) -> Result<(), Error> {
        self.check_counts(data)?;
        self.check_numbers()?;
        self.check_belongings()?;
        self.check_labels(data)?;
        if self.negative == Negative::Exact {
            use crate::{Estimator, Exact};
            let rbm = self.first_model(data)?;
            return Estimator::check(&Exact { max_units: 22, ..Exact::default() }, &rbm);
        }
        Ok(())
    }

    fn check_counts(&self, data: &Data) -> Result<(), Error> {
        const MOST: usize = 100_000_000;
        for (field, value) in [
            ("hidden", Some(self.hidden)),
            ("batch", Some(self.batch)),
            ("steps", self.steps),
            ("chains", self.chains),
            ("solutions", self.solutions),
            ("updates", self.updates),
            ("epochs", self.epochs),
        ] {
            if value.is_some_and(|value| !(1..=MOST).contains(&value)) {
                let value = value.unwrap_or_default();
                return Err(Error::config(field, value, format!("choose a number from 1 to {MOST}")));
            }
        }
        if self.updates.is_some() && self.epochs.is_some() {
            return Err(Error::config("epochs", "given beside updates", "give one of the two"));
        }
        if self.batch > data.n_samples() {
            let remedy = format!("there are {} rows to train on; take at most as many at a time", data.n_samples());
            return Err(Error::config("batch", self.batch, remedy));
        }
        if self.order.is_some_and(|order| !(1..=3).contains(&order)) {
            return Err(Error::config("order", self.order.unwrap_or_default(), "choose 1, 2 or 3"));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), Error> {
        let share = |x: f64| (0.0..1.0).contains(&x);
        let not_negative = |x: f64| x >= 0.0 && x.is_finite();
        for (field, value, fits, remedy) in [
            ("rate", self.rate, self.rate > 0.0 && self.rate.is_finite(), "choose a number above 0"),
            ("momentum", self.momentum, share(self.momentum), "choose a number from 0 to below 1"),
            ("decay", self.decay, not_negative(self.decay), "choose a number from 0 on"),
            ("l1", self.l1, not_negative(self.l1), "choose a number from 0 on"),
            ("holdout", self.holdout, share(self.holdout), "choose a share from 0 to below 1"),
            ("refresh", self.refresh(), (0.0..=1.0).contains(&self.refresh()), "choose a share from 0 to 1"),
            ("damping", self.damping(), share(self.damping()), "choose a share from 0 to below 1"),
        ] {
            if !fits {
                return Err(Error::config(field, value, remedy));
            }
        }
        if self.step == StepRule::Adam && self.momentum != 0.0 {
            return Err(Error::config("momentum", self.momentum, "Adam has its own; leave it out"));
        }
        Ok(())
    }

    /// Nothing that is given may be without effect.
    fn check_belongings(&self) -> Result<(), Error> {
        if !self.objective.samples_model() && self.negative != Negative::default() {
            let negative = format!("{:?}", self.negative).to_lowercase();
            return Err(Error::config("negative", negative, NO_NEGATIVE_PHASE));
        }
        let emf = &[Negative::Emf][..];
        for (field, given, to) in [
            ("steps", self.steps.is_some(), &[Negative::Cd, Negative::Pcd, Negative::Ptt, Negative::Emf][..]),
            ("chains", self.chains.is_some(), &[Negative::Pcd, Negative::Ptt]),
            ("order", self.order.is_some(), emf),
            ("solutions", self.solutions.is_some(), emf),
            ("weights", self.weights.is_some(), emf),
            ("start_from", self.start_from.is_some(), emf),
            ("refresh", self.refresh.is_some(), emf),
            ("damping", self.damping.is_some(), emf),
        ] {
            if given && !self.objective.samples_model() {
                return Err(Error::config(field, "given", NO_NEGATIVE_PHASE));
            }
            if given && !to.contains(&self.negative) {
                let negative = format!("{:?}", self.negative).to_lowercase();
                let remedy = format!("the negative phase `{negative}` has no such setting; leave it out");
                return Err(Error::config(field, "given", remedy));
            }
        }
        if self.start_from == Some(SolutionStart::Data) && (self.solutions.is_some() || self.refresh.is_some()) {
            let field = if self.solutions.is_some() { "solutions" } else { "refresh" };
            return Err(Error::config(field, "given", "solutions started from the batch are as many as its rows"));
        }
        Ok(())
    }

    /// Labels are there for an objective that reads them.
    fn check_labels(&self, data: &Data) -> Result<(), Error> {
        if self.classes.is_empty() && self.objective.reads_labels() {
            let remedy = "it is about the labels of the rows: give them too (`--labels`)";
            return Err(Error::config("objective", self.objective, remedy));
        }
        if self.classes.is_empty() { Ok(()) } else { labels::check(data, self.classes.len()) }
    }

    /// The number of updates on these training data.
    #[must_use]
    pub fn total_updates(&self, data: &Data) -> usize {
        let in_epoch = data.n_samples().div_ceil(self.batch.min(data.n_samples()));
        self.updates.unwrap_or_else(|| self.epochs.unwrap_or(EPOCHS) * in_epoch)
    }

    /// The rows to train on and, if any are held out, those to test on: the last ones of the file.
    ///
    /// # Errors
    /// [`Error::Config`] if no row is left for one of the two.
    pub fn split(&self, data: &Data) -> Result<(Data, Option<Data>), Error> {
        if self.holdout == 0.0 {
            return Ok((data.clone(), None));
        }
        let held_out = (self.holdout * data.n_samples() as f64).round() as usize;
        if held_out == 0 || held_out >= data.n_samples() {
            let remedy = format!("of {} rows that is {held_out}; leave rows for both", data.n_samples());
            return Err(Error::config("holdout", self.holdout, remedy));
        }
        let cut = data.n_samples() - held_out;
        let part = |rows: std::ops::Range<usize>| {
            let values = data.values()[rows.start * data.n_features()..rows.end * data.n_features()].to_vec();
            Data::new(data.n_features(), values, data.labels().map(|labels| labels[rows].to_vec()))
        };
        Ok((part(0..cut)?, Some(part(cut..data.n_samples())?)))
    }

    /// The model before the first update: visible biases from the means of the data, smoothed as if
    /// a row of each value had been seen besides, no hidden biases, small random weights.
    pub(super) fn first_model(&self, data: &Data) -> Result<Rbm, Error> {
        let mut ones = vec![1.0; data.n_features()];
        for row in data.rows() {
            ones.iter_mut().zip(row).for_each(|(ones, x)| *ones += f64::from(*x));
        }
        let [low, high] = self.units.values();
        let bias = |ones: f64| self.units.field(low + (high - low) * ones / (data.n_samples() + 2) as f64);
        let mut rng = Training::Weights.at(0, 0).generator(self.seed);
        let mut weight = || WEIGHT_SCALE * Distribution::<f64>::sample(&StandardNormal, &mut rng);
        let rbm = Rbm::new(
            DMatrix::from_fn(data.n_features(), self.hidden, |_, _| weight()),
            DVector::from_iterator(data.n_features(), ones.into_iter().map(bias)),
            DVector::zeros(self.hidden),
        )?;
        Ok(rbm.with_units(self.units, self.units))
    }

    pub(super) fn refresh(&self) -> f64 {
        self.refresh.unwrap_or(0.1)
    }

    pub(super) fn damping(&self) -> f64 {
        self.damping.unwrap_or(0.0)
    }
}

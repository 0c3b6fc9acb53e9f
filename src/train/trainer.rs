//! The loop of training: one update after the other.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::{
    Parameters, Train,
    batches::{Batch, Batches},
    bit_layers::Products,
    data_moments::data_moments,
    labels::clamped_moments,
    moments::Moments,
    negative::{NegativePhase, Precision, Update},
    objective::objective_gradient,
    state::State,
    step::Step,
};
use crate::{Error, Rbm, Run, data::Data, kernel::layer::States};

/// Weights that a thread changes at a time.
const PART: usize = 1 << 14;

/// A training run under way.
///
/// Its state is a function of the plan, the data and the number of updates made: it does not depend
/// on the number of threads, nor on where it was interrupted.
pub struct Trainer<'a> {
    plan: &'a Train,
    data: &'a Data,
    rbm: Rbm,
    negative: Box<dyn NegativePhase>,
    step: Box<dyn Step>,
    batches: Batches,
    update: usize,
    /// What is left of the learning rate: half after each return to an earlier model.
    rate_factor: f64,
    /// Memory for the next update. A few megabytes that are given back and asked for again at every
    /// update take as long as the update itself.
    products: Products,
    spare: Option<Parameters>,
}

impl<'a> Trainer<'a> {
    /// A run at its beginning, on these training data.
    ///
    /// # Errors
    /// Those of [`Train::check`].
    pub fn new(plan: &'a Train, data: &'a Data) -> Result<Self, Error> {
        plan.check(data)?;
        let rbm = plan.first_model(data)?;
        Self::at(plan, data, rbm)
    }

    /// A run at its beginning that goes on from a model, such as one trained on other rows.
    ///
    /// # Errors
    /// Those of [`Train::check`]; [`Error::Config`] if the model is not of the shape and the units
    /// that the plan and the data have.
    pub fn from_model(plan: &'a Train, data: &'a Data, rbm: Rbm) -> Result<Self, Error> {
        plan.check(data)?;
        data.check_columns(rbm.n_visible())?;
        if rbm.n_hidden() != plan.hidden {
            let remedy = format!("the model that is to be trained further has {} hidden units", rbm.n_hidden());
            return Err(Error::config("hidden", plan.hidden, remedy));
        }
        if [rbm.visible_units(), rbm.hidden_units()] != [plan.units; 2] {
            let remedy = "the model that is to be trained further has other units";
            return Err(Error::config("units", plan.units, remedy));
        }
        Self::at(plan, data, rbm)
    }

    fn at(plan: &'a Train, data: &'a Data, rbm: Rbm) -> Result<Self, Error> {
        Ok(Self {
            negative: plan.new_negative(&rbm, data)?,
            step: plan.new_step(rbm.n_visible()),
            batches: Batches::new(data.n_samples(), plan.batch, plan.seed),
            update: 0,
            rate_factor: 1.0,
            products: Products::default(),
            spare: None,
            plan,
            data,
            rbm,
        })
    }

    /// Makes all updates that are left; `false` if the run was cancelled.
    ///
    /// # Errors
    /// Those of [`advance`](Self::advance).
    pub fn finish(&mut self, run: &Run<'_>) -> Result<bool, Error> {
        let last = self.plan.total_updates(self.data);
        run.progress.begin("training", last.saturating_sub(self.update) as u64);
        while self.update < last {
            if !self.advance(run)? {
                return Ok(false);
            }
            run.progress.advance(1);
        }
        run.progress.end();
        Ok(true)
    }

    /// The model as it is.
    #[must_use]
    pub fn rbm(&self) -> &Rbm {
        &self.rbm
    }

    /// The number of updates made.
    #[must_use]
    pub fn update(&self) -> usize {
        self.update
    }

    /// Passes over the data made.
    #[must_use]
    pub fn epoch(&self) -> f64 {
        self.update as f64 / self.batches.in_epoch() as f64
    }

    /// What the negative phase knows about the model, by column of the log.
    #[must_use]
    pub fn evidence(&self) -> Vec<(&'static str, f64)> {
        self.negative.evidence(&self.rbm)
    }

    /// Visible states of the chains of the negative phase, if it has any.
    pub(super) fn chains(&self) -> Option<States> {
        self.negative.chains(&self.rbm, self.plan.seed, self.update as u64)
    }

    /// Makes one update; `false` if the run was cancelled instead.
    ///
    /// # Errors
    /// [`Error::Model`] if a parameter is no longer finite: the rate is too high.
    pub fn advance(&mut self, run: &Run<'_>) -> Result<bool, Error> {
        if run.cancelled() {
            return Ok(false);
        }
        let batch = Batch { data: self.data, rows: self.batches.rows(self.update) };
        let update = Update::new(&self.rbm, batch, (self.plan.seed, self.update as u64), run)
            .with_spare(std::mem::take(&mut self.products));
        let of_data = match self.negative.precision() {
            Precision::Double => Moments::Means(data_moments(&self.rbm, batch)),
            Precision::Single => Moments::Sums(update.layers().moments(&update.layers().states_of(batch))),
        };
        let (by_label, by_row) = self.plan.objective.factors();
        let mut taken = Vec::new();
        if by_row > 0.0 {
            let Some(of_model) = self.negative.moments(&update) else { return Ok(false) };
            taken.push((by_row, of_model));
        }
        if by_label > 0.0 {
            taken.push((by_label, Moments::Means(clamped_moments(&self.rbm, batch, self.plan.classes.len()))));
        }
        self.products = update.into_products();
        if let Some(earlier) = self.negative.take_restored() {
            // Too far at once: back, slower, and without the momentum that led here.
            self.rbm = earlier;
            self.step = self.plan.new_step(self.rbm.n_visible());
            self.rate_factor *= 0.5;
            self.update += 1;
            return Ok(true);
        }
        let offsets = of_data.offsets(&self.rbm);
        let spare = self.spare.take().unwrap_or_else(|| Parameters::zeros(self.rbm.n_visible(), self.rbm.n_hidden()));
        let mut gradient = objective_gradient(of_data, taken, &self.rbm, spare);
        self.plan.penalise(&mut gradient, &self.rbm);
        if self.plan.centred {
            gradient = gradient.centred(&offsets);
        }
        self.step.turn(&mut gradient);
        let rate = self.rate_factor * self.plan.rate_at(self.update, self.plan.total_updates(self.data));
        self.rbm.change(|weights, visible, hidden| {
            let parts = weights.as_mut_slice().par_chunks_mut(PART).zip(gradient.weights.as_slice().par_chunks(PART));
            parts.for_each(|(weights, direction)| {
                weights.iter_mut().zip(direction).for_each(|(w, d)| *w += rate * d);
            });
            visible.axpy(rate, &gradient.visible, 1.0);
            hidden.axpy(rate, &gradient.hidden, 1.0);
        })?;
        self.spare = Some(gradient);
        self.update += 1;
        if self.update.is_multiple_of(self.batches.in_epoch()) {
            self.limit_norm()?;
        }
        Ok(true)
    }

    /// At the end of an epoch, W is brought back to the limit of its norm.
    fn limit_norm(&mut self) -> Result<(), Error> {
        let Some(limit) = self.plan.limit else { return Ok(()) };
        let Some(excess) = limit.excess(self.rbm.weights()) else { return Ok(()) };
        let all: Vec<usize> = (0..self.data.n_samples()).collect();
        let means = super::bit_layers::BitLayers::new(&self.rbm).means(Batch { data: self.data, rows: &all });
        limit.apply(excess, self.plan.gauge, &means, &mut self.rbm, self.step.velocity())
    }

    /// What goes on needs besides the model.
    pub(super) fn save(&self) -> State {
        let mut state = State::default();
        self.step.save(&mut state);
        self.negative.save(&mut state);
        if self.rate_factor != 1.0 {
            state.insert("rate_factor", DMatrix::from_element(1, 1, self.rate_factor));
        }
        state
    }

    /// Goes on from a model and what was saved beside it.
    pub(super) fn restore(&mut self, update: usize, rbm: Rbm, mut state: State) -> Result<(), Error> {
        if (rbm.n_visible(), rbm.n_hidden()) != (self.rbm.n_visible(), self.rbm.n_hidden()) {
            let shape = format!("a model of {}×{}", rbm.n_visible(), rbm.n_hidden());
            return Err(Error::config("resume", shape, "it is not of this run; use another folder"));
        }
        self.step.restore(&mut state)?;
        self.negative.restore(&mut state)?;
        if state.0.contains_key("rate_factor") {
            self.rate_factor = state.take("rate_factor", (1, 1))?[0];
        }
        (self.rbm, self.update) = (rbm, update);
        Ok(())
    }
}

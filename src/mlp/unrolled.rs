//! The network, and its pass forward.

use nalgebra::DMatrix;

use super::half_step::{HalfStep, Layer};
use crate::{Error, Rbm, kernel::coupling::Side, model::Order};

/// n mean-field steps of an RBM as a perceptron of 2n layers. See the [module](super) for the
/// equations.
///
/// # Examples
/// ```
/// use nalgebra::DMatrix;
/// use plefka::{Rbm, mlp::Unrolled, model::Order};
/// let rbm = Rbm::from_rows(&[[1.0], [2.0]], &[0.0, 0.5], &[-1.0])?;
/// let input = DMatrix::from_column_slice(2, 1, &[1.0, 0.0]);
/// let states = Unrolled::tied(rbm.clone(), 3, Order::First)?.forward(&input)?;
/// assert_eq!(states.len(), 3);
/// assert_eq!(states[0].hidden[0], rbm.hidden_given_visible(&[1.0, 0.0], 1.0)[0]);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Unrolled {
    /// W₂, a and b; and, if the layers are tied, W₁.
    model: Rbm,
    /// W₁, if it is another matrix.
    recognition: Option<DMatrix<f64>>,
    steps: usize,
    order: Order,
}

/// The means after a step, one column for each sample.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// v, of shape (n_visible, samples).
    pub visible: DMatrix<f64>,
    /// h, of shape (n_hidden, samples): those from which v was updated.
    pub hidden: DMatrix<f64>,
}

/// The layers of one step.
pub(super) struct Step {
    pub(super) hidden: Layer,
    pub(super) visible: Layer,
}

impl Unrolled {
    /// `steps` mean-field steps of `model` at β = 1, with W in every layer.
    ///
    /// # Errors
    /// [`Error::Config`] for no steps, or third order.
    pub fn tied(model: Rbm, steps: usize, order: Order) -> Result<Self, Error> {
        if steps == 0 {
            return Err(Error::config("steps", steps, "a network has at least one step"));
        }
        if order > Order::Second {
            return Err(Error::config("order", "third", "the layers are those of first or second order"));
        }
        Ok(Self { model, recognition: None, steps, order })
    }

    /// The same network with `recognition` = W₁ from the visible to the hidden units; the model
    /// keeps W₂ for the way back.
    ///
    /// # Errors
    /// [`Error::Model`] if W₁ does not have the shape of W₂, or holds a number that is not finite.
    pub fn untied(self, recognition: DMatrix<f64>) -> Result<Self, Error> {
        if recognition.shape() != self.model.weights().shape() {
            let shapes = [recognition.shape(), self.model.weights().shape()];
            let problem = format!("W₁ has shape {:?}, but W₂ {:?}", shapes[0], shapes[1]);
            return Err(Error::model(problem, "both go from visible rows to hidden columns"));
        }
        if let Some(bad) = recognition.iter().find(|w| !w.is_finite()) {
            return Err(Error::model(format!("W₁ holds {bad}"), "every parameter must be finite"));
        }
        Ok(Self { recognition: Some(recognition), ..self })
    }

    /// The RBM whose energy the way back has: W₂, a and b.
    #[must_use]
    pub fn model(&self) -> &Rbm {
        &self.model
    }

    /// W₁, of shape (n_visible, n_hidden): W₂ itself if the layers are tied.
    #[must_use]
    pub fn recognition(&self) -> &DMatrix<f64> {
        self.recognition.as_ref().unwrap_or(self.model.weights())
    }

    /// W₂, of shape (n_visible, n_hidden).
    #[must_use]
    pub fn generation(&self) -> &DMatrix<f64> {
        self.model.weights()
    }

    /// The number of steps n; of layers there are 2n.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Without or with the Onsager term.
    #[must_use]
    pub fn order(&self) -> Order {
        self.order
    }

    /// The means after each step, from the visible means `input` of shape (n_visible, samples) and
    /// free hidden units.
    ///
    /// # Errors
    /// [`Error::Config`] if `input` has no samples, other rows than visible units, or means outside
    /// the range of the units.
    pub fn forward(&self, input: &DMatrix<f64>) -> Result<Vec<State>, Error> {
        self.check(input)?;
        let state = |step: Step| State { visible: step.visible.mean, hidden: step.hidden.mean };
        Ok(self.unroll(input).into_iter().map(state).collect())
    }

    pub(super) fn check(&self, input: &DMatrix<f64>) -> Result<(), Error> {
        let n = self.model.n_visible();
        if input.nrows() != n || input.ncols() == 0 {
            let shape = format!("a matrix of shape {:?}", input.shape());
            return Err(Error::config("input", shape, format!("give {n} rows, and a column for each sample")));
        }
        let [low, high] = self.model.visible_units().values();
        match input.iter().find(|m| !(low..=high).contains(*m)) {
            Some(bad) => Err(Error::config("input", bad, format!("visible means lie between {low} and {high}"))),
            None => Ok(()),
        }
    }

    pub(super) fn hidden_step(&self) -> HalfStep<'_> {
        HalfStep {
            weights: self.recognition(),
            side: Side::Columns,
            bias: self.model.hidden_bias(),
            own: self.model.hidden_units(),
            other: self.model.visible_units(),
            order: self.order,
        }
    }

    pub(super) fn visible_step(&self) -> HalfStep<'_> {
        HalfStep {
            weights: self.generation(),
            side: Side::Rows,
            bias: self.model.visible_bias(),
            own: self.model.visible_units(),
            other: self.model.hidden_units(),
            order: self.order,
        }
    }

    /// The hidden means before the first step: those of units without a field, where the Onsager
    /// term vanishes.
    pub(super) fn free_hidden(&self, samples: usize) -> DMatrix<f64> {
        DMatrix::from_element(self.model.n_hidden(), samples, self.model.hidden_units().uniform_mean())
    }

    pub(super) fn unroll(&self, input: &DMatrix<f64>) -> Vec<Step> {
        let (up, down) = (self.hidden_step(), self.visible_step());
        let start = self.free_hidden(input.ncols());
        let mut steps: Vec<Step> = Vec::with_capacity(self.steps);
        for _ in 0..self.steps {
            let (visible, hidden) = steps.last().map_or((input, &start), |s| (&s.visible.mean, &s.hidden.mean));
            let hidden = up.forward(visible, hidden);
            let visible = down.forward(&hidden.mean, visible);
            steps.push(Step { hidden, visible });
        }
        steps
    }
}

//! What is asked of the output of a network.

use nalgebra::{DMatrix, DVector};

use super::{Gradient, Unrolled, free_energy::Plefka, unrolled::Step};
use crate::{Error, stats::log_sum_exp};

/// A loss of the last state (v, h) of a network, or of its last hidden means alone.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Loss<'a> {
    /// F(x) − F(v, h): the free energy of the model with the input x clamped, F(x) = −a·x − Σⱼ ln Σ
    /// e^{hⱼ(b + W₂ᵀx)ⱼ}, minus that of the expansion at the last state. If the last state solved
    /// the equations and the expansion were exact, it would be −ln p(x).
    FreeEnergyDifference,
    /// −ln p(x | θ) of the input under independent visible units in the last fields θ, Σᵢ [ln Σ
    /// e^{θᵢx} − θᵢxᵢ]: the cross-entropy of an autoencoder.
    CrossEntropy,
    /// ½ |v − x|², with x the input.
    SquaredError,
    /// −ln of the probability that a softmax on the last hidden means gives to the label of each
    /// sample.
    Classifier {
        /// The last, linear layer.
        classifier: &'a Softmax,
        /// The class of each sample, from 0.
        labels: &'a [usize],
    },
}

/// Logits C h + d of classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Softmax {
    /// C, of shape (classes, n_hidden).
    pub weights: DMatrix<f64>,
    /// d, one for each class.
    pub bias: DVector<f64>,
}

impl Softmax {
    /// The logits of each sample, of shape (classes, samples).
    ///
    /// # Panics
    /// If `hidden` does not have one row for each column of C, or d not one entry for each row.
    #[must_use]
    pub fn logits(&self, hidden: &DMatrix<f64>) -> DMatrix<f64> {
        let mut logits = &self.weights * hidden;
        for mut column in logits.column_iter_mut() {
            column += &self.bias;
        }
        logits
    }
}

/// A loss, summed over samples, as it enters the pass backward.
pub(super) struct Signal {
    pub(super) loss: f64,
    /// ∂loss/∂θ of the last visible fields.
    pub(super) by_visible_field: DMatrix<f64>,
    /// ∂loss/∂h of the last hidden means, not through the visible layer.
    pub(super) by_hidden_mean: DMatrix<f64>,
    /// ∂loss/∂parameters at a fixed last state.
    pub(super) explicit: Gradient,
    pub(super) classifier: Option<Softmax>,
}

impl Loss<'_> {
    pub(super) fn check(&self, network: &Unrolled, samples: usize) -> Result<(), Error> {
        let Self::Classifier { classifier, labels } = self else { return Ok(()) };
        let (classes, n_hidden) = classifier.weights.shape();
        if n_hidden != network.model().n_hidden() || classifier.bias.len() != classes || classes == 0 {
            let shapes = format!("weights {:?} and {} biases", classifier.weights.shape(), classifier.bias.len());
            let remedy = format!("give C the shape (classes, {}), d one entry a class", network.model().n_hidden());
            return Err(Error::config("classifier", shapes, remedy));
        }
        if labels.len() != samples {
            return Err(Error::config("labels", labels.len(), format!("give one for each of the {samples} samples")));
        }
        match labels.iter().find(|label| **label >= classes) {
            Some(bad) => Err(Error::config("labels", bad, format!("classes are numbered from 0 to {}", classes - 1))),
            None => Ok(()),
        }
    }

    /// The loss of samples `first..` of a batch, of which `input` holds those of one block.
    pub(super) fn signal(&self, network: &Unrolled, input: &DMatrix<f64>, first: usize, last: &Step) -> Signal {
        let (model, samples) = (network.model(), input.ncols());
        let (field, visible, hidden) = (&last.visible.field, &last.visible.mean, &last.hidden.mean);
        let units = model.visible_units();
        let mut signal = Signal {
            loss: 0.0,
            by_visible_field: DMatrix::zeros(model.n_visible(), samples),
            by_hidden_mean: DMatrix::zeros(model.n_hidden(), samples),
            explicit: Gradient::zeros(network),
            classifier: None,
        };
        match self {
            Self::FreeEnergyDifference => {
                let plefka = Plefka::at(model, network.order(), visible, hidden);
                signal.by_visible_field = plefka.by_visible_field(field);
                signal.by_hidden_mean = plefka.by_hidden_mean(&last.hidden.field);
                let clamped = model.weights().tr_mul(input);
                let clamped = DMatrix::from_fn(clamped.nrows(), samples, |j, k| {
                    model.hidden_units().mean(clamped[(j, k)] + model.hidden_bias()[j])
                });
                signal.explicit.generation = plefka.by_weights() - input * clamped.transpose();
                signal.explicit.visible_bias = visible.column_sum() - input.column_sum();
                signal.explicit.hidden_bias = hidden.column_sum() - clamped.column_sum();
                let of = |k: usize| {
                    plefka.log_z(k) - model.visible_log_weight(input.column(k).clone_owned().as_slice(), 1.0)
                };
                signal.loss = (0..samples).map(of).sum();
            }
            Self::CrossEntropy => {
                signal.loss = field.zip_fold(input, 0.0, |sum, x, target| sum + units.log_partition(x) - x * target);
                signal.by_visible_field = visible - input;
            }
            Self::SquaredError => {
                let miss = visible - input;
                signal.loss = 0.5 * miss.norm_squared();
                signal.by_visible_field = miss.zip_map(visible, |miss, m| miss * units.variance(m));
            }
            Self::Classifier { classifier, labels } => {
                let mut delta = classifier.logits(hidden);
                for (mut column, label) in delta.column_iter_mut().zip(&labels[first..]) {
                    let log_z = log_sum_exp(column.clone_owned().as_slice());
                    signal.loss += log_z - column[*label];
                    column.apply(|x| *x = (*x - log_z).exp());
                    column[*label] -= 1.0;
                }
                signal.by_hidden_mean = classifier.weights.tr_mul(&delta);
                let (weights, bias) = (&delta * hidden.transpose(), delta.column_sum());
                signal.classifier = Some(Softmax { weights, bias });
            }
        }
        signal
    }
}

//! The gradient of the likelihood, and its centred form.

use nalgebra::{DVector, DVectorView};
use rayon::prelude::*;

use super::{Parameters, batches::Batch, data_moments::data_moments, labels};
use crate::{Error, Rbm, Run, Units, data::Data, model::UnitMeans};

/// Visible units that a thread sums up for at a time.
const ROWS: usize = 128;

/// The exact gradient of the mean log-likelihood of data, ⟨ln p(v)⟩, in nats: the moments of the
/// data less those of the model, which are enumerated. `None` if the run was cancelled.
///
/// # Formula
/// ∂L/∂Wᵢⱼ = ⟨vᵢ⟨hⱼ|v⟩⟩_data − ⟨vᵢhⱼ⟩, ∂L/∂aᵢ = ⟨vᵢ⟩_data − ⟨vᵢ⟩, ∂L/∂bⱼ = ⟨⟨hⱼ|v⟩⟩_data − ⟨hⱼ⟩.
/// With all parameters θ, θ·∂L/∂θ = U − ⟨⟨E|v⟩⟩_data: scaling them is a change of temperature.
///
/// # Errors
/// [`Error::Config`] if the data have not one column for each visible unit.
///
/// # Examples
/// ```
/// use plefka::{Rbm, Run, data::Data, train::likelihood_gradient};
/// let rbm = Rbm::from_rows(&[[0.0]], &[0.0], &[0.0])?; // ⟨v⟩ = ½
/// let data = Data::new(1, vec![1, 1, 1, 0], None)?; // ⟨v⟩ = ¾
/// let gradient = likelihood_gradient(&rbm, &data, &Run::quiet(1))?.expect("nobody cancelled");
/// assert_eq!(gradient.visible[0], 0.25);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn likelihood_gradient(rbm: &Rbm, data: &Data, run: &Run<'_>) -> Result<Option<Parameters>, Error> {
    data.check_columns(rbm.n_visible())?;
    let all: Vec<usize> = (0..data.n_samples()).collect();
    let of_data = data_moments(rbm, Batch { data, rows: &all });
    Ok(rbm.unit_means(1.0, run).map(|of_model| Parameters::difference(of_data, &of_model)))
}

/// The exact gradient of ⟨ln p(y|x)⟩, the mean log-probability of the labels of rows that have
/// label units behind ([`labels::one_hot`](super::labels::one_hot)): the moments of the data less
/// those with the labels drawn anew given x (Larochelle & Bengio, ICML 2008). It needs no ln Z.
///
/// # Errors
/// [`Error::Config`] if the rows do not fit the model, or their last columns are not the units of
/// so many classes.
pub fn label_gradient(rbm: &Rbm, data: &Data, classes: usize) -> Result<Parameters, Error> {
    data.check_columns(rbm.n_visible())?;
    labels::check(data, classes)?;
    let rows: Vec<usize> = (0..data.n_samples()).collect();
    let batch = Batch { data, rows: &rows };
    Ok(Parameters::difference(data_moments(rbm, batch), &labels::clamped_moments(rbm, batch, classes)))
}

/// The means ⟨v⟩ and ⟨h⟩ of the data, from which units are counted in the centred form.
#[derive(Debug, Clone, PartialEq)]
pub struct Offsets {
    /// ⟨v⟩.
    pub visible: DVector<f64>,
    /// ⟨h⟩.
    pub hidden: DVector<f64>,
}

impl Offsets {
    /// From the means of bits, in the units of the model.
    pub(super) fn of_bits(rbm: &Rbm, visible: &DVector<f64>, hidden: &DVector<f64>) -> Self {
        let of = |units: Units, means: &DVector<f64>| {
            let [low, high] = units.values();
            means.map(|x| low + (high - low) * x)
        };
        Self { visible: of(rbm.visible_units(), visible), hidden: of(rbm.hidden_units(), hidden) }
    }
}

impl From<&UnitMeans> for Offsets {
    fn from(means: &UnitMeans) -> Self {
        Self { visible: means.visible.clone(), hidden: means.hidden.clone() }
    }
}

impl Parameters {
    /// The direction of steepest ascent in the centred parametrisation, in the plain parameters
    /// (Montavon & Müller 2012; Melchior, Fischer & Wiskott, J. Mach. Learn. Res. 17 (99), 1
    /// (2016)).
    ///
    /// # Formula
    /// ∇W′ = ∇W − ∇a⟨h⟩ᵀ − ⟨v⟩∇bᵀ, ∇a′ = ∇a − ∇W′⟨h⟩, ∇b′ = ∇b − ∇W′ᵀ⟨v⟩.
    ///
    /// A change of W then leaves the mean fields as they are, which biases would otherwise have to
    /// make up for. The map is linear, symmetric and positive, so the maximum of whatever has the
    /// plain gradient stays where it is: a penalty on W is part of the plain gradient, and comes
    /// before.
    #[must_use]
    pub fn centred(mut self, offsets: &Offsets) -> Self {
        let (visible, means) = (self.visible.as_slice(), offsets.visible.as_slice());
        let columns = self.weights.as_mut_slice().par_chunks_exact_mut(visible.len());
        columns.zip(self.hidden.as_mut_slice()).zip(offsets.hidden.as_slice()).for_each(|((column, slope), mean)| {
            for ((w, a), v) in column.iter_mut().zip(visible).zip(means) {
                *w -= a * mean + v * *slope;
            }
            // ∇b′ of this unit, while its column of ∇W′ is at hand.
            *slope -= DVectorView::from_slice(column, column.len()).dot(&offsets.visible);
        });
        let (weights, rows) = (self.weights.as_slice(), self.visible.len());
        self.visible.as_mut_slice().par_chunks_mut(ROWS).enumerate().for_each(|(part, slopes)| {
            for (column, mean) in weights.chunks_exact(rows).zip(offsets.hidden.as_slice()) {
                slopes.iter_mut().zip(&column[part * ROWS..]).for_each(|(a, w)| *a -= mean * w);
            }
        });
        self
    }
}

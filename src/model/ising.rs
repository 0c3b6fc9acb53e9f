//! Spins with a matrix of couplings.

use nalgebra::{DMatrix, DVector};

use super::{Cumulants, Enumerate, EnumerationCost, Model, Sums, rbm::finite_constant};
use crate::{Error, kernel::spins, run::Run};

/// N spins ±1 with any pair couplings: Sherrington–Kirkpatrick, Hopfield, small lattices. (Large ones
/// are [`SparseIsing`](super::SparseIsing).)
///
/// # Formula
/// E(s) = −½ sᵀJs − f·s, with J symmetric of shape (N, N) and zero on the diagonal, and f the
/// external fields. A [constant energy](Self::with_constant) may be added.
///
/// # Examples
/// ```
/// use nalgebra::{DMatrix, DVector};
/// use plefka::{Betas, Estimator, Exact, Run, model::Ising};
/// let pair = Ising::new(DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 1.0, 0.0]), DVector::zeros(2))?;
/// let curve = Exact::default().curve(&pair, &Betas::one(1.0)?, &Run::quiet(0))?;
/// assert!((curve.values.log_z[0] - (4.0 * 1f64.cosh()).ln()).abs() < 1e-15);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ising {
    couplings: DMatrix<f64>,
    field: DVector<f64>,
    constant: f64,
}

impl Ising {
    /// Spins with couplings J (N, N) and fields f (N).
    ///
    /// # Errors
    /// [`Error::Model`] if there are no spins, the shapes do not fit together, a parameter is not
    /// finite, or J is not symmetric with a zero diagonal.
    pub fn new(couplings: DMatrix<f64>, field: DVector<f64>) -> Result<Self, Error> {
        let (rows, columns) = couplings.shape();
        if rows == 0 || rows != columns || field.len() != rows {
            return Err(Error::model(
                format!("J has shape ({rows}, {columns}) and the field ({})", field.len()),
                "give J the shape (N, N) and the field N entries, with N at least 1",
            ));
        }
        if couplings.iter().chain(field.iter()).any(|x| !x.is_finite()) {
            return Err(Error::model(
                "J or the field holds a number that is not finite",
                "every parameter must be finite",
            ));
        }
        if couplings != couplings.transpose() || couplings.diagonal().iter().any(|j| *j != 0.0) {
            return Err(Error::model(
                "J is not symmetric with a zero diagonal",
                "replace it by (J + Jᵀ)/2, diagonal 0",
            ));
        }
        Ok(Self { couplings, field, constant: 0.0 })
    }

    /// The same model with E + c in place of E, where E is without any constant: ln Z → ln Z − βc
    /// and U → U + c, while the probabilities, S and C stay as they are. (The offset of a quadratic
    /// model of an annealer is one.)
    ///
    /// # Errors
    /// [`Error::Model`] if `constant` is not finite.
    pub fn with_constant(self, constant: f64) -> Result<Self, Error> {
        Ok(Self { constant: finite_constant(constant)?, ..self })
    }

    /// c, the constant energy.
    #[must_use]
    pub fn constant(&self) -> f64 {
        self.constant
    }

    /// J, of shape (N, N).
    #[must_use]
    pub fn couplings(&self) -> &DMatrix<f64> {
        &self.couplings
    }

    /// f, of length N.
    #[must_use]
    pub fn field(&self) -> &DVector<f64> {
        &self.field
    }

    /// E(s) = c − ½ sᵀJs − f·s.
    ///
    /// # Panics
    /// If `spins` does not have N entries.
    #[must_use]
    pub fn energy(&self, spins: &[f64]) -> f64 {
        let s = DVector::from_column_slice(spins);
        self.constant - 0.5 * s.dot(&(&self.couplings * &s)) - self.field.dot(&s)
    }
}

impl Model for Ising {
    fn n_units(&self) -> usize {
        self.field.len()
    }
}

/// All 2^N configurations in Gray-code order.
impl Enumerate for Ising {
    fn enumeration_cost(&self) -> EnumerationCost {
        EnumerationCost { log2_states: self.n_units() as u32, factors_per_state: self.n_units() }
    }

    fn enumerate(&self, beta: f64, _: Sums, run: &Run<'_>) -> Option<Cumulants> {
        let sum = spins::sum(&self.couplings, self.field.as_slice(), beta, &|states| run.advance_or_stop(states))?;
        let scale = 0.5 * self.couplings.abs().sum() + self.field.abs().sum() + self.constant.abs();
        Some(Cumulants::of(sum, -self.constant, beta, scale))
    }
}

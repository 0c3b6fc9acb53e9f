//! The restricted Boltzmann machine.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::{Model, Units};
use crate::Error;

/// A restricted Boltzmann machine with two-state units.
///
/// # Formula
/// E(v, h) = −a·v − b·h − vᵀWh, with W of shape (n_visible, n_hidden), a the visible and b the
/// hidden biases (Smolensky 1986; Hinton, Neural Computation 14, 1771 (2002)). Each layer has its
/// own [`Units`], 0/1 or ±1. A [constant energy](Self::with_constant) may be added.
///
/// All parameters are finite; energies have the units of the parameters, and k_B = 1.
///
/// # Examples
/// ```
/// use plefka::Rbm;
/// let rbm = Rbm::from_rows(&[[1.0, -2.0]], &[0.5], &[0.0, 0.25])?;
/// assert_eq!(rbm.energy(&[1.0], &[1.0, 1.0]), -0.5 - 0.25 - (1.0 - 2.0));
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rbm {
    weights: DMatrix<f64>,
    visible_bias: DVector<f64>,
    hidden_bias: DVector<f64>,
    visible_units: Units,
    hidden_units: Units,
    constant: f64,
}

impl Rbm {
    /// An RBM on bits from W (n_visible, n_hidden), a (n_visible) and b (n_hidden).
    ///
    /// # Errors
    /// [`Error::Model`] if a layer is empty, the shapes do not fit together, or a parameter is not
    /// finite.
    pub fn new(weights: DMatrix<f64>, visible_bias: DVector<f64>, hidden_bias: DVector<f64>) -> Result<Self, Error> {
        let (n_visible, n_hidden) = weights.shape();
        if n_visible == 0 || n_hidden == 0 {
            return Err(Error::model(
                format!("W has shape ({n_visible}, {n_hidden}), so a layer has no units"),
                "give each layer at least one unit",
            ));
        }
        for (name, bias, n, axis) in
            [("vbias", &visible_bias, n_visible, "n_visible"), ("hbias", &hidden_bias, n_hidden, "n_hidden")]
        {
            if bias.len() != n {
                return Err(Error::model(
                    format!("{name} has shape ({}), but W has shape ({n_visible}, {n_hidden})", bias.len()),
                    format!("give {name} {axis} = {n} entries, or transpose W to (n_visible, n_hidden)"),
                ));
            }
        }
        check_finite(&weights, &visible_bias, &hidden_bias)?;
        let (visible_units, hidden_units, constant) = (Units::Bit, Units::Bit, 0.0);
        Ok(Self { weights, visible_bias, hidden_bias, visible_units, hidden_units, constant })
    }

    /// An RBM on bits from the rows of W; for short examples.
    ///
    /// # Errors
    /// As [`Rbm::new`].
    pub fn from_rows<const H: usize>(
        rows: &[[f64; H]],
        visible_bias: &[f64],
        hidden_bias: &[f64],
    ) -> Result<Self, Error> {
        let weights = DMatrix::from_fn(rows.len(), H, |i, j| rows[i][j]);
        Self::new(weights, DVector::from_column_slice(visible_bias), DVector::from_column_slice(hidden_bias))
    }

    /// The same parameters on other units. (A different model, unless the parameters are
    /// transformed too.)
    #[must_use]
    pub fn with_units(self, visible_units: Units, hidden_units: Units) -> Self {
        Self { visible_units, hidden_units, ..self }
    }

    /// The same model with E + c in place of E, where E is without any constant: ln Z → ln Z − βc
    /// and U → U + c, while the probabilities, S and C stay as they are. (Centred and standardized
    /// RBMs have one once they are written as plain ones.)
    ///
    /// # Errors
    /// [`Error::Model`] if `constant` is not finite.
    pub fn with_constant(self, constant: f64) -> Result<Self, Error> {
        Ok(Self { constant: finite_constant(constant)?, ..self })
    }

    /// The number of visible units.
    #[must_use]
    pub fn n_visible(&self) -> usize {
        self.weights.nrows()
    }

    /// The number of hidden units.
    #[must_use]
    pub fn n_hidden(&self) -> usize {
        self.weights.ncols()
    }

    /// W, of shape (n_visible, n_hidden).
    #[must_use]
    pub fn weights(&self) -> &DMatrix<f64> {
        &self.weights
    }

    /// a, of length n_visible.
    #[must_use]
    pub fn visible_bias(&self) -> &DVector<f64> {
        &self.visible_bias
    }

    /// b, of length n_hidden.
    #[must_use]
    pub fn hidden_bias(&self) -> &DVector<f64> {
        &self.hidden_bias
    }

    /// The kind of the visible units.
    #[must_use]
    pub fn visible_units(&self) -> Units {
        self.visible_units
    }

    /// The kind of the hidden units.
    #[must_use]
    pub fn hidden_units(&self) -> Units {
        self.hidden_units
    }

    /// c, the constant energy.
    #[must_use]
    pub fn constant(&self) -> f64 {
        self.constant
    }

    /// All parameters times `factor`: the model at β is the original at β × `factor`, a change of
    /// **temperature**.
    ///
    /// # Errors
    /// [`Error::Model`] if a scaled parameter is not finite.
    pub fn scaled_temperature(&self, factor: f64) -> Result<Self, Error> {
        let scaled = self.rebuilt(&self.weights * factor, &self.visible_bias * factor, &self.hidden_bias * factor)?;
        scaled.with_constant(self.constant * factor)
    }

    /// W alone times `factor`, the biases kept: a change of **weight norm**, which is not a change
    /// of temperature unless the biases are zero.
    ///
    /// # Errors
    /// [`Error::Model`] if a scaled parameter is not finite.
    pub fn scaled_weights(&self, factor: f64) -> Result<Self, Error> {
        self.rebuilt(&self.weights * factor, self.visible_bias.clone(), self.hidden_bias.clone())
    }

    /// Changes the parameters in place: W, a and b are given to `change`.
    ///
    /// # Errors
    /// [`Error::Model`] if a parameter is then not finite.
    pub(crate) fn change(
        &mut self,
        change: impl FnOnce(&mut DMatrix<f64>, &mut DVector<f64>, &mut DVector<f64>),
    ) -> Result<(), Error> {
        change(&mut self.weights, &mut self.visible_bias, &mut self.hidden_bias);
        check_finite(&self.weights, &self.visible_bias, &self.hidden_bias)
    }

    fn rebuilt(&self, weights: DMatrix<f64>, a: DVector<f64>, b: DVector<f64>) -> Result<Self, Error> {
        Self::new(weights, a, b)?.with_units(self.visible_units, self.hidden_units).with_constant(self.constant)
    }

    /// E(v, h) = c − a·v − b·h − vᵀWh.
    ///
    /// # Panics
    /// If the lengths are not n_visible and n_hidden.
    #[must_use]
    pub fn energy(&self, v: &[f64], h: &[f64]) -> f64 {
        let v = DVector::from_column_slice(v);
        let h = DVector::from_column_slice(h);
        self.constant - self.visible_bias.dot(&v) - self.hidden_bias.dot(&h) - v.dot(&(&self.weights * h))
    }

    /// ln of the unnormalised probability of a visible state at β: −βF(v; β) = β(a·v − c) + Σⱼ ln
    /// Σ_{hⱼ} e^{βhⱼ(bⱼ + (Wᵀv)ⱼ)}, also at β = 0.
    ///
    /// # Panics
    /// If `v` does not have n_visible entries.
    #[must_use]
    pub fn visible_log_weight(&self, v: &[f64], beta: f64) -> f64 {
        let log_sums: f64 = self.hidden_field(v).iter().map(|x| self.hidden_units.log_partition(beta * x)).sum();
        beta * (self.visible_bias.dot(&DVector::from_column_slice(v)) - self.constant) + log_sums
    }

    /// The free energy of a visible state: F(v; β) = c − a·v − (1/β) Σⱼ ln Σ_{hⱼ} e^{β hⱼ(bⱼ +
    /// (Wᵀv)ⱼ)}, for β > 0.
    ///
    /// e^{−βF(v)} is the unnormalised probability of v. On bits, ln Σ is softplus.
    ///
    /// # Panics
    /// If `v` does not have n_visible entries.
    #[must_use]
    pub fn visible_free_energy(&self, v: &[f64], beta: f64) -> f64 {
        -self.visible_log_weight(v, beta) / beta
    }

    /// ⟨h | v⟩ at β: σ(β(b + Wᵀv)) on bits, tanh on spins.
    ///
    /// # Panics
    /// If `v` does not have n_visible entries.
    #[must_use]
    pub fn hidden_given_visible(&self, v: &[f64], beta: f64) -> DVector<f64> {
        self.hidden_field(v).map(|x| self.hidden_units.mean(beta * x))
    }

    /// ⟨v | h⟩ at β: σ(β(a + Wh)) on bits, tanh on spins.
    ///
    /// # Panics
    /// If `h` does not have n_hidden entries.
    #[must_use]
    pub fn visible_given_hidden(&self, h: &[f64], beta: f64) -> DVector<f64> {
        self.visible_field(h).map(|x| self.visible_units.mean(beta * x))
    }

    /// b + Wᵀv.
    fn hidden_field(&self, v: &[f64]) -> DVector<f64> {
        &self.hidden_bias + self.weights.tr_mul(&DVector::from_column_slice(v))
    }

    /// a + Wh.
    fn visible_field(&self, h: &[f64]) -> DVector<f64> {
        &self.visible_bias + &self.weights * DVector::from_column_slice(h)
    }
}

/// A constant energy that may be added to a model.
pub(super) fn finite_constant(constant: f64) -> Result<f64, Error> {
    if constant.is_finite() {
        return Ok(constant);
    }
    Err(Error::model(format!("the constant energy is {constant}"), "every parameter must be finite"))
}

/// Refuses parameters that are infinite or not a number.
fn check_finite(weights: &DMatrix<f64>, visible: &DVector<f64>, hidden: &DVector<f64>) -> Result<(), Error> {
    for (name, values) in [("W", weights.as_slice()), ("vbias", visible.as_slice()), ("hbias", hidden.as_slice())] {
        // Without an early end the loop over a part takes many at a time.
        let is_suspect = |part: &&[f64]| !part.iter().fold(true, |finite, x| finite & x.is_finite());
        if let Some(bad) =
            values.par_chunks(1024).filter(is_suspect).find_map_first(|part| part.iter().find(|x| !x.is_finite()))
        {
            let problem = format!("{name} holds {bad}");
            return Err(Error::model(problem, "every parameter must be finite; did the training diverge?"));
        }
    }
    Ok(())
}

impl Model for Rbm {
    fn n_units(&self) -> usize {
        self.n_visible() + self.n_hidden()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Rbm {
        Rbm::from_rows(&[[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], &[0.1, -0.2, 0.3], &[0.4, -0.5]).unwrap()
    }

    #[test]
    fn the_visible_free_energy_sums_the_hidden_units_out() {
        for units in [Units::Bit, Units::Spin] {
            let rbm = small().with_units(units, units);
            let [low, high] = units.values();
            let v = [high, low, high];
            for beta in [0.3, 1.0, 2.5] {
                let mut sum = 0.0;
                for h in [[low, low], [low, high], [high, low], [high, high]] {
                    sum += (-beta * rbm.energy(&v, &h)).exp();
                }
                assert!((rbm.visible_free_energy(&v, beta) + sum.ln() / beta).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn the_two_scalings_differ_by_the_biases() {
        let (rbm, v, h) = (small(), [1.0, 0.0, 1.0], [1.0, 1.0]);
        let hot = rbm.scaled_temperature(0.5).unwrap();
        assert!((hot.energy(&v, &h) - 0.5 * rbm.energy(&v, &h)).abs() < 1e-15);
        let weak = rbm.scaled_weights(0.5).unwrap();
        assert_eq!(weak.visible_bias(), rbm.visible_bias());
        assert_eq!(weak.weights(), &(rbm.weights() * 0.5));
    }

    #[test]
    fn impossible_models_are_refused_with_both_shapes() {
        let wrong = Rbm::new(DMatrix::zeros(3, 2), DVector::zeros(2), DVector::zeros(3)).unwrap_err().to_string();
        assert!(wrong.contains("vbias has shape (2)") && wrong.contains("W has shape (3, 2)"), "{wrong}");
        let empty = Rbm::new(DMatrix::zeros(3, 0), DVector::zeros(3), DVector::zeros(0)).unwrap_err().to_string();
        assert!(empty.contains("no units"), "{empty}");
        let nan = Rbm::from_rows(&[[f64::NAN]], &[0.0], &[0.0]).unwrap_err().to_string();
        assert!(nan.contains("W holds NaN"), "{nan}");
        assert!(small().scaled_weights(f64::INFINITY).is_err());
    }
}

//! The Hopfield model, as spins and as an RBM with Gaussian hidden units.

use std::f64::consts::TAU;

use nalgebra::{DMatrix, DVector};
use rand::RngExt;

use super::{check_size, disorder};
use crate::{Error, Units, model::Ising};

/// P patterns ξ of N spins, stored by Hebb's rule.
///
/// # Formula
/// E = −½ sᵀJs with Jᵢⱼ = (1/N) Σ_μ ξᵘᵢξᵘⱼ for i ≠ j and Jᵢᵢ = 0 (Hopfield, PNAS 79, 2554 (1982)).
/// With α = P/N, the paramagnet ends at T = 1 + √α, and for α below 0.138 the patterns are stable
/// at T = 0 (Amit, Gutfreund & Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985)).
///
/// # Examples
/// ```
/// use plefka::model::random::Hopfield;
/// let memory = Hopfield::random(100, 3, 1)?;
/// let pattern: Vec<f64> = memory.patterns().row(1).iter().copied().collect();
/// assert_eq!(memory.overlaps(&pattern)[1], 1.0);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Hopfield {
    patterns: DMatrix<f64>,
    ising: Ising,
}

impl Hopfield {
    /// Stores the given patterns, of shape (P, N).
    ///
    /// # Errors
    /// [`Error::Model`] if there are none, a value is not −1 or +1, or there are more than 10,000
    /// spins.
    pub fn new(patterns: DMatrix<f64>) -> Result<Self, Error> {
        let (count, n) = patterns.shape();
        check_size(["patterns", "spins"], count, n)?;
        check_size(["spins", "partners of each"], n, n)?;
        if let Some(bad) = patterns.iter().find(|x| x.abs() != 1.0) {
            return Err(Error::model(
                format!("a pattern holds {bad}"),
                "every value must be −1 or +1; map bits by 2x − 1",
            ));
        }
        // Sums of whole numbers, so J is symmetric to the last bit.
        let mut couplings = patterns.tr_mul(&patterns) / n as f64;
        couplings.fill_diagonal(0.0);
        let ising = Ising::new(couplings, DVector::zeros(n))?;
        Ok(Self { patterns, ising })
    }

    /// Stores `n_patterns` patterns of independent fair signs.
    ///
    /// # Errors
    /// As [`Hopfield::new`].
    pub fn random(n_spins: usize, n_patterns: usize, seed: u64) -> Result<Self, Error> {
        check_size(["patterns", "spins"], n_patterns, n_spins)?;
        let mut rng = disorder(seed);
        Self::new(DMatrix::from_fn(n_patterns, n_spins, |_, _| Units::Spin.values()[usize::from(rng.random::<bool>())]))
    }

    /// ξ, of shape (P, N).
    #[must_use]
    pub fn patterns(&self) -> &DMatrix<f64> {
        &self.patterns
    }

    /// The spins with their couplings.
    #[must_use]
    pub fn ising(&self) -> &Ising {
        &self.ising
    }

    /// m_μ = (1/N) Σᵢ ξᵘᵢsᵢ: how much of each pattern there is in a state.
    ///
    /// # Panics
    /// If `spins` does not have N entries.
    #[must_use]
    pub fn overlaps(&self, spins: &[f64]) -> Vec<f64> {
        let n = self.patterns.ncols();
        (&self.patterns * DVector::from_column_slice(spins) / n as f64).as_slice().to_vec()
    }

    /// The RBM whose hidden units, once integrated out, leave this model.
    #[must_use]
    pub fn gaussian_hidden(&self) -> GaussianHidden {
        let n = self.patterns.ncols() as f64;
        GaussianHidden { weights: self.patterns.transpose() / n.sqrt() }
    }
}

/// An RBM with visible spins s and real hidden units z.
///
/// # Formula
/// E(s, z) = ½|z|² − sᵀWz, with W of shape (N, P). Given s, z is normal with mean Wᵀs and variance
/// 1/β. Integrating z out leaves −½ Σ_μ (Wᵀs)²_μ, and with W = ξᵀ/√N that is the Hopfield energy
/// with its diagonal −P/2:
///
/// Z_Hopfield(β) = e^{−βP/2} (β/2π)^{P/2} Z_RBM(β)
///
/// (Barra, Bernacchia, Santucci & Contucci, Neural Networks 34, 1 (2012)).
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianHidden {
    weights: DMatrix<f64>,
}

impl GaussianHidden {
    /// W, of shape (N, P).
    #[must_use]
    pub fn weights(&self) -> &DMatrix<f64> {
        &self.weights
    }

    /// E(s, z) = ½|z|² − sᵀWz.
    ///
    /// # Panics
    /// If the lengths are not N and P.
    #[must_use]
    pub fn energy(&self, spins: &[f64], hidden: &[f64]) -> f64 {
        let (s, z) = (DVector::from_column_slice(spins), DVector::from_column_slice(hidden));
        0.5 * z.norm_squared() - s.dot(&(&self.weights * z))
    }

    /// ln Σ_s e^{−βE(s, z)} = −½β|z|² + Σᵢ ln 2cosh β(Wz)ᵢ: the unnormalised log-density of the
    /// hidden units.
    ///
    /// # Panics
    /// If `hidden` does not have P entries.
    #[must_use]
    pub fn log_hidden_weight(&self, hidden: &[f64], beta: f64) -> f64 {
        let z = DVector::from_column_slice(hidden);
        let spins: f64 = (&self.weights * &z).iter().map(|x| Units::Spin.log_partition(beta * x)).sum();
        spins - 0.5 * beta * z.norm_squared()
    }

    /// ln Z_Hopfield − ln Z_RBM = −βP/2 + (P/2) ln(β/2π), for β > 0. (At β = 0 the integral over z
    /// does not exist.)
    #[must_use]
    pub fn log_z_of_hopfield_minus_own(&self, beta: f64) -> f64 {
        0.5 * self.weights.ncols() as f64 * ((beta / TAU).ln() - beta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Enumerate, Sums},
        run::Run,
        stats::log_sum_exp,
    };

    /// The hidden integral by the trapezoid rule, which converges faster than any power for such
    /// integrands, against the enumeration of the spins: no line of code is common to both.
    #[test]
    fn integrating_gaussian_units_out_leaves_the_hopfield_model() {
        let hopfield = Hopfield::random(9, 2, 4).unwrap();
        let rbm = hopfield.gaussian_hidden();
        for beta in [0.3, 1.0, 2.5] {
            let (reach, steps) = (14.0, 700);
            let z = |k: i32| reach * f64::from(k) / f64::from(steps);
            let plane = (-steps..=steps).flat_map(|i| (-steps..=steps).map(move |j| [z(i), z(j)]));
            let logs: Vec<f64> = plane.map(|z| rbm.log_hidden_weight(&z, beta)).collect();
            let integrated = log_sum_exp(&logs) + 2.0 * z(1).ln();
            let spins = hopfield.ising().enumerate(beta, Sums::LogZ, &Run::quiet(0)).unwrap().log_z;
            let through_rbm = integrated + rbm.log_z_of_hopfield_minus_own(beta);
            assert!((spins - through_rbm).abs() < 1e-10, "β = {beta}: {spins} against {through_rbm}");
        }
        let (s, z) = ([1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0, 1.0, 1.0], [0.3, -1.2]);
        let by_hand: f64 = (0..2).map(|k| 0.5 * z[k] * z[k] - z[k] * 3.0 * hopfield.overlaps(&s)[k]).sum();
        assert!((rbm.energy(&s, &z) - by_hand).abs() < 1e-14);
    }

    #[test]
    fn patterns_that_are_no_signs_are_refused() {
        assert!(Hopfield::new(DMatrix::zeros(1, 3)).unwrap_err().to_string().contains("holds 0"));
        assert!(Hopfield::new(DMatrix::zeros(0, 3)).is_err());
    }

    /// E = −½(N Σm² − P).
    #[test]
    fn the_energy_is_that_of_the_overlaps() {
        let hopfield = Hopfield::random(12, 3, 1).unwrap();
        for pattern in hopfield.patterns().row_iter() {
            let s: Vec<f64> = pattern.iter().copied().collect();
            let squares: f64 = hopfield.overlaps(&s).iter().map(|m| m * m).sum();
            assert!((hopfield.ising().energy(&s) + 0.5 * (12.0 * squares - 3.0)).abs() < 1e-12);
        }
    }
}

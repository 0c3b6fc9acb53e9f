//! A limit on the norm of W: what an RBM has instead of a temperature control.
//!
//! W cannot shrink alone without moving every unit's mean field: the biases were trained beside it.
//! Which parameters shrink with W, and how, is the [`Gauge`].

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{Limit, Norm, Offsets, Parameters};
use crate::{Error, Rbm, thermo::norms::Norms};

/// Along which direction D(θ) of the parameters the norm of W is reduced: θ → θ − (1 − s)D, with W
/// → sW.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Gauge {
    /// D = (W, −W⟨h⟩, −Wᵀ⟨v⟩): the mean fields a + W⟨h⟩ and b + Wᵀ⟨v⟩ stay what they are
    #[default]
    Centred,
    /// D = (W, 0, 0): the biases stay behind
    Weights,
    /// D = (W, a, b): a rise of the temperature
    All,
}

impl Gauge {
    /// D of a model.
    fn direction(self, rbm: &Rbm, means: &Offsets) -> Parameters {
        let weights = rbm.weights().clone();
        let (visible, hidden) = match self {
            Self::Centred => (-(&weights * &means.hidden), -weights.tr_mul(&means.visible)),
            Self::Weights => (DVector::zeros(weights.nrows()), DVector::zeros(weights.ncols())),
            Self::All => (rbm.visible_bias().clone(), rbm.hidden_bias().clone()),
        };
        Parameters { weights, visible, hidden }
    }
}

impl Limit {
    /// By which factor W exceeds the limit, if it does.
    pub(super) fn excess(&self, weights: &DMatrix<f64>) -> Option<f64> {
        let norm = match self.norm {
            Norm::Frobenius => weights.norm(),
            Norm::L1 => weights.iter().map(|w| w.abs()).sum(),
            Norm::Spectral => Norms::of(weights).spectral,
        };
        (norm > self.value).then_some(norm / self.value)
    }

    /// d ln‖W + tV‖/dt at t = 0.
    fn growth(&self, weights: &DMatrix<f64>, velocity: &DMatrix<f64>) -> f64 {
        match self.norm {
            Norm::Frobenius => weights.dot(velocity) / weights.norm_squared(),
            Norm::L1 => {
                let l1: f64 = weights.iter().map(|w| w.abs()).sum();
                weights.zip_map(velocity, |w, v| v * w.signum()).sum() / l1
            }
            Norm::Spectral => {
                let svd = weights.clone().svd(true, true);
                let top = svd.singular_values.imax();
                let (Some(u), Some(v)) = (svd.u, svd.v_t) else { return 0.0 };
                (u.column(top).transpose() * velocity * v.row(top).transpose())[(0, 0)] / svd.singular_values[top]
            }
        }
    }

    /// Reduces W to the limit along D, and takes out of the velocity, along the same D, what would
    /// increase the norm at once again.
    ///
    /// Where W alone loses its velocity outwards, the biases go on to make up for a growth of W
    /// that does not come.
    pub(super) fn apply(
        &self,
        excess: f64,
        gauge: Gauge,
        means: &Offsets,
        rbm: &mut Rbm,
        velocity: Option<&mut Parameters>,
    ) -> Result<(), Error> {
        let mut direction = gauge.direction(rbm, means);
        if let Some(velocity) = velocity {
            let outwards = self.growth(rbm.weights(), &velocity.weights).max(0.0);
            velocity.add_scaled(-outwards, &direction);
        }
        direction.scale(1.0 - excess.recip());
        rbm.change(|weights, visible, hidden| {
            *weights -= &direction.weights;
            *visible -= &direction.visible;
            *hidden -= &direction.hidden;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> (Rbm, Offsets, Parameters) {
        let w = |i: usize, j: usize| ((1 + 2 * i + 3 * j + i * j) as f64).cos();
        let rbm = Rbm::new(
            DMatrix::from_fn(5, 3, w),
            DVector::from_fn(5, |i, _| w(i, 7)),
            DVector::from_fn(3, |j, _| w(9, j)),
        );
        let means =
            Offsets { visible: DVector::from_fn(5, |i, _| 0.1 * i as f64), hidden: DVector::from_element(3, 0.4) };
        let velocity = Parameters {
            weights: DMatrix::from_fn(5, 3, |i, j| w(i, j) + 0.3 * w(j, i)),
            visible: DVector::from_element(5, 0.2),
            hidden: DVector::from_element(3, -0.1),
        };
        (rbm.unwrap(), means, velocity)
    }

    /// a + W⟨h⟩ and b + Wᵀ⟨v⟩.
    fn mean_fields(x: &Parameters, means: &Offsets) -> (DVector<f64>, DVector<f64>) {
        (&x.visible + &x.weights * &means.hidden, &x.hidden + x.weights.tr_mul(&means.visible))
    }

    /// Whatever the norm, the parameters and the velocity leave the mean fields as they were.
    ///
    /// Planted bugs that fail: the velocity of W is turned without that of the biases (momentum
    /// that is not compensated); the reset leaves the biases behind.
    #[test]
    fn the_centred_gauge_moves_no_mean_field_and_no_velocity_of_one() {
        for norm in [Norm::Frobenius, Norm::L1, Norm::Spectral] {
            let (mut rbm, means, mut velocity) = model();
            let limit = Limit { norm, value: 1.5 };
            let before = [mean_fields(&Parameters::of(&rbm), &means), mean_fields(&velocity, &means)];
            let excess = limit.excess(rbm.weights()).unwrap();
            limit.apply(excess, Gauge::Centred, &means, &mut rbm, Some(&mut velocity)).unwrap();
            let after = [mean_fields(&Parameters::of(&rbm), &means), mean_fields(&velocity, &means)];
            for (before, after) in before.iter().zip(&after) {
                assert!((&before.0 - &after.0).amax() < 1e-13 && (&before.1 - &after.1).amax() < 1e-13, "{norm:?}");
            }
            assert!(limit.excess(rbm.weights()).is_none_or(|excess| excess < 1.0 + 1e-12));
            // The norm does not grow along what is left of the velocity.
            assert!(limit.growth(rbm.weights(), &velocity.weights).abs() < 1e-12, "{norm:?}");
        }
    }

    #[test]
    fn the_other_gauges_scale_what_they_say() {
        for gauge in [Gauge::Weights, Gauge::All] {
            let (mut rbm, means, _) = model();
            let before = Parameters::of(&rbm);
            let limit = Limit { norm: Norm::Frobenius, value: 1.0 };
            let excess = limit.excess(rbm.weights()).unwrap();
            limit.apply(excess, gauge, &means, &mut rbm, None).unwrap();
            let share = if gauge == Gauge::All { excess.recip() } else { 1.0 };
            assert!((rbm.weights() - &before.weights / excess).amax() < 1e-14);
            assert!((rbm.visible_bias() - &before.visible * share).amax() < 1e-14);
            assert!((rbm.hidden_bias() - &before.hidden * share).amax() < 1e-14);
        }
    }
}

//! Temperatures from the size of the weights, beside those of a reference.

use crate::{
    Rbm,
    curve::{Claim, Diagnostics, Measured},
    temperature::estimate::{Estimate, Estimator, Influence},
    thermo::norms::Norms,
};

/// Two ratios that differ by less than this, relative to them, are the same.
const DISTINCT_TOLERANCE: f64 = 1e-6;

/// β = ‖W‖/‖W_ref‖ for the Frobenius, the spectral and the L1 norm, and g of W alone; with what
/// speaks against them.
///
/// # Formula
/// If all parameters of a model are λ times those of a reference, it is the reference at β = λ, and
/// every norm says so: T = ‖W_ref‖/‖W‖. A fourth number, g = ‖W‖_F/(N_v N_h)^¼, is 1/T in units of
/// the spin-glass temperature of independent weights, and needs no reference. If the weights are
/// not independent, or the biases are not scaled with them, none of the four is a temperature, and
/// the norms disagree: each is an approximation without error control.
///
/// Returns the estimates, and warnings.
#[must_use]
pub fn weight_norm(model: &Rbm, reference: &Rbm) -> (Vec<Estimate>, Vec<String>) {
    let [ours, theirs] = [model, reference].map(|rbm| Norms::of(rbm.weights()));
    let mut warnings = Vec::new();
    let mut estimates = Vec::new();
    for (variant, norm, unit) in [
        ("frobenius", ours.frobenius, theirs.frobenius),
        ("spectral", ours.spectral, theirs.spectral),
        ("l1", ours.l1, theirs.l1),
        ("g", ours.g, 1.0),
    ] {
        let value = norm / unit;
        if value.is_finite() && value > 0.0 {
            let beta = Measured { value, claim: Claim::Approximation };
            let estimator = Estimator::WeightNorm;
            estimates.push(Estimate {
                estimator,
                variant: Some(variant.into()),
                beta,
                scope: estimator.scope(),
                details: Diagnostics::default().number("norm", norm),
                influence: Influence::default(),
            });
        } else {
            warnings.push(format!("weight_norm ({variant}) has no value: a norm of {norm} beside one of {unit}"));
        }
    }
    let ratio = ours.frobenius / theirs.frobenius;
    let (a, b) = (model.visible_bias(), reference.visible_bias());
    let (c, d) = (model.hidden_bias(), reference.hidden_bias());
    let same_shape = model.weights().shape() == reference.weights().shape();
    let scaled = |x: &nalgebra::DVector<f64>, y: &nalgebra::DVector<f64>| {
        x.len() == y.len() && (x - y * ratio).norm() <= DISTINCT_TOLERANCE * (x.norm() + y.norm() * ratio)
    };
    if !(same_shape && scaled(a, b) && scaled(c, d)) {
        warnings.push(
            "weight_norm: the biases are not those of the reference scaled with the weights, so a ratio of norms is a \
             ratio of strengths and not of temperatures"
                .into(),
        );
    }
    (estimates, warnings)
}

//! Fluctuation and response.

use crate::{
    stats::{mean, std_dev},
    temperature::{
        estimate::{Estimate, Estimator, Influence},
        independence::variance_of_mean,
    },
};

/// β = χ/Var(M): how M = Σ vᵢ responds to a field, beside how it fluctuates.
///
/// # Formula
/// With E → E − HM, ∂⟨M⟩/∂H = β Var M in equilibrium. From a sample without the field and one with
/// it
///
/// β = (⟨M⟩_H − ⟨M⟩₀)/(H · ½(Var₀ M + Var_H M)),
///
/// where the mean of the two variances makes the error of the finite field of second order in βH.
/// The standard error is that of the delta method over both samples. A response cannot be read off
/// a single sample: a second one, of the same system in a field, is needed. Out of equilibrium
/// (ageing) the ratio depends on the times of the two measurements and is not one temperature.
///
/// # Errors
/// A reason in words where M does not fluctuate, or does not respond.
pub fn fluctuation_dissipation(without: &[f64], with: &[f64], field: f64) -> Result<Estimate, String> {
    if !(field.is_finite() && field != 0.0) {
        return Err("the field must be a finite number other than 0".into());
    }
    let [m0, m1] = [without, with].map(mean);
    let [v0, v1] = [without, with].map(|m| std_dev(m).powi(2));
    let variance = 0.5 * (v0 + v1);
    if variance <= 0.0 {
        return Err("the magnetisation does not fluctuate".into());
    }
    let beta = (m1 - m0) / (field * variance);
    let influence = |values: &[f64], mean: f64, own: f64, sign: f64| -> Vec<f64> {
        let of = |m: &f64| sign * (m - mean) / (field * variance) - 0.5 * beta * ((m - mean).powi(2) - own) / variance;
        values.iter().map(of).collect()
    };
    let other = variance_of_mean(&influence(with, m1, v1, 1.0));
    let influence = Influence { rows: influence(without, m0, v0, -1.0), other };
    Ok(Estimate::sampled(Estimator::FluctuationDissipation, beta, influence)?
        .with("field", field)
        .with("susceptibility", (m1 - m0) / field)
        .with("variance", variance))
}

#[cfg(test)]
mod tests {
    use crate::temperature::response::*;

    /// n(β̂ − β̂ without row k) is the influence of row k, up to 1/n.
    ///
    /// Fails for the sign of the term of the variance turned round, which no spread over samples
    /// shows.
    #[test]
    fn the_influences_are_those_of_leaving_a_row_out() {
        let wave = |shift: f64| (0..1000).map(|k| shift + (f64::from(k) * 1.7).sin().exp()).collect::<Vec<f64>>();
        let (without, with) = (wave(0.0), wave(0.4));
        let all = fluctuation_dissipation(&without, &with, 0.5).unwrap();
        let largest = all.influence.rows.iter().fold(0.0, |l: f64, x| l.max(x.abs()));
        for k in (0..1000).step_by(37) {
            let mut fewer = without.clone();
            fewer.remove(k);
            let left_out = fluctuation_dissipation(&fewer, &with, 0.5).unwrap();
            let influence = 999.0 * (all.beta.value - left_out.beta.value);
            assert!((influence - all.influence.rows[k]).abs() < 0.01 * largest, "row {k}: {influence}");
        }
    }
}

//! Whether fields in single precision are precise enough for a model.

use crate::{Error, Rbm, thresholds::MAX_ROUNDING};

/// About how much the rounding of fields in f32 can change the logarithm of a weight at β = 1,
/// nats.
///
/// A field aᵢ + Σⱼ Wᵢⱼyⱼ is at most |aᵢ| + Σⱼ |Wᵢⱼ|, its rounding error 2⁻²⁴ of that in units of
/// the last place; the errors of n units in a sum have random signs and add up like √n.
fn rounding(rbm: &Rbm) -> f64 {
    let of_layer = |largest: f64, units: usize| largest * (units as f64).sqrt() * f64::from(f32::EPSILON) / 2.0;
    let sums = |k: usize| rbm.weights().row(k).iter().map(|w| w.abs()).sum::<f64>() + rbm.visible_bias()[k].abs();
    let visible = (0..rbm.n_visible()).map(sums).fold(0.0, f64::max);
    let sums = |k: usize| rbm.weights().column(k).iter().map(|w| w.abs()).sum::<f64>() + rbm.hidden_bias()[k].abs();
    let hidden = (0..rbm.n_hidden()).map(sums).fold(0.0, f64::max);
    of_layer(visible, rbm.n_visible()).max(of_layer(hidden, rbm.n_hidden()))
}

/// Whether block Gibbs, whose fields are f32, is precise enough.
pub(super) fn single_is_enough(rbm: &Rbm) -> bool {
    rounding(rbm) <= MAX_ROUNDING
}

/// Refuses block Gibbs where it is not.
pub(super) fn check_block(field: &'static str, value: &str, rbm: &Rbm) -> Result<(), Error> {
    if single_is_enough(rbm) {
        return Ok(());
    }
    let remedy = format!(
        "block Gibbs computes fields in single precision, which for weights as large as these may change ln Z by {:.1e} nats; \
         use the kernel `collapsed`, which is all in double precision",
        rounding(rbm)
    );
    Err(Error::config(field, value, remedy))
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;

    #[test]
    fn weights_of_a_trained_model_fit_and_weights_of_a_million_do_not() {
        let of = |w: f64| Rbm::new(DMatrix::from_element(120, 70, w), DVector::zeros(120), DVector::zeros(70)).unwrap();
        assert!(single_is_enough(&of(1.0)) && !single_is_enough(&of(1e6)));
        // 120 units, √120 × 70 × 2⁻²⁴, or 70 units, √70 × 120 × 2⁻²⁴.
        let exact = (70f64.sqrt() * 120.0).max(120f64.sqrt() * 70.0) * 2f64.powi(-24);
        assert!((rounding(&of(1.0)) / exact - 1.0).abs() < 1e-12);
        assert!(check_block("kernel", "block", &of(1e6)).unwrap_err().to_string().contains("collapsed"));
    }
}

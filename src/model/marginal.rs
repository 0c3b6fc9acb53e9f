//! An RBM with its larger layer summed out.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};

use super::{Rbm, Units};

/// Which layer of the RBM a [`Marginal`] keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptLayer {
    /// The visible units are kept, the hidden ones summed out.
    Visible,
    /// The hidden units are kept, the visible ones summed out.
    Hidden,
}

impl KeptLayer {
    /// The smaller layer of an RBM, the visible one if they are equal.
    #[must_use]
    pub fn smaller(rbm: &Rbm) -> Self {
        if rbm.n_hidden() < rbm.n_visible() { Self::Hidden } else { Self::Visible }
    }

    /// The numbers that its units have in an RBM, whose visible units come first.
    #[must_use]
    pub fn units_of(self, rbm: &Rbm) -> Range<usize> {
        match self {
            Self::Visible => 0..rbm.n_visible(),
            Self::Hidden => rbm.n_visible()..rbm.n_visible() + rbm.n_hidden(),
        }
    }
}

/// The common ground of enumeration and sampling: bits y on the smaller layer, the larger one
/// summed out.
///
/// # Formula
/// ln f(y; β) = β(c + b·y) + Σᵢ softplus(β(aᵢ + Wᵢ·y)), and Z(β) = Σ_y f(y; β).
///
/// Spins are mapped to bits exactly, s = 2x − 1, which changes the parameters and adds the constant
/// energy −c. (On bits −c is the constant energy of the model itself, mostly 0.) Keeping the
/// smaller layer makes enumeration 2^min(n_visible, n_hidden) states long, and takes the most
/// variance out of importance weights.
#[derive(Debug, Clone)]
pub struct Marginal {
    /// Wᵢ·, of shape (n_summed, n_kept).
    pub weights: DMatrix<f64>,
    /// a, the biases of the units summed out.
    pub summed_bias: DVector<f64>,
    /// b, the biases of the units kept.
    pub kept_bias: DVector<f64>,
    /// c, minus the constant energy.
    pub offset: f64,
    /// Which layer is kept.
    pub kept: KeptLayer,
}

impl Marginal {
    /// Keeps the smaller layer (the visible one if they are equal).
    #[must_use]
    pub fn of(rbm: &Rbm) -> Self {
        Self::keeping(rbm, KeptLayer::smaller(rbm))
    }

    /// Keeps the given layer, whatever its size.
    #[must_use]
    pub fn keeping(rbm: &Rbm, kept: KeptLayer) -> Self {
        let (mut weights, mut a, mut b) =
            (rbm.weights().clone(), rbm.visible_bias().clone(), rbm.hidden_bias().clone());
        // x_spin = 2x_bit − 1, one layer at a time: the coupling to the −1 moves into the other
        // layer's bias, and the bias times −1 into the constant.
        let mut offset = -rbm.constant();
        if rbm.visible_units() == Units::Spin {
            offset -= a.sum();
            b -= weights.row_sum_tr();
            a *= 2.0;
            weights *= 2.0;
        }
        if rbm.hidden_units() == Units::Spin {
            offset -= b.sum();
            a -= weights.column_sum();
            b *= 2.0;
            weights *= 2.0;
        }
        match kept {
            KeptLayer::Hidden => Self { weights, summed_bias: a, kept_bias: b, offset, kept },
            KeptLayer::Visible => Self { weights: weights.transpose(), summed_bias: b, kept_bias: a, offset, kept },
        }
    }

    /// The number of units kept.
    #[must_use]
    pub fn n_kept(&self) -> usize {
        self.weights.ncols()
    }

    /// The number of units summed out.
    #[must_use]
    pub fn n_summed(&self) -> usize {
        self.weights.nrows()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::softplus;

    /// f(y) must equal the sum of e^{−βE} over the other layer, for all four combinations of units
    /// and both shapes.
    #[test]
    fn summing_a_layer_out_of_any_units_keeps_the_weight() {
        let tall = Rbm::from_rows(&[[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], &[0.1, -0.2, 0.3], &[0.4, -0.5]).unwrap();
        let wide =
            Rbm::new(tall.weights().transpose(), tall.hidden_bias().clone(), tall.visible_bias().clone()).unwrap();
        let beta = 0.8;
        for base in [tall, wide] {
            for visible in [Units::Bit, Units::Spin] {
                for hidden in [Units::Bit, Units::Spin] {
                    let rbm = base.clone().with_units(visible, hidden);
                    let marginal = Marginal::of(&rbm);
                    let (kept_units, summed_units) =
                        if marginal.kept == KeptLayer::Hidden { (hidden, visible) } else { (visible, hidden) };
                    for kept in 0..1usize << marginal.n_kept() {
                        let bit = |k: usize, j: usize| f64::from(u8::from(k >> j & 1 == 1));
                        let y = DVector::from_fn(marginal.n_kept(), |j, _| bit(kept, j));
                        let fields = &marginal.summed_bias + &marginal.weights * &y;
                        let log_f = beta * (marginal.offset + marginal.kept_bias.dot(&y))
                            + fields.iter().map(|x| softplus(beta * x)).sum::<f64>();
                        let state = |k: usize, n: usize, units: Units| -> Vec<f64> {
                            (0..n).map(|j| units.values()[k >> j & 1]).collect()
                        };
                        let x = state(kept, marginal.n_kept(), kept_units);
                        let mut sum = 0.0;
                        for summed in 0..1usize << marginal.n_summed() {
                            let z = state(summed, marginal.n_summed(), summed_units);
                            let energy = match marginal.kept {
                                KeptLayer::Hidden => rbm.energy(&z, &x),
                                KeptLayer::Visible => rbm.energy(&x, &z),
                            };
                            sum += (-beta * energy).exp();
                        }
                        assert!((log_f - f64::ln(sum)).abs() < 1e-13, "{visible} {hidden}: {log_f} {}", sum.ln());
                    }
                }
            }
        }
    }
}

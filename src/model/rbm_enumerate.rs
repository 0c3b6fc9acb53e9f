//! Exact enumeration of an RBM.

use nalgebra::{DMatrix, DVector};

use super::{Cumulants, Enumerate, EnumerationCost, KeptLayer, Marginal, Rbm, Sums, Units};
use crate::{kernel::enumeration::Bipartite, run::Run};

/// The smaller layer is enumerated, the larger one summed out analytically:
/// ln Z = ln Σ_y e^{β(c + b·y)} ∏ᵢ (1 + e^{β(aᵢ + Wᵢ·y)}).
impl Enumerate for Rbm {
    fn enumeration_cost(&self) -> EnumerationCost {
        let (kept, summed) = (self.n_visible().min(self.n_hidden()), self.n_visible().max(self.n_hidden()));
        EnumerationCost { log2_states: kept as u32, factors_per_state: summed }
    }

    fn enumerate(&self, beta: f64, sums: Sums, run: &Run<'_>) -> Option<Cumulants> {
        let marginal = Marginal::of(self);
        let derivatives = sums == Sums::Cumulants;
        let sum = bipartite(&marginal).sum(beta, derivatives, &|states| run.advance_or_stop(states))?;
        let scale = self.weights().abs().sum() + self.visible_bias().abs().sum() + self.hidden_bias().abs().sum();
        let found = Cumulants::of(sum, marginal.offset, beta, scale + self.constant().abs());
        Some(if derivatives { found } else { Cumulants { energy: None, energy_variance: None, ..found } })
    }
}

/// Exact means and correlations of the units, for exact likelihood gradients: ∂ln Z/∂Wᵢⱼ = β⟨vᵢhⱼ⟩,
/// ∂ln Z/∂aᵢ = β⟨vᵢ⟩.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitMeans {
    /// ⟨vᵢ⟩, of length n_visible.
    pub visible: DVector<f64>,
    /// ⟨hⱼ⟩, of length n_hidden.
    pub hidden: DVector<f64>,
    /// ⟨vᵢhⱼ⟩, of shape (n_visible, n_hidden).
    pub pairs: DMatrix<f64>,
}

impl Rbm {
    /// ⟨vᵢ⟩, ⟨hⱼ⟩ and ⟨vᵢhⱼ⟩ at β, by enumeration: two passes over 2^min(n_visible, n_hidden)
    /// states.
    ///
    /// `None` if the run was cancelled. [`Exact::check`](crate::Estimator::check) tells beforehand
    /// whether the enumeration is within a limit.
    #[must_use]
    pub fn unit_means(&self, beta: f64, run: &Run<'_>) -> Option<UnitMeans> {
        let marginal = Marginal::of(self);
        let problem = bipartite(&marginal);
        let done = |states| run.advance_or_stop(states);
        let log_z = problem.sum(beta, false, &done)?.log_weight;
        let moments = problem.unit_moments(beta, log_z, &done)?;
        let summed = DVector::from_vec(moments.summed);
        let kept = DVector::from_vec(moments.kept);
        let pairs = DMatrix::from_vec(summed.len(), kept.len(), moments.pairs);
        let (visible, hidden, pairs) = match marginal.kept {
            KeptLayer::Hidden => (summed, kept, pairs),
            KeptLayer::Visible => (kept, summed, pairs.transpose()),
        };
        Some(on_units(self, visible, hidden, pairs))
    }
}

/// Means of bits x as means of the model's own units: a spin is s = 2x − 1.
pub(crate) fn on_units(rbm: &Rbm, x: DVector<f64>, y: DVector<f64>, xy: DMatrix<f64>) -> UnitMeans {
    if (rbm.visible_units(), rbm.hidden_units()) == (Units::Bit, Units::Bit) {
        return UnitMeans { visible: x, hidden: y, pairs: xy };
    }
    // s = αx + γ for each layer.
    let map = |units| if units == Units::Spin { (2.0, -1.0) } else { (1.0, 0.0) };
    let ((av, cv), (ah, ch)) = (map(rbm.visible_units()), map(rbm.hidden_units()));
    let pairs =
        DMatrix::from_fn(x.len(), y.len(), |i, j| av * ah * xy[(i, j)] + av * ch * x[i] + cv * ah * y[j] + cv * ch);
    UnitMeans { visible: x.map(|x| av * x + cv), hidden: y.map(|y| ah * y + ch), pairs }
}

fn bipartite(marginal: &Marginal) -> Bipartite<'_> {
    Bipartite {
        weights: marginal.weights.as_slice(),
        summed_bias: marginal.summed_bias.as_slice(),
        kept_bias: marginal.kept_bias.as_slice(),
    }
}

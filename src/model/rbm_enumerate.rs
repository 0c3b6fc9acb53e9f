//! Exact enumeration of an RBM.

use super::{Cumulants, Enumerate, EnumerationCost, Marginal, Rbm, Sums};
use crate::{estimator::Run, kernel::enumeration::Bipartite};

/// The smaller layer is enumerated, the larger one summed out analytically:
/// ln Z = ln Σ_y e^{β(c + b·y)} ∏ᵢ (1 + e^{β(aᵢ + Wᵢ·y)}).
impl Enumerate for Rbm {
    fn enumeration_cost(&self) -> EnumerationCost {
        let (kept, summed) = (self.n_visible().min(self.n_hidden()), self.n_visible().max(self.n_hidden()));
        EnumerationCost { log2_states: kept as u32, factors_per_state: summed }
    }

    fn enumerate(&self, beta: f64, sums: Sums, run: &Run<'_>) -> Option<Cumulants> {
        let marginal = Marginal::of(self);
        let problem = Bipartite {
            weights: marginal.weights.as_slice(),
            summed_bias: marginal.summed_bias.as_slice(),
            kept_bias: marginal.kept_bias.as_slice(),
        };
        let derivatives = sums == Sums::Cumulants;
        let sum = problem.sum(beta, derivatives, &|states| {
            run.progress.advance(states);
            !run.cancelled()
        })?;
        Some(Cumulants {
            log_z: sum.log_weight + beta * marginal.offset,
            energy: derivatives.then_some(-(sum.mean + marginal.offset)),
            energy_variance: derivatives.then_some(sum.variance),
        })
    }
}

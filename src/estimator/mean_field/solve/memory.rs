//! The iteration of the TAP equations that remembers.

use super::{
    equations::{Equations, effective_field},
    search::{Budget, Search, iterate},
};
use crate::model::Expand;

/// m^{t+1} = ⟨x⟩ in the field β(b + Wmᵗ) + (β²/2) c′(m^{t−1}) W²c(mᵗ): on spins, m^{t+1} = tanh
/// β[f + Jmᵗ − β m^{t−1} Σ J²(1 − (mᵗ)²)] (Bolthausen, Commun. Math. Phys. 325, 333 (2014)).
///
/// All units of a layer move at once, without damping. The reaction of a unit on itself is what its
/// neighbours, which the iteration last updated from m^{t−1}, still carry of it; taken at mᵗ
/// instead, it comes a step too early, and the iteration goes astray long before the solution does.
/// On the SK model with a field it converges wherever the solution is stable (the de
/// Almeida–Thouless condition).
///
/// Between layers that are updated in turn the old means of a layer *are* those which its
/// neighbours were last updated from, so on a bipartite graph this is the alternating iteration,
/// undamped.
pub(in crate::estimator::mean_field) struct Memory;

impl<M: Expand + ?Sized> Search<M> for Memory {
    fn search(&self, equations: &mut Equations<'_, M>, goal: f64, budget: &mut Budget<'_>) -> f64 {
        let mut past = equations.means.clone();
        iterate(equations, goal, budget, |equations| sweep(equations, &mut past))
    }
}

/// One update of every layer, with the means before the last update in `past`. Returns the largest
/// change of a mean.
fn sweep<M: Expand + ?Sized>(equations: &mut Equations<'_, M>, past: &mut [f64]) -> f64 {
    let coefficients = equations.coefficients();
    let mut change = 0.0f64;
    for layer in 0..equations.layers.len() {
        equations.gather(layer);
        let (range, units) = equations.layers[layer].clone();
        if !equations.coupled(layer) {
            past[range.clone()].copy_from_slice(&equations.means[range.clone()]);
        }
        for (i, bias) in range.clone().zip(equations.model.biases(layer)) {
            let reaction = units.cumulant_slopes(past[i]);
            equations.logits[i] = effective_field(coefficients, *bias, reaction, equations.sums.unit(i));
        }
        past[range.clone()].copy_from_slice(&equations.means[range]);
        change = change.max(equations.refresh(layer));
    }
    change
}

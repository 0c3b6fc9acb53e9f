//! Exact means and correlations of units, by a second pass over all states.

use rayon::prelude::*;

use super::{
    enumeration::Bipartite,
    rung::Rung,
    softplus::{add_sigmoids, softplus_sum},
};

/// Parts of the enumeration that are summed one after the other; the parts are then merged in their
/// order, so that the result does not depend on the number of threads.
const PARTS: usize = 64;

/// ⟨sᵢ⟩, ⟨yⱼ⟩ and ⟨sᵢyⱼ⟩, the last column-major (n, m).
pub(crate) struct UnitMoments {
    pub(crate) summed: Vec<f64>,
    pub(crate) kept: Vec<f64>,
    pub(crate) pairs: Vec<f64>,
}

impl UnitMoments {
    fn zeros(n: usize, m: usize) -> Self {
        Self { summed: vec![0.0; n], kept: vec![0.0; m], pairs: vec![0.0; n * m] }
    }

    fn add(mut self, other: &Self) -> Self {
        let both = |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        both(&mut self.summed, &other.summed);
        both(&mut self.kept, &other.kept);
        both(&mut self.pairs, &other.pairs);
        self
    }
}

impl Bipartite<'_> {
    /// The moments at β, given ln Z(β). `None` if `done(states)` returned `false` on the way.
    ///
    /// With p(y) = e^{β b·y} ∏(1 + e^{βxᵢ})/Z: ⟨yⱼ⟩ = Σ p yⱼ, ⟨sᵢ⟩ = Σ p σ(βxᵢ), ⟨sᵢyⱼ⟩ = Σ p
    /// yⱼσ(βxᵢ).
    pub(crate) fn unit_moments(
        &self,
        beta: f64,
        log_z: f64,
        done: &(dyn Fn(u64) -> bool + Sync),
    ) -> Option<UnitMoments> {
        let (n, m) = (self.summed_bias.len(), self.kept_bias.len());
        let no_base = vec![0.0; n];
        let states = 1usize << m;
        let part_size = states.div_ceil(PARTS);
        let part = |first: usize| {
            let mut moments = UnitMoments::zeros(n, m);
            let mut expected = vec![0.0; n];
            for subset in first..(first + part_size).min(states) {
                let fields = self.fields_of(subset, 0);
                let p =
                    (beta * self.bias_of(subset, 0) + softplus_sum(&fields, &no_base, Rung::at(beta)) - log_z).exp();
                expected.fill(0.0);
                add_sigmoids(&fields, beta, p, &mut expected);
                let add = |to: &mut [f64]| to.iter_mut().zip(&expected).for_each(|(to, e)| *to += e);
                add(&mut moments.summed);
                for j in (0..m).filter(|j| subset >> j & 1 == 1) {
                    moments.kept[j] += p;
                    add(&mut moments.pairs[j * n..][..n]);
                }
            }
            done(part_size as u64).then_some(moments)
        };
        let parts: Option<Vec<_>> = (0..states).into_par_iter().step_by(part_size).map(part).collect();
        Some(parts?.iter().fold(UnitMoments::zeros(n, m), UnitMoments::add))
    }
}

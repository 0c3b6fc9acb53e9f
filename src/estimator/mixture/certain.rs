//! Certain bounds, held against every sampled number.

use std::sync::Arc;

use super::MeanFieldMixture;
use crate::{
    Error,
    curve::{Betas, Claim, Curve},
    data::Data,
    run::{Quiet, Run},
    sample::Capabilities,
    thresholds::{MAX_SIGMAS_BELOW_BOUND, ROUNDING},
};

/// Starts of the search for modes, over all β: some hundred for a single one, in about a second on
/// 784 × 20 units.
const STARTS: usize = 2048;

/// A lower bound of ln Z at each β that needs no sampling: that of a mixture of mean fields. `None`
/// for a model without an expansion, or if the run was cancelled.
///
/// # Errors
/// Those of [`MeanFieldMixture::modes`].
pub fn certain_bounds(
    model: &dyn Capabilities,
    data: Option<&Arc<Data>>,
    betas: &Betas,
    run: &Run<'_>,
) -> Result<Option<Vec<f64>>, Error> {
    let Some(expansion) = model.expandable() else { return Ok(None) };
    let run = &Run { progress: &Quiet, ..*run };
    let starts = (STARTS / betas.len()).clamp(64, 512);
    let search = MeanFieldMixture { starts, data: data.cloned(), ..MeanFieldMixture::default() };
    betas.iter().map(|beta| Ok(search.modes(expansion, *beta, run)?.map(|modes| modes.bound().log_z))).collect()
}

/// The objection to an error bar that is none.
pub(in crate::estimator) fn without_spread(log_z: f64, std_error: f64) -> Option<String> {
    (std_error <= ROUNDING * log_z.abs().max(1.0)).then(|| "no spread among the chains: they sit in one state".into())
}

/// The objection to a number below a certain bound.
pub(in crate::estimator) fn below_bound(log_z: f64, std_error: f64, bound: f64) -> Option<String> {
    let below = bound - log_z;
    (below > MAX_SIGMAS_BELOW_BOUND * std_error + ROUNDING * log_z.abs().max(1.0))
        .then(|| format!("below the certain bound {bound:.3} of mf-mixture by {below:.2} nats"))
}

impl Curve {
    /// Holds the sampled ln Z at each β against a certain lower bound, and objects where it is
    /// refuted; and where the samples have no spread, so that there is no error bar at all.
    pub fn hold_against(&mut self, bounds: &[f64]) {
        let mut objections: Vec<Vec<String>> =
            (0..self.values.log_z.len()).map(|k| self.diagnostics.objections_at(k).to_vec()).collect();
        for ((measured, bound), (beta, found)) in
            self.log_z().into_iter().zip(bounds).zip(self.betas.iter().zip(&mut objections))
        {
            let Some(measured) = measured else { continue };
            let Claim::Estimate { std_error } = measured.claim else { continue };
            found.extend(without_spread(measured.value, std_error).filter(|_| *beta > 0.0));
            found.extend(below_bound(measured.value, std_error, *bound));
        }
        let diagnostics = std::mem::take(&mut self.diagnostics);
        self.diagnostics = diagnostics.per_beta("certain_bound_by_beta", bounds.to_vec());
        if objections.iter().any(|sentences| !sentences.is_empty()) {
            let diagnostics = std::mem::take(&mut self.diagnostics);
            self.diagnostics = diagnostics.objections(objections);
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;
    use crate::{Ais, Estimator, Rbm, estimator::BaseChoice};

    /// A model whose weight is where nearly all hidden units are on, which chains from β = 0 never
    /// find: ln Z = ln Σₙ C(M, n) e^{bn} (1 + e^{a + wn})^N by a sum over the number of units on.
    /// Planted bug that fails: a bound that is not held against the numbers.
    #[test]
    fn a_mode_that_no_chain_visits_is_seen_by_the_bound() {
        let (n_visible, n_hidden, w, a, b) = (300, 60, 0.1, -1.8, -19.5);
        let weights = DMatrix::from_element(n_visible, n_hidden, w);
        let rbm = Rbm::new(weights, DVector::from_element(n_visible, a), DVector::from_element(n_hidden, b)).unwrap();
        let (one, run) = (Betas::one(1.0).unwrap(), Run::quiet(1));
        let bounds = certain_bounds(&rbm, None, &one, &run).unwrap().unwrap();
        assert!(bounds[0] > 94.46 && bounds[0] < 94.468 + 1e-3, "{}", bounds[0]);
        for base in [BaseChoice::Uniform, BaseChoice::Biases] {
            let ais = Ais { chains: 100, rungs: 100, base, ..Ais::default() };
            let mut curve = ais.curve(&rbm, &one, &run).unwrap();
            curve.hold_against(&bounds);
            let objections = curve.diagnostics.objections_at(0).join("; ");
            assert!(objections.contains("below the certain bound 94.4"), "{base:?}: {objections}");
            let sits = base == BaseChoice::Biases;
            assert_eq!(objections.contains("no spread"), sits, "{base:?}: {objections}");
        }
    }
}

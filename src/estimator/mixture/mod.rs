//! A certain lower bound of ln Z from many solutions of naive mean field at once.

mod alternation;
mod bit_chains;
mod bound;
mod certain;
mod layered;
mod modes;
mod starts;
mod visits;

pub use bound::MixtureBound;
pub use certain::CertainBounds;
pub(super) use certain::{below_bound, points_of_certain_bounds, without_spread};
pub use modes::{Mode, Modes};
pub(super) use starts::relaxed_chains;
pub(super) use visits::missed_by;
pub use visits::{Missed, Population, missed};

use std::{sync::Arc, time::Instant};

use serde::{Deserialize, Serialize};

use self::{alternation::Alternation, layered::Layered};
use super::{Configure, Estimator, Prepared, prepared::joined, setting::Setting};
use crate::{
    Error, Run,
    curve::{Betas, BoundKind, Claim, Curve, Diagnostics, Method, Series, Status},
    data::Data,
    model::Expand,
    sample::Capabilities,
    stats::log_sum_exp,
};

/// A mixture of mean fields: a lower bound of ln Z that is certain, and the list of modes.
///
/// # Formula
/// With q = Σₖ αₖqₖ over the solutions of naive mean field that many starts lead to (see
/// [`MixtureBound`]),
///
/// ln Z ≥ Σₖ αₖ Lₖ − Σₖ αₖ ln Σₗ αₗ Bₖₗ, Lₖ = S₀(mᵏ) − β⟨E⟩ₖ,
///
/// for any α; it is started at αₖ ∝ e^{Lₖ} and improved by ascent (Jaakkola & Jordan 1998 for
/// mixtures in mean field; Kolchinsky & Tracey, Entropy 19, 361 (2017) for the bound on the entropy
/// of a mixture; De Dominicis & Young, J. Phys. A 16, 2063 (1983) for solutions weighted by e^L).
/// Where a distribution consists of separate modes, each near a product distribution, the bound is
/// close to ln Z; where it is broad, it is loose.
///
/// The energy reported is Σₖ αₖ⟨E⟩ₖ, that of q: an approximation, and so is the entropy. There is
/// no Var E.
///
/// # Evidence
/// For each β: `solutions_by_beta`, `highest_log_z_by_beta` (the best single solution, a bound
/// too), `log_sum_by_beta` (ln Σₖ e^{Lₖ}, which is no bound: solutions that overlap count twice),
/// `unseen_by_beta` (the probability that one more start would lead to a new solution). What none
/// of the starts leads to is not in the bound.
///
/// # Errors
/// [`Error::Config`] for a setting out of range, or data or means that do not fit the model.
///
/// # Examples
/// ```
/// use plefka::{Betas, Claim, Estimator, Exact, Rbm, Run, estimator::MeanFieldMixture};
/// let rbm = Rbm::from_rows(&[[4.0, -3.0], [-2.0, 5.0], [3.0, -4.0]], &[-1.0, -2.0, 0.5], &[0.5, -1.0])?;
/// let (one, run) = (Betas::one(1.0)?, Run::quiet(1));
/// let bound = MeanFieldMixture::default().curve(&rbm, &one, &run)?;
/// let exact = Exact::default().curve(&rbm, &one, &run)?;
/// assert!(bound.values.log_z[0] <= exact.values.log_z[0]);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeanFieldMixture {
    /// How many random starts (three of four are the states of short Gibbs chains), and at most how
    /// many rows of the data.
    pub starts: usize,
    /// The largest move of a unit in one sweep at which an iteration has arrived.
    pub tolerance: f64,
    /// Sweeps after which an iteration ends anyway: the bound holds wherever it stands.
    pub max_iterations: usize,
    /// Means to start from, one for each unit: states that a sampler has visited, for example.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Vec<f64>>,
    /// Samples of the first layer to start from as well. They are not part of saved settings.
    #[serde(skip)]
    pub data: Option<Arc<Data>>,
}

impl Default for MeanFieldMixture {
    /// 1,024 starts, tolerance 10⁻⁶, at most 512 sweeps, no data.
    fn default() -> Self {
        Self { starts: 1024, tolerance: 1e-6, max_iterations: 512, given: Vec::new(), data: None }
    }
}

/// More starts than this hold the memory of a machine, and their overlaps outlast anyone's
/// patience.
const MAX_STARTS: usize = 100_000;

impl Configure for MeanFieldMixture {
    fn settings() -> Vec<Setting> {
        vec![
            Setting::count(
                "starts",
                "random starts of mean field for each β; with data, at most as many rows of them too",
            ),
            Setting::real("tolerance", "largest move of a unit in one sweep at which an iteration has arrived"),
            Setting::count("max_iterations", "sweeps after which an iteration ends anyway"),
        ]
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.expandable()?))
    }

    fn reads_data(&self) -> bool {
        true
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.data = Some(Arc::clone(data));
    }
}

impl<M: Expand + ?Sized> Estimator<M> for MeanFieldMixture {
    fn method(&self) -> Method {
        Method::Mixture
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        if self.starts > MAX_STARTS {
            return Err(Error::config("starts", self.starts, format!("choose at most {MAX_STARTS}")));
        }
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            return Err(Error::config("tolerance", self.tolerance, "choose a value in (0, 1), such as 1e-6"));
        }
        if self.max_iterations == 0 {
            return Err(Error::config("max_iterations", 0, "allow at least one iteration"));
        }
        let layers = model.layers();
        let fits = |means: &[f64]| {
            means.len() == model.n_units()
                && layers.iter().all(|(range, units)| {
                    let [low, high] = units.values();
                    means[range.clone()].iter().all(|m| (low..=high).contains(m))
                })
        };
        if let Some(bad) = self.given.iter().find(|means| !fits(means)) {
            let remedy = format!("give {} means within the range of the units", model.n_units());
            return Err(Error::config("given", format!("{} means", bad.len()), remedy));
        }
        match &self.data {
            Some(data) => data.check_columns(layers.first().map_or(0, |(range, _)| range.len())),
            None => Ok(()),
        }
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let clock = Instant::now();
        let method = Estimator::<M>::method(self);
        run.progress.begin(method.name(), betas.len() as u64);
        let mut series = Series::default();
        let (mut solutions, mut highest, mut log_sum, mut unseen) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for &beta in betas.iter() {
            let Some(modes) = self.modes(model, beta, run)? else { break };
            let bound = modes.bound();
            let list = modes.list();
            let energy = list.iter().zip(&bound.weights).map(|(mode, alpha)| alpha * mode.energy).sum();
            // At β = 0 there is one solution, the free units, and the bound is the logarithm of the
            // number of states.
            series.push(if beta == 0.0 { model.log_z_at_zero() } else { bound.log_z }, Some(energy), None);
            solutions.push(list.len() as f64);
            highest.push(list[0].log_weight);
            log_sum.push(log_sum_exp(&list.iter().map(|mode| mode.log_weight).collect::<Vec<_>>()));
            unseen.push(modes.unseen());
            run.progress.advance(1);
        }
        run.progress.end();
        let diagnostics = Diagnostics::default()
            .per_beta("solutions_by_beta", solutions)
            .per_beta("highest_log_z_by_beta", highest)
            .per_beta("log_sum_by_beta", log_sum)
            .per_beta("unseen_by_beta", unseen);
        Curve {
            method,
            betas: betas.clone(),
            reached: vec![Status::Converged; series.log_z.len()],
            values: series,
            replicates: Vec::new(),
            log_z_claim: Claim::Bound { kind: BoundKind::Lower, std_error: None },
            visited: Vec::new(),
            diagnostics,
            warnings: Vec::new(),
            seconds: clock.elapsed().as_secs_f64(),
        }
        .checked()
    }
}

impl MeanFieldMixture {
    /// The modes that the starts lead to at one β. `None` if the run was cancelled.
    ///
    /// # Errors
    /// [`Error::Config`] as for the curve; [`Error::NotFinite`] if the parameters times β are too
    /// large for f64.
    pub fn modes<M: Expand + ?Sized>(&self, model: &M, beta: f64, run: &Run<'_>) -> Result<Option<Modes>, Error> {
        self.modes_in_part(model, beta, 0, run)
    }

    /// The same with the random numbers of another part of the run.
    pub(super) fn modes_in_part<M: Expand + ?Sized>(
        &self,
        model: &M,
        beta: f64,
        part: usize,
        run: &Run<'_>,
    ) -> Result<Option<Modes>, Error> {
        Estimator::<M>::check(self, model)?;
        let layered = Layered::new(model, beta);
        let Some(starts) = starts::starts(self, model, beta, layered.as_ref(), part, run) else { return Ok(None) };
        let alternation = Alternation::new(model, beta);
        let found = match &layered {
            None => alternation.solve(starts, self.tolerance, self.max_iterations, run),
            // The last sweep is in double precision.
            Some(layered) => layered
                .solve(&starts, self.tolerance, self.max_iterations - 1, run)
                .map(|(points, counts)| (alternation.swept(points), counts)),
        };
        let Some((points, counts)) = found else { return Ok(None) };
        let modes = Modes::new(model, beta, &points, &counts);
        match modes.list().iter().any(|mode| !mode.log_weight.is_finite()) {
            true => Err(Error::NotFinite { quantity: "ln Z", beta }),
            false => Ok(Some(modes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rbm;
    use nalgebra::{DMatrix, DVector};

    type Change = fn(&mut MeanFieldMixture);

    /// Free units, the biases, the given ones, and so many random starts, with a fourth as many from the
    /// first layer of a large model, whether or not they fill the blocks of a random stream.
    #[test]
    fn every_start_leads_to_one_of_the_modes() {
        let found = |n_visible: usize, n_hidden: usize, starts: usize| {
            let weights = DMatrix::from_fn(n_visible, n_hidden, |i, j| 0.01 * (i as f64 + 2.0 * j as f64).sin());
            let (visible, hidden) = (DVector::from_element(n_visible, 0.1), DVector::from_element(n_hidden, -0.2));
            let rbm = Rbm::new(weights, visible, hidden).unwrap();
            let given = vec![vec![0.5; n_visible + n_hidden]];
            let config = MeanFieldMixture { starts, given, ..MeanFieldMixture::default() };
            let modes = config.modes(&rbm, 1.0, &Run::quiet(1)).unwrap().unwrap();
            modes.list().iter().map(|mode| mode.starts).sum::<usize>()
        };
        for starts in [1, 64, 70, 200] {
            assert_eq!(found(3, 2, starts), 3 + starts, "{starts}");
        }
        for starts in [70, 300] {
            assert_eq!(found(80, 60, starts), 3 + starts + starts / 4, "{starts}");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused_and_those_at_its_end_are_not() {
        let rbm = Rbm::from_rows(&[[0.5], [-0.3]], &[0.1, 0.0], &[0.2]).unwrap();
        let with = |change: Change| {
            let mut config = MeanFieldMixture::default();
            change(&mut config);
            Estimator::<Rbm>::check(&config, &rbm)
        };
        let fine: [Change; 4] = [
            |config| config.starts = MAX_STARTS,
            |config| config.tolerance = 0.99,
            |config| config.max_iterations = 1,
            |config| config.given = vec![vec![0.0, 1.0, 0.5]],
        ];
        let refused: [(Change, &str); 7] = [
            (|config| config.starts = MAX_STARTS + 1, "starts"),
            (|config| config.tolerance = 0.0, "tolerance"),
            (|config| config.tolerance = 1.0, "tolerance"),
            (|config| config.tolerance = f64::NAN, "tolerance"),
            (|config| config.max_iterations = 0, "max_iterations"),
            (|config| config.given = vec![vec![0.5; 4]], "given"),
            (|config| config.given = vec![vec![0.5, 0.5, 1.1]], "given"),
        ];
        assert!(fine.iter().all(|change| with(*change).is_ok()));
        for (k, (change, name)) in refused.iter().enumerate() {
            let refusal = with(*change).unwrap_err().to_string();
            assert!(refusal.contains(name), "{k}: {refusal}");
        }
    }
}

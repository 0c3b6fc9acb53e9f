//! What a model is worth: its likelihood, with ln Z and what that is worth itself.

use std::sync::Arc;

use crate::{
    Ais, Betas, Error, Estimator, Exact, Rbm,
    curve::{Curve, Measured, Status, Verdict},
    data::Data,
    estimator::BaseChoice,
    findings::judge_together,
    io::CurveRecord,
    kernel::layer::States,
    model::{DataWeights, Enumerate},
    run::{Quiet, Run},
    stats::{mean, softplus},
    temperature::{EnergyCurve, Knot, Observed, max_likelihood},
    thermo::{self, norms},
};

use super::{
    LogRow,
    running::{running_log_z, some_rows},
    visible_weights::VisibleWeights,
};

/// How checkpoints are evaluated.
#[derive(Debug, Clone)]
pub struct Evaluator {
    /// Up to this many units in the smaller layer ln Z is enumerated.
    pub exact_limit: u32,
    /// Beyond that it is estimated by this for a model by itself, from the means of the training
    /// data. (The checkpoints of a [`RunFolder`](super::RunFolder) have a running estimate.)
    pub ais: Ais,
    /// Whether β̂ is estimated: four more enumerations, where ln Z is enumerated.
    pub temperatures: bool,
    /// Training rows that the pseudo-likelihood and the reconstruction error look at, fewer for a
    /// model of more than 50,000 weights; 0 leaves them out.
    pub local_rows: usize,
}

impl Default for Evaluator {
    fn default() -> Self {
        let ais = Ais { base: BaseChoice::Data, chains: 200, rungs: 1000, ..Ais::default() };
        Self { exact_limit: 22, ais, temperatures: true, local_rows: 200 }
    }
}

/// β at which U is computed to find the β̂ of data.
const BETAS: [f64; 5] = [0.7, 0.85, 1.0, 1.2, 1.5];

/// Rows × weights that the pseudo-likelihood looks at, which takes a softplus for each.
const LOCAL_TERMS: usize = 10_000_000;

/// Rows × hidden units whose energies β̂ is found from beside an estimate of ln Z, some thirty times
/// over.
const ENERGY_TERMS: usize = 100_000;

/// Rows that are weighed at a time.
const ROWS: usize = 500;

impl Evaluator {
    /// Evaluates a model on training and held-out data. `None` if the run was cancelled.
    ///
    /// # Errors
    /// [`Error::Config`] if the data do not fit the model, and those of the estimators.
    pub fn evaluate(
        &self,
        rbm: &Rbm,
        train: &Arc<Data>,
        test: Option<&Data>,
        run: &Run<'_>,
    ) -> Result<Option<LogRow>, Error> {
        let curve = if self.enumerates(rbm) {
            self.enumerated(rbm, run)?
        } else {
            let ais = Ais { data: Some(Arc::clone(train)), ..self.ais.clone() };
            ais.curve(rbm, &Betas::one(1.0)?, run)?
        };
        self.row(rbm, curve, (train, test), run)
    }

    /// The same of the model of a checkpoint, whose ln Z beyond enumeration rests on the chains of
    /// training, in so many steps.
    pub(super) fn evaluate_along(
        &self,
        rbm: &Rbm,
        chains: Option<States>,
        (update, steps): (usize, usize),
        (train, test): (&Arc<Data>, Option<&Data>),
        run: &Run<'_>,
    ) -> Result<Option<LogRow>, Error> {
        if self.enumerates(rbm) {
            return self.evaluate(rbm, train, test, run);
        }
        let Some(curve) = running_log_z(rbm, train, chains, (update, steps), run)? else { return Ok(None) };
        self.row(rbm, curve, (train, test), run)
    }

    /// Whether ln Z is enumerated.
    pub(super) fn enumerates(&self, rbm: &Rbm) -> bool {
        rbm.enumeration_cost().log2_states <= self.exact_limit
    }

    fn enumerated(&self, rbm: &Rbm, run: &Run<'_>) -> Result<Curve, Error> {
        let exact = Exact { max_units: self.exact_limit, ..Exact::default() };
        exact.curve(rbm, &Betas::new(if self.temperatures { BETAS.to_vec() } else { vec![1.0] })?, run)
    }

    /// What a curve says about a model, if it was not cancelled.
    fn row(
        &self,
        rbm: &Rbm,
        curve: Curve,
        (train, test): (&Data, Option<&Data>),
        run: &Run<'_>,
    ) -> Result<Option<LogRow>, Error> {
        if curve.status() == Status::Cancelled {
            return Ok(None);
        }
        let k = curve.betas.iter().position(|beta| *beta == 1.0).unwrap_or_default();
        let log_z = curve.log_z()[k].ok_or(Error::NotFinite { quantity: "ln Z", beta: 1.0 })?;
        let std_error = log_z.claim.std_error();
        let weights = |data: &Data| self.log_weights(rbm, data, run);
        let (of_train, of_test) = (weights(train)?, test.map(weights).transpose()?);
        let heaviest = of_train.iter().chain(of_test.iter().flatten()).copied().fold(f64::NEG_INFINITY, f64::max);
        let (verdict, objections) = judged(&curve, k, too_probable(heaviest, log_z.value, std_error));
        let entropy = thermo::entropy(&curve)[k];
        let mut row = LogRow {
            log_z: Some(log_z.value),
            log_z_std_error: std_error,
            log_likelihood_train: Some(mean(&of_train) - log_z.value),
            log_likelihood_train_std_error: std_error,
            log_likelihood_test: of_test.map(|weights| mean(&weights) - log_z.value),
            verdict: Some(verdict),
            objections: (!objections.is_empty()).then(|| objections.join("; ")),
            entropy: entropy.map(|entropy| entropy.value),
            entropy_std_error: entropy.and_then(|entropy| entropy.claim.std_error()),
            frobenius: norms::frobenius(rbm.weights()),
            l1: rbm.weights().iter().map(|w| w.abs()).sum(),
            spectral: norms::spectral(rbm.weights()),
            ..LogRow::default()
        };
        row.log_likelihood_test_std_error = row.log_likelihood_test.and(std_error);
        let energies = if self.temperatures { energies(&curve, k) } else { None };
        if let Some(energies) = energies {
            let most = if self.enumerates(rbm) { usize::MAX } else { (ENERGY_TERMS / rbm.n_hidden()).max(2) };
            let beta_hat = |data: &Data| beta_hat(rbm, data, most, &energies);
            (row.beta_hat_train, row.beta_hat_train_std_error) = beta_hat(train)?;
            if let Some(test) = test {
                (row.beta_hat_test, row.beta_hat_test_std_error) = beta_hat(test)?;
            }
        }
        let count = self.local_rows.min((LOCAL_TERMS / rbm.weights().len()).max(1));
        if count > 0 {
            let some = some_rows(train, count.min(train.n_samples()))?;
            row.pseudo_log_likelihood = pseudo_log_likelihood(rbm, &some, run);
            row.reconstruction_error = Some(reconstruction_error(rbm, &some));
        }
        Ok((!run.cancelled()).then_some(row))
    }

    /// ln f(v) of each row, or of none if the run was cancelled: in double precision beside an exact ln Z, else by products of bits,
    /// whose rounding is far below the error of ln Z.
    fn log_weights(&self, rbm: &Rbm, data: &Data, run: &Run<'_>) -> Result<Vec<f64>, Error> {
        data.check_columns(rbm.n_visible())?;
        if self.enumerates(rbm) {
            // Rows that are all alike have a likelihood, if no temperature.
            let observed = Observed::new(rbm, data).map(|observed| observed.log_weights(1.0));
            return Ok(observed.unwrap_or_else(|_| rbm.row_log_weights(data, 1.0, run).unwrap_or_default()));
        }
        let weights = VisibleWeights::of(rbm);
        let of_rows = |rows: &[u8]| {
            let mut states = States::zeros(data.n_features(), rows.len() / data.n_features());
            for (chain, row) in rows.chunks_exact(data.n_features()).enumerate() {
                (0..row.len()).filter(|i| row[*i] == 1).for_each(|i| states.set(chain, i));
            }
            weights.log_weights(&states)
        };
        Ok(data.values().chunks(ROWS * data.n_features()).flat_map(of_rows).collect())
    }
}

/// The objection of a row that would have a probability above 1.
fn too_probable(heaviest: f64, log_z: f64, std_error: Option<f64>) -> Vec<String> {
    let above = heaviest - log_z;
    let impossible = above > 3.0 * std_error.unwrap_or(0.0) + 1e-9 * log_z.abs().max(1.0);
    impossible.then(|| format!("a row has ln p = {above:.2}: ln Z is too low")).into_iter().collect()
}

/// The verdict on ln Z, with what speaks against it.
fn judged(curve: &Curve, k: usize, against: Vec<String>) -> (Verdict, Vec<String>) {
    let mut record = CurveRecord::from(curve);
    if !against.is_empty() {
        let mut sentences = vec![Vec::new(); record.points.len()];
        sentences[k] = against;
        record.diagnostics = std::mem::take(&mut record.diagnostics).objections(sentences);
    }
    judge_together(std::slice::from_mut(&mut record));
    let point = record.points.swap_remove(k);
    (point.verdict.unwrap_or(Verdict::Untrustworthy), point.objections)
}

/// U(β): through the points of a curve, or from a single one at β = 1 in a straight line with the
/// slope −Var E, a tenth to either side.
fn energies(curve: &Curve, k: usize) -> Option<EnergyCurve> {
    if curve.betas.len() > 1 {
        return EnergyCurve::of(curve);
    }
    let (energy, energy_variance) = (thermo::energy(curve)[k]?, curve.values.energy_variance[k]?);
    let knot = |beta: f64| {
        let value = energy.value - energy_variance * (beta - 1.0);
        Knot { beta, energy: Measured { value, ..energy }, energy_variance }
    };
    EnergyCurve::new([0.9, 1.0, 1.1].map(knot).to_vec())
}

/// The β̂ of so many rows at most, with its standard error; none of rows that are all alike, or
/// outside of what is known of U.
fn beta_hat(rbm: &Rbm, data: &Data, most: usize, energies: &EnergyCurve) -> Result<(Option<f64>, Option<f64>), Error> {
    let some = some_rows(data, most.min(data.n_samples()))?;
    let Ok(observed) = Observed::new(rbm, &some) else { return Ok((None, None)) };
    let beta = max_likelihood(|beta| observed.energies(beta), energies).ok().map(|estimate| estimate.beta);
    Ok((beta.map(|beta| beta.value), beta.and_then(|beta| beta.claim.std_error())))
}

/// Mean Σᵢ ln p(vᵢ | rest), with the hidden units summed out.
fn pseudo_log_likelihood(rbm: &Rbm, data: &Data, run: &Run<'_>) -> Option<f64> {
    let observed = Observed::new(rbm, data).ok()?.within(Run { progress: &Quiet, ..*run });
    let per_unit = observed.mean_over_flips(1.0, |flip| -softplus(flip.log_ratio));
    Some(mean(&per_unit) * rbm.n_visible() as f64)
}

/// Mean (v − ⟨v | ⟨h|v⟩⟩)².
fn reconstruction_error(rbm: &Rbm, data: &Data) -> f64 {
    let values = rbm.visible_units().values();
    let of_row = |row: &[u8]| {
        let v: Vec<f64> = row.iter().map(|x| values[usize::from(*x)]).collect();
        let again = rbm.visible_given_hidden(rbm.hidden_given_visible(&v, 1.0).as_slice(), 1.0);
        mean(&again.iter().zip(&v).map(|(x, v)| (x - v).powi(2)).collect::<Vec<_>>())
    };
    mean(&data.rows().map(of_row).collect::<Vec<_>>())
}

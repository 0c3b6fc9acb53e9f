//! What a model is worth: its likelihood, with ln Z and what that is worth itself.

use std::sync::Arc;

use crate::{
    Ais, Betas, Error, Estimator, Exact, Rbm, Run,
    curve::{Claim, Curve, Reliability, Status, Verdict},
    data::Data,
    estimator::BaseChoice,
    model::Enumerate,
    stats::{mean, softplus},
    temperature::{EnergyCurve, Observed, max_likelihood},
    thermo::{self, norms::Norms},
};

use super::LogRow;

/// How checkpoints are evaluated.
#[derive(Debug, Clone)]
pub struct Evaluator {
    /// Up to this many units in the smaller layer ln Z is enumerated.
    pub exact_limit: u32,
    /// Beyond that it is estimated by this, from the means of the training data.
    pub ais: Ais,
    /// Whether β̂ is estimated, where ln Z is enumerated: four more enumerations.
    pub temperatures: bool,
    /// Training rows that the pseudo-likelihood and the reconstruction error look at; 0 leaves them
    /// out.
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
        let Some((curve, k)) = self.curve(rbm, train, run)? else { return Ok(None) };
        let log_z = curve.log_z()[k].ok_or(Error::NotFinite { quantity: "ln Z", beta: 1.0 })?;
        let std_error = log_z.claim.std_error();
        let verdict = match log_z.claim {
            Claim::Exact => Verdict::Exact,
            _ if Reliability::at(&curve.diagnostics, k).objection().is_some() => Verdict::Untrustworthy,
            _ => Verdict::Unchecked,
        };
        let norms = Norms::of(rbm.weights());
        let mut row = LogRow {
            log_z: Some(log_z.value),
            log_z_std_error: std_error,
            verdict: Some(verdict),
            entropy: thermo::entropy(&curve)[k].map(|entropy| entropy.value),
            frobenius: norms.frobenius,
            l1: norms.l1,
            spectral: norms.spectral,
            ..LogRow::default()
        };
        let energies = if curve.betas.len() > 1 { EnergyCurve::of(&curve) } else { None };
        let (likelihood, beta_hat) = of_data(rbm, train, log_z.value, energies.as_ref())?;
        (row.log_likelihood_train, row.beta_hat_train) = (Some(likelihood), beta_hat);
        row.log_likelihood_train_std_error = std_error;
        if let Some(test) = test {
            let (likelihood, beta_hat) = of_data(rbm, test, log_z.value, energies.as_ref())?;
            (row.log_likelihood_test, row.beta_hat_test) = (Some(likelihood), beta_hat);
            row.log_likelihood_test_std_error = std_error;
        }
        if let Some(some) = self.some_rows(train)? {
            row.pseudo_log_likelihood = pseudo_log_likelihood(rbm, &some, run);
            row.reconstruction_error = Some(reconstruction_error(rbm, &some));
        }
        Ok((!run.cancelled()).then_some(row))
    }

    /// The curve of ln Z, and which of its points is β = 1.
    fn curve(&self, rbm: &Rbm, train: &Arc<Data>, run: &Run<'_>) -> Result<Option<(Curve, usize)>, Error> {
        let exact = Exact { max_units: self.exact_limit, ..Exact::default() };
        let (curve, k) = if rbm.enumeration_cost().log2_states <= self.exact_limit {
            let (betas, k) = if self.temperatures { (BETAS.to_vec(), 2) } else { (vec![1.0], 0) };
            (exact.curve(rbm, &Betas::new(betas)?, run)?, k)
        } else {
            let ais = Ais { data: Some(Arc::clone(train)), ..self.ais.clone() };
            (ais.curve(rbm, &Betas::one(1.0)?, run)?, 0)
        };
        Ok((curve.status() != Status::Cancelled).then_some((curve, k)))
    }

    /// Training rows, evenly from the whole file, for what is not worth computing on all.
    fn some_rows(&self, data: &Data) -> Result<Option<Data>, Error> {
        let count = self.local_rows.min(data.n_samples());
        if count == 0 {
            return Ok(None);
        }
        let rows = (0..count).map(|k| data.row(k * data.n_samples() / count));
        Data::new(data.n_features(), rows.flatten().copied().collect(), None).map(Some)
    }
}

/// The mean log-likelihood of data, and their β̂ where U(β) is known.
fn of_data(rbm: &Rbm, data: &Data, log_z: f64, energies: Option<&EnergyCurve>) -> Result<(f64, Option<f64>), Error> {
    data.check_columns(rbm.n_visible())?;
    match Observed::new(rbm, data) {
        Ok(observed) => {
            let likelihood = mean(&observed.log_weights(1.0)) - log_z;
            let beta = energies.and_then(|curve| max_likelihood(|beta| observed.energies(beta), curve).ok());
            Ok((likelihood, beta.map(|estimate| estimate.beta.value)))
        }
        // Rows that are all alike have a likelihood, but no temperature.
        Err(_) => {
            let values = rbm.visible_units().values();
            let v: Vec<f64> = data.row(0).iter().map(|x| values[usize::from(*x)]).collect();
            Ok((rbm.visible_log_weight(&v, 1.0) - log_z, None))
        }
    }
}

/// Mean Σᵢ ln p(vᵢ | rest), with the hidden units summed out.
fn pseudo_log_likelihood(rbm: &Rbm, data: &Data, run: &Run<'_>) -> Option<f64> {
    let observed = Observed::new(rbm, data).ok()?.until(run.cancel);
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

//! Exact enumeration: the truth, where it can be had.

use std::time::Instant;

use super::{Configure, Estimator, Prepared, Setting, prepared::joined};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Status},
    kernel::enumeration,
    model::{Enumerate, Sums},
    run::Run,
    sample::Capabilities,
};

/// ln Z, U and Var E by summing over all states of the smaller layer, the larger one summed out
/// analytically.
///
/// # Formula
/// ln Z = ln Σ_h exp[β b·h + Σᵢ softplus(β(aᵢ + Wᵢ·h))], with h the smaller layer; U and Var E are
/// the first two derivatives of the same sum. The cost is 2^min(n_visible, n_hidden) ×
/// max(n_visible, n_hidden) factors for each β; memory does not grow with the number of states.
///
/// # Errors
/// [`Error::TooManyStates`] beyond 2^`max_units` states, with an estimate of the time it would have
/// taken.
///
/// # Examples
/// ```
/// use plefka::{Betas, Estimator, Exact, Rbm, Run};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // E = −vh
/// let curve = Exact::default().curve(&rbm, &Betas::one(1.0)?, &Run::quiet(0))?;
/// assert!((curve.values.log_z[0] - (3.0 + 1f64.exp()).ln()).abs() < 1e-15);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exact {
    /// Enumerate at most 2^`max_units` states.
    pub max_units: u32,
    /// Sum up ln Z alone, without U and Var E: several times faster.
    pub log_z_only: bool,
}

impl Default for Exact {
    /// 2²⁶ states: minutes for a layer of 784 summed out.
    fn default() -> Self {
        Self { max_units: 26, log_z_only: false }
    }
}

impl Configure for Exact {
    fn settings() -> Vec<Setting> {
        vec![
            Setting::count(
                "exact_limit",
                "the largest model to enumerate, as the number M of units of its smaller layer (2^M states for each β)",
            )
            .field("max_units"),
            Setting::switch("log_z_only", "ln Z alone, without U, S and C; several times faster"),
        ]
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.enumerable()))
    }
}

impl<M: Enumerate + ?Sized> Estimator<M> for Exact {
    fn method(&self) -> Method {
        Method::Exact
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        // Counting states must not overflow a u64 whatever the limit.
        if !(1..=62).contains(&self.max_units) {
            return Err(Error::config("exact.max_units", self.max_units, "choose a limit from 1 to 62 units"));
        }
        let units = model.enumeration_cost().log2_states;
        if units > self.max_units {
            let estimate = format_duration(self.expected_seconds(model, 1));
            return Err(Error::TooManyStates { units, limit: self.max_units, estimate });
        }
        Ok(())
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let start = Instant::now();
        let states = 1u64 << model.enumeration_cost().log2_states;
        run.progress.begin(Method::Exact.name(), states * betas.len() as u64);
        let sums = if self.log_z_only { Sums::LogZ } else { Sums::Cumulants };
        let mut values = Series::default();
        for &beta in betas.iter() {
            let Some(sum) = model.enumerate(beta, sums, run) else { break };
            let log_z = if beta == 0.0 { model.log_z_at_zero() } else { sum.log_z };
            values.push(log_z, sum.energy, sum.energy_variance);
        }
        run.progress.end();
        Curve {
            method: Method::Exact,
            betas: betas.clone(),
            reached: vec![Status::Converged; values.log_z.len()],
            values,
            replicates: Vec::new(),
            log_z_claim: Claim::Exact,
            visited: Vec::new(),
            diagnostics: Diagnostics::default().number("states", states as f64),
            warnings: Vec::new(),
            seconds: start.elapsed().as_secs_f64(),
        }
        .checked()
    }
}

impl Exact {
    /// How many seconds `betas` inverse temperatures would take, from a measurement of this machine
    /// just now.
    pub fn expected_seconds<M: Enumerate + ?Sized>(&self, model: &M, betas: usize) -> f64 {
        model.enumeration_cost().factors() * betas as f64 * enumeration::seconds_per_factor(!self.log_z_only)
    }
}

/// A duration as a person would say it.
#[must_use]
pub fn format_duration(seconds: f64) -> String {
    const YEAR: f64 = 365.25 * 86400.0;
    for (unit, name) in [(YEAR, "years"), (86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")] {
        if seconds >= 2.0 * unit {
            let count = seconds / unit;
            return if count < 1e6 { format!("{count:.0} {name}") } else { format!("{count:.0e} {name}") };
        }
    }
    format!("{seconds:.0} seconds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rbm;
    use nalgebra::{DMatrix, DVector};

    #[test]
    fn a_model_beyond_the_limit_is_refused_with_an_estimate_of_time() {
        let rbm = |m| Rbm::new(DMatrix::zeros(784, m), DVector::zeros(784), DVector::zeros(m)).unwrap();
        let exact = Exact { max_units: 20, ..Exact::default() };
        assert!(Estimator::check(&exact, &rbm(20)).is_ok());
        let message = Estimator::check(&exact, &rbm(500)).unwrap_err().to_string();
        assert!(message.contains("2^500") && message.contains("2^20") && message.contains("years"), "{message}");
        assert!(Estimator::check(&Exact { max_units: 0, ..Exact::default() }, &rbm(1)).is_err());
    }

    #[test]
    fn durations_read_well() {
        for (seconds, words) in [
            (0.4, "0 seconds"),
            (119.0, "119 seconds"),
            (120.0, "2 minutes"),
            (200.0, "3 minutes"),
            (7199.0, "120 minutes"),
            (1e4, "3 hours"),
            (1e5, "28 hours"),
            (2e5, "2 days"),
            (3.2e7, "370 days"),
            (3.2e9, "101 years"),
            (3.155_76e15, "1e8 years"),
        ] {
            assert_eq!(format_duration(seconds), words);
        }
    }

    /// Every factor of every state at every β takes its time, from 10⁻¹⁴ to 10⁻³ seconds on whatever
    /// machine.
    #[test]
    fn the_expected_time_is_that_of_all_factors_at_all_betas() {
        let rbm = Rbm::new(DMatrix::zeros(1000, 40), DVector::zeros(1000), DVector::zeros(40)).unwrap();
        let betas = 1_000_000;
        let of_one = Exact::default().expected_seconds(&rbm, betas) / (2f64.powi(40) * 1000.0 * betas as f64);
        assert!((1e-14..1e-3).contains(&of_one), "{of_one} seconds for a factor");
    }
}

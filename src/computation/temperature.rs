//! The temperature of data under a model, with U(β) by any method.

use crate::{
    Betas, Curve, Error, Estimator, Exact, Method, Run,
    estimator::MethodConfig,
    sample::Capabilities,
    temperature::{self, Evidence, Survey},
};

/// How the temperature of data is read: U(β) of the model by one method on one grid.
#[derive(Debug)]
pub struct Thermometer {
    /// The method.
    pub config: MethodConfig,
    /// The grid; a finer one is taken near the result.
    pub betas: Betas,
}

impl Thermometer {
    /// The method for a model if nobody says which: `exact` where it can be enumerated, else `ais`.
    #[must_use]
    pub fn usual_method(model: &dyn Capabilities) -> Method {
        if Exact::default().check(model.enumerable()).is_ok() { Method::Exact } else { Method::Ais }
    }

    /// Checks that it can read anything, with these numbers beside it: the β of a sample of the
    /// model, and the field of data in a field.
    ///
    /// # Errors
    /// [`Error::Config`] by the name of what cannot be used, and those of the method.
    pub fn check(&self, model: &dyn Capabilities, sample_beta: Option<f64>, field: Option<f64>) -> Result<(), Error> {
        if self.betas.len() < 2 {
            let remedy = "a curve needs at least two points; give a range such as 0:2:21";
            return Err(Error::config("betas", self.betas[0], remedy));
        }
        if let Some(beta) = sample_beta.filter(|beta| !(beta.is_finite() && *beta >= 0.0)) {
            return Err(Error::config("sample_beta", beta, "it must be a finite number, at least 0"));
        }
        if let Some(field) = field.filter(|field| !field.is_finite() || *field == 0.0) {
            return Err(Error::config("field", field, "it must be a finite number other than 0"));
        }
        self.config.prepare(model)?.check()
    }

    /// About how many bytes it takes on so many threads with so many rows of data, of all files: what the
    /// method takes, the rows, and the fields of the hidden units of each.
    #[must_use]
    pub fn memory(&self, model: &dyn Capabilities, rows: usize, threads: usize) -> f64 {
        let shown = model.weighs_data().n_shown();
        let summed = model.enumerable().n_units() - shown;
        let of_rows = rows as f64 * (shown as f64 + 8.0 * summed as f64);
        self.config.memory(model, self.betas.len(), threads) + of_rows
    }

    /// Every estimate that the evidence allows, on the threads of the rayon pool this is called in.
    /// Each curve that it takes is given to `see`.
    ///
    /// # Errors
    /// Those of the method.
    pub fn read(&self, evidence: &Evidence<'_>, run: &Run<'_>, mut see: impl FnMut(&Curve)) -> Result<Survey, Error> {
        temperature::survey(evidence, &self.betas, run.seed, |betas| {
            let curve = self.config.prepare(evidence.model)?.curve(betas, run)?;
            see(&curve);
            Ok(curve)
        })
    }
}

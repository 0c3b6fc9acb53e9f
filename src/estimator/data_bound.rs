//! What data say about ln Z: a bound that every estimate must respect.

use std::{collections::HashSet, sync::Arc, time::Instant};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Configure, Estimator, Prepared, Setting, prepared::joined};
use crate::{
    Error, Rbm,
    curve::{Betas, BoundKind, Claim, Curve, Diagnostics, Method, Series, Status},
    data::Data,
    run::Run,
    sample::Capabilities,
    stats::log_sum_exp,
};

/// The total weight of the states that data show: a lower bound of ln Z without any sampling, and a
/// falsifier.
///
/// # Formula
/// The probabilities of distinct states add up to at most 1, so ln Z(β) ≥ ln Σ_v e^{−βF(v; β)} over
/// the distinct rows v of the data, F being the visible free energy. A model that has learned the
/// data by heart comes close to it; an estimate of ln Z below it would give the data a probability
/// above 1, and is wrong.
///
/// # Errors
/// [`Error::Config`] if there are no data, or they do not fit the model.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use plefka::{Betas, Estimator, Rbm, Run, Data, estimator::DataBound};
/// let rbm = Rbm::from_rows(&[[1.0], [0.0]], &[0.0, 0.0], &[0.0])?;
/// let rows = Data::new(2, vec![1, 0, 1, 0, 1, 1], None)?; // two distinct states of four
/// let curve = DataBound { data: Some(Arc::new(rows)) }.curve(&rbm, &Betas::one(0.0)?, &Run::quiet(1))?;
/// assert!((curve.values.log_z[0] - 4f64.ln()).abs() < 1e-15); // half of the eight states
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataBound {
    /// The data.
    #[serde(skip)]
    pub data: Option<Arc<Data>>,
}

impl DataBound {
    fn data(&self) -> Result<&Data, Error> {
        let none = || {
            Error::config("data", "nothing", "give data whose weight is to be summed (`--data`, or `data` in a plan)")
        };
        self.data.as_deref().ok_or_else(none)
    }
}

impl Configure for DataBound {
    fn settings() -> Vec<Setting> {
        Vec::new()
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.as_rbm()?))
    }

    fn reads_data(&self) -> bool {
        true
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.data = Some(Arc::clone(data));
    }
}

impl Estimator<Rbm> for DataBound {
    fn method(&self) -> Method {
        Method::DataBound
    }

    fn check(&self, model: &Rbm) -> Result<(), Error> {
        self.data()?.check_columns(model.n_visible())
    }

    fn curve(&self, model: &Rbm, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let clock = Instant::now();
        let rows: HashSet<&[u8]> = self.data()?.rows().collect();
        let mut rows: Vec<&[u8]> = rows.into_iter().collect();
        rows.sort_unstable(); // a sum in the order of a hash would differ from run to run
        let values = model.visible_units().values();
        let states: Vec<Vec<f64>> =
            rows.iter().map(|row| row.iter().map(|x| values[usize::from(*x)]).collect()).collect();
        let mut series = Series::default();
        for &beta in betas.iter() {
            let weight = |v: &Vec<f64>| (!run.cancelled()).then(|| model.visible_log_weight(v, beta));
            let log_weights: Option<Vec<f64>> = states.par_iter().map(weight).collect();
            let Some(log_weights) = log_weights else { break };
            series.push(log_sum_exp(&log_weights), None, None);
        }
        Curve {
            method: Method::DataBound,
            betas: betas.clone(),
            reached: vec![Status::Converged; series.log_z.len()],
            values: series,
            replicates: Vec::new(),
            log_z_claim: Claim::Bound { kind: BoundKind::Lower, std_error: None },
            visited: Vec::new(),
            diagnostics: Diagnostics::default().number("distinct_rows", rows.len() as f64),
            warnings: Vec::new(),
            seconds: clock.elapsed().as_secs_f64(),
        }
        .checked()
    }
}

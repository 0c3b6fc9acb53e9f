//! The likelihood of data: how probable a model finds them.

use crate::{
    Error,
    curve::{BoundKind, Claim, Measured},
    data::Data,
    model::DataWeights,
    run::Run,
    stats,
};

/// What the pseudo-log-likelihood is not.
pub const PSEUDO_NOTE: &str = "the sum over the units of ln p(unit | the others) is no likelihood: it needs no Z, does not see whether the \
     modes have the right weights, and must not be compared with one";

/// ln p(v) of data under a model at one β, with what its errors come from.
///
/// # Formula
/// ln p(v) = ln f(v; β) − ln Z(β), f(v; β) = Σ_h e^{−βE(v, h)}; the mean over the rows, in nats.
/// Its two errors are independent and stand apart: that of the mean over rows, std dev/√n, which
/// says how far it would be over other rows drawn independently from where these came from; and
/// that of ln Z, which all rows share.
///
/// # Examples
/// ```
/// use plefka::{Claim, Measured, Rbm, data::Data, likelihood::Likelihood};
/// let rbm = Rbm::from_rows(&[[0.0], [0.0]], &[0.0, 3f64.ln()], &[0.0])?; // a fair coin, and one of 3 : 1
/// let log_z = Measured { value: 2f64.ln() + 4f64.ln() + 2f64.ln(), claim: Claim::Exact };
/// let rows = Data::new(2, vec![0, 1, 1, 0], None)?;
/// let found = Likelihood::new(&rbm, &rows, 1.0, log_z)?;
/// assert!((found.rows[0] - (0.5f64 * 0.75).ln()).abs() < 1e-15);
/// assert!((found.pseudo - found.mean).abs() < 1e-15); // the units are independent
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Likelihood {
    /// ln p(v) of each row, nats.
    pub rows: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// The standard error of the mean over rows; `None` for a single row.
    pub std_error_data: Option<f64>,
    /// The standard error of ln Z: 0 where it is exact, `None` where it has no error control.
    pub std_error_log_z: Option<f64>,
    /// The mean, divided by the number of units that a row shows.
    pub per_unit: f64,
    /// The mean over rows of Σᵢ ln p(vᵢ | the others): see [`PSEUDO_NOTE`].
    pub pseudo: f64,
    /// ln Z.
    pub log_z: Measured,
}

impl Likelihood {
    /// The likelihood of `data` at β, given ln Z(β).
    ///
    /// # Errors
    /// [`Error::Config`] if the data do not have a column for each unit that they show, and
    /// [`Error::NotFinite`] if the parameters times β are too large for f64.
    pub fn new<M: DataWeights + ?Sized>(model: &M, data: &Data, beta: f64, log_z: Measured) -> Result<Self, Error> {
        Ok(Self::within(model, data, beta, log_z, &Run::quiet(0))?.expect("a quiet run is not cancelled"))
    }

    /// The same, or `None` if the run was cancelled.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn within<M: DataWeights + ?Sized>(
        model: &M,
        data: &Data,
        beta: f64,
        log_z: Measured,
        run: &Run<'_>,
    ) -> Result<Option<Self>, Error> {
        data.check_columns(model.n_shown())?;
        let weights = model.row_log_weights(data, beta, run);
        let Some((weights, conditionals)) = weights.zip(model.row_log_conditionals(data, beta, run)) else {
            return Ok(None);
        };
        let rows: Vec<f64> = weights.into_iter().map(|w| w - log_z.value).collect();
        let pseudo = stats::mean(&conditionals);
        let mean = stats::mean(&rows);
        if rows.iter().chain([&pseudo]).any(|x| !x.is_finite()) {
            return Err(Error::NotFinite { quantity: "ln p", beta });
        }
        let std_error = stats::std_dev(&rows) / (rows.len() as f64).sqrt();
        Ok(Some(Self {
            std_error_data: (rows.len() > 1).then_some(std_error),
            std_error_log_z: match log_z.claim {
                Claim::Exact => Some(0.0),
                claim => claim.std_error(),
            },
            per_unit: mean / model.n_shown() as f64,
            rows,
            mean,
            pseudo,
            log_z,
        }))
    }

    /// What a reader must keep in mind, given what ln Z claims.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let claim = match self.log_z.claim {
            Claim::Bound { kind: BoundKind::Lower, .. } => Some("ln Z is a lower bound, so ln p is an upper bound"),
            Claim::Bound { kind: BoundKind::Upper, .. } => Some("ln Z is an upper bound, so ln p is a lower bound"),
            Claim::Approximation => Some("ln Z is an approximation without error control, and so is ln p"),
            Claim::Exact | Claim::Estimate { .. } => None,
        };
        let impossible = self.rows.iter().filter(|p| **p > self.tolerance()).count();
        let above = (impossible > 0).then(|| {
            format!("{impossible} rows have a probability above 1: ln Z is too low; estimate it by another method")
        });
        claim.map(String::from).into_iter().chain(above).collect()
    }

    /// How far above 0 ln p of a row may be: three standard errors of ln Z, or rounding.
    fn tolerance(&self) -> f64 {
        3.0 * self.std_error_log_z.unwrap_or(0.0) + 1e-9 * self.log_z.value.abs().max(1.0)
    }
}

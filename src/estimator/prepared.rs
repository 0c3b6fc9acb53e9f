//! An estimator together with its model.

use super::{Estimator, Pooled, Samples, Share};
use crate::{
    Error,
    curve::{Betas, Curve},
    model::Model,
    run::Run,
};

/// An estimator joined to a model: what can be run without knowing of what kind the model is.
///
/// An estimator knows the type of its model, so a list of them is for one kind of model; a list of
/// these is for any. [`MethodConfig::prepare`](super::MethodConfig::prepare) makes one.
pub trait Prepared: Send + Sync {
    /// As [`Estimator::check`].
    ///
    /// # Errors
    /// Those that [`curve`](Self::curve) would return at its start.
    fn check(&self) -> Result<(), Error>;

    /// As [`Estimator::curve`].
    ///
    /// # Errors
    /// Those of the estimator.
    fn curve(&self, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error>;

    /// Whether the work can be dealt out into so many shares.
    ///
    /// # Errors
    /// [`Error::Config`] if the method has no independent batches, or fewer than that.
    fn check_share(&self, share: Share) -> Result<(), Error> {
        Err(undivided(share))
    }

    /// The samples of a share of the run, as [`Pooled::samples`].
    ///
    /// # Errors
    /// Those of [`check_share`](Self::check_share), and those of the estimator.
    fn samples(&self, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error> {
        let _ = (betas, run);
        Err(undivided(share))
    }

    /// The curve that the samples of all shares give, as [`Pooled::pool`].
    ///
    /// # Errors
    /// As [`samples`](Self::samples).
    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        let _ = (samples, betas, run);
        Err(undivided(Share::WHOLE))
    }
}

fn undivided(share: Share) -> Error {
    let remedy = "this method cannot be dealt out in shares; use ais, reverse-ais, bar or tempering, or run it whole";
    Error::config("batches", share, remedy)
}

struct Joined<'m, E, M: ?Sized> {
    estimator: E,
    model: &'m M,
}

/// Joins an estimator to a model.
pub(super) fn joined<'m, M, E>(estimator: &E, model: &'m M) -> Box<dyn Prepared + 'm>
where
    M: Model + ?Sized,
    E: Estimator<M> + Clone + 'm,
{
    Box::new(Joined { estimator: estimator.clone(), model })
}

impl<M: Model + ?Sized, E: Estimator<M>> Prepared for Joined<'_, E, M> {
    fn check(&self) -> Result<(), Error> {
        self.estimator.check(self.model)
    }

    fn curve(&self, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.estimator.curve(self.model, betas, run)
    }

    fn check_share(&self, share: Share) -> Result<(), Error> {
        let batches = self.pooled(share)?.batches();
        if share.shares() > batches {
            let remedy = format!(
                "the run has {batches} independent batches: make that many shares at most, or ask for more chains or ladders"
            );
            return Err(Error::config("batches", share, remedy));
        }
        Ok(())
    }

    fn samples(&self, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error> {
        self.check_share(share)?;
        self.pooled(share)?.samples(self.model, betas, share, run)
    }

    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.pooled(Share::WHOLE)?.pool(samples, betas, run)
    }
}

impl<M: Model + ?Sized, E: Estimator<M>> Joined<'_, E, M> {
    fn pooled(&self, share: Share) -> Result<&dyn Pooled<M>, Error> {
        self.estimator.pooled().ok_or_else(|| undivided(share))
    }
}

//! States of a model at one β: exact where it can be enumerated, else from chains.

use crate::{
    Betas, Error, Estimator, Exact, Run,
    io::LoadedModel,
    sample::{Capabilities, equilibrium},
};

/// The most values that are drawn: 4 GB of them.
const MAX_VALUES: usize = 1 << 32;

/// Which states are to be drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawing {
    /// The inverse temperature.
    pub beta: f64,
    /// How many.
    pub count: usize,
    /// The largest model to enumerate, as the number of its units (of an RBM: of its smaller
    /// layer).
    pub exact_limit: u32,
    /// Beyond that: sweeps of each chain before its first sample.
    pub burn_in: usize,
}

impl Default for Drawing {
    fn default() -> Self {
        Self { beta: 1.0, count: 1, exact_limit: Exact::default().max_units, burn_in: 2000 }
    }
}

/// States, and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct States {
    /// 0 or 1 for each visible unit, the lower and the upper value, state by state.
    pub visible: Vec<u8>,
    /// How chains made them; `None` if they are exact and independent.
    pub by_chains: Option<ByChains>,
}

/// What must be known of samples that are not exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByChains {
    /// The number of chains.
    pub chains: usize,
    /// Sweeps of each before its first sample.
    pub burn_in: usize,
    /// Sweeps between two samples of a chain.
    pub every: usize,
    /// The integrated autocorrelation time of the energy, in sweeps.
    pub autocorrelation_time: f64,
}

impl Drawing {
    /// Whether the states of this model would be exact.
    ///
    /// # Errors
    /// [`Error::Betas`] or [`Error::Config`] if they cannot be drawn at all.
    pub fn is_exact(&self, model: &LoadedModel) -> Result<bool, Error> {
        Betas::one(self.beta)?;
        let n_visible = model.info.shape.n_visible();
        if !(1..=MAX_VALUES).contains(&self.count.saturating_mul(n_visible)) {
            let remedy = format!("choose from 1 to {} samples of this model", MAX_VALUES / n_visible);
            return Err(Error::config("count", self.count, remedy));
        }
        if self.burn_in < equilibrium::LEAST_BURN_IN {
            let remedy = format!("choose {} sweeps or more", equilibrium::LEAST_BURN_IN);
            return Err(Error::config("burn_in", self.burn_in, remedy));
        }
        let exact = Exact { max_units: self.exact_limit, ..Exact::default() };
        match exact.check(model.model.enumerable()) {
            Ok(()) => Ok(true),
            Err(Error::TooManyStates { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Draws them. `None` if the run was cancelled.
    ///
    /// # Errors
    /// Those of [`is_exact`](Self::is_exact), and [`Error::NotFinite`] if the weights at this β
    /// exceed f64.
    pub fn draw(&self, model: &LoadedModel, run: &Run<'_>) -> Result<Option<States>, Error> {
        let exact = self.is_exact(model)?;
        let drawn = if exact {
            model.model.enumerable().draw(self.beta, self.count, run)?.map(|states| (states, None))
        } else {
            let Self { beta, count, burn_in, .. } = *self;
            equilibrium::sample(model.model.sampled(), beta, count, burn_in, run).map(|sampled| {
                let equilibrium::Sampled { states, chains, autocorrelation_time, every } = sampled;
                (states, Some(ByChains { chains, burn_in, every, autocorrelation_time }))
            })
        };
        let (n_units, n_visible) = (model.info.shape.n_units(), model.info.shape.n_visible());
        let visible = |state: &[u8]| state[..n_visible].to_vec();
        Ok(drawn.map(|(states, by_chains)| States {
            visible: states.chunks(n_units).flat_map(visible).collect(),
            by_chains,
        }))
    }
}

impl ByChains {
    /// How they came about, in words.
    #[must_use]
    pub fn note(&self) -> String {
        let Self { chains, burn_in, every, autocorrelation_time } = self;
        format!(
            "not exact: Gibbs sampling by {chains} chains, {burn_in} sweeps of burn-in from β = 0, then a sample of each \
             chain every {every} sweeps; the energy has an integrated autocorrelation time of {autocorrelation_time:.1} sweeps"
        )
    }

    /// What is doubtful about them, and the remedy.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let Self { burn_in, autocorrelation_time, .. } = *self;
        equilibrium::is_doubtful(autocorrelation_time, burn_in).then(|| {
            format!(
                "the burn-in is no more than {:.0} autocorrelation times, so the samples may remember their start and the \
                 time itself is a guess; raise --burn-in",
                burn_in as f64 / autocorrelation_time,
            )
        })
    }
}

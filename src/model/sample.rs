//! What a model must offer to be sampled: Markov kernels that are right at any temperature, and on the way there from
//! independent units.

use super::{Expand, Model, Rung, Units};
use crate::{Error, dataset::Data, estimator::Run};

/// Independent units, p₀(x) = ∏ᵢ e^{θᵢxᵢ}/Σ e^{θᵢx}: where annealing may start instead of at β = 0.
///
/// In the model's own units, in the order of its units. With all θ = 0 it is the uniform distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Base(Vec<f64>);

/// No field of a base is stronger than this: a unit that a sample never saw changing may change.
const STRONGEST: f64 = 12.0;

impl Base {
    /// The uniform distribution over the states of `n` units.
    #[must_use]
    pub fn uniform(n: usize) -> Self {
        Self(vec![0.0; n])
    }

    /// Independent units with these means: the closest of all such distributions, in the sense of the smallest
    /// KL(p‖p₀), to any p with these means. Fields are limited to ±12.
    ///
    /// # Panics
    /// If there are not as many units as means.
    #[must_use]
    pub fn with_means(means: &[f64], units: &[Units]) -> Self {
        assert_eq!(means.len(), units.len(), "one kind of unit for each mean");
        let field = |(m, units): (&f64, &Units)| units.field(*m).clamp(-STRONGEST, STRONGEST);
        Self(means.iter().zip(units).map(field).collect())
    }

    /// Independent units in the fields θ.
    #[must_use]
    pub fn with_fields(fields: Vec<f64>) -> Self {
        Self(fields)
    }

    /// θ of each unit.
    #[must_use]
    pub fn fields(&self) -> &[f64] {
        &self.0
    }

    /// Whether it is the uniform distribution, so that every rung of a path is a physical temperature.
    #[must_use]
    pub fn is_uniform(&self) -> bool {
        self.0.iter().all(|theta| *theta == 0.0)
    }

    /// ln Σₓ e^{θ·x}, nats.
    ///
    /// # Panics
    /// If there are not as many units as fields.
    #[must_use]
    pub fn log_z(&self, units: &[Units]) -> f64 {
        assert_eq!(self.0.len(), units.len(), "one kind of unit for each field");
        self.0.iter().zip(units).map(|(theta, units)| units.log_partition(*theta)).sum()
    }
}

/// What one chain knows about the energy, after some units were summed out analytically.
///
/// Write f(x; β) for the unnormalised marginal weight of the kept units x. Then `energy` = −∂ln f/∂β is the mean energy
/// given x, and `energy_variance` = ∂²ln f/∂β² its variance given x.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ConditionalEnergy {
    /// ⟨E | x⟩.
    pub energy: f64,
    /// Var(E | x).
    pub energy_variance: f64,
}

/// How the chains of a sampled model move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// [`Kernel::Collapsed`] where it is cheap, that is for at most 64 kept units; [`Kernel::Block`] otherwise.
    #[default]
    Auto,
    /// Block Gibbs: one layer given the other, and back. The cheapest sweep.
    Block,
    /// Collapsed Gibbs: the units of the smaller layer one by one, the larger layer summed out exactly. A dearer sweep
    /// that crosses barriers better.
    Collapsed,
}

/// A model that can be sampled: annealed importance sampling, tempering.
pub trait Sample: Model {
    /// Prepares a Markov kernel for this model (copies, tables), once for many sweeps on paths from `base`.
    ///
    /// A model with one kernel only ignores `kernel`.
    ///
    /// # Panics
    /// If `base` does not have a field for each unit.
    fn sampler(&self, kernel: Kernel, base: &Base) -> Box<dyn Sampler>;

    /// The model as its mean-field expansion sees it, if it has one: a base may be taken from there.
    fn expansion(&self) -> Option<&dyn Expand> {
        None
    }

    /// Whether [`exact_kept`](Self::exact_kept) gives something.
    fn draws_exactly(&self) -> bool {
        false
    }

    /// Independent draws of the kept units from the model at `beta`, exactly. `None` if the model is too large for that, or
    /// the run was cancelled.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if the weights at this β exceed f64.
    fn exact_kept(&self, beta: f64, count: usize, run: &Run<'_>) -> Result<Option<Vec<Vec<bool>>>, Error> {
        let _ = (beta, count, run);
        Ok(None)
    }

    /// Whether data can be given to this model.
    ///
    /// # Errors
    /// [`Error::Config`] if they do not fit it.
    fn check_data(&self, data: &Data) -> Result<(), Error> {
        Err(no_data(data))
    }

    /// The kept units that go with some rows of data, drawn given these at `beta` where the data do not show them.
    ///
    /// # Errors
    /// [`Error::Config`] if the data do not fit the model.
    fn kept_of_data(&self, data: &Data, beta: f64, seed: u64, stream: u64) -> Result<Vec<Vec<bool>>, Error> {
        let _ = (beta, seed, stream);
        Err(no_data(data))
    }

    /// The mean of every unit over some data, in the model's own units; units that the data do not show have their mean
    /// given those that they do, at `beta`.
    ///
    /// # Errors
    /// [`Error::Config`] if the data do not fit the model.
    fn means_of_data(&self, data: &Data, beta: f64) -> Result<Vec<f64>, Error> {
        let _ = beta;
        Err(no_data(data))
    }
}

fn no_data(data: &Data) -> Error {
    let given = format!("data of {} columns", data.n_features());
    Error::config("data", given, "data cannot be given for a model of this kind")
}

/// A Markov kernel that leaves every [`Rung`] of the paths from its base invariant.
pub trait Sampler: Sync {
    /// `count` independent chains drawn from the base, on random stream number `stream` of `seed`.
    fn chains_at_base(&self, count: usize, seed: u64, stream: u64) -> Box<dyn Chains + '_>;

    /// Chains with the given kept units (as `true` for the upper value), on random stream number `stream` of `seed`.
    ///
    /// # Panics
    /// If a state does not have one value for each kept unit.
    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, stream: u64) -> Box<dyn Chains + '_>;

    /// ln Z of the base, nats.
    fn log_z_base(&self) -> f64;
}

/// A block of chains that advance together, with their random stream.
///
/// The chains form as many groups as there are rungs in a call, of equal sizes and in order, and group g stands at
/// `rungs[g]`: one rung for all of them when annealing, a ladder of them when tempering.
///
/// Their weights are marginal: a layer of units is summed out of them, which lowers their variance (Salakhutdinov &
/// Murray, ICML 2008; Yasuda & Takahashi 2022 say under which condition).
pub trait Chains: Send {
    /// One sweep of every chain.
    fn sweep(&mut self, rungs: &[Rung]);

    /// One sweep of the time-reversed kernel: what the chains do in a film of [`sweep`](Self::sweep) in equilibrium,
    /// shown backwards. The same as `sweep` for a reversible kernel.
    fn sweep_back(&mut self, rungs: &[Rung]);

    /// Adds ln f(x; `to`) − ln f(x; `from`) of each chain to `log_w`, with f the unnormalised marginal weight.
    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]);

    /// The energy of each chain given its kept units.
    fn conditional_energies(&self, rungs: &[Rung]) -> Vec<ConditionalEnergy>;

    /// Exchanges the states of two chains.
    fn swap(&mut self, a: usize, b: usize);

    /// The kept units of each chain: `true` for the upper value.
    fn kept(&self) -> Vec<Vec<bool>>;

    /// All units of each chain, in the order of the model: the kept ones as they are, the summed ones drawn given these.
    fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>>;
}

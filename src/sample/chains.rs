//! Markov kernels made ready for one model, and the chains that they move.

use super::Rung;

/// What one chain knows about the energy, after some units were summed out analytically.
///
/// Write f(x; β) for the unnormalised marginal weight of the kept units x. Then `energy` = −∂ln
/// f/∂β is the mean energy given x, and `energy_variance` = ∂²ln f/∂β² its variance given x.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ConditionalEnergy {
    /// ⟨E | x⟩.
    pub energy: f64,
    /// Var(E | x).
    pub energy_variance: f64,
}

/// A Markov kernel that leaves every [`Rung`] of the paths from its base invariant.
pub trait Sampler: Send + Sync {
    /// `count` independent chains drawn from the base, on random stream number `stream` of `seed`.
    fn chains_at_base(&self, count: usize, seed: u64, stream: u64) -> Box<dyn Chains + '_>;

    /// Chains with the given kept units (as `true` for the upper value), on random stream number
    /// `stream` of `seed`.
    ///
    /// # Panics
    /// If a state does not have one value for each kept unit.
    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, stream: u64) -> Box<dyn Chains + '_>;

    /// ln Z of the base, nats.
    fn log_z_base(&self) -> f64;
}

/// A block of chains that advance together, with their random stream.
///
/// The chains form as many groups as there are rungs in a call, of equal sizes and in order, and
/// group g stands at `rungs[g]`: one rung for all of them when annealing, a ladder of them when
/// tempering.
///
/// Their weights are marginal: a layer of units is summed out of them, which lowers their variance
/// (Salakhutdinov & Murray, ICML 2008; Yasuda & Takahashi 2022 say under which condition).
pub trait Chains: Send {
    /// One sweep of every chain.
    fn sweep(&mut self, rungs: &[Rung]);

    /// One sweep of the time-reversed kernel: what the chains do in a film of
    /// [`sweep`](Self::sweep) in equilibrium, shown backwards. The same as `sweep` for a reversible
    /// kernel.
    fn sweep_back(&mut self, rungs: &[Rung]);

    /// Adds ln f(x; `to`) − ln f(x; `from`) of each chain to `log_w`, with f the unnormalised
    /// marginal weight.
    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]);

    /// The same between one rung and each of several, for `chains` chains: a list for each rung.
    fn log_ratios(&self, from: Rung, to: &[Rung], chains: usize) -> Vec<Vec<f64>> {
        let of_rung = |to: &Rung| {
            let mut log_ratio = vec![0.0; chains];
            self.add_log_ratio(&[from], std::slice::from_ref(to), &mut log_ratio);
            log_ratio
        };
        to.iter().map(of_rung).collect()
    }

    /// The energy of each chain given its kept units.
    fn conditional_energies(&self, rungs: &[Rung]) -> Vec<ConditionalEnergy>;

    /// Exchanges the states of two chains.
    fn swap(&mut self, a: usize, b: usize);

    /// The kept units of each chain: `true` for the upper value.
    fn kept(&self) -> Vec<Vec<bool>>;

    /// All units of each chain, in the order of the model: the kept ones as they are, the summed
    /// ones drawn given these.
    fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>>;
}

//! Where samples stood.

/// The states behind the number at one β: what the sampler kept of them, with their weights.
///
/// Modes that the model must have are looked for among them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Visited {
    /// The units that the sampler keeps (the smaller layer of an RBM, all units of any other model)
    /// in each sample: `true` for the upper value. Empty where nothing is known.
    pub states: Vec<Vec<bool>>,
    /// ln w of each sample, up to a constant; equal where samples have no weights.
    pub log_weights: Vec<f64>,
    /// How many independent samples they are worth at most, where they are correlated in time.
    pub independent: Option<f64>,
}

impl Visited {
    /// Samples of equal weight.
    #[must_use]
    pub fn equally(states: Vec<Vec<bool>>, independent: Option<f64>) -> Self {
        Self { log_weights: vec![0.0; states.len()], states, independent }
    }
}

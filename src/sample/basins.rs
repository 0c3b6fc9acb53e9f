//! The valleys of a small model, all of them: every state, and where it flows to.

use std::collections::HashMap;

use super::quench::{Minimum, Quench, Quencher};
use crate::{Error, stats::log_sum_exp};

/// The most units: a million states, each quenched in some microseconds.
const MAX_UNITS: usize = 20;

/// All one-flip minima of a model, with their basins of attraction under
/// [`quench`](super::quench()).
///
/// # Examples
/// ```
/// use plefka::{Rbm, sample::Basins};
/// let pair = Rbm::from_rows(&[[4.0]], &[-2.0], &[-1.0])?; // both off: E = 0; both on: E = −1
/// let basins = Basins::of(&pair)?;
/// assert_eq!(basins.minima.iter().map(|minimum| minimum.energy).collect::<Vec<_>>(), [-1.0, 0.0]);
/// assert!(basins.entropy(0.1) > basins.entropy(10.0));
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Basins {
    /// The minima, the lowest first; the hits of each are the states in its basin.
    pub minima: Vec<Minimum>,
    /// The energies of the states in each basin.
    energies: Vec<Vec<f64>>,
}

impl Basins {
    /// Quenches all 2^n states of a model of n units.
    ///
    /// # Errors
    /// [`Error::Model`] if there are more than 20 units.
    pub fn of<M: Quench + ?Sized>(model: &M) -> Result<Self, Error> {
        let n = model.n_units();
        if n > MAX_UNITS {
            return Err(Error::model(
                format!("{n} units have too many states to quench each"),
                format!("use a model of at most {MAX_UNITS} units, or `quench` samples of it"),
            ));
        }
        let quencher = Quencher::new(model);
        let mut basins: HashMap<Vec<u8>, Vec<f64>> = HashMap::new();
        for number in 0..1usize << n {
            let state: Vec<u8> = (0..n).map(|i| u8::from(number >> i & 1 == 1)).collect();
            basins.entry(quencher.descend(&state)).or_default().push(model.energy_of(&state));
        }
        let minimum = |(state, energies): (Vec<u8>, Vec<f64>)| {
            (Minimum { energy: model.energy_of(&state), state, hits: energies.len() as u32 }, energies)
        };
        let mut all: Vec<(Minimum, Vec<f64>)> = basins.into_iter().map(minimum).collect();
        all.sort_by(|(a, _), (b, _)| a.order(b));
        let (minima, energies) = all.into_iter().unzip();
        Ok(Self { minima, energies })
    }

    /// The probability P of each basin at β, in the order of `minima`: Σ e^{−βE}/Z over its states.
    #[must_use]
    pub fn probabilities(&self, beta: f64) -> Vec<f64> {
        let log_weight = |energies: &Vec<f64>| log_sum_exp(&energies.iter().map(|e| -beta * e).collect::<Vec<_>>());
        let logs: Vec<f64> = self.energies.iter().map(log_weight).collect();
        let log_z = log_sum_exp(&logs);
        logs.iter().map(|log| (log - log_z).exp()).collect()
    }

    /// The configurational entropy S_c = −Σ P ln P at β, nats.
    #[must_use]
    pub fn entropy(&self, beta: f64) -> f64 {
        self.probabilities(beta).iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum::<f64>().max(0.0)
    }
}

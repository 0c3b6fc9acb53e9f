//! Quenches: where the energy of a state flows to if it only falls, and the entropy of the valleys
//! that it ends in.

use std::{cmp::Ordering, collections::HashMap};

use rand::RngExt;

use crate::{
    Error, Rbm, Units,
    curve::{Claim, Measured},
    model::{Ising, Model, SparseIsing},
    stats::{shannon_entropy, std_dev},
    streams::Purpose,
};

/// Bootstrap resamples for an error bar.
const RESAMPLES: usize = 200;
/// A flip must lower the energy by more than this share of the sum of all parameters: less may be
/// rounding, and a quench that follows rounding need not end.
const ROUNDING: f64 = 1e-13;

/// A model that can be cooled to zero temperature at once.
pub trait Quench: Model {
    /// The couplings of a unit to others and its bias, and the values of its two states.
    fn unit(&self, i: usize) -> Unit;

    /// E of a state, a 0 or 1 for each unit.
    ///
    /// # Panics
    /// If there is not one value for each unit.
    fn energy_of(&self, state: &[u8]) -> f64;
}

/// One unit as its neighbours see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Its bias or external field.
    pub bias: f64,
    /// The other units it is coupled to, and how strongly.
    pub couplings: Vec<(usize, f64)>,
    /// Bits or spins.
    pub units: Units,
}

impl Quench for Rbm {
    fn unit(&self, i: usize) -> Unit {
        let n = self.n_visible();
        if i < n {
            let couplings = self.weights().row(i).iter().enumerate().map(|(j, w)| (n + j, *w)).collect();
            Unit { bias: self.visible_bias()[i], couplings, units: self.visible_units() }
        } else {
            let couplings = self.weights().column(i - n).iter().copied().enumerate().collect();
            Unit { bias: self.hidden_bias()[i - n], couplings, units: self.hidden_units() }
        }
    }

    fn energy_of(&self, state: &[u8]) -> f64 {
        let (visible, hidden) = state.split_at(self.n_visible());
        let values = |x: &[u8], units: Units| x.iter().map(|x| units.values()[usize::from(*x)]).collect::<Vec<_>>();
        self.energy(&values(visible, self.visible_units()), &values(hidden, self.hidden_units()))
    }
}

impl Quench for Ising {
    fn unit(&self, i: usize) -> Unit {
        let couplings = self.couplings().column(i).iter().copied().enumerate().filter(|(j, _)| *j != i).collect();
        Unit { bias: self.field()[i], couplings, units: Units::Spin }
    }

    fn energy_of(&self, state: &[u8]) -> f64 {
        self.energy(&state.iter().map(|x| Units::Spin.values()[usize::from(*x)]).collect::<Vec<_>>())
    }
}

impl Quench for SparseIsing {
    fn unit(&self, i: usize) -> Unit {
        Unit { bias: self.field()[i], couplings: self.neighbours(i).collect(), units: Units::Spin }
    }

    fn energy_of(&self, state: &[u8]) -> f64 {
        SparseIsing::energy_of(self, |i| Units::Spin.values()[usize::from(state[i])])
    }
}

/// A state that no flip of one unit lowers in energy, and how often quenches have ended there.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// A 0 or 1 for each unit.
    pub state: Vec<u8>,
    /// Its energy.
    pub energy: f64,
    /// The quenches that ended there.
    pub hits: u32,
}

/// The minima under some states: their inherent structures (Stillinger & Weber, Phys. Rev. A 25,
/// 978 (1982)).
#[derive(Debug, Clone, PartialEq)]
pub struct InherentStructures {
    /// The distinct minima, the lowest first.
    pub minima: Vec<Minimum>,
}

/// Quenches each of some states (one after the other, a 0 or 1 for each unit, as
/// [`Draw`](crate::model::Draw) gives them): the flip that lowers the energy the most is made,
/// until no flip lowers it. Of equal flips the first unit's is made.
///
/// # Errors
/// [`Error::Samples`] if there are no states, or they do not fit the model.
///
/// # Examples
/// ```
/// use plefka::{Rbm, Run, model::Draw, sample::quench};
/// let pair = Rbm::from_rows(&[[4.0]], &[-2.0], &[-2.0])?; // both on or both off
/// let states = pair.draw(0.5, 1000, &Run::quiet(1))?.expect("nobody cancelled");
/// let found = quench(&pair, &states)?;
/// assert_eq!(found.minima.len(), 2);
/// assert!((found.entropy(1).value - 2f64.ln()).abs() < 0.01);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn quench<M: Quench + ?Sized>(model: &M, states: &[u8]) -> Result<InherentStructures, Error> {
    let n = model.n_units();
    if states.is_empty() || !states.len().is_multiple_of(n) || states.iter().any(|x| *x > 1) {
        return Err(Error::samples(
            format!("{} numbers are no states of {n} units", states.len()),
            "give a 0 or 1 for each unit of each of at least one state",
        ));
    }
    let quencher = Quencher::new(model);
    let mut hits: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut known: HashMap<&[u8], Vec<u8>> = HashMap::new();
    for start in states.chunks(n) {
        // At low temperature the same few states come again and again.
        let end = known.entry(start).or_insert_with(|| quencher.descend(start));
        match hits.get_mut(end) {
            Some(count) => *count += 1,
            None => drop(hits.insert(end.clone(), 1)),
        }
    }
    let minimum = |(state, hits): (Vec<u8>, u32)| Minimum { energy: model.energy_of(&state), state, hits };
    let mut minima: Vec<Minimum> = hits.into_iter().map(minimum).collect();
    minima.sort_by(Minimum::order);
    Ok(InherentStructures { minima })
}

impl Minimum {
    /// The lowest first; of equal energies, by the state.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.energy.total_cmp(&other.energy).then_with(|| self.state.cmp(&other.state))
    }
}

/// A model made ready for many quenches.
pub(super) struct Quencher {
    units: Vec<Unit>,
    /// What a flip must lower the energy by.
    least: f64,
}

impl Quencher {
    pub(super) fn new<M: Quench + ?Sized>(model: &M) -> Self {
        let units: Vec<Unit> = (0..model.n_units()).map(|i| model.unit(i)).collect();
        let size = |unit: &Unit| unit.bias.abs() + unit.couplings.iter().map(|(_, w)| w.abs()).sum::<f64>();
        Self { least: ROUNDING * units.iter().map(size).sum::<f64>(), units }
    }

    /// Where a state flows to.
    pub(super) fn descend(&self, start: &[u8]) -> Vec<u8> {
        let units = &self.units;
        let mut state = start.to_vec();
        let value = |unit: &Unit, x: u8| unit.units.values()[usize::from(x)];
        let mut fields: Vec<f64> = units
            .iter()
            .map(|unit| unit.bias + unit.couplings.iter().map(|(j, w)| w * value(&units[*j], state[*j])).sum::<f64>())
            .collect();
        loop {
            let change = |i: usize| value(&units[i], 1 - state[i]) - value(&units[i], state[i]);
            let gain = |i: usize| change(i) * fields[i];
            // `max_by` would give the last of equal flips.
            let best = (0..state.len()).reduce(|a, b| if gain(b) > gain(a) { b } else { a });
            let Some(i) = best.filter(|i| gain(*i) > self.least) else { return state };
            let change = change(i);
            state[i] = 1 - state[i];
            units[i].couplings.iter().for_each(|(j, w)| fields[*j] += w * change);
        }
    }
}

impl InherentStructures {
    /// How many states were quenched.
    #[must_use]
    pub fn samples(&self) -> u32 {
        self.minima.iter().map(|minimum| minimum.hits).sum()
    }

    /// The configurational entropy S_c = −Σ P ln P in nats, with P the probability that an
    /// equilibrium state lies above a minimum, if the quenched states were independent and in
    /// equilibrium. Corrected for the number of samples by [`shannon_entropy`].
    ///
    /// The standard error is that of a bootstrap over the samples, but at least what one more
    /// sample in a new minimum would change, (1 + ln n)/n: where all samples have ended in one
    /// minimum, a bootstrap knows of no other.
    #[must_use]
    pub fn entropy(&self, seed: u64) -> Measured {
        let owners: Vec<usize> =
            self.minima.iter().enumerate().flat_map(|(k, minimum)| vec![k; minimum.hits as usize]).collect();
        let n = owners.len() as f64;
        let mut rng = Purpose::Bootstrap.generator(seed);
        let resampled = |_| {
            let mut counts = vec![0; self.minima.len()];
            for _ in 0..owners.len() {
                counts[owners[rng.random_range(0..owners.len())]] += 1;
            }
            shannon_entropy(&counts)
        };
        let spread = std_dev(&(0..RESAMPLES).map(resampled).collect::<Vec<_>>());
        let hits: Vec<u32> = self.minima.iter().map(|minimum| minimum.hits).collect();
        let std_error = spread.max((1.0 + n.ln()) / n);
        Measured { value: shannon_entropy(&hits), claim: Claim::Estimate { std_error } }
    }
}

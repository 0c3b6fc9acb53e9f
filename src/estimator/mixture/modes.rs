//! The modes of a model: solutions of naive mean field, each with the weight that it must at least
//! have.

use std::ops::Range;

use nalgebra::{DMatrix, Scalar};

use super::bound::{MixtureBound, best_bound};
use crate::model::{Expand, Order, Units};

/// Solutions whose means differ by no more than this anywhere are one and the same.
const ONE_MODE: f64 = 1e-3;

/// A product distribution with the means of a solution (or of anything else: the bound holds for
/// all means).
#[derive(Debug, Clone, PartialEq)]
pub struct Mode {
    /// mᵢ of all units.
    pub means: Vec<f64>,
    /// L = S₀(m) − β⟨E⟩₀ in nats: ln Z ≥ L, and the states of the mode weigh about e^L.
    pub log_weight: f64,
    /// ⟨E⟩₀, the mean energy.
    pub energy: f64,
    /// How many starts led here.
    pub starts: usize,
}

/// Which modes a model has at one β, as far as any start has led to them, the heaviest first.
///
/// [`bound`](Self::bound) makes of them a lower bound of ln Z that is certain, and
/// [`missed`](super::missed) says which of them a population of samples should have visited and has
/// not.
///
/// # Examples
/// ```
/// use plefka::{Rbm, Run, Units, estimator::MeanFieldMixture};
/// // Two spins that point the same way: up, or down.
/// let pair = Rbm::from_rows(&[[2.0]], &[0.0], &[0.0])?.with_units(Units::Spin, Units::Spin);
/// let modes = MeanFieldMixture::default().modes(&pair, 1.0, &Run::quiet(1))?.expect("nobody cancelled");
/// let bound = modes.bound();
/// assert_eq!(modes.list().iter().filter(|mode| mode.means[0].abs() > 0.5).count(), 2);
/// assert!(modes.list()[0].log_weight < bound.log_z && bound.log_z < (4.0 * 2f64.cosh()).ln());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Modes {
    beta: f64,
    layers: Vec<(Range<usize>, Units)>,
    list: Vec<Mode>,
    bound: MixtureBound,
}

impl Modes {
    /// The distinct ones among some points, with their weights. `points` has the means of one in
    /// each row, and `starts` says how many starts led there.
    pub(super) fn new<M: Expand + ?Sized>(model: &M, beta: f64, points: &DMatrix<f64>, starts: &[usize]) -> Self {
        let mut list: Vec<Mode> =
            distinct(points, starts).into_iter().map(|(k, n)| mode(model, beta, points, k, n)).collect();
        list.sort_by(|a, b| b.log_weight.total_cmp(&a.log_weight));
        let layers = model.layers();
        let bound = best_bound(&list, &(0..list.len()).collect::<Vec<_>>(), &layers);
        Self { beta, layers, list, bound }
    }

    /// The inverse temperature.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// The modes, the heaviest first. There is at least one.
    #[must_use]
    pub fn list(&self) -> &[Mode] {
        &self.list
    }

    /// The layers of the model, with the kinds of their units.
    #[must_use]
    pub fn layers(&self) -> &[(Range<usize>, Units)] {
        &self.layers
    }

    /// The number of units of the model.
    #[must_use]
    pub fn n_units(&self) -> usize {
        self.layers.iter().map(|(range, _)| range.len()).sum()
    }

    /// The lower bound of ln Z from all modes together, with the weight of each.
    #[must_use]
    pub fn bound(&self) -> &MixtureBound {
        &self.bound
    }

    /// The lower bound from some of the modes, whose weights stand in the order of `chosen`. It
    /// bounds ln Z too.
    ///
    /// # Panics
    /// If `chosen` is empty or there is no such mode.
    #[must_use]
    pub fn bound_of(&self, chosen: &[usize]) -> MixtureBound {
        assert!(!chosen.is_empty(), "a bound needs at least one mode");
        best_bound(&self.list, chosen, &self.layers)
    }

    /// Good's estimate of the probability that one more start leads to a mode that is not in the
    /// list: the share of the starts that are alone with their mode.
    #[must_use]
    pub fn unseen(&self) -> f64 {
        let starts: usize = self.list.iter().map(|mode| mode.starts).sum();
        self.list.iter().filter(|mode| mode.starts == 1).count() as f64 / starts.max(1) as f64
    }
}

fn mode<M: Expand + ?Sized>(model: &M, beta: f64, points: &DMatrix<f64>, k: usize, starts: usize) -> Mode {
    let means: Vec<f64> = points.row(k).iter().copied().collect();
    let terms = model.plefka_terms(Order::First, &means);
    Mode { log_weight: terms.log_z(beta), energy: terms.energy, means, starts }
}

/// The first point of each kind, by its row, and how many starts led to points of its kind.
pub(super) fn distinct<T: Scalar + Copy + Into<f64>>(points: &DMatrix<T>, starts: &[usize]) -> Vec<(usize, usize)> {
    // A point in each column is contiguous.
    let columns = points.transpose();
    let n = columns.nrows();
    let point = |k: usize| &columns.as_slice()[k * n..(k + 1) * n];
    let same = |k: usize, l: usize| {
        // From the last unit, which is a hidden one in an RBM: there solutions differ most.
        point(k).iter().zip(point(l)).rev().all(|(a, b)| ((*a).into() - (*b).into()).abs() <= ONE_MODE)
    };
    let mut kinds: Vec<(usize, usize)> = Vec::new();
    for (k, count) in starts.iter().enumerate() {
        match kinds.iter_mut().find(|(first, _)| same(*first, k)) {
            Some((_, total)) => *total += count,
            None => kinds.push((k, *count)),
        }
    }
    kinds
}

//! Belief propagation: the Bethe free energy of a graph, an RBM's bipartite one or that of spins
//! with pair couplings, at a fixed point of the messages.

mod edges;
mod messages;

use std::time::Instant;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::{
    edges::BitGraph,
    messages::{BitModel, Messages, Passing},
};
use super::{Configure, Estimator, Prepared, Setting, prepared::joined};
use crate::{
    Error, Rbm,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Status},
    model::{Model, PairCoupled},
    run::Run,
    sample::Capabilities,
};

/// The Bethe approximation by belief propagation: exact on a tree, such as an RBM with one hidden
/// unit.
///
/// # Formula
/// On bits, with the cavity fields xᵢⱼ = βaᵢ + Σ_{l≠j} uₗᵢ and yⱼᵢ = βbⱼ + Σ_{k≠i} wₖⱼ, the
/// messages are wᵢⱼ = ln[(1 + e^{xᵢⱼ+βWᵢⱼ})/(1 + e^{xᵢⱼ})] and the same for u with y. At a fixed
/// point ln Z ≈ Σᵢ softplus(xᵢ) + Σⱼ softplus(yⱼ) − Σᵢⱼ ln ⟨e^{βWᵢⱼvh}⟩, the mean taken over
/// independent units in their cavity fields, and U = −a·⟨v⟩ − b·⟨h⟩ − Σ Wᵢⱼ⟨vᵢhⱼ⟩ from the beliefs.
/// Spins are rewritten as bits, which is exact. Var E is −dU/dβ by central differences along the
/// solution (Yedidia, Freeman & Weiss, IEEE Trans. Inf. Theory 51, 2282 (2005); Mézard & Montanari,
/// *Information, Physics, and Computation* (2009), ch. 14).
///
/// Bethe sums the terms of all orders of single couplings and leaves out every cycle. It bounds
/// nothing.
///
/// # Certificate
/// A point is `converged` only if no message would change by more than `tolerance` in an undamped
/// update: the largest change is `residual_by_beta`, the number of updates `iterations_by_beta`.
/// There may be other fixed points: one search is made for each β, from messages of zero, which
/// near a transition can settle in the hotter phase. A search that makes no headway, as where the
/// messages go round in a cycle, is given up before `max_iterations`.
///
/// # Errors
/// [`Error::Config`] for a setting out of range.
///
/// # Examples
/// ```
/// use plefka::{Bethe, Betas, Estimator, Exact, Rbm, Run};
/// let star = Rbm::from_rows(&[[0.5], [-2.0], [1.5]], &[0.1, 0.0, -0.4], &[0.3])?; // a tree
/// let betas = Betas::one(1.0)?;
/// let bethe = Bethe::default().curve(&star, &betas, &Run::quiet(0))?;
/// let exact = Exact::default().curve(&star, &betas, &Run::quiet(0))?;
/// assert!((bethe.values.log_z[0] - exact.values.log_z[0]).abs() < 1e-9);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bethe {
    /// The share of the old message in each update, in [0, 1).
    pub damping: f64,
    /// Largest change of a message at a fixed point.
    pub tolerance: f64,
    /// Updates of all messages after which the search is given up.
    pub max_iterations: usize,
}

impl Default for Bethe {
    /// Damping ½, tolerance 10⁻¹⁰, at most 10,000 iterations.
    fn default() -> Self {
        Self { damping: 0.5, tolerance: 1e-10, max_iterations: 10_000 }
    }
}

/// Where the search ended at one β.
struct Point {
    log_z: f64,
    energy: f64,
    energy_variance: Option<f64>,
    residual: f64,
    iterations: usize,
}

impl Configure for Bethe {
    fn settings() -> Vec<Setting> {
        vec![
            Setting::real("damping", "weight of the old messages in each update, from 0 up to but excluding 1"),
            Setting::real("tolerance", "largest change of a message at a fixed point"),
            Setting::count("max_iterations", "updates after which the search is given up"),
        ]
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        match model.as_rbm() {
            Some(rbm) => Some(joined(self, rbm)),
            None => Some(joined(self, model.as_spins()?)),
        }
    }
}

impl Estimator<Rbm> for Bethe {
    fn method(&self) -> Method {
        Method::Bethe
    }

    fn check(&self, _: &Rbm) -> Result<(), Error> {
        self.check_settings()
    }

    fn curve(&self, model: &Rbm, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        let bits = BitModel::new(model);
        self.curve_from(|beta| Messages::zero(&bits, beta), model.log_z_at_zero(), betas, run)
    }
}

/// Spins with pair couplings on any graph: exact where that has no cycle.
impl<M: PairCoupled + ?Sized> Estimator<M> for Bethe {
    fn method(&self) -> Method {
        Method::Bethe
    }

    fn check(&self, _: &M) -> Result<(), Error> {
        self.check_settings()
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        let spins = model.neighbour_lists();
        let graph = BitGraph::new(&spins);
        self.curve_from(|beta| graph.no_messages(beta), model.log_z_at_zero(), betas, run)
    }
}

impl Bethe {
    fn check_settings(&self) -> Result<(), Error> {
        if !(0.0..1.0).contains(&self.damping) {
            return Err(Error::config("damping", self.damping, "choose a value in [0, 1), such as 0.5"));
        }
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            return Err(Error::config("tolerance", self.tolerance, "choose a value in (0, 1), such as 1e-10"));
        }
        if self.max_iterations == 0 {
            return Err(Error::config("max_iterations", 0, "allow at least one iteration"));
        }
        Ok(())
    }

    /// The curve from messages that begin as `start` says for each β.
    fn curve_from<P: Passing>(
        &self,
        start: impl Fn(f64) -> P + Sync,
        log_z_at_zero: f64,
        betas: &Betas,
        run: &Run<'_>,
    ) -> Result<Curve, Error> {
        self.check_settings()?;
        let clock = Instant::now();
        run.progress.begin(Method::Bethe.name(), betas.len() as u64);
        let point = |beta: &f64| {
            let point = self.point(start(*beta), run);
            run.progress.advance(1);
            point
        };
        let points: Vec<Option<Point>> = betas.par_iter().map(point).collect();
        run.progress.end();
        let points: Vec<Point> = points.into_iter().map_while(|point| point).collect();
        self.report(betas, &points, log_z_at_zero, clock.elapsed().as_secs_f64()).checked()
    }
}

/// Half the distance of the central difference in β: with U to 10⁻¹⁰, its truncation and its noise
/// are both near 10⁻⁶.
const STEP: f64 = 1e-4;

/// A search is given up when its residual has not halved within so many undamped updates, or as
/// many more as the damping slows it down. Messages that go round in a cycle do not notice it;
/// those that settle, do so faster unless the largest factor by which an update multiplies small
/// deviations is within 0.3 % of one.
const PATIENCE: f64 = 250.0;

impl Bethe {
    /// `None` if the run was cancelled.
    fn point(&self, mut messages: impl Passing, run: &Run<'_>) -> Option<Point> {
        let (residual, iterations) = self.settle(&mut messages, run)?;
        let (log_z, energy) = messages.log_z_and_energy();
        let energy_variance = if residual <= self.tolerance { self.slope(&messages, energy, run)? } else { None };
        Some(Point { log_z, energy, energy_variance, residual, iterations })
    }

    /// Updates until no message changes by more than the tolerance, or the search is given up; the
    /// largest change and the number of updates.
    fn settle(&self, messages: &mut impl Passing, run: &Run<'_>) -> Option<(f64, usize)> {
        let patience = (PATIENCE / (1.0 - self.damping)).ceil() as usize;
        let (mut residual, mut halved, mut last) = (f64::INFINITY, f64::INFINITY, 0);
        for iteration in 1..=self.max_iterations {
            if run.cancelled() {
                return None;
            }
            residual = messages.update(self.damping);
            if residual <= self.tolerance {
                return Some((residual, iteration));
            }
            if residual <= 0.5 * halved {
                (halved, last) = (residual, iteration);
            } else if iteration - last >= patience {
                return Some((residual, iteration));
            }
        }
        Some((residual, self.max_iterations))
    }

    /// −dU/dβ by following the fixed point to both sides; `Some(None)` where it cannot be followed:
    /// where either side does not converge, or the two one-sided slopes differ as they do when one
    /// side has jumped to another solution.
    fn slope(&self, messages: &impl Passing, energy: f64, run: &Run<'_>) -> Option<Option<f64>> {
        let mut sides = [0.0; 2];
        for (side, step) in sides.iter_mut().zip([-STEP, STEP]) {
            let mut moved = messages.at(step);
            let (residual, _) = self.settle(&mut moved, run)?;
            if residual > self.tolerance {
                return Some(None);
            }
            *side = moved.log_z_and_energy().1;
        }
        let [before, after] = sides;
        let follows =
            (before - 2.0 * energy + after).abs() <= 0.1 * (after - before).abs() + self.tolerance.sqrt() * STEP;
        Some(follows.then_some((before - after) / (2.0 * STEP)))
    }

    fn report(&self, betas: &Betas, points: &[Point], log_z_at_zero: f64, seconds: f64) -> Curve {
        let mut values = Series::default();
        for (point, beta) in points.iter().zip(betas.iter()) {
            let log_z = if *beta == 0.0 { log_z_at_zero } else { point.log_z };
            values.push(log_z, Some(point.energy), point.energy_variance);
        }
        let failed: Vec<usize> = (0..points.len()).filter(|k| points[*k].residual > self.tolerance).collect();
        let residuals: Vec<f64> = points.iter().map(|p| p.residual).collect();
        let largest = residuals.iter().copied().fold(0.0, f64::max);
        let mut warnings = Vec::new();
        if let (Some(first), Some(last)) = (failed.first(), failed.last()) {
            let cut_short = failed.iter().any(|k| points[*k].iterations == self.max_iterations);
            let more_iterations =
                if cut_short { format!(", or more iterations than {}", self.max_iterations) } else { String::new() };
            warnings.push(format!(
                "not converged at {} of {} β (from {} to {}), largest change of a message {largest:.1e}: the numbers there \
                 are not those of a fixed point; try a damping above {}{}",
                failed.len(),
                betas.len(),
                betas[*first],
                betas[*last],
                self.damping,
                more_iterations,
            ));
        }
        let status = |p: &Point| if p.residual <= self.tolerance { Status::Converged } else { Status::NotConverged };
        Curve {
            method: Method::Bethe,
            betas: betas.clone(),
            reached: points.iter().map(status).collect(),
            values,
            replicates: Vec::new(),
            log_z_claim: Claim::Approximation,
            visited: Vec::new(),
            diagnostics: Diagnostics::default()
                .number("residual", largest)
                .per_beta("residual_by_beta", residuals)
                .per_beta("iterations_by_beta", points.iter().map(|p| p.iterations as f64).collect())
                .number("damping", self.damping)
                .number("tolerance", self.tolerance),
            warnings,
            seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages that settle, or not, and whose energy is told for each side.
    #[derive(Clone)]
    struct Told {
        residual: [f64; 2],
        energies: [f64; 2],
        side: usize,
    }

    impl Passing for Told {
        fn at(&self, step: f64) -> Self {
            Self { side: usize::from(step > 0.0), ..self.clone() }
        }

        fn update(&mut self, _: f64) -> f64 {
            self.residual[self.side]
        }

        fn log_z_and_energy(&self) -> (f64, f64) {
            (0.0, self.energies[self.side])
        }
    }

    /// U = −1 − 3(β − β₀) has Var E = 3. There is none where a side does not settle, or where U
    /// falls on one side only.
    #[test]
    fn the_slope_is_that_of_a_solution_that_both_sides_follow() {
        let bethe = Bethe { max_iterations: 20, ..Bethe::default() };
        let slope = |residual, falls: [f64; 2]| {
            let energies = [-1.0 + falls[0] * STEP, -1.0 - falls[1] * STEP];
            bethe.slope(&Told { residual, energies, side: 0 }, -1.0, &Run::quiet(0)).unwrap()
        };
        let found = slope([0.0, 0.0], [3.0, 3.0]).expect("both sides follow");
        assert!((found - 3.0).abs() < 1e-9, "{found}");
        let tilted = slope([0.0, 0.0], [3.1, 2.9]).expect("U is curved a little");
        assert!((tilted - 3.0).abs() < 1e-9, "{tilted}");
        assert_eq!(slope([1e-3, 0.0], [3.0, 3.0]), None);
        assert_eq!(slope([0.0, 1e-3], [3.0, 3.0]), None);
        assert_eq!(slope([0.0, 0.0], [3.0, 0.0]), None);
        assert_eq!(slope([0.0, 0.0], [0.0, 3.0]), None);
    }

    /// A residual that halves at every update settles after as many as it must; one that stays is
    /// given up when patience is out, later the more damping there is.
    #[test]
    fn a_search_without_headway_is_given_up() {
        let run = Run::quiet(0);
        for (damping, updates) in [(0.0, 250), (0.5, 500), (0.75, 1000)] {
            let bethe = Bethe { damping, ..Bethe::default() };
            let mut stuck = Told { residual: [0.1, 0.1], energies: [0.0; 2], side: 0 };
            // The first update is headway.
            assert_eq!(bethe.settle(&mut stuck, &run), Some((0.1, 1 + updates)), "{damping}");
        }
        let short = Bethe { max_iterations: 7, ..Bethe::default() };
        let mut stuck = Told { residual: [0.1, 0.1], energies: [0.0; 2], side: 0 };
        assert_eq!(short.settle(&mut stuck, &run), Some((0.1, 7)));
        let mut settled = Told { residual: [short.tolerance; 2], energies: [0.0; 2], side: 0 };
        assert_eq!(short.settle(&mut settled, &run), Some((short.tolerance, 1)));
    }
}

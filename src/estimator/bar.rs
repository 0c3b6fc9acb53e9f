//! Bennett's acceptance ratio: annealing both ways, and the best of both.

use std::time::Instant;

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::{
    Ais, Estimator, ReverseAis, Tempering,
    annealing::{Knot, Leg, legs},
    descents::{Descent, Descents},
    start::{Origin, Start, Started, all_exact, inexact_start},
};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Evidence, Method, Series, Status},
    run::Run,
    sample::Sample,
    stats::{free_energy as stats, free_energy::Work},
};

/// The dimensionless work of chains between a base and the model at one β.
///
/// w_F = −ln w on the way up and w_R on the way down, with Δf = ln Z₀ − ln Z(β): Crooks' theorem says
/// P_F(w)/P_R(−w) = e^{w − Δf}.
#[derive(Debug, Clone, PartialEq)]
pub struct Works {
    /// ln Z of the base, nats.
    pub log_z_base: f64,
    /// w_F of each chain that climbed.
    pub forward: Vec<f64>,
    /// w_R of each chain that descended.
    pub reverse: Vec<f64>,
    /// Whether those that descended started from exact samples.
    pub exact_start: bool,
}

/// Annealing up from the base and down from the model, joined by Bennett's acceptance ratio.
///
/// # Formula
/// Δf is the root of Σ_F 1/(1 + e^{M + w_F − Δf}) = Σ_R 1/(1 + e^{−M + w_R + Δf}) with M = ln(n_F/n_R) (Bennett, J. Comput. Phys. 22,
/// 245 (1976); for work Shirts, Bair, Hooker & Pande, Phys. Rev. Lett. 91, 140601 (2003)): of all estimates from the two
/// samples of work the one of least variance. ln Z(β) = ln Z₀ − Δf. U and Var E are those of the samples at β.
///
/// # Claim
/// An estimate; its standard error resamples the chains of both directions. It is honest if the chains that descend start in
/// equilibrium ([`Start`]), and a warning says where that is not certain. The diagnostics hold, for each β, what both
/// directions say for themselves (`forward_log_z_by_beta` is low in expectation, `reverse_log_z_by_beta` high, and
/// `gap_by_beta` is the second minus the first), the overlap of the two distributions of work (`overlap_by_beta`), and
/// `crooks_slope_by_beta` with `crooks_slope_error_by_beta`, which is 1 if the two belong to each other.
///
/// # Errors
/// As [`ReverseAis`].
///
/// # Examples
/// ```
/// use plefka::{Ais, Betas, Estimator, Rbm, Run, estimator::Bar};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let annealing = Ais { chains: 200, rungs: 20, ..Ais::default() };
/// let curve = Bar { annealing, ..Bar::default() }.curve(&rbm, &Betas::one(1.0)?, &Run::quiet(1))?;
/// let log_z = curve.log_z()[0].expect("the run was not cancelled");
/// assert!((log_z.value - (3.0 + 1f64.exp()).ln()).abs() < 4.0 * log_z.claim.std_error().unwrap());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bar {
    /// The ladder, the number of chains each way, the kernel and the base.
    pub annealing: Ais,
    /// Where the chains that descend start.
    pub start: Start,
    /// Sweeps of Gibbs sampling before they do, where the start is [`Start::Gibbs`].
    pub burn_in: usize,
    /// As in [`ReverseAis`], where the start is [`Start::Tempering`].
    pub tempering: Tempering,
}

impl Default for Bar {
    fn default() -> Self {
        let ReverseAis { annealing, start, burn_in, tempering } = ReverseAis::default();
        Self { annealing, start, burn_in, tempering }
    }
}

impl Bar {
    /// The work of both directions at one β, for figures and checks of one's own. `None` if the run was cancelled.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    pub fn works<M: Sample + ?Sized>(&self, model: &M, beta: f64, run: &Run<'_>) -> Result<Option<Works>, Error> {
        self.check(model)?;
        let legs = legs(&self.annealing, model, &Betas::one(beta)?, true, run)?;
        Ok(self.both_ways(model, &legs[0], run)?.map(|both| both.works))
    }

    fn both_ways<M: Sample + ?Sized>(&self, model: &M, leg: &Leg, run: &Run<'_>) -> Result<Option<BothWays>, Error> {
        let Some(forward) = leg.climb(self.annealing.chains, run).pop() else { return Ok(None) };
        let Some(Started { kept, origin }) = self.start.draw(model, leg, &self.descent(), run)? else {
            return Ok(None);
        };
        leg.descend(&kept, run).map(|reverse| BothWays::new(&forward, reverse, origin)).transpose()
    }

    /// The way down.
    fn descent(&self) -> ReverseAis {
        let Self { annealing, start, burn_in, tempering } = self.clone();
        ReverseAis { annealing, start, burn_in, tempering }
    }
}

/// Chains up and chains down between the same two ends.
struct BothWays {
    works: Works,
    reverse: Knot,
    origin: Origin,
    /// Bennett's ratio of all chains, counted once.
    joined: stats::Bar,
}

impl BothWays {
    fn new(forward: &Knot, reverse: Knot, origin: Origin) -> Result<Self, Error> {
        let work = |knot: &Knot| knot.log_w.iter().map(|log_w| -log_w).collect();
        let works = Works {
            log_z_base: forward.log_z_base,
            forward: work(forward),
            reverse: work(&reverse),
            exact_start: all_exact(&[origin]),
        };
        let joined = stats::bar(Work::new(&works.forward)?, Work::new(&works.reverse)?);
        Ok(Self { works, reverse, origin, joined })
    }
}

impl Descent for BothWays {
    /// Of those that climbed, and of those that descended.
    type Counts = [Vec<u32>; 2];

    fn origin(&self) -> Origin {
        self.origin
    }

    fn counts(&self, mut resample: Option<&mut Xoshiro256PlusPlus>) -> Self::Counts {
        // Those that climbed are independent of one another, as those from exact samples are.
        let forward = Origin::Exact.counts(self.works.forward.len(), resample.as_deref_mut());
        [forward, self.origin.counts(self.works.reverse.len(), resample)]
    }

    /// The energy as where the chains that descend start; ln Z from both directions.
    fn push(&self, [up, down]: &Self::Counts, series: &mut Series) -> Result<(), Error> {
        self.reverse.push_reverse(down, series);
        let works = &self.works;
        let (forward, reverse) = (Work::with_counts(&works.forward, up)?, Work::with_counts(&works.reverse, down)?);
        if let Some(log_z) = series.log_z.last_mut() {
            *log_z = works.log_z_base - stats::delta_f_near(self.joined.delta_f, forward, reverse);
        }
        Ok(())
    }
}

impl<M: Sample + ?Sized> Estimator<M> for Bar {
    fn method(&self) -> Method {
        Method::Bar
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        Estimator::<M>::check(&self.annealing, model)?;
        self.start.check(model, self.annealing.data.as_deref(), &self.tempering)
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let clock = Instant::now();
        let descents =
            Descents::run(Method::Bar, &self.annealing, (model, betas), 2, run, |leg| self.both_ways(model, leg, run))?;
        let origins = descents.origins();
        let evidence: Vec<BothSides> = descents.done.iter().map(BothSides::of).collect::<Result<_, _>>()?;
        let per_beta = |f: fn(&BothSides) -> f64| evidence.iter().map(f).collect::<Vec<_>>();
        let overlap = per_beta(|e| e.overlap);
        let warnings = inexact_start(&origins).into_iter().chain(little_overlap(betas, &overlap)).collect();
        Curve {
            method: Method::Bar,
            betas: betas.clone(),
            reached: vec![Status::Converged; descents.done.len()],
            values: descents.values,
            replicates: descents.replicates,
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            diagnostics: Diagnostics::default()
                .per_beta("forward_log_z_by_beta", per_beta(|e| e.forward_log_z))
                .per_beta("reverse_log_z_by_beta", per_beta(|e| e.reverse_log_z))
                .per_beta("gap_by_beta", per_beta(|e| e.reverse_log_z - e.forward_log_z))
                .crooks_slope(per_beta(|e| e.slope), per_beta(|e| e.slope_error))
                .overlap(overlap)
                .start(self.start, &origins)
                .number("chains", self.annealing.chains as f64)
                .number("rungs", descents.rungs as f64),
            warnings,
            seconds: clock.elapsed().as_secs_f64(),
        }
        .checked()
    }
}

/// What the two directions say for themselves, and how they fit together.
struct BothSides {
    forward_log_z: f64,
    reverse_log_z: f64,
    overlap: f64,
    /// NaN where there is no slope: a list with it is left out of the diagnostics.
    slope: f64,
    slope_error: f64,
}

impl BothSides {
    fn of(BothWays { works, joined, .. }: &BothWays) -> Result<Self, Error> {
        let (forward, reverse) = (Work::new(&works.forward)?, Work::new(&works.reverse)?);
        let crooks = stats::crooks(forward, reverse);
        Ok(Self {
            forward_log_z: works.log_z_base - stats::forward_average(forward).delta_f,
            reverse_log_z: works.log_z_base - stats::reverse_average(reverse).delta_f,
            overlap: joined.overlap,
            slope: crooks.as_ref().map_or(f64::NAN, |crooks| crooks.slope),
            slope_error: crooks.as_ref().map_or(f64::NAN, |crooks| crooks.slope_error),
        })
    }
}

/// Says where the work of the two directions hardly overlaps, and what to try.
fn little_overlap(betas: &Betas, overlap: &[f64]) -> Option<String> {
    let evidence = |overlap: f64| Evidence { overlap: Some(overlap), ..Evidence::default() };
    let poor: Vec<usize> = (0..overlap.len()).filter(|k| evidence(overlap[*k]).objection().is_some()).collect();
    let (first, last) = (*poor.first()?, *poor.last()?);
    let least = poor.iter().map(|k| overlap[*k]).fold(1.0, f64::min);
    Some(format!(
        "the work up and the work down hardly overlap at {} of {} β (from {} to {}), down to {least:.1e}: error bars there are \
         too small; try more rungs, another base, or tempering",
        poor.len(),
        betas.len(),
        betas[first],
        betas[last],
    ))
}

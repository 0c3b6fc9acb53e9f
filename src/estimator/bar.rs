//! Bennett's acceptance ratio: annealing both ways, and the best of both.

use std::sync::Arc;

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::{
    Ais, Configure, Estimator, Pooled, Prepared, ReverseAis, Samples, Setting, Share, Start, Tempering,
    annealing::{
        AnnealingRun, Collected, Dependence, WeightedSamples, all_exact, annealing_runs, block_count, forward,
        inexact_start, initial_states, reverse, steps,
    },
    batches,
    bootstrap::Bootstrapped,
    pooled::{self, of_another_method},
    prepared::joined,
    work::{Directions, WorkValues},
};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Reliability, Series, Status},
    data::Data,
    path::Trajectory,
    run::Run,
    sample::{Capabilities, Sample},
    stats::{free_energy, free_energy::Work},
};

/// Annealing up from the base and down from the model, joined by Bennett's acceptance ratio.
///
/// # Formula
/// Δf is the root of Σ_F 1/(1 + e^{M + w_F − Δf}) = Σ_R 1/(1 + e^{−M + w_R + Δf}) with M =
/// ln(n_F/n_R) (Bennett, J. Comput. Phys. 22, 245 (1976); for work Shirts, Bair, Hooker & Pande,
/// Phys. Rev. Lett. 91, 140601 (2003)): of all estimates from the two samples of work the one of
/// least variance. ln Z(β) = ln Z₀ − Δf. U and Var E are those of the samples at β.
///
/// # Claim
/// An estimate; its standard error resamples the chains of both directions. Where those that
/// descend start from eight ladders of tempering or more, each ladder is a batch with its part of the
/// chains, and the spread of the batches with Student's factor is the standard error if it is
/// larger; `batch_spread_by_beta` is the ratio. It is honest if the
/// chains that descend start in equilibrium ([`Start`]), and a warning says where that is not
/// certain. The diagnostics hold, for each β, what both directions say for themselves
/// (`forward_log_z_by_beta` is low in expectation, `reverse_log_z_by_beta` high, and `gap_by_beta`
/// is the second minus the first), the overlap of the two distributions of work
/// (`overlap_by_beta`), and `crooks_slope_by_beta` with `crooks_slope_error_by_beta`, which is 1 if
/// the two belong to each other.
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
    /// The work of both directions at one β, for figures and checks of one's own. `None` if the run
    /// was cancelled.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    pub fn works<M: Sample + ?Sized>(&self, model: &M, beta: f64, run: &Run<'_>) -> Result<Option<WorkValues>, Error> {
        self.check(model)?;
        let runs = annealing_runs(&self.annealing, model, &Betas::one(beta)?, true, run)?;
        let Some(collected) = self.both_ways(model, &runs[0], Share::WHOLE, run)? else { return Ok(None) };
        Ok(Some(BothWays::of(collected)?.work))
    }

    /// Chains up and chains down between the same two ends. `None` if the run was cancelled.
    fn both_ways<M: Sample + ?Sized>(
        &self,
        model: &M,
        annealing: &AnnealingRun,
        share: Share,
        run: &Run<'_>,
    ) -> Result<Option<Collected>, Error> {
        let Some(up) = forward(annealing, self.annealing.chains, share, run).pop() else { return Ok(None) };
        let Some(initial) = initial_states(model, annealing, &self.way_down(), share, run)? else { return Ok(None) };
        let Some(down) = reverse(annealing, &initial, run) else { return Ok(None) };
        let rungs = annealing.ladder.len();
        Ok(Some(Collected { rungs, up: Some(up), down: Some((down, initial.origin)) }))
    }

    /// The way down alone.
    fn way_down(&self) -> ReverseAis {
        let Self { annealing, start, burn_in, tempering } = self.clone();
        ReverseAis { annealing, start, burn_in, tempering }
    }
}

/// The work of both ways, joined by Bennett's equation.
pub(super) struct BothWays {
    pub(super) work: WorkValues,
    pub(super) down: WeightedSamples,
    pub(super) dependence: Dependence,
    /// The root of Bennett's equation, with every chain counted once.
    pub(super) joined: free_energy::BennettRatio,
}

impl BothWays {
    fn of(collected: Collected) -> Result<Self, Error> {
        match collected {
            Collected { up: Some(up), down: Some((down, origin)), .. } => Self::join(&up, down, origin.dependence()),
            _ => Err(of_another_method()),
        }
    }

    pub(super) fn join(up: &WeightedSamples, down: WeightedSamples, dependence: Dependence) -> Result<Self, Error> {
        let negative = |log_w: &[f64]| log_w.iter().map(|log_w| -log_w).collect();
        let work = WorkValues {
            log_z_base: up.log_z_base,
            forward: negative(&up.log_w),
            reverse: negative(&down.log_w),
            exact_start: all_exact(&[dependence]),
        };
        let joined = free_energy::bar(Work::new(&work.forward)?, Work::new(&work.reverse)?);
        Ok(Self { work, down, dependence, joined })
    }

    /// ln Z of each independent ladder of the start by itself, with an equal part of the chains up;
    /// nothing where there are too few.
    fn batches(&self) -> Result<Vec<f64>, Error> {
        let n = self.dependence.ladders();
        let part = |work: &[f64], k: usize| work[work.len() * k / n..work.len() * (k + 1) / n].to_vec();
        let alone = |k: usize| {
            let (up, down) = (part(&self.work.forward, k), part(&self.work.reverse, k));
            Ok(self.work.log_z_base - free_energy::bar(Work::new(&up)?, Work::new(&down)?).delta_f)
        };
        if n < batches::LEAST { Ok(Vec::new()) } else { (0..n).map(alone).collect() }
    }

    /// How often each chain counts: of those up, and of those down.
    pub(super) fn counts(&self, mut resample: Option<&mut Xoshiro256PlusPlus>) -> [Vec<u32>; 2] {
        // Chains up are independent of one another, as those from exact samples are.
        let up = Dependence::Exact.counts(self.work.forward.len(), resample.as_deref_mut());
        [up, self.dependence.counts(self.work.reverse.len(), resample)]
    }

    /// Appends the point: the energy as where the chains that descend start, ln Z = ln Z₀ − Δf from
    /// both directions.
    pub(super) fn push(&self, [up, down]: &[Vec<u32>; 2], series: &mut Series) -> Result<(), Error> {
        self.down.push_reverse(down, series);
        let (forward, reverse) =
            (Work::with_counts(&self.work.forward, up)?, Work::with_counts(&self.work.reverse, down)?);
        if let Some(log_z) = series.log_z.last_mut() {
            *log_z = self.work.log_z_base - free_energy::delta_f_near(self.joined.delta_f, forward, reverse);
        }
        Ok(())
    }
}

impl Configure for Bar {
    fn settings() -> Vec<Setting> {
        ReverseAis::settings()
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.sampled()))
    }

    fn reads_data(&self) -> bool {
        self.annealing.reads_data() || self.start != Start::Exact
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.annealing.give_data(data);
        self.tempering.give_data(data);
    }

    fn follows_trajectory(&self) -> bool {
        self.annealing.follows_trajectory() || self.tempering.follows_trajectory()
    }

    fn give_trajectory(&mut self, trajectory: &Arc<Trajectory>) {
        self.annealing.give_trajectory(trajectory);
        self.tempering.give_trajectory(trajectory);
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
        pooled::whole_curve(self, model, betas, run)
    }

    fn pooled(&self) -> Option<&dyn Pooled<M>> {
        Some(self)
    }
}

impl<M: Sample + ?Sized> Pooled<M> for Bar {
    fn batches(&self) -> usize {
        block_count(self.annealing.chains)
    }

    fn samples(&self, model: &M, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error> {
        self.check(model)?;
        let runs = annealing_runs(&self.annealing, model, betas, true, run)?;
        let chains = share.of(self.annealing.chains).len();
        run.progress.begin(Method::Bar.name(), (2 * steps(&runs) * chains) as u64);
        let mut collected = Vec::new();
        for annealing in &runs {
            let Some(both) = self.both_ways(model, annealing, share, run)? else { break };
            collected.push(both);
        }
        run.progress.end();
        Ok(Samples(pooled::Drawn::Annealed(collected)))
    }

    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        let collected = samples.annealed()?;
        let rungs = collected.iter().map(|point| point.rungs).max().unwrap_or(0);
        let mut points = Bootstrapped::new(self.annealing.replicates, run);
        let (mut dependences, mut diagnostics) = (Vec::new(), Vec::new());
        let (mut visited, mut inflations) = (Vec::new(), Vec::new());
        for point in collected {
            let both = BothWays::of(point)?;
            points.push(|resample| both.counts(resample), |counts, series| both.push(counts, series))?;
            let batches = both.batches()?;
            if !batches.is_empty() {
                let k = diagnostics.len();
                inflations.push(batches::widen_to(&batches, &points.values, &mut points.replicates, k));
            }
            diagnostics.push(Directions::of(&both.work, both.joined.overlap)?);
            visited.push(both.down.into_visited_reverse(both.dependence));
            dependences.push(both.dependence);
        }
        let per_beta = |f: fn(&Directions) -> f64| diagnostics.iter().map(f).collect::<Vec<_>>();
        let overlap = per_beta(|e| e.overlap);
        let warnings = inexact_start(&dependences).into_iter().chain(little_overlap(betas, &overlap)).collect();
        Curve {
            method: Method::Bar,
            betas: betas.clone(),
            reached: vec![Status::Converged; dependences.len()],
            values: points.values,
            replicates: points.replicates,
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            visited,
            diagnostics: Diagnostics::default()
                .per_beta("forward_log_z_by_beta", per_beta(|e| e.forward_log_z))
                .per_beta("reverse_log_z_by_beta", per_beta(|e| e.reverse_log_z))
                .per_beta("gap_by_beta", per_beta(|e| e.reverse_log_z - e.forward_log_z))
                .crooks_slope(per_beta(|e| e.slope), per_beta(|e| e.slope_error))
                .overlap(overlap)
                .start(self.start, &dependences)
                .batch_spread(inflations)
                .number("chains", self.annealing.chains as f64)
                .number("rungs", rungs as f64),
            warnings,
            seconds: 0.0,
        }
        .checked()
    }
}

/// The warning for β at which the work of the two directions hardly overlaps, with what to try.
fn little_overlap(betas: &Betas, overlap: &[f64]) -> Option<String> {
    let evidence = |overlap: f64| Reliability { overlap: Some(overlap), ..Reliability::default() };
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

#[cfg(test)]
mod tests {
    use super::*;

    /// All work of a ladder the same, and the work down that of the way up with the other sign:
    /// ln Z of each ladder by itself is that of the base less its work.
    #[test]
    fn each_ladder_of_the_start_is_a_batch_with_its_part_of_the_chains() {
        let with = |ladders: usize| {
            let chains = |each: usize, sign: f64| -> Vec<f64> {
                (0..each * ladders).map(|i| sign * (i / each) as f64).collect()
            };
            let work =
                WorkValues { log_z_base: 2.5, forward: chains(3, 1.0), reverse: chains(2, -1.0), exact_start: false };
            let down = WeightedSamples { log_z_base: 2.5, log_w: Vec::new(), energies: Vec::new(), kept: Vec::new() };
            let joined = free_energy::bar(Work::new(&work.forward).unwrap(), Work::new(&work.reverse).unwrap());
            let dependence = Dependence::Tempering { ladders, block: 1, round_trips: 9.0 };
            BothWays { work, down, dependence, joined }.batches().unwrap()
        };
        let alone = with(batches::LEAST);
        assert_eq!(alone.len(), batches::LEAST);
        for (k, log_z) in alone.iter().enumerate() {
            assert!((log_z - (2.5 - k as f64)).abs() < 1e-9, "{k}: {log_z}");
        }
        assert!(with(batches::LEAST - 1).is_empty());
    }

    #[test]
    fn the_warning_says_where_the_work_hardly_overlaps() {
        let betas = Betas::new([0.25, 0.5, 0.75, 1.0, 1.5]).unwrap();
        let text = little_overlap(&betas, &[0.5, 1e-7, 0.3, 1e-9, 0.9]).unwrap();
        assert!(text.contains("at 2 of 5 β (from 0.5 to 1), down to 1.0e-9:"), "{text}");
        assert_eq!(little_overlap(&betas, &[0.5, 0.4, 0.3, 0.6, 0.9]), None);
    }
}

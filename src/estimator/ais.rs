//! Annealed importance sampling.

use std::{sync::Arc, time::Instant};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Configure, Estimator, Pooled, Prepared, Samples, Setting, Share,
    annealing::{
        AnnealingRun, BaseChoice, Collected, PathChoice, Schedule, Way, WeightedSamples, annealing_runs, block_count,
        forward, most_rungs, steps,
    },
    pooled,
    prepared::joined,
};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Reliability, Series, Status},
    data::Data,
    path::Trajectory,
    run::Run,
    sample::{Capabilities, Kernel, Sample},
    stats::{LogWeights, resample_counts},
    streams::Purpose,
};

/// Annealed importance sampling.
///
/// # Formula
/// Chains go up the ladder 0 = β₀ < … < β_K, one sweep a rung. With f(x; β) the marginal weight of
/// the kept layer, ln w = Σₖ [ln f(xₖ; β_{k+1}) − ln f(xₖ; β_k)], and Z(β)/Z(0) = ⟨w⟩ (Neal, Stat.
/// Comput. 11, 125 (2001); for RBMs Salakhutdinov & Murray, ICML 2008; marginal weights: Yasuda &
/// Takahashi 2022). Every rung is a physical temperature, so one run yields the whole curve: ln Z =
/// n ln 2 + ln⟨w⟩, and U and Var E by averages under the same weights, with the summed layer
/// averaged analytically. From another [`BaseChoice`] p₀(x) ∝ e^{θ·x} the rungs are p₀^{1−t}
/// e^{−tβE}, of which only the last is physical, and each β has a ladder of its own.
///
/// # Error bars
/// Standard errors come from resampling whole chains. They hold while the weights are spread over
/// many chains, which `ess_by_beta` (1/Σw̃², Kong 1992) and `largest_share_by_beta` show; where
/// they are not, the error bar is itself an underestimate, and a warning says so. ln Z is biased
/// low by about ½(1/ESS − 1/chains).
///
/// # Errors
/// [`Error::Config`] for a setting out of range.
///
/// # Examples
/// ```
/// use plefka::{Ais, Betas, Estimator, Rbm, Run};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let ais = Ais { chains: 200, rungs: 20, ..Ais::default() };
/// let curve = ais.curve(&rbm, &Betas::one(1.0)?, &Run::quiet(1))?;
/// let log_z = curve.log_z()[0].expect("the run was not cancelled");
/// assert!((log_z.value - (3.0 + 1f64.exp()).ln()).abs() < 4.0 * log_z.claim.std_error().unwrap());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ais {
    /// Independent chains.
    pub chains: usize,
    /// Steps of the ladder to the largest β. Where the requested β cut it finer, it has a few more.
    pub rungs: usize,
    /// How densely the rungs stand.
    pub schedule: Schedule,
    /// Where the chains start.
    pub base: BaseChoice,
    /// The data whose means `base` starts from, if it is [`BaseChoice::Data`].
    #[serde(skip)]
    pub data: Option<Arc<Data>>,
    /// How they get from there to the model.
    pub path: PathChoice,
    /// The training run whose checkpoints `path` leads through, if it is
    /// [`PathChoice::Trajectory`].
    #[serde(skip)]
    pub trajectory: Option<Arc<Trajectory>>,
    /// How the chains move.
    pub kernel: Kernel,
    /// Bootstrap replicates.
    pub replicates: usize,
}

impl Default for Ais {
    fn default() -> Self {
        Self {
            chains: 1000,
            rungs: 1000,
            schedule: Schedule::Linear,
            base: BaseChoice::Uniform,
            data: None,
            path: PathChoice::Direct,
            trajectory: None,
            kernel: Kernel::Auto,
            replicates: 200,
        }
    }
}

/// Largest count accepted for a setting: a slip of the keyboard should not ask for all the memory
/// there is.
const MAX_COUNT: usize = 100_000_000;

impl Ais {
    /// The path that the settings ask for.
    pub(super) fn way(&self) -> Way<'_> {
        let Self { path, base, data, trajectory, kernel, .. } = self;
        Way { path: *path, base: *base, data: data.as_ref(), trajectory: trajectory.as_ref(), kernel: *kernel }
    }

    /// Whether every setting is in range.
    pub(super) fn validate(&self) -> Result<(), Error> {
        for (field, value, least) in
            [("chains", self.chains, 2), ("rungs", self.rungs, 1), ("replicates", self.replicates, 2)]
        {
            if !(least..=MAX_COUNT).contains(&value) {
                return Err(Error::config(field, value, format!("choose a number from {least} to {MAX_COUNT}")));
            }
        }
        Ok(())
    }
}

/// The log-weights of all chains at one β: ln Z(β) = `log_z_base` + ln ⟨w⟩.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainLogWeights {
    /// ln Z of the base, nats.
    pub log_z_base: f64,
    /// ln w of each chain on its way up to β.
    pub log_w: Vec<f64>,
}

impl Ais {
    /// ln Z at every checkpoint, which one run passes.
    pub(super) fn along(&self, trajectory: &Trajectory, run: &Run<'_>) -> Result<Vec<Curve>, Error> {
        self.validate()?;
        let clock = Instant::now();
        let annealing = AnnealingRun::along(self, trajectory, run)?;
        run.progress.begin(Method::Ais.name(), (annealing.ladder.len() * self.chains) as u64);
        let reached = forward(&annealing, self.chains, Share::WHOLE, run);
        run.progress.end();
        let mut rng = Purpose::Bootstrap.generator(run.seed);
        let resamples: Vec<Vec<u32>> = (0..self.replicates).map(|_| resample_counts(self.chains, &mut rng)).collect();
        let seconds = clock.elapsed().as_secs_f64();
        let curve = |samples: WeightedSamples| {
            let betas = Betas::one(1.0)?;
            let point = |counts: &Vec<u32>| series(std::slice::from_ref(&samples), std::slice::from_ref(counts));
            let weights = LogWeights::new(&samples.log_w);
            let (ess, share) = (vec![weights.effective_size()], vec![weights.largest_share()]);
            Curve {
                method: Method::Ais,
                reached: vec![Status::Converged],
                values: point(&vec![1; self.chains]),
                replicates: resamples.par_iter().map(point).collect(),
                log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
                warnings: few_chains(&betas, &ess, &share).into_iter().collect(),
                visited: vec![samples.into_visited()],
                diagnostics: Diagnostics::default()
                    .number("ess", ess[0])
                    .evidence(ess, share)
                    .number("chains", self.chains as f64)
                    .number("rungs", annealing.ladder.len() as f64),
                betas,
                seconds,
            }
            .checked()
        };
        reached.into_iter().map(curve).collect()
    }

    /// The log-weights behind [`Estimator::curve`] at every β, for figures and checks of one's own.
    /// `None` if the run was cancelled.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    pub fn log_weights<M: Sample + ?Sized>(
        &self,
        model: &M,
        betas: &Betas,
        run: &Run<'_>,
    ) -> Result<Option<Vec<ChainLogWeights>>, Error> {
        Estimator::<M>::check(self, model)?;
        let runs = annealing_runs(self, model, betas, false, run)?;
        let weights = |WeightedSamples { log_z_base, log_w, .. }| ChainLogWeights { log_z_base, log_w };
        let reached: Vec<ChainLogWeights> = self.ascend(&runs, Share::WHOLE, run).into_iter().map(weights).collect();
        Ok((reached.len() == betas.len()).then_some(reached))
    }

    /// The chains of a share, up to every β. A run that was cut short ends the list.
    fn ascend(&self, runs: &[AnnealingRun], share: Share, run: &Run<'_>) -> Vec<WeightedSamples> {
        run.progress.begin(Method::Ais.name(), (steps(runs) * share.of(self.chains).len()) as u64);
        let mut reached: Vec<WeightedSamples> = Vec::new();
        for annealing in runs {
            let found = forward(annealing, self.chains, share, run);
            let whole = found.len() == annealing.betas.len();
            reached.extend(found);
            if !whole {
                break;
            }
        }
        run.progress.end();
        reached
    }
}

impl Configure for Ais {
    fn settings() -> Vec<Setting> {
        vec![
            Setting::count("chains", "independent chains"),
            Setting::count("rungs", "intermediate temperatures between β = 0 and the largest β"),
            Setting::choice("schedule", Schedule::CHOICES, "how densely the intermediate temperatures stand"),
            Setting::choice(
                "base",
                BaseChoice::CHOICES,
                "the independent units that the chains start from; `data` needs data",
            ),
            Setting::choice("path", PathChoice::CHOICES, "how the chains get to the model"),
            Setting::choice("kernel", Kernel::CHOICES, "how the chains move"),
            Setting::count("replicates", "bootstrap copies behind the error bars"),
        ]
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.sampled()))
    }

    fn reads_data(&self) -> bool {
        self.base.reads_data()
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.data = Some(Arc::clone(data));
    }

    fn follows_trajectory(&self) -> bool {
        self.path != PathChoice::Direct
    }

    fn give_trajectory(&mut self, trajectory: &Arc<Trajectory>) {
        self.trajectory = Some(Arc::clone(trajectory));
    }
}

impl<M: Sample + ?Sized> Estimator<M> for Ais {
    fn method(&self) -> Method {
        Method::Ais
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        self.validate()?;
        self.way().check(model)
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        pooled::whole_curve(self, model, betas, run)
    }

    fn pooled(&self) -> Option<&dyn Pooled<M>> {
        Some(self)
    }
}

impl<M: Sample + ?Sized> Pooled<M> for Ais {
    fn batches(&self) -> usize {
        block_count(self.chains)
    }

    fn samples(&self, model: &M, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error> {
        Estimator::<M>::check(self, model)?;
        let runs = annealing_runs(self, model, betas, false, run)?;
        let rungs = most_rungs(&runs);
        let reached = self.ascend(&runs, share, run).into_iter();
        Ok(Samples(pooled::Drawn::Annealed(reached.map(|up| Collected { rungs, up: Some(up), down: None }).collect())))
    }

    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        let collected = samples.annealed()?;
        let rungs = collected.iter().map(|point| point.rungs).max().unwrap_or(0);
        let reached: Vec<WeightedSamples> = collected.into_iter().filter_map(|point| point.up).collect();
        let values = series(&reached, &vec![vec![1; self.chains]; reached.len()]);
        let mut rng = Purpose::Bootstrap.generator(run.seed);
        // Chains that passed several β are drawn for all of these together.
        let together = self.way().passes_every_beta();
        let mut resample = || match together {
            true => vec![resample_counts(self.chains, &mut rng); reached.len()],
            false => betas.iter().map(|_| resample_counts(self.chains, &mut rng)).collect::<Vec<Vec<u32>>>(),
        };
        let resamples: Vec<Vec<Vec<u32>>> = (0..self.replicates).map(|_| resample()).collect();
        let replicates = resamples.par_iter().map(|counts| series(&reached, counts)).collect();

        let weights: Vec<LogWeights> = reached.iter().map(|samples| LogWeights::new(&samples.log_w)).collect();
        let ess: Vec<f64> = weights.iter().map(LogWeights::effective_size).collect();
        let share: Vec<f64> = weights.iter().map(LogWeights::largest_share).collect();
        Curve {
            method: Method::Ais,
            betas: betas.clone(),
            reached: vec![Status::Converged; reached.len()],
            values,
            replicates,
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            warnings: few_chains(betas, &ess, &share).into_iter().collect(),
            visited: reached.into_iter().map(WeightedSamples::into_visited).collect(),
            diagnostics: Diagnostics::default()
                .number("ess", ess.iter().copied().fold(f64::INFINITY, f64::min))
                .evidence(ess, share)
                .number("chains", self.chains as f64)
                .number("rungs", rungs as f64),
            seconds: 0.0,
        }
        .checked()
    }
}

/// The curve that chain i, counted `counts[k][i]` times at the k-th β, makes.
fn series(reached: &[WeightedSamples], counts: &[Vec<u32>]) -> Series {
    let mut series = Series::default();
    reached.iter().zip(counts).for_each(|(samples, counts)| samples.push_forward(counts, &mut series));
    series
}

/// The warning for β at which few chains carry the weight, with what to try.
pub(super) fn few_chains(betas: &Betas, ess: &[f64], share: &[f64]) -> Option<String> {
    let evidence =
        |k: &usize| Reliability { ess: Some(ess[*k]), largest_share: Some(share[*k]), ..Reliability::default() };
    let poor: Vec<usize> = (0..ess.len()).filter(|k| evidence(k).objection().is_some()).collect();
    let (first, last) = (*poor.first()?, *poor.last()?);
    let least = poor.iter().map(|k| ess[*k]).fold(f64::INFINITY, f64::min);
    let most = poor.iter().map(|k| share[*k]).fold(0.0, f64::max);
    Some(format!(
        "few chains carry the weight at {} of {} β (from {} to {}): effective sample size down to {least:.1}, largest share \
         of one chain {:.0} %; error bars there are too small; try more chains and rungs, or another method",
        poor.len(),
        betas.len(),
        betas[first],
        betas[last],
        100.0 * most,
    ))
}

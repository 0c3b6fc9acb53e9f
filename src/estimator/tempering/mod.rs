//! Parallel tempering, and ln Z from all its temperatures: by the states they share, and by
//! integration.

mod alone;
mod integrate;
mod join;
mod ladders;
mod pt_diagnostics;
mod record;
mod samples;
mod solved;

use std::{sync::Arc, time::Instant};

use serde::{Deserialize, Serialize};

pub(super) use self::alone::{LadderEstimate, Ladders, numbers};
pub use self::integrate::Integration;
pub use self::join::Multistate;
pub(super) use self::ladders::{LadderMemory, slowest};
pub(super) use self::samples::TemperedSamples;
use self::{join::Joined, ladders::temper, record::Keep};
use super::{
    Configure, Estimator, Pooled, Prepared, Samples, Setting, Share,
    annealing::{BaseChoice, PathChoice, Way},
    pooled,
    prepared::joined,
};
use crate::{
    Error,
    curve::{Betas, Curve, Method},
    data::Data,
    path::{Path, Trajectory},
    run::Run,
    sample::{Capabilities, Kernel, Sample},
    streams::{Purpose, exchange_base_part, exchange_part},
};

/// Parallel tempering (replica exchange) between a base and the model, joined by the multistate
/// Bennett acceptance ratio.
///
/// # Formula
/// Replicas on the rungs of a ladder move at their own temperature and exchange it with their
/// neighbours with probability min(1, f_k(y)f_{k+1}(x)/[f_k(x)f_{k+1}(y)]) (Swendsen & Wang, Phys.
/// Rev. Lett. 57, 2607 (1986); Hukushima & Nemoto, J. Phys. Soc. Jpn. 65, 1604 (1996)), so that a
/// state that is stuck at the top is renewed from the base. From the samples of all rungs together
/// ln Z, U and Var E follow at every β asked for (Shirts & Chodera, J. Chem. Phys. 129, 124105
/// (2008)), with the summed layer averaged analytically. The rungs are placed where exchanges are
/// refused: equal parts of the communication barrier Σ(1 − swap rate), measured during the burn-in
/// (Syed, Bouchard-Côté, Deligiannidis & Doucet, J. R. Stat. Soc. B 84, 321 (2022)).
///
/// From the uniform base one run gives all β; from another [`BaseChoice`] each β has a run of its
/// own.
///
/// # Error bars
/// Standard errors come from resampling blocks of time, longer than twice the longest integrated
/// autocorrelation time, in each of the independent ladders, with all rungs of a block together; or,
/// if it is larger, the spread of the ladders each by itself, with Student's factor, where there are
/// eight or more (`batch_spread_by_beta` is the ratio). They know what happened during the run: a state that no replica has visited is missed by them as
/// by the number itself. The evidence against that is `round_trips`: journeys of a replica from the
/// base to the top and back, which stop where tempering stalls.
///
/// # Errors
/// [`Error::Config`] for a setting out of range.
///
/// # Examples
/// ```
/// use plefka::{Betas, Estimator, Rbm, Run, estimator::Tempering};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let tempering = Tempering { temperatures: 4, ..Tempering::default() };
/// let curve = tempering.curve(&rbm, &Betas::one(1.0)?, &Run::quiet(1))?;
/// let log_z = curve.log_z()[0].expect("the run was not cancelled");
/// assert!((log_z.value - (3.0 + 1f64.exp()).ln()).abs() < 4.0 * log_z.claim.std_error().unwrap());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tempering {
    /// Independent ladders.
    pub ladders: usize,
    /// Rungs of a ladder, both ends included.
    pub temperatures: usize,
    /// Sweeps of every chain after the burn-in.
    pub sweeps: usize,
    /// Sweeps before, in which the rungs find their places.
    pub burn_in: usize,
    /// Times in the sweeps, equally far apart, at which the states are taken down.
    pub records: usize,
    /// Where the ladder begins.
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

impl Default for Tempering {
    fn default() -> Self {
        Self {
            ladders: 8,
            temperatures: 24,
            sweeps: 4000,
            burn_in: 800,
            records: 200,
            base: BaseChoice::Uniform,
            data: None,
            path: PathChoice::Direct,
            trajectory: None,
            kernel: Kernel::Auto,
            replicates: 100,
        }
    }
}

/// States at the top are kept as evidence of which modes were visited, up to so many units in all:
/// every one of a model of 2,600 units, 46 of a lattice of 300 × 300.
pub(super) const MAX_TOP_VALUES: usize = 1 << 22;

/// Largest count accepted for a setting.
const MAX_COUNT: usize = 100_000_000;

impl Tempering {
    /// The path that the settings ask for.
    pub(in crate::estimator) fn way(&self) -> Way<'_> {
        let Self { path, base, data, trajectory, kernel, .. } = self;
        Way { path: *path, base: *base, data: data.as_ref(), trajectory: trajectory.as_ref(), kernel: *kernel }
    }
}

impl Tempering {
    /// The samples behind [`Estimator::curve`], one set for each run of the ladders, for figures and
    /// checks of one's own. `None` if the run was cancelled.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    pub fn multistate<M: Sample + ?Sized>(
        &self,
        model: &M,
        betas: &Betas,
        run: &Run<'_>,
    ) -> Result<Option<Vec<Multistate>>, Error> {
        Estimator::<M>::check(self, model)?;
        let mut found = Vec::new();
        self.runs(model, betas, Share::WHOLE, Keep::All, run, |betas, samples| {
            found.push(Multistate::of(betas, &samples));
            Ok(())
        })?;
        let reached: usize = found.iter().map(|samples| samples.betas.len()).sum();
        Ok((reached == betas.len()).then_some(found))
    }

    /// As many states of the last rung as memory is meant for.
    fn tops<M: Sample + ?Sized>(&self, model: &M) -> Keep {
        Keep::Tops((MAX_TOP_VALUES / (self.ladders * model.n_units())).clamp(2, self.records))
    }

    /// Runs the ladders of a share: once for all β, or once for each. A run that was cancelled is
    /// the last, and is not given to `take`.
    fn runs<M: Sample + ?Sized>(
        &self,
        model: &M,
        betas: &Betas,
        share: Share,
        keep: Keep,
        run: &Run<'_>,
        mut take: impl FnMut(&Betas, TemperedSamples) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let parts: Vec<Betas> = match self.way().passes_every_beta() {
            true => vec![betas.clone()],
            false => betas.iter().map(|beta| Betas::one(*beta)).collect::<Result<_, _>>()?,
        };
        let recorded = share.of(self.ladders);
        let steps = parts.len() * (self.ladders * self.burn_in + recorded.len() * self.sweeps);
        run.progress.begin(Method::Tempering.name(), steps as u64);
        for (number, betas) in parts.iter().enumerate() {
            let part = exchange_part(0, number);
            let search = exchange_base_part(part);
            let path = self.way().to(model, betas.max(), search, run)?;
            let targets = path.targets(betas);
            let Some(tempered) = temper(self, &path, &targets, recorded.clone(), part, keep, run) else { break };
            take(betas, TemperedSamples { log_z_base: path.log_z_base, targets, tempered })?;
        }
        run.progress.end();
        Ok(())
    }

    /// Whether every number is in range.
    fn check_counts(&self) -> Result<(), Error> {
        for (field, value, least) in [
            ("ladders", self.ladders, 1),
            ("temperatures", self.temperatures, 2),
            ("sweeps", self.sweeps, 1),
            ("burn_in", self.burn_in, 0),
            ("records", self.records, 2),
            ("replicates", self.replicates, 2),
        ] {
            if !(least..=MAX_COUNT).contains(&value) {
                return Err(Error::config(field, value, format!("choose a number from {least} to {MAX_COUNT}")));
            }
        }
        if self.records > self.sweeps {
            return Err(Error::config(
                "records",
                self.records,
                format!("take at most one for each of {} sweeps", self.sweeps),
            ));
        }
        Ok(())
    }

    /// ln Z at every checkpoint, from one run of ladders through them.
    pub(super) fn along(&self, trajectory: &Trajectory, run: &Run<'_>) -> Result<Vec<Curve>, Error> {
        self.check_counts()?;
        let clock = Instant::now();
        run.progress.begin(Method::Tempering.name(), (self.ladders * (self.burn_in + self.sweeps)) as u64);
        let path = Path::through(trajectory, self.kernel, 1.0, true);
        let one = Betas::one(1.0)?;
        let targets = path.targets(&one);
        let keep = Keep::Tops(self.records);
        let tempered = temper(self, &path, &targets, 0..self.ladders, exchange_part(0, 0), keep, run);
        run.progress.end();
        let Some(tempered) = tempered else { return Ok(Vec::new()) };
        let samples = TemperedSamples { log_z_base: path.log_z_base, targets, tempered };
        let mut joined = Joined::new(self.replicates);
        joined.add(self, &samples, &mut Purpose::Bootstrap.generator(run.seed))?;
        let seconds = clock.elapsed().as_secs_f64();
        (0..samples.targets.len()).map(|k| joined.of_target(k).into_curve(self, &one, seconds).checked()).collect()
    }
}

impl Configure for Tempering {
    fn settings() -> Vec<Setting> {
        vec![
            Setting::count("ladders", "independent ladders"),
            Setting::count("temperatures", "temperatures of a ladder"),
            Setting::count("sweeps", "sweeps of every chain; a fifth as many before them find the temperatures")
                .followed_by("burn_in", 5),
            Setting::count("burn_in", "sweeps before, which find the temperatures, if not a fifth of the others"),
            Setting::count("records", "times at which the states are taken down"),
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

impl<M: Sample + ?Sized> Estimator<M> for Tempering {
    fn method(&self) -> Method {
        Method::Tempering
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        self.check_counts()?;
        self.way().check(model)
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let clock = Instant::now();
        let mut rng = Purpose::Bootstrap.generator(run.seed);
        let mut joined = Joined::new(self.replicates);
        // One after the other, so that the samples of one β are gone before those of the next come.
        self.runs(model, betas, Share::WHOLE, self.tops(model), run, |_, samples| {
            joined.add(self, &samples, &mut rng)
        })?;
        joined.into_curve(self, betas, clock.elapsed().as_secs_f64()).checked()
    }

    fn pooled(&self) -> Option<&dyn Pooled<M>> {
        Some(self)
    }
}

impl<M: Sample + ?Sized> Pooled<M> for Tempering {
    fn batches(&self) -> usize {
        self.ladders
    }

    fn samples(&self, model: &M, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error> {
        self.check(model)?;
        let mut all = Vec::new();
        self.runs(model, betas, share, self.tops(model), run, |_, samples| {
            all.push(samples);
            Ok(())
        })?;
        Ok(Samples(pooled::Drawn::Tempered(all)))
    }

    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        let mut rng = Purpose::Bootstrap.generator(run.seed);
        let mut joined = Joined::new(self.replicates);
        samples.tempered()?.iter().try_for_each(|samples| joined.add(self, samples, &mut rng))?;
        joined.into_curve(self, betas, 0.0).checked()
    }
}

//! Thermodynamic integration: ln Z from the energies along the ladder.

use std::{sync::Arc, time::Instant};

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::{
    Tempering,
    ladders::{Tempered, temper},
    pt_diagnostics::PtDiagnostics,
    record::Keep,
};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Reliability, Series, Status},
    data::Data,
    estimator::{
        Configure, Estimator, Prepared, Setting,
        annealing::{BaseChoice, PathChoice},
        batches,
        prepared::joined,
    },
    run::Run,
    sample::{Capabilities, Rung, Sample},
    stats::{Hermite, std_dev},
    streams::{Purpose, exchange_base_part},
};

/// Fewer rungs than these leave nothing to judge the integral by when every second one is left out.
const LEAST_RUNGS: usize = 5;

/// Thermodynamic integration over the temperatures of parallel tempering.
///
/// # Formula
/// ln Z(β) = ln Z(0) − ∫₀^β U(b) db (Kirkwood, J. Chem. Phys. 3, 300 (1935); Gelman & Meng, Stat.
/// Sci. 13, 163 (1998)). On each rung of a ladder from β = 0 the samples of [`Tempering`] give U
/// and dU/dβ = −Var E, and U in between is the cubic with these values and slopes. Var E between
/// two rungs is interpolated linearly.
///
/// It uses the same samples as [`Tempering`] does, by other equations: nothing but means, no weight
/// of one state at another temperature. Where the two agree neither the overlap of temperatures nor
/// the integration is at fault; what the samples themselves have missed is missed by both.
///
/// # Claim
/// An estimate. The standard error resamples blocks of time, as for tempering. The error of the
/// integration is not in it: `discretisation_by_beta` says by how many standard errors ln Z changes
/// when every second rung is left out. The error itself is smaller, a fifteenth if U is smooth on
/// the scale of the rungs.
///
/// # Errors
/// As [`Tempering`]; and [`Error::Config`] for fewer than five temperatures, or a base other than
/// the uniform one, whose rungs are not the model at any β.
///
/// # Examples
/// ```
/// use plefka::{Betas, Estimator, Rbm, Run, estimator::Integration};
/// let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0])?; // Z(1) = 3 + e
/// let curve = Integration::default().curve(&rbm, &Betas::one(1.0)?, &Run::quiet(1))?;
/// let log_z = curve.log_z()[0].expect("the run was not cancelled");
/// assert!((log_z.value - (3.0 + 1f64.exp()).ln()).abs() < 4.0 * log_z.claim.std_error().unwrap());
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Integration {
    /// The ladders.
    pub tempering: Tempering,
}

impl Configure for Integration {
    fn settings() -> Vec<Setting> {
        let mut settings = Tempering::settings();
        for setting in &mut settings {
            match setting.name {
                "base" => setting.help = "only `uniform`, for the integral begins at β = 0",
                "path" => setting.help = "only `direct`, for the integral is one over β",
                _ => {}
            }
        }
        settings
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.sampled()))
    }

    fn reads_data(&self) -> bool {
        self.tempering.reads_data()
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.tempering.give_data(data);
    }
}

impl<M: Sample + ?Sized> Estimator<M> for Integration {
    fn method(&self) -> Method {
        Method::Integration
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        let Tempering { base, path, temperatures, .. } = self.tempering;
        if path != PathChoice::Direct {
            let remedy = "thermodynamic integration follows the temperature: use `direct`, or the method `tempering`";
            return Err(Error::config("path", path.name(), remedy));
        }
        if base != BaseChoice::Uniform {
            let remedy = "thermodynamic integration follows the temperature from β = 0: use `uniform`, or the method `tempering`";
            return Err(Error::config("base", base.name(), remedy));
        }
        if temperatures < LEAST_RUNGS {
            return Err(Error::config("temperatures", temperatures, format!("integrate over {LEAST_RUNGS} at least")));
        }
        self.tempering.check(model)
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        Estimator::<M>::check(self, model)?;
        let clock = Instant::now();
        let config = &self.tempering;
        run.progress.begin(Method::Integration.name(), (config.ladders * (config.burn_in + config.sweeps)) as u64);
        let path = config.way().to(model, betas.max(), exchange_base_part(0), run)?;
        let mut curve = Curve {
            method: Method::Integration,
            betas: betas.clone(),
            reached: Vec::new(),
            values: Series::default(),
            replicates: vec![Series::default(); config.replicates],
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            visited: Vec::new(),
            diagnostics: Diagnostics::default(),
            warnings: Vec::new(),
            seconds: 0.0,
        };
        if let Some(tempered) = temper(config, &path, &path.targets(betas), 0..config.ladders, 0, Keep::Tops(1), run) {
            let mut rng = Purpose::Bootstrap.generator(run.seed);
            integrate(config, path.log_z_base, &tempered, &mut rng, &mut curve);
        }
        run.progress.end();
        curve.seconds = clock.elapsed().as_secs_f64();
        curve.checked()
    }
}

/// Fills in the curve and its evidence.
fn integrate(
    config: &Tempering,
    log_z_base: f64,
    tempered: &Tempered,
    rng: &mut Xoshiro256PlusPlus,
    curve: &mut Curve,
) {
    let (betas, times, ladders) = (curve.betas.clone(), config.records, tempered.ladders.len());
    let even = |count: &dyn Fn(usize) -> u32| vec![(0..times).map(count).collect::<Vec<u32>>(); ladders];
    let whole = Rungs::of(tempered, &even(&|_| 1));
    whole.push(log_z_base, &betas, &mut curve.values);
    for series in &mut curve.replicates {
        Rungs::of(tempered, &tempered.resample(rng)).push(log_z_base, &betas, series);
    }
    let mut inflations = Vec::new();
    if ladders >= batches::LEAST {
        let alone = |batch: usize| {
            let counts: Vec<Vec<u32>> = (0..ladders).map(|k| vec![u32::from(k == batch); times]).collect();
            Rungs::of(tempered, &counts).log_z(log_z_base, &betas)
        };
        let each: Vec<Vec<f64>> = (0..ladders).map(alone).collect();
        for k in 0..betas.len() {
            let of_point: Vec<f64> = each.iter().map(|log_z| log_z[k]).collect();
            inflations.push(batches::widen_to(&of_point, &curve.values, &mut curve.replicates, k));
        }
    }
    let halves = [true, false].map(|first| {
        Rungs::of(tempered, &even(&|time| u32::from((time < times / 2) == first))).log_z(log_z_base, &betas)
    });
    let coarse = whole.every_second().log_z(log_z_base, &betas);

    let mut trust = PtDiagnostics::default();
    trust.add(config, &betas.iter().map(|beta| Rung::at(*beta)).collect::<Vec<_>>(), tempered);
    let mut discretisation = Vec::new();
    for (k, beta) in betas.iter().enumerate() {
        let std_error = std_dev(&curve.replicates.iter().map(|series| series.log_z[k]).collect::<Vec<_>>());
        trust.add_halves(*beta, halves.each_ref().map(|half| half[k]), std_error);
        let change = (coarse[k] - curve.values.log_z[k]).abs() / std_error;
        discretisation.push(if *beta == 0.0 || !change.is_finite() { 0.0 } else { change });
    }
    curve.reached = vec![Status::Converged; betas.len()];
    curve.warnings = trust.warnings(&betas);
    curve.warnings.extend(too_coarse(&betas, &discretisation));
    curve.diagnostics =
        trust.diagnostics(config, Diagnostics::default().discretisation(discretisation).batch_spread(inflations));
}

/// The warning for rungs that stand too far apart, with what to try.
fn too_coarse(betas: &Betas, discretisation: &[f64]) -> Option<String> {
    let coarse =
        |change: &f64| Reliability { discretisation: Some(*change), ..Reliability::default() }.objection().is_some();
    let first = discretisation.iter().position(coarse)?;
    Some(format!(
        "the temperatures stand too far apart to integrate over: without every second one ln Z at β = {} changes by {:.1} standard \
         errors; try more temperatures",
        betas[first], discretisation[first],
    ))
}

/// β, U and Var E on each rung.
struct Rungs {
    betas: Vec<f64>,
    energies: Vec<f64>,
    variances: Vec<f64>,
}

impl Rungs {
    /// With the state of a ladder at a time counted `counts[ladder][time]` times.
    fn of(tempered: &Tempered, counts: &[Vec<u32>]) -> Self {
        let total: f64 = counts.iter().flatten().map(|count| f64::from(*count)).sum();
        let (mut energies, mut variances) = (Vec::new(), Vec::new());
        for rung in 0..tempered.rungs.len() {
            let seen = || {
                let of_ladders = tempered.ladders.iter().zip(counts);
                of_ladders.flat_map(move |(ladder, counts)| ladder.samples.here[rung].iter().zip(counts))
            };
            let energy = seen().map(|(e, count)| f64::from(*count) * e.energy).sum::<f64>() / total;
            // Var E = ⟨Var(E | x)⟩ + Var⟨E | x⟩.
            let variance =
                seen().map(|(e, count)| f64::from(*count) * (e.energy_variance + (e.energy - energy).powi(2)));
            variances.push(variance.sum::<f64>() / total);
            energies.push(energy);
        }
        Self { betas: tempered.rungs.iter().map(|rung| rung.beta).collect(), energies, variances }
    }

    /// The first, the third and so on, and the last.
    fn every_second(&self) -> Self {
        let last = self.betas.len() - 1;
        let kept = |of: &[f64]| (0..=last).filter(|k| k % 2 == 0 || *k == last).map(|k| of[k]).collect();
        Self { betas: kept(&self.betas), energies: kept(&self.energies), variances: kept(&self.variances) }
    }

    fn energy(&self) -> Hermite {
        let slopes = self.variances.iter().map(|variance| -variance).collect();
        Hermite::new(self.betas.clone(), self.energies.clone(), slopes)
    }

    fn log_z(&self, log_z_base: f64, betas: &Betas) -> Vec<f64> {
        let energy = self.energy();
        betas.iter().map(|beta| log_z_base - energy.integral_to(*beta)).collect()
    }

    fn push(&self, log_z_base: f64, betas: &Betas, series: &mut Series) {
        let energy = self.energy();
        for (beta, log_z) in betas.iter().zip(self.log_z(log_z_base, betas)) {
            let k = self.betas.partition_point(|rung| rung <= beta).clamp(1, self.betas.len() - 1);
            let step = self.betas[k] - self.betas[k - 1];
            let part = if step > 0.0 { (beta - self.betas[k - 1]) / step } else { 0.0 };
            let variance = self.variances[k - 1] + part * (self.variances[k] - self.variances[k - 1]);
            // U falls with β: steep slopes at rungs too far apart must not carry it beyond both.
            let [low, high] = [k - 1, k].map(|k| self.energies[k]);
            let inside = energy.at(*beta).max(low.min(high)).min(low.max(high));
            series.push(log_z, Some(inside), Some(variance));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        estimator::tempering::{
            ladders::{Ladder, Tempered},
            record::LadderSamples,
        },
        sample::{ConditionalEnergy, exchange::Log},
    };

    /// U = 2 − 3β + β³/2 on uneven rungs: a cubic is its own interpolation.
    fn cubic() -> Rungs {
        let betas: Vec<f64> = vec![0.0, 0.3, 0.7, 1.0, 1.2];
        let energies = betas.iter().map(|b| 2.0 - 3.0 * b + 0.5 * b.powi(3)).collect();
        let variances = betas.iter().map(|b| 3.0 - 1.5 * b * b).collect();
        Rungs { betas, energies, variances }
    }

    #[test]
    fn a_cubic_energy_is_integrated_exactly() {
        let betas: Betas = "0:1.2:9".parse().unwrap();
        let mut series = Series::default();
        cubic().push(7.0, &betas, &mut series);
        for (k, b) in betas.iter().enumerate() {
            let log_z = 7.0 - (2.0 * b - 1.5 * b * b + b.powi(4) / 8.0);
            assert!((series.log_z[k] - log_z).abs() < 1e-13);
            assert!((series.energy[k].unwrap() - (2.0 - 3.0 * b + 0.5 * b.powi(3))).abs() < 1e-13);
        }
        // Var E on straight lines between the rungs: at 0.15 halfway from 3 to 2.865, at 1.2 the last one.
        let variance = |k: usize| series.energy_variance[k].unwrap();
        assert!((variance(0) - 3.0).abs() < 1e-13 && (variance(1) - 2.932_5).abs() < 1e-13, "{}", variance(1));
        assert!((variance(8) - 0.84).abs() < 1e-13);
    }

    /// Slopes far too steep for the rungs: the curve would leave the range of both.
    #[test]
    fn an_energy_between_two_rungs_is_between_their_energies() {
        let steep = Rungs { betas: vec![0.0, 1.0], energies: vec![0.0, -1.0], variances: vec![50.0, 50.0] };
        let mut series = Series::default();
        steep.push(0.0, &"0:1:5".parse().unwrap(), &mut series);
        let energies: Vec<f64> = series.energy.iter().flatten().copied().collect();
        assert_eq!(energies, [0.0, -1.0, -0.5, 0.0, -1.0]);
        // The integral is that of the cubic: the excesses on both sides cancel.
        assert!((series.log_z[4] - 0.5).abs() < 1e-13);
    }

    #[test]
    fn every_second_rung_and_the_last_are_kept() {
        assert_eq!(cubic().every_second().betas, [0.0, 0.7, 1.2]);
        let mut even = cubic();
        [&mut even.betas, &mut even.energies, &mut even.variances].into_iter().for_each(|of| of.truncate(4));
        let kept = even.every_second();
        assert_eq!(kept.betas, [0.0, 0.7, 1.0]);
        assert_eq!((kept.energies[2], kept.variances[2]), (even.energies[3], even.variances[3]));
    }

    /// Two ladders of three times; the first counts its first time once and its last twice, the
    /// second its middle one.
    #[test]
    fn rungs_are_means_over_all_counted_states() {
        let rungs = [Rung::at(0.0), Rung::at(0.5)];
        let ladder = |number: usize| {
            let mut samples = LadderSamples::new(&rungs, &[], 3, Keep::Tops(1));
            for (k, here) in samples.here.iter_mut().enumerate() {
                for time in 0..3 {
                    let energy = (10 * k + 3 * time) as f64 - 4.0 * number as f64;
                    here.push(ConditionalEnergy { energy, energy_variance: time as f64 + 0.5 * number as f64 });
                }
            }
            let log = Log { accepted: vec![1.0], tried: vec![2.0], round_trips: vec![0.0; 2] };
            Ladder::new(number, samples, log)
        };
        let tempered = Tempered::new(rungs.to_vec(), vec![ladder(0), ladder(1)]);
        let means = Rungs::of(&tempered, &[vec![1, 0, 2], vec![0, 1, 0]]);
        // Energies 0, 6, 6 and −1, conditional variances 0, 2, 2 and 1.5.
        let (mean, within) = (11.0 / 4.0, 5.5 / 4.0);
        let between = [0.0f64, 6.0, 6.0, -1.0].iter().map(|e| (e - mean).powi(2)).sum::<f64>() / 4.0;
        assert_eq!(means.betas, [0.0, 0.5]);
        for (k, shift) in [0.0, 10.0].into_iter().enumerate() {
            assert!((means.energies[k] - mean - shift).abs() < 1e-14);
            assert!((means.variances[k] - within - between).abs() < 1e-13);
        }
    }

    #[test]
    fn rungs_that_stand_too_far_apart_are_named() {
        let betas: Betas = "0:1:3".parse().unwrap();
        assert_eq!(too_coarse(&betas, &[0.0, 0.1, 0.2]), None);
        let warning = too_coarse(&betas, &[0.0, 77.31, 90.0]).unwrap();
        assert!(warning.contains("β = 0.5 changes by 77.3 standard errors"), "{warning}");
    }
}

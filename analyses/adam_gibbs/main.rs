//! Adam and Gibbs on restricted Boltzmann machines: does ln τ follow 1/(T S_c)?
//!
//! Prints what it finds, and writes `expected.csv` (curves), `laws.csv` (fits) and `relaxation.svg`
//! to the folder given as the first argument, or to `plefka-out/adam_gibbs`.

use std::{env, error::Error, fs, path::PathBuf};

use nalgebra::{DMatrix, DVector};
use plefka::{
    MeanField, Rbm, Run, Units, io,
    model::random::bipartite_sk,
    plot,
    plot::Relaxations,
    sample::{Basins, Relaxation},
    stats::{correlation, mean, resample_counts, std_dev},
    streams::Purpose,
    thermo::{Law, Relaxing, adam_gibbs_correlation},
};
use rayon::prelude::*;

/// Temperatures are equally spaced in 1/T.
pub const BETAS: [f64; 8] = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0];
const SAMPLES: u64 = 100;
const STARTS: usize = 20;
const RESAMPLES: usize = 500;

/// One model at each β, from hot to cold.
pub struct Sample {
    /// ln τ and S_c at each β.
    pub points: Vec<Relaxing>,
    /// How many phases TAP has found.
    pub tap: Vec<usize>,
}

/// Models of one kind, over their disorder.
pub struct Ensemble {
    /// What they are called in the tables.
    pub name: &'static str,
    /// One for each disorder.
    pub samples: Vec<Sample>,
}

/// A law, and how well it predicts what it has not seen.
#[derive(serde::Serialize)]
pub struct Prediction {
    /// The kind of model.
    pub model: &'static str,
    /// The law.
    pub law: &'static str,
    /// A, fitted to the averages.
    pub intercept: f64,
    /// B.
    pub slope: f64,
    /// T₀ of VFT.
    pub t0: f64,
    /// Root mean square error of ln τ, averaged over the disorder, at temperatures left out.
    pub error_of_average: f64,
    /// The same of each model by itself: the median over the models where all laws can be fitted.
    /// (The mean is that of the few models whose S_c vanishes, at which Adam and Gibbs predict
    /// anything.)
    pub median_error_of_each: f64,
    /// How many models it predicts best of all laws; of equal ones, that with fewer constants.
    pub predicts_best: usize,
    /// The number of models.
    pub models: usize,
}

/// A value with the standard error over the disorder.
type WithError = (f64, Option<f64>);

/// R: 6×4 bits made by a formula.
pub fn fixture_r() -> Rbm {
    let weights = DMatrix::from_fn(6, 4, |i, j| (1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 0.5 * (i * j) as f64).cos());
    let a = DVector::from_fn(6, |i, _| 0.3 * (i as f64 + 1.0).sin());
    Rbm::new(weights, a, DVector::from_fn(4, |j, _| -0.2 * (j as f64 + 1.0).cos())).expect("a model")
}

/// R, and random RBMs of 8×8 units: spins without fields, and bits, on which the weights are random
/// fields as well.
pub fn ensembles(samples: u64, starts: usize) -> Result<Vec<Ensemble>, plefka::Error> {
    let study = |name, models: Vec<Rbm>| {
        let samples: Result<Vec<Sample>, plefka::Error> = models.par_iter().map(|rbm| study(rbm, starts)).collect();
        samples.map(|samples| Ensemble { name, samples })
    };
    let spins = |seed| bipartite_sk(8, 8, 1.0, seed);
    // The coupling of spins is a quarter of that of bits.
    let bits = |seed| bipartite_sk(8, 8, 4.0, seed).map(|rbm| rbm.with_units(Units::Bit, Units::Bit));
    Ok(vec![
        study("R", vec![fixture_r()])?,
        study("spins", (1..=samples).map(spins).collect::<Result<_, _>>()?)?,
        study("bits", (1..=samples).map(bits).collect::<Result<_, _>>()?)?,
    ])
}

/// τ from the spectrum, S_c from the basins of all states, and the number of TAP phases.
fn study(rbm: &Rbm, starts: usize) -> Result<Sample, plefka::Error> {
    let basins = Basins::of(rbm)?;
    let mean_field = MeanField { starts, ..MeanField::default() };
    let (mut points, mut tap) = (Vec::new(), Vec::new());
    for beta in BETAS {
        let time = Relaxation::of(rbm, beta)?.time().ok_or_else(|| {
            plefka::Error::model(format!("τ at β = {beta} is beyond f64"), "leave out the lowest temperatures")
        })?;
        points.push(Relaxing { temperature: beta.recip(), log_time: time.ln(), entropy: basins.entropy(beta) });
        tap.push(mean_field.landscape(rbm, beta, &Run::quiet(1))?.map_or(0, |found| found.phases().count()));
    }
    Ok(Sample { points, tap })
}

impl Ensemble {
    /// A quantity at the k-th β, averaged over the disorder.
    pub fn average(&self, of: impl Fn(&Sample) -> f64) -> WithError {
        average(&self.samples.iter().map(of).collect::<Vec<_>>())
    }

    /// ⟨ln τ⟩ and ⟨S_c⟩ at each β.
    pub fn averages(&self) -> Vec<Relaxing> {
        let at = |k: usize| Relaxing {
            temperature: BETAS[k].recip(),
            log_time: self.average(|s| s.points[k].log_time).0,
            entropy: self.average(|s| s.points[k].entropy).0,
        };
        (0..BETAS.len()).map(at).collect()
    }

    /// The three laws.
    pub fn predictions(&self) -> Vec<Prediction> {
        let averages = self.averages();
        let each: Vec<[f64; 3]> = self.samples.iter().filter_map(|s| errors(&s.points)).collect();
        let of_average = errors(&averages);
        let row = |(k, law): (usize, Law)| {
            let fit = law.fit(&averages)?;
            let best =
                |e: &&[f64; 3]| e.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).is_some_and(|(j, _)| j == k);
            let mut errors_of_each: Vec<f64> = each.iter().map(|e| e[k]).collect();
            errors_of_each.sort_by(f64::total_cmp);
            Some(Prediction {
                model: self.name,
                law: law.name(),
                intercept: fit.line.intercept,
                slope: fit.line.slope,
                t0: fit.t0,
                error_of_average: of_average?[k],
                median_error_of_each: *errors_of_each.get(each.len() / 2)?,
                predicts_best: each.iter().filter(best).count(),
                models: each.len(),
            })
        };
        Law::ALL.into_iter().enumerate().filter_map(row).collect()
    }

    /// The models with more than one valley: S_c of the others is 0, and Adam and Gibbs have
    /// nothing to say of them.
    fn with_valleys(&self) -> Vec<&Sample> {
        self.samples.iter().filter(|s| s.points.iter().all(|p| p.entropy > 0.0)).collect()
    }

    /// The correlation of ln τ with 1/(T S_c) over all models with several valleys and all
    /// temperatures, and what is left at given 1/T; with standard errors from a bootstrap over the
    /// models.
    pub fn correlations(&self) -> Option<[WithError; 2]> {
        let samples = self.with_valleys();
        let of = |counts: &[u32]| {
            let repeated = samples.iter().zip(counts).flat_map(|(s, count)| vec![&s.points; *count as usize]);
            let [total, partial] = adam_gibbs_correlation(&repeated.flatten().copied().collect::<Vec<_>>());
            Some([total?, partial?])
        };
        let n = samples.len();
        let mut rng = Purpose::Bootstrap.generator(1);
        let replicas: Vec<[f64; 2]> = (0..RESAMPLES).filter_map(|_| of(&resample_counts(n, &mut rng))).collect();
        let values = of(&vec![1; n])?;
        let error = |q: usize| (n > 1).then(|| std_dev(&replicas.iter().map(|r| r[q]).collect::<Vec<_>>()));
        Some([0, 1].map(|q| (values[q], error(q))))
    }

    /// At the k-th β alone: the correlation of ln τ with S_c from model to model. Adam and Gibbs
    /// want it negative.
    pub fn correlation_at(&self, k: usize) -> Option<f64> {
        let of = |f: fn(&Relaxing) -> f64| self.samples.iter().map(|s| f(&s.points[k])).collect::<Vec<_>>();
        correlation(&of(|p| p.entropy), &of(|p| p.log_time))
    }
}

fn average(values: &[f64]) -> WithError {
    let n = values.len();
    (mean(values), (n > 1).then(|| std_dev(values) / (n as f64).sqrt()))
}

fn errors(points: &[Relaxing]) -> Option<[f64; 3]> {
    let [a, b, c] = Law::ALL.map(|law| law.held_out_error(points));
    Some([a?, b?, c?])
}

/// One row for each kind of model and β.
pub fn table(ensembles: &[Ensemble]) -> Result<String, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let quantities = ["log_time", "entropy", "tap_phases"];
    let columns = quantities.iter().flat_map(|q| [q.to_string(), format!("{q}_std_error")]);
    csv.write_record(["model".into(), "beta".into(), "models".into()].into_iter().chain(columns))?;
    for ensemble in ensembles {
        for (k, beta) in BETAS.iter().enumerate() {
            let values = [
                ensemble.average(|s| s.points[k].log_time),
                ensemble.average(|s| s.points[k].entropy),
                ensemble.average(|s| s.tap[k] as f64),
            ];
            let cells = values.iter().flat_map(|(v, e)| [v.to_string(), e.map(|e| e.to_string()).unwrap_or_default()]);
            let key = [ensemble.name.to_string(), beta.to_string(), ensemble.samples.len().to_string()];
            csv.write_record(key.into_iter().chain(cells))?;
        }
    }
    Ok(String::from_utf8_lossy(&csv.into_inner().map_err(|e| e.into_error())?).into_owned())
}

fn with_error((value, error): WithError) -> String {
    error.map_or(format!("{value:.3}"), |error| format!("{value:.3} ± {error:.3}"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or("plefka-out/adam_gibbs".into()));
    fs::create_dir_all(&folder)?;
    let ensembles = ensembles(SAMPLES, STARTS)?;
    let mut laws = csv::Writer::from_writer(Vec::new());
    for ensemble in &ensembles {
        for p in ensemble.predictions() {
            println!(
                "- {}, {}: off by {:.3} at temperatures left out (median of single models: {:.3}), best for {} of {} models; A = {:.3}, B = {:.3}, T₀ = {:.3}.",
                p.model,
                p.law,
                p.error_of_average,
                p.median_error_of_each,
                p.predicts_best,
                p.models,
                p.intercept,
                p.slope,
                p.t0
            );
            laws.serialize(p)?;
        }
        if let Some([total, partial]) = ensemble.correlations() {
            println!(
                "- {}: ln τ and 1/(T S_c) correlate by {}, at given 1/T by {} ({} models with more than one valley).",
                ensemble.name,
                with_error(total),
                with_error(partial),
                ensemble.with_valleys().len()
            );
        }
        let alone = (0..BETAS.len()).filter_map(|k| Some(format!("{:.2}", ensemble.correlation_at(k)?)));
        let alone: Vec<String> = alone.collect();
        if !alone.is_empty() {
            println!(
                "- {}: from model to model ln τ and S_c correlate, at β = {BETAS:?}, by {}.",
                ensemble.name,
                alone.join(", ")
            );
        }
    }
    io::write_atomically(&folder.join("expected.csv"), table(&ensembles)?.as_bytes())?;
    io::write_atomically(&folder.join("laws.csv"), &laws.into_inner()?)?;
    let series: Vec<Relaxations> = ensembles.iter().map(series).collect();
    let subtitle = "R: 6×4 bits; spins and bits: averages over 100 random RBMs of 8×8 units, ± 1σ; dashed: straight lines of least squares";
    if let Some(figure) = plot::relaxation("Arrhenius, or Adam and Gibbs?", subtitle, &series)? {
        io::write_atomically(&folder.join("relaxation.svg"), figure.svg.as_bytes())?;
    }
    Ok(())
}

fn series(ensemble: &Ensemble) -> Relaxations {
    let std_errors = (0..BETAS.len()).map(|k| ensemble.average(|s| s.points[k].log_time).1).collect();
    Relaxations { name: ensemble.name.into(), points: ensemble.averages(), std_errors }
}

//! How does a trained RBM lose its entropy as it is cooled: gradually, or at once from one phase to
//! another?
//!
//! Arguments: the folder for the results (else `plefka-out/entropy_of_trained_rbm`), then model
//! files of RBMs that can be enumerated (else the built-in model). Writes `expected.csv`,
//! `curve.csv`, `energies.csv`, `entropy.svg` and `energies.svg`.

use std::{env, error::Error, fs, path::Path};

use plefka::{
    Betas, Estimator, Exact, Rbm, Run, io,
    model::Draw,
    plot::{Chart, FigureFile, Series},
    thermo::{self, Coexistence, EnergyHistogram},
};
use serde::Serialize;

#[path = "../shared.rs"]
mod shared;

const SEED: u64 = 1;
const REPLICATES: usize = 100;

/// How fine to look.
pub struct Effort {
    /// Points of the grid over the whole range, and again over the neighbourhood of the peak.
    pub points: usize,
    /// Exact samples of the energy.
    pub samples: usize,
}

/// What is found of one model. Nothing is written where there is no drop, or no coexistence.
#[derive(Debug, Default, Serialize)]
pub struct Row {
    pub(crate) model: String,
    /// Where the heat capacity peaks, and how high.
    pub(crate) peak_beta: Option<f64>,
    pub(crate) peak_height: Option<f64>,
    /// The stretch of β over which S falls most steeply: the full width of that peak at half its
    /// height.
    pub(crate) fall_from: Option<f64>,
    pub(crate) fall_to: Option<f64>,
    pub(crate) fall_nats: Option<f64>,
    /// Where the two phases weigh the same.
    pub(crate) coexistence_beta: Option<f64>,
    pub(crate) coexistence_beta_std_error: Option<f64>,
    pub(crate) latent_heat: Option<f64>,
    pub(crate) latent_heat_std_error: Option<f64>,
    pub(crate) barrier: Option<f64>,
    pub(crate) effective_samples: Option<f64>,
}

/// S and C at one β.
#[derive(Debug, Serialize)]
pub struct Point {
    model: String,
    beta: f64,
    pub(crate) entropy: f64,
    heat_capacity: f64,
}

/// All that is found of one model.
pub struct Study {
    pub(crate) row: Row,
    pub(crate) points: Vec<Point>,
    /// Of the energies at the peak of the heat capacity, or at the coexistence.
    pub(crate) histogram: Option<EnergyHistogram>,
}

/// The curve, its drop and the energies there.
pub fn study(name: &str, rbm: &Rbm, effort: &Effort) -> Result<Study, plefka::Error> {
    let run = Run::quiet(SEED);
    let coarse = Exact::default().curve(rbm, &Betas::linear(0.0, 2.0, effort.points)?, &run)?;
    let mut betas = coarse.betas.to_vec();
    if let Some(peak) = thermo::heat_capacity_peak(&coarse) {
        // A few intervals on either side, finer.
        let reach = 3.0 * 2.0 / (effort.points - 1) as f64;
        betas.extend(&Betas::linear((peak.beta.value - reach).max(0.0), peak.beta.value + reach, effort.points)?[..]);
        betas.sort_by(f64::total_cmp);
        betas.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    }
    let curve = Exact::default().curve(rbm, &Betas::new(betas)?, &run)?;
    let (entropy, capacity) = (thermo::entropy(&curve), thermo::heat_capacity(&curve));
    let point = |k: usize| {
        let (entropy, heat_capacity) = (entropy[k]?.value, capacity[k]?.value);
        Some(Point { model: name.into(), beta: curve.betas[k], entropy, heat_capacity })
    };
    let points: Vec<Point> = (0..curve.betas.len()).filter_map(point).collect();
    let fall = thermo::steepest_drop(&points.iter().map(|p| (p.beta, p.entropy)).collect::<Vec<_>>());
    let peak = thermo::heat_capacity_peak(&curve);
    let mut row = Row {
        model: name.into(),
        peak_beta: peak.map(|peak| peak.beta.value),
        peak_height: peak.map(|peak| peak.height.value),
        fall_from: fall.map(|fall| fall.from),
        fall_to: fall.map(|fall| fall.to),
        fall_nats: fall.map(|fall| fall.nats()),
        ..Row::default()
    };
    let mut histogram = None;
    if let Some(peak) = peak {
        let mut drawn = coexistence(rbm, peak.beta.value, effort.samples)?;
        if let Some(Coexistence { beta, .. }) = drawn.1 {
            // Once more where the phases weigh the same, so that every sample counts alike; if
            // there are two of them there as well.
            let again = coexistence(rbm, beta.value, effort.samples)?;
            if again.1.is_some() {
                drawn = again;
            }
        }
        let found = drawn.1;
        histogram = Some(drawn.0);
        row.coexistence_beta = found.map(|found| found.beta.value);
        row.coexistence_beta_std_error = found.and_then(|found| found.beta.claim.std_error());
        row.latent_heat = found.map(|found| found.latent_heat.value);
        row.latent_heat_std_error = found.and_then(|found| found.latent_heat.claim.std_error());
        row.barrier = found.map(|found| found.barrier);
        row.effective_samples = found.map(|found| found.effective_samples);
    }
    Ok(Study { row, points, histogram })
}

/// Energies of exact samples at β, and the two phases in them if there are two.
pub fn coexistence(
    rbm: &Rbm,
    beta: f64,
    samples: usize,
) -> Result<(EnergyHistogram, Option<Coexistence>), plefka::Error> {
    let states = rbm.draw(beta, samples, &Run::quiet(SEED))?.expect("nobody cancels");
    let units = rbm.n_visible() + rbm.n_hidden();
    let energy = |state: &[u8]| {
        let (v, h) = state.split_at(rbm.n_visible());
        let values =
            |bits: &[u8], of: plefka::Units| bits.iter().map(|x| of.values()[usize::from(*x)]).collect::<Vec<_>>();
        rbm.energy(&values(v, rbm.visible_units()), &values(h, rbm.hidden_units()))
    };
    let energies: Vec<f64> = states.chunks_exact(units).map(energy).collect();
    Ok((EnergyHistogram::of(&energies)?, thermo::coexistence(&energies, beta, REPLICATES, SEED)?))
}

/// A bar of the histogram of energies.
#[derive(Serialize)]
struct Bar<'a> {
    model: &'a str,
    energy: f64,
    samples: usize,
    density: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let folder = arguments.first().map_or("plefka-out/entropy_of_trained_rbm", String::as_str);
    let folder = Path::new(folder);
    fs::create_dir_all(folder)?;
    let models = if arguments.len() > 1 { arguments[1..].to_vec() } else { vec!["builtin:mnist20".into()] };
    let mut studies = Vec::new();
    for path in &models {
        let name = path.strip_prefix("builtin:").unwrap_or(path);
        let name = Path::new(name).file_stem().ok_or("a model file has a name")?.to_string_lossy();
        let effort = Effort { points: 41, samples: 200_000 };
        let study = study(&name, io::load_model(path)?.rbm()?, &effort)?;
        println!("- {:?}", study.row);
        studies.push(study);
    }
    save(folder, &studies)
}

/// Writes the tables and the figures.
fn save(folder: &Path, studies: &[Study]) -> Result<(), Box<dyn Error>> {
    shared::save_csv(&folder.join("expected.csv"), studies.iter().map(|study| &study.row))?;
    shared::save_csv(&folder.join("curve.csv"), studies.iter().flat_map(|study| &study.points))?;
    let bars = |study: &Study| -> Vec<(f64, usize, f64)> {
        let Some(h) = &study.histogram else { return Vec::new() };
        let total: usize = h.counts.iter().sum();
        let bar = |(k, count): (usize, &usize)| (h.energy(k), *count, *count as f64 / total as f64 / h.width);
        h.counts.iter().enumerate().map(bar).collect()
    };
    let table = studies.iter().flat_map(|study| {
        let bar = |(energy, samples, density)| Bar { model: &study.row.model, energy, samples, density };
        bars(study).into_iter().map(bar).collect::<Vec<_>>()
    });
    shared::save_csv(&folder.join("energies.csv"), table)?;
    let entropy = |(k, study): (usize, &Study)| {
        let points = study.points.iter().map(|p| (p.beta, Some(p.entropy), None));
        Series::measured(&study.row.model, k + 1, points)
    };
    let energies = |(k, study): (usize, &Study)| {
        let error = |count: usize, density: f64| Some(density / (count.max(1) as f64).sqrt());
        let points = bars(study).into_iter().map(|(e, count, density)| (e, Some(density), error(count, density)));
        Series::measured(format!("{} ± 1σ", study.row.model), k + 1, points)
    };
    let mark = |study: &Study| Some((study.row.peak_beta?, format!("C peaks, β = {:.3}", study.row.peak_beta?)));
    let entropies = Chart {
        title: "Entropy of a trained RBM".into(),
        subtitle: "by exact enumeration; all parameters are scaled together, so this is a change of temperature".into(),
        caption: "S(v, h | θ) against β.".into(),
        labels: ["β, inverse temperature".into(), "S, nats".into()],
        series: studies.iter().enumerate().map(entropy).collect(),
        vertical: studies.iter().filter_map(mark).collect(),
        horizontal: Vec::new(),
    };
    let energies = Chart {
        title: "Energies where the heat capacity is highest".into(),
        subtitle: "exact samples, by enumeration".into(),
        caption: "The distribution of the energy at the peak of the heat capacity, or where two phases weigh the same."
            .into(),
        labels: ["E".into(), "probability density".into()],
        series: studies.iter().enumerate().map(energies).collect(),
        vertical: Vec::new(),
        horizontal: Vec::new(),
    };
    FigureFile::from(entropies).save(folder, "entropy")?;
    FigureFile::from(energies).save(folder, "energies")?;
    Ok(())
}

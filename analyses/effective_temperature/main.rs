//! Have digits a temperature under a model that was trained on digits? And samples of the model
//! itself?
//!
//! Prints what it finds, and writes `expected.csv` and the figure `digits.svg` to the folder given
//! as the first argument, or to `plefka-out/effective_temperature`.

use std::{env, error::Error, fs, path::PathBuf};

use plefka::{
    Betas, Claim, Estimator as _, Exact, Rbm, Run,
    data::Data,
    io,
    io::{LoadedModel, Provenance, TemperatureFile, write_atomically},
    model::Draw as _,
    plot,
    temperature::{Estimate, Estimator, Evidence, Observed, survey},
};
use serde::Serialize;

#[path = "../shared.rs"]
mod shared;

const SEED: u64 = 1;

/// The second sample of the ratio of two is drawn at this share of the β of the first.
const SECOND: f64 = 0.97;

/// One estimate of one set of data.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// `digits`, or `samples`.
    pub data: &'static str,
    /// Where samples were drawn.
    pub drawn_at: Option<f64>,
    /// The estimator.
    pub estimator: String,
    /// Local or global.
    pub scope: &'static str,
    /// β.
    pub beta: f64,
    /// Its standard error.
    pub std_error: Option<f64>,
    /// (β − drawn_at)/std_error.
    pub z: Option<f64>,
}

/// Visible states of a model, drawn by enumeration.
fn drawn(rbm: &Rbm, beta: f64, count: usize, seed: u64) -> Result<Data, plefka::Error> {
    let states = rbm.draw(beta, count, &Run::quiet(seed))?.unwrap_or_default();
    let n_units = rbm.n_visible() + rbm.n_hidden();
    let visible = states.chunks(n_units).flat_map(|state| &state[..rbm.n_visible()]).copied().collect();
    Data::new(rbm.n_visible(), visible, None)
}

/// The temperatures of data, with U(β) by enumeration on a grid and near the result.
pub fn look(
    model: &LoadedModel,
    name: &str,
    data: &Data,
    second: Option<(&Data, f64)>,
    betas: &Betas,
) -> Result<TemperatureFile, plefka::Error> {
    let rbm = model.rbm()?;
    let second = second.map(|(data, beta)| Ok::<_, plefka::Error>((Observed::new(rbm, data)?, beta))).transpose()?;
    let data = Observed::new(rbm, data)?;
    let evidence = Evidence { model: rbm, data, second, in_field: None, reference: None };
    let curve = |betas: &Betas| Exact::default().curve(rbm, betas, &Run::quiet(SEED));
    let found = survey(&evidence, betas, SEED, curve)?;
    let provenance = Provenance::of_this_process(SEED, rayon::current_num_threads());
    Ok(TemperatureFile::new(model.info.clone(), name.into(), found, provenance))
}

/// `count` samples of a model drawn at β, and the same number near by.
pub fn of_samples(model: &LoadedModel, beta: f64, count: usize) -> Result<TemperatureFile, plefka::Error> {
    let rbm = model.rbm()?;
    let data = drawn(rbm, beta, count, SEED)?;
    let second = drawn(rbm, SECOND * beta, count, SEED + 1)?;
    let betas = Betas::linear(0.8 * beta, 1.2 * beta, 5)?;
    look(model, &format!("samples at β = {beta}"), &data, Some((&second, SECOND * beta)), &betas)
}

/// The estimates as rows of the table.
pub fn rows(data: &'static str, drawn_at: Option<f64>, file: &TemperatureFile) -> Vec<Row> {
    let row = |e: &Estimate| {
        let (beta, std_error) = (e.beta.value, e.beta.claim.std_error());
        // A micro-canonical temperature is another quantity than β.
        let same = e.estimator != Estimator::Microcanonical;
        let z = drawn_at.zip(std_error).filter(|_| same).map(|(truth, bar)| (beta - truth) / bar);
        Row { data, drawn_at, estimator: e.estimator.to_string(), scope: e.scope.name(), beta, std_error, z }
    };
    file.estimates.iter().filter(|e| matches!(e.beta.claim, Claim::Estimate { .. })).map(row).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or("plefka-out/effective_temperature".into()));
    fs::create_dir_all(&folder)?;
    let model = io::load_model("builtin:mnist20")?;
    let digits = io::load_data("builtin:mnist10k", Some(model.rbm()?.n_visible()))?;
    let file = look(&model, "builtin:mnist10k", &digits, None, &"0.8:1.2:5".parse()?)?;
    let mut table = rows("digits", None, &file);
    file.findings.iter().for_each(|finding| println!("- digits: {finding}"));
    if let Some(svg) = plot::temperatures(&file)? {
        write_atomically(&folder.join("digits.svg"), svg.as_bytes())?;
    }
    for beta in [0.5, 1.0, 2.0] {
        let file = of_samples(&model, beta, 1000)?;
        let rows = rows("samples", Some(beta), &file);
        let worst = rows.iter().filter_map(|row| row.z).fold(0.0, |worst: f64, z| worst.max(z.abs()));
        println!(
            "- samples drawn at β = {beta}: every estimator is within {worst:.1} standard errors; {}",
            file.findings.join("; ")
        );
        table.extend(rows);
    }
    shared::save_csv(&folder.join("expected.csv"), &table)?;
    Ok(())
}

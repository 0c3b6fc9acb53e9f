//! Is TAP "much too low" on RBMs trained on MNIST? The models of a published comparison, with
//! certificates.
//!
//! Arguments: the folder for `expected.csv`, `complexity.csv` and `complexity.svg`, then the model
//! files. A model is known by the stem of its file name: `h10`, `h20` and `h500` have published
//! numbers.

use std::{env, error::Error, path::Path, sync::Arc};

use plefka::{
    Ais, Betas, Curve, Estimator, Exact, MeanField, Method, Rbm, Run,
    dataset::digits,
    estimator::{BaseChoice, Bethe, Landscape, Schedule, Solution, StartFrom},
    io,
    model::Order,
    plot::{self, Spectrum},
    stats::log_sum_exp,
    thermo,
};
use serde::Serialize;

#[path = "../shared.rs"]
mod shared;

/// The model, the method, and ln Z in the two tables of the published comparison.
const PUBLISHED: [(&str, Method, [f64; 2]); 6] = [
    ("h10", Method::Ais, [226.05, 226.104]),
    ("h10", Method::Tap2, [212.32, 212.25]),
    ("h20", Method::Ais, [221.11, 221.080]),
    ("h20", Method::Tap2, [214.85, 200.29]),
    ("h500", Method::Ais, [463.25, 459.589]),
    ("h500", Method::Tap2, [450.31, 446.35]),
];

const SEED: u64 = 1;
/// The width of the intervals in which solutions are counted, in nats.
const INTERVAL: f64 = 2.0;
/// Solutions further above the lowest than this have a share below e⁻⁴⁰, and are left out of the
/// figure, nats.
const HIGHEST: f64 = 40.0;

/// One number of the table: ln Z of a model at β = 1, with its evidence.
#[derive(Debug, Default, Serialize)]
pub struct Row {
    pub(crate) model: String,
    pub(crate) method: String,
    /// Which of the solutions: the one that the uniform start leads to, the best one, or the sum
    /// over all.
    pub(crate) solution: &'static str,
    pub(crate) log_z: f64,
    pub(crate) std_error: Option<f64>,
    /// The effective number of chains.
    pub(crate) ess: Option<f64>,
    pub(crate) entropy: Option<f64>,
    pub(crate) residual: Option<f64>,
    pub(crate) plefka: Option<f64>,
    pub(crate) starts: Option<usize>,
    pub(crate) converged: Option<usize>,
    pub(crate) solutions: Option<usize>,
    pub(crate) unseen: Option<f64>,
    pub(crate) published_1: Option<f64>,
    pub(crate) published_2: Option<f64>,
}

/// The rows of a model, and its spectra by method.
pub type Study = (Vec<Row>, Vec<(Method, Spectrum)>);

/// The rows of one model, and the solutions of each order counted by free energy.
pub fn study(name: &str, rbm: &Rbm, starts: usize, ais: &Ais) -> Result<Study, plefka::Error> {
    let (run, beta) = (Run::quiet(SEED), Betas::one(1.0)?);
    let published = |method| PUBLISHED.into_iter().find(|(model, m, _)| *model == name && *m == method).map(|p| p.2);
    let row = |method: Method, solution| Row {
        model: name.into(),
        method: method.to_string(),
        solution,
        published_1: published(method).map(|p| p[0]),
        published_2: published(method).map(|p| p[1]),
        ..Row::default()
    };
    let mut rows = Vec::new();
    let of_curve = |curve: &Curve| Row {
        log_z: curve.values.log_z[0],
        std_error: curve.log_z()[0].and_then(|z| z.claim.std_error()),
        ess: curve.diagnostics.at("ess_by_beta", 0),
        entropy: thermo::entropy(curve)[0].map(|s| s.value),
        ..row(curve.method, "")
    };
    let exact = Exact::default();
    if exact.check(rbm).is_ok() {
        rows.push(of_curve(&exact.curve(rbm, &beta, &run)?));
    }
    // The digits, as far as the model is one of digits.
    let data = Some(digits()).filter(|digits| digits.n_features() == rbm.n_visible()).map(Arc::new);
    let (start_from, base) = match data {
        Some(_) => (StartFrom::Data, BaseChoice::Data),
        None => (StartFrom::Random, BaseChoice::Uniform),
    };
    let ais = Ais { base, data: data.clone(), schedule: Schedule::Adaptive, ..ais.clone() };
    rows.push(of_curve(&ais.curve(rbm, &beta, &run)?));
    let passed = Bethe::default().curve(rbm, &beta, &run)?;
    rows.push(Row { residual: passed.diagnostics.at("residual_by_beta", 0), ..of_curve(&passed) });

    let mut spectra = Vec::new();
    for (method, order) in
        [(Method::MeanField, Order::First), (Method::Tap2, Order::Second), (Method::Tap3, Order::Third)]
    {
        let mean_field = MeanField { order, starts, start_from, data: data.clone(), ..MeanField::default() };
        let Some(found) = mean_field.landscape(rbm, 1.0, &run)? else { continue };
        let of_landscape = |solution, log_z| Row {
            log_z,
            starts: Some(found.starts),
            converged: Some(found.converged),
            solutions: Some(found.distinct.len()),
            unseen: Some(found.unseen()),
            ..row(method, solution)
        };
        let of_solution = |which, solution: &Solution| Row {
            entropy: Some(solution.entropy(1.0)),
            residual: Some(solution.certificate.residual),
            plefka: Some(solution.certificate.plefka),
            ..of_landscape(which, solution.log_z)
        };
        rows.extend(found.first.map(|k| of_solution("uniform start", &found.distinct[k])));
        rows.extend(found.best().map(|best| of_solution("best", best)));
        rows.push(of_landscape("sum", log_sum_exp(&log_z(&found))));
        spectra.push((method, spectrum(format!("{name}, {method}"), &log_z(&found))));
    }
    Ok((rows, spectra))
}

/// ln Z of each phase, the largest first.
fn log_z(found: &Landscape) -> Vec<f64> {
    found.phases().map(|solution| solution.log_z).collect()
}

fn spectrum(name: String, log_z: &[f64]) -> Spectrum {
    let above: Vec<f64> = log_z.iter().map(|z| log_z[0] - z).filter(|above| *above < HIGHEST).collect();
    Spectrum { name, levels: thermo::complexity(&above, INTERVAL) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((folder, models)) = arguments.split_first().filter(|(_, models)| !models.is_empty()) else {
        return Err("give the folder for the results, and one or more model files".into());
    };
    std::fs::create_dir_all(folder)?;
    let (mut table, mut drawn) = (Vec::new(), Vec::new());
    for path in models {
        let name = Path::new(path).file_stem().ok_or("a model file has a name")?.to_string_lossy().into_owned();
        let rbm = io::load_model(path)?.rbm()?.clone();
        // A start costs seconds on the largest model, and a fraction of a second on the others.
        let starts = if Exact::default().check(&rbm).is_ok() { 500 } else { 40 };
        let (rows, spectra) = study(&name, &rbm, starts, &Ais::default())?;
        for row in &rows {
            println!("{} {} {}: {:.4}", row.model, row.method, row.solution, row.log_z);
        }
        table.extend(rows);
        // Third order has few solutions, and to first order ln Z is the interesting sum.
        drawn.extend(spectra.into_iter().filter(|(method, _)| *method != Method::Tap3).map(|(_, spectrum)| spectrum));
        save(Path::new(folder), &table, &drawn)?;
    }
    Ok(())
}

/// Writes the tables and the figure. After each model: the next one may take long.
fn save(folder: &Path, table: &[Row], drawn: &[Spectrum]) -> Result<(), Box<dyn Error>> {
    shared::save_csv(&folder.join("expected.csv"), table)?;
    let levels = drawn.iter().flat_map(|s| s.levels.iter().map(|l| (&s.name, l.from, l.to, l.solutions, l.complexity)));
    let levels = levels.map(|(name, from, to, solutions, sigma)| Interval { name, from, to, solutions, sigma });
    shared::save_csv(&folder.join("complexity.csv"), levels)?;
    let subtitle = format!("distinct stable solutions at β = 1, in intervals of {INTERVAL} nats");
    if let Some(figure) = plot::complexity("Solutions of the mean-field equations", &subtitle, drawn)? {
        io::write_atomically(&folder.join("complexity.svg"), figure.svg.as_bytes())?;
    }
    Ok(())
}

/// A row of `complexity.csv`.
#[derive(Serialize)]
struct Interval<'a> {
    name: &'a str,
    from: f64,
    to: f64,
    solutions: usize,
    sigma: f64,
}

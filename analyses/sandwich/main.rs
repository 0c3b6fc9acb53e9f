//! From which base does annealing, up and down, close on ln Z of a trained RBM?
//!
//! Prints a finding for each base, and writes `expected.csv` and a figure for each base to the
//! folder given as the first argument, or to `plefka-out/sandwich`.

use std::{env, error::Error, fs, path::PathBuf};

use plefka::{
    Ais, Betas, Estimator, Exact, Run,
    estimator::{Bar, BaseChoice, Schedule, WorkValues},
    io, plot,
    stats::free_energy::{Work, bar, crooks, forward_average, reverse_average, work_histogram},
};

const MODEL: &str = "builtin:mnist20";
const SEED: u64 = 1;
const BASES: [(BaseChoice, &str); 3] =
    [(BaseChoice::Uniform, "uniform"), (BaseChoice::Biases, "biases"), (BaseChoice::MeanField, "mean-field")];

/// What the work between one base and the model at β = 1 says.
pub struct Row {
    /// The name of the base.
    pub base: &'static str,
    /// The work of every chain.
    pub works: WorkValues,
    /// ln Z by annealing up, by annealing down, and by Bennett's acceptance ratio, each with its
    /// standard error.
    pub log_z: [(f64, f64); 3],
    /// How many chains carry the weight, up and down.
    pub ess: [f64; 2],
    /// Of the two distributions of work.
    pub overlap: f64,
    /// The slope of Crooks' line and its standard error, where there is one.
    pub slope: Option<(f64, f64)>,
}

/// ln Z of the model at β = 1.
pub fn exact() -> Result<f64, plefka::Error> {
    let model = io::load_model(MODEL)?;
    Ok(Exact::default().curve(model.rbm()?, &Betas::one(1.0)?, &Run::quiet(SEED))?.values.log_z[0])
}

/// So many chains up and down so many rungs, from each base.
pub fn sandwich(chains: usize, rungs: usize) -> Result<Vec<Row>, plefka::Error> {
    let model = io::load_model(MODEL)?;
    let rbm = model.rbm()?;
    let mut rows = Vec::new();
    for (base, name) in BASES {
        let annealing = Ais { chains, rungs, base, schedule: Schedule::Adaptive, ..Ais::default() };
        let method = Bar { annealing, ..Bar::default() };
        let works = method.works(rbm, 1.0, &Run::quiet(SEED))?.expect("nobody cancels this run");
        let (up, down) = (Work::new(&works.forward)?, Work::new(&works.reverse)?);
        let (f, r, b, line) = (forward_average(up), reverse_average(down), bar(up, down), crooks(up, down));
        let log_z = |delta_f: f64| works.log_z_base - delta_f;
        rows.push(Row {
            base: name,
            log_z: [
                (log_z(f.delta_f), f.std_error),
                (log_z(r.delta_f), r.std_error),
                (log_z(b.delta_f), b.std_error.unwrap_or(f64::NAN)),
            ],
            ess: [f.effective_size, r.effective_size],
            overlap: b.overlap,
            slope: line.map(|line| (line.slope, line.slope_error)),
            works,
        });
    }
    Ok(rows)
}

/// The rows as a table.
pub fn table(exact: f64, rows: &[Row]) -> String {
    let mut csv = String::from(
        "base,exact,forward,forward_std_error,forward_ess,reverse,reverse_std_error,reverse_ess,bar,bar_std_error,overlap,\
         crooks_slope,crooks_slope_std_error\n",
    );
    for Row { base, log_z: [f, r, b], ess, overlap, slope, .. } in rows {
        let slope = slope.map_or(",".into(), |(slope, error)| format!("{slope},{error}"));
        csv += &format!(
            "{base},{exact},{},{},{},{},{},{},{},{},{overlap},{slope}\n",
            f.0, f.1, ess[0], r.0, r.1, ess[1], b.0, b.1
        );
    }
    csv
}

fn figure(exact: f64, row: &Row) -> Result<plot::Figure, plefka::Error> {
    let WorkValues { log_z_base, forward, reverse, .. } = &row.works;
    plot::work_figure(&plot::WorkFigure {
        title: &format!("Work up and down, base {}", row.base),
        subtitle: &format!("{MODEL} at β = 1; {} chains each way, exact samples at the top", forward.len()),
        histogram: &work_histogram(Work::new(forward)?, Work::new(reverse)?, 60),
        counts: (forward.len(), reverse.len()),
        delta_f: (log_z_base - row.log_z[2].0, row.log_z[2].1),
        exact: Some(log_z_base - exact),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or("plefka-out/sandwich".into()));
    fs::create_dir_all(&folder)?;
    let (exact, rows) = (exact()?, sandwich(500, 500)?);
    println!("- exact: ln Z = {exact:.4}");
    for row in &rows {
        let [up, down, both] = row.log_z.map(|(value, error)| format!("{:+.3} ± {error:.3}", value - exact));
        let slope = row.slope.map_or("none".into(), |(slope, error)| format!("{slope:.3} ± {error:.3}"));
        println!(
            "- {}: ln Z − exact is {up} up (ESS {:.1}), {down} down (ESS {:.1}), {both} by BAR; overlap {:.2e}, Crooks slope {slope}",
            row.base, row.ess[0], row.ess[1], row.overlap
        );
        let path = folder.join(format!("work_{}.svg", row.base));
        io::write_atomically(&path, figure(exact, row)?.svg.as_bytes())?;
    }
    io::write_atomically(&folder.join("expected.csv"), table(exact, &rows).as_bytes())?;
    Ok(())
}

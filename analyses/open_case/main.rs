//! ln Z of a large trained RBM on which two published AIS runs disagree.
//!
//! `open_case FOLDER MODEL.npz` prints every estimate, and writes `expected.csv` and
//! `estimates.svg` to the folder; `open_case FOLDER` draws the figure again from the table that is
//! there.

use std::{env, error::Error, fs, path::PathBuf, sync::Arc};

use plefka::{
    Ais, Betas, Run,
    curve::Reliability,
    dataset,
    estimator::{Bar, BaseChoice, MethodConfig, Schedule, Start, Tempering},
    io,
    model::AnyModel,
    plot,
};

/// What the two published runs say.
const PUBLISHED: [f64; 2] = [459.589, 463.25];

/// How one estimate is obtained. Each has a seed of its own: what agrees does so independently.
struct Way {
    name: &'static str,
    config: MethodConfig,
    seed: u64,
}

fn ways() -> Vec<Way> {
    let data = Some(Arc::new(dataset::digits()));
    let annealing = |base: BaseChoice, chains: usize, rungs: usize| {
        let schedule = Schedule::Adaptive;
        Ais { base, chains, rungs, schedule, data: data.clone(), ..Ais::default() }
    };
    let ais = |base, chains, rungs| MethodConfig::Ais(annealing(base, chains, rungs));
    let bar = |base, chains, rungs| {
        let annealing = annealing(base, chains, rungs);
        MethodConfig::Bar(Bar { annealing, start: Start::Gibbs, burn_in: 3_000, ..Bar::default() })
    };
    let tempering = |base: BaseChoice, temperatures: usize, sweeps: usize| {
        let burn_in = sweeps / 5;
        let ladders = Tempering { base, temperatures, sweeps, burn_in, data: data.clone(), ..Tempering::default() };
        MethodConfig::Tempering(ladders)
    };
    let way = |name, seed, config| Way { name, config, seed };
    vec![
        way("ais, base data", 1, ais(BaseChoice::Data, 500, 4_000)),
        way("bar, base data", 2, bar(BaseChoice::Data, 300, 3_000)),
        way("tempering, base data", 3, tempering(BaseChoice::Data, 32, 8_000)),
        way("tempering, base biases", 4, tempering(BaseChoice::Biases, 56, 12_000)),
        way("ais, base mean-field", 5, ais(BaseChoice::MeanField, 200, 2_000)),
        way("ais, base biases", 6, ais(BaseChoice::Biases, 200, 2_000)),
        way("ais, base uniform", 7, ais(BaseChoice::Uniform, 200, 2_000)),
        way("tempering, base uniform", 8, tempering(BaseChoice::Uniform, 48, 4_000)),
    ]
}

const HEADER: &str = "estimate,method,log_z,std_error,up,down,ess,largest_share,overlap,round_trips,status\n";

/// The row of one estimate.
fn row(model: &AnyModel, Way { name, config, seed }: &Way) -> Result<String, Box<dyn Error>> {
    let curve = config.prepare(model)?.curve(&Betas::one(1.0)?, &Run::quiet(*seed))?;
    curve.warnings.iter().for_each(|warning| println!("    {warning}"));
    let log_z = curve.log_z()[0].ok_or("nobody cancels this run")?;
    let [up, down] = ["forward_log_z_by_beta", "reverse_log_z_by_beta"].map(|name| curve.diagnostics.at(name, 0));
    let evidence = Reliability::at(&curve.diagnostics, 0);
    let Reliability { ess, largest_share, overlap, round_trips, .. } = evidence;
    let cells = [
        (Some(log_z.value), 4),
        (log_z.claim.std_error(), 4),
        (up, 4),
        (down, 4),
        (ess, 1),
        (largest_share, 3),
        (overlap, 4),
        (round_trips, 0),
    ];
    let cells = cells.map(|(x, digits)| x.map(|x| format!("{x:.digits$}")).unwrap_or_default()).join(",");
    let status = evidence.objection().unwrap_or("trusted".into());
    Ok(format!("\"{name}\",{},{cells},{status}\n", config.method().name()))
}

/// The figure of a table.
fn draw(csv: &str) -> Result<plot::Figure, Box<dyn Error>> {
    let mut estimates = Vec::new();
    for record in csv::Reader::from_reader(csv.as_bytes()).records() {
        let record = record?;
        estimates.push(plot::Estimate {
            name: record[0].into(),
            method: record[1].parse()?,
            value: record[2].parse()?,
            std_error: record[3].parse()?,
            solid: &record[10] == "trusted",
        });
    }
    let claims = PUBLISHED.map(|value| (format!("published: {value}"), value));
    let subtitle = "784×500 bits at β = 1; hollow: its evidence is poor";
    Ok(plot::estimates_figure("ln Z of the open case", subtitle, "ln Z, nats", &estimates, &claims)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give a folder, and the path of a model")?);
    fs::create_dir_all(&folder)?;
    let table = folder.join("expected.csv");
    if let Some(path) = arguments.next() {
        let model = io::load_model(&path)?;
        let mut csv = String::from(HEADER);
        for way in ways() {
            let row = row(&model.model, &way)?;
            print!("{row}");
            csv += &row;
            // After each, so that a run that is ended early leaves what it has.
            io::write_atomically(&table, csv.as_bytes())?;
        }
    }
    let figure = draw(&fs::read_to_string(&table)?)?;
    io::write_atomically(&folder.join("estimates.svg"), figure.svg.as_bytes())?;
    Ok(())
}

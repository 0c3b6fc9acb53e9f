//! ln Z of a large trained RBM on which two published AIS runs disagree.
//!
//! `open_case MODEL.npz [FOLDER]`: prints every estimate, and writes `expected.csv` and `estimates.svg` to the folder, or to
//! `plefka-out/open_case`.

use std::{env, error::Error, fs, path::PathBuf, sync::Arc};

use plefka::{
    Ais, Betas, Method, Run,
    curve::Evidence,
    dataset,
    estimator::{Bar, BaseChoice, Schedule, Settings, Start, Tempering},
    io, plot,
};

const SEED: u64 = 1;
/// What the two published runs say.
const PUBLISHED: [f64; 2] = [459.589, 463.25];

/// How one estimate is obtained.
struct Way {
    name: &'static str,
    method: Method,
    settings: Settings,
}

fn ways() -> Vec<Way> {
    let data = Some(Arc::new(dataset::digits()));
    let annealing = |base: BaseChoice, chains: usize, rungs: usize| Ais {
        base,
        chains,
        rungs,
        data: data.clone(),
        schedule: Schedule::Adaptive,
        ..Ais::default()
    };
    let ais = |base, chains, rungs| Settings { ais: annealing(base, chains, rungs), ..Settings::default() };
    let tempering = |base, temperatures, sweeps| Tempering {
        base,
        temperatures,
        sweeps,
        burn_in: sweeps / 5,
        records: sweeps / 20,
        data: data.clone(),
        ..Tempering::default()
    };
    let both_ways = Settings {
        ais: annealing(BaseChoice::Data, 200, 3_000),
        tempering: tempering(BaseChoice::Data, 32, 5_000),
        bar: Bar { start: Start::Tempering, ..Bar::default() },
        ..Settings::default()
    };
    let ladders = |base, temperatures, sweeps| Settings {
        tempering: tempering(base, temperatures, sweeps),
        ..Settings::default()
    };
    let way = |name, method, settings| Way { name, method, settings };
    vec![
        way("tempering, base data", Method::Tempering, ladders(BaseChoice::Data, 32, 10_000)),
        way("ais, base data", Method::Ais, ais(BaseChoice::Data, 200, 8_000)),
        way("bar, base data", Method::Bar, both_ways),
        way("tempering, base biases", Method::Tempering, ladders(BaseChoice::Biases, 48, 8_000)),
        way("ais, base biases", Method::Ais, ais(BaseChoice::Biases, 200, 4_000)),
        way("ais, base mean-field", Method::Ais, ais(BaseChoice::MeanField, 200, 4_000)),
        way("ais, base uniform", Method::Ais, ais(BaseChoice::Uniform, 200, 4_000)),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("give the path of a model")?;
    let folder = PathBuf::from(arguments.next().unwrap_or("plefka-out/open_case".into()));
    fs::create_dir_all(&folder)?;
    let model = io::load_model(&path)?;
    let mut csv = String::from("estimate,log_z,std_error,up,down,ess,largest_share,overlap,round_trips,status\n");
    let mut estimates = Vec::new();
    for Way { name, method, settings } in ways() {
        let curve = settings.bind(&model.model, method)?.curve(&Betas::one(1.0)?, &Run::quiet(SEED))?;
        let log_z = curve.log_z()[0].ok_or("nobody cancels this run")?;
        let std_error = log_z.claim.std_error().ok_or("every method here has an error bar")?;
        let evidence = Evidence::at(&curve.diagnostics, 0);
        let poor = evidence.objection();
        let cell = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
        let side = |name: &str| curve.diagnostics.at(name, 0);
        let (up, down) = (side("forward_log_z_by_beta"), side("reverse_log_z_by_beta"));
        let Evidence { ess, largest_share, overlap, round_trips } = evidence;
        let status = poor.clone().unwrap_or("trusted".into());
        let cells = [Some(log_z.value), Some(std_error), up, down, ess, largest_share, overlap, round_trips];
        csv += &format!("\"{name}\",{},{status}\n", cells.map(cell).join(","));
        println!("- {name}: {:.3} ± {std_error:.3} ({status}; {:.0} s)", log_z.value, curve.seconds);
        if let (Some(up), Some(down)) = (up, down) {
            println!("    up alone {up:.3}, down alone {down:.3}");
        }
        curve.warnings.iter().for_each(|warning| println!("    {warning}"));
        estimates.push(plot::Estimate {
            name: name.into(),
            method,
            value: log_z.value,
            std_error,
            solid: poor.is_none(),
        });
        // After each, so that a run that is ended early leaves what it has.
        let claims = PUBLISHED.map(|value| (format!("published: {value:.1}"), value));
        let subtitle = format!("{} bits, β = 1", model.info.shape);
        let figure = plot::estimates_figure("ln Z of the open case", &subtitle, "ln Z, nats", &estimates, &claims)?;
        io::write_atomically(&folder.join("estimates.svg"), figure.svg.as_bytes())?;
        io::write_atomically(&folder.join("expected.csv"), csv.as_bytes())?;
    }
    Ok(())
}

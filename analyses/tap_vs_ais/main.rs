//! TAP or AIS: which one misses ln Z of a trained RBM, and by how much?
//!
//! Prints a finding for each method, and writes `expected.csv` and `log_z_error.svg` to the folder
//! given as the first argument, or to `plefka-out/tap_vs_ais`.

use std::{env, error::Error, fs, path::PathBuf};

use plefka::{
    Ais, Betas, Method, Run,
    estimator::MethodConfig,
    findings::{judged, key_findings},
    io::{self, CurveRecord, Provenance, ResultFile},
    plot,
};

const METHODS: [Method; 5] = [Method::Exact, Method::Ais, Method::MeanField, Method::Tap2, Method::Tap3];
const SEED: u64 = 1;

/// The curves of all methods on the built-in model.
pub fn compare(betas: &Betas, ais: &Ais) -> Result<ResultFile, plefka::Error> {
    let model = io::load_model("builtin:mnist20")?;
    let mut curves = Vec::new();
    for method in METHODS {
        let config = match method {
            Method::Ais => MethodConfig::Ais(ais.clone()),
            method => MethodConfig::of(method),
        };
        let curve = config.prepare(&model.model)?.curve(betas, &Run::quiet(SEED))?;
        curves.push(CurveRecord::from(&curve));
    }
    let provenance = Provenance::of_this_process(SEED, rayon::current_num_threads());
    Ok(judged(ResultFile::new(model.info, curves, provenance)))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or("plefka-out/tap_vs_ais".into()));
    fs::create_dir_all(&folder)?;
    let results = compare(&"0:2:41".parse()?, &Ais::default())?;
    for finding in key_findings(&results) {
        println!("- {}{}", finding.method.map(|method| format!("{method}: ")).unwrap_or_default(), finding.text);
    }
    io::write_csv(&results, &folder.join("expected.csv"))?;
    if let Some(figure) = plot::figures(&results)?.iter().find(|figure| figure.name == "log_z_error") {
        io::write_atomically(&folder.join("log_z_error.svg"), figure.svg.as_bytes())?;
    }
    Ok(())
}

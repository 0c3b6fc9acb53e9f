//! Is the norm of the weights of a trained model its inverse temperature? Norms beside estimates
//! from samples.
//!
//! A trained model is scaled, and a sample of the original at β = 1 is laid beside it: which β does
//! the sample have under the scaled model, and which do the norms say? Writes `expected.csv` and
//! the figures to the folder given as an argument, or to
//! `plefka-out/weight_norm_of_trained_models`. `--quick` takes seconds, on a part of the model.

use std::error::Error;

use nalgebra::DVector;
use plefka::{
    Betas, Estimator, Exact, Rbm, Run,
    data::Data,
    io,
    model::{Draw, Model},
    plot::{Chart, FigureFile, Series},
    temperature::{Evidence, Observed, survey},
    thermo::norms::Norms,
};
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// The estimators that look at the sample; the norm of the weights does not.
pub const ESTIMATORS: [&str; 3] = ["max_likelihood", "pseudo_likelihood", "flip_identity"];

/// One estimate of β under a scaled model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// `temperature` for all parameters, `weights` for W alone.
    pub(crate) scaling: String,
    pub(crate) scale: f64,
    pub(crate) frobenius: f64,
    pub(crate) spectral: f64,
    pub(crate) stable_rank: f64,
    pub(crate) g: f64,
    pub(crate) estimator: String,
    pub(crate) scope: String,
    /// The β of the sample under the scaled model; that of the norm is ‖W‖/‖W scaled‖.
    pub(crate) beta: f64,
    pub(crate) std_error: Option<f64>,
}

/// What is run.
pub struct Plan {
    /// Hidden units that are kept.
    pub(crate) hidden: usize,
    pub(crate) scales: Vec<f64>,
    /// Rows of the sample.
    pub(crate) rows: usize,
    /// β times the scale, at which U is computed.
    pub(crate) betas: Vec<f64>,
}

/// The full plan, or the quick one.
pub fn plan(quick: bool) -> Plan {
    if quick {
        Plan { hidden: 8, scales: vec![0.5, 1.0, 2.0], rows: 60, betas: vec![0.4, 0.8, 1.2, 1.6] }
    } else {
        Plan {
            hidden: 16,
            scales: vec![0.5, 0.75, 1.0, 1.5, 2.0],
            rows: 200,
            betas: vec![0.2, 0.4, 0.7, 1.0, 1.3, 1.6],
        }
    }
}

impl Plan {
    /// The built-in model, or that of its first hidden units.
    fn model(&self) -> Result<Rbm, plefka::Error> {
        let rbm = io::load_model("builtin:mnist20")?.rbm()?.clone();
        let n = self.hidden.min(rbm.n_hidden());
        let b = DVector::from_column_slice(&rbm.hidden_bias().as_slice()[..n]);
        Rbm::new(rbm.weights().columns(0, n).into_owned(), rbm.visible_bias().clone(), b)
    }

    /// All estimates under both scalings.
    pub fn run(&self) -> Result<Vec<Row>, plefka::Error> {
        let (rbm, run) = (self.model()?, Run::quiet(1));
        let drawn = rbm.draw(1.0, self.rows, &run)?.expect("nobody cancels");
        let visible = drawn.chunks(rbm.n_units()).flat_map(|state| &state[..rbm.n_visible()]).copied().collect();
        let sample = Data::new(rbm.n_visible(), visible, None)?;
        let reference = Norms::of(rbm.weights()).frobenius;
        let mut table = Vec::new();
        for &scale in &self.scales {
            for (scaling, model) in
                [("temperature", rbm.scaled_temperature(scale)?), ("weights", rbm.scaled_weights(scale)?)]
            {
                let norms = Norms::of(model.weights());
                let data = Observed::new(&model, &sample)?;
                let evidence = Evidence { model: &model, data, second: None, in_field: None, reference: None };
                let betas = Betas::new(self.betas.iter().map(|x| x / scale).collect::<Vec<_>>())?;
                let found = survey(&evidence, &betas, 1, |betas| Exact::default().curve(&model, betas, &run))?;
                let row = |estimator: String, scope: &str, beta: f64, std_error: Option<f64>| Row {
                    scaling: scaling.into(),
                    scale,
                    frobenius: norms.frobenius,
                    spectral: norms.spectral,
                    stable_rank: norms.stable_rank,
                    g: norms.g,
                    estimator,
                    scope: scope.into(),
                    beta,
                    std_error,
                };
                let asked = found.estimates.iter().filter(|e| ESTIMATORS.contains(&e.estimator.to_string().as_str()));
                table.extend(
                    asked.map(|e| row(e.estimator.to_string(), e.scope.name(), e.beta.value, e.beta.claim.std_error())),
                );
                table.push(row("weight_norm".into(), "weights", reference / norms.frobenius, None));
            }
        }
        Ok(table)
    }
}

/// β against the norm for each estimator, under one way of scaling.
pub fn chart(rows: &[Row], scaling: &str, n_hidden: usize) -> Chart {
    let line = |estimator: &str| {
        let of = rows.iter().filter(|r| r.scaling == scaling && r.estimator == estimator);
        of.map(|r| (r.frobenius, r.beta, r.std_error)).collect::<Vec<_>>()
    };
    let measured = ESTIMATORS.iter().enumerate().map(|(k, estimator)| {
        Series::measured(*estimator, k + 1, line(estimator).into_iter().map(|(x, y, e)| (x, Some(y), e)))
    });
    let norm = line("weight_norm").into_iter().map(|(x, y, _)| (x, y));
    let what = if scaling == "weights" { "with W alone scaled" } else { "with all parameters scaled" };
    Chart {
        title: format!("β of a sample of a trained RBM under the model {what}"),
        subtitle: format!("builtin:mnist20, {n_hidden} hidden units; exact sample at β = 1, U(β) exact; ± 1σ"),
        caption: "Estimates from the sample, and what the norm of the weights says.".into(),
        labels: ["‖W‖_F of the scaled model".into(), "β of the sample under the scaled model".into()],
        series: measured.chain([Series::theory("‖W‖_F of the original / ‖W‖_F", 0, norm)]).collect(),
        vertical: Vec::new(),
        horizontal: vec![(1.0, String::new())],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("weight_norm_of_trained_models")?;
    let plan = plan(quick);
    let table = plan.run()?;
    shared::save_csv(&folder.join("expected.csv"), &table)?;
    for scaling in ["temperature", "weights"] {
        FigureFile::from(chart(&table, scaling, plan.hidden)).save(&folder, scaling)?;
    }
    for r in table.iter().filter(|r| r.estimator != "weight_norm") {
        println!(
            "- {} × {}, {}: β = {:.4} ± {:.4}, norm {:.4}",
            r.scaling,
            r.scale,
            r.estimator,
            r.beta,
            r.std_error.unwrap_or(f64::NAN),
            r.scale.recip()
        );
    }
    Ok(())
}

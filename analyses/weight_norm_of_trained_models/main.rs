//! Is the norm of the weights of a trained model its inverse temperature? Norms beside estimates from samples.
//!
//! A trained model is scaled, and a sample of the original at β = 1 is laid beside it: which β do the samples have under the
//! scaled model, and which do the norms say? Writes `expected.csv` and the figures to the folder given as an argument, or to
//! `plefka-out/weight_norm_of_trained_models`. `--quick` takes seconds, on a part of the model.

use std::error::Error;

use nalgebra::DVector;
use plefka::{
    Betas, Estimator, Exact, Rbm, Run,
    dataset::{Data, digits},
    io,
    model::{Draw, Model},
    plot::{Chart, Figure, Series, chart},
    thermo::{
        norms::Norms,
        temperature::{Estimate, Evidence, Observed, survey},
    },
};
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// One estimate of β under a scaled model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// `temperature` for all parameters, `weights` for W alone.
    pub(crate) scaling: String,
    pub(crate) scale: f64,
    /// `sample` of the original model at β = 1, or `digits`.
    pub(crate) data: String,
    pub(crate) frobenius: f64,
    pub(crate) spectral: f64,
    pub(crate) stable_rank: f64,
    pub(crate) g: f64,
    pub(crate) estimator: String,
    pub(crate) scope: String,
    /// The β of the data under the scaled model; of a norm, what it says the original is: ‖W‖/‖W scaled‖.
    pub(crate) beta: f64,
    pub(crate) std_error: Option<f64>,
}

/// All estimates of both scalings, from `rows` rows of each data.
pub fn study(rbm: &Rbm, scales: &[f64], betas: &Betas, rows: usize) -> Result<Vec<Row>, plefka::Error> {
    let run = Run::quiet(1);
    let drawn = rbm.draw(1.0, rows, &run)?.unwrap_or_default();
    let visible = drawn.chunks(rbm.n_units()).flat_map(|state| state[..rbm.n_visible()].to_vec()).collect();
    let sample = Data::new(rbm.n_visible(), visible, None)?;
    let all = digits();
    // Every so many digits, for a share of each kind.
    let every = (all.n_samples() / rows.max(1)).max(1);
    let some: Vec<u8> = all.rows().step_by(every).take(rows).flatten().copied().collect();
    let digits = Data::new(all.n_features(), some, None)?;
    let mut table = Vec::new();
    for &scale in scales {
        for (scaling, model) in
            [("temperature", rbm.scaled_temperature(scale)?), ("weights", rbm.scaled_weights(scale)?)]
        {
            let norms = Norms::of(model.weights());
            for (name, data) in [("sample", &sample), ("digits", &digits)] {
                // Under a change of temperature the β of the digits is that at scale 1, divided by the scale.
                if scaling == "temperature" && name == "digits" {
                    continue;
                }
                // The reference is the scaled model: of the original its norm is 1/scale.
                let evidence = Evidence {
                    model: &model,
                    data: Observed::new(&model, data)?,
                    second: None,
                    in_field: None,
                    reference: None,
                };
                let found = survey(&evidence, betas, 1, |betas| Exact::default().curve(&model, betas, &run))?;
                let row = |estimator: String, scope: &str, beta: f64, std_error: Option<f64>| Row {
                    scaling: scaling.into(),
                    scale,
                    data: name.into(),
                    frobenius: norms.frobenius,
                    spectral: norms.spectral,
                    stable_rank: norms.stable_rank,
                    g: norms.g,
                    estimator,
                    scope: scope.into(),
                    beta,
                    std_error,
                };
                let of =
                    |e: &Estimate| row(e.estimator.to_string(), e.scope.name(), e.beta.value, e.beta.claim.std_error());
                table.extend(found.estimates.iter().map(of));
                table.push(row(
                    "weight_norm".into(),
                    "weights",
                    Norms::of(rbm.weights()).frobenius / norms.frobenius,
                    None,
                ));
            }
        }
    }
    Ok(table)
}

/// β against the norm for each estimator, on a sample of the original model, for each way of scaling.
pub fn figures(rows: &[Row]) -> Result<Vec<Option<Figure>>, plefka::Error> {
    let estimators = ["max_likelihood", "pseudo_likelihood", "flip_identity", "entropic"];
    let figure = |scaling: &str, data: &str, name, title: &str| {
        let line = |estimator: &str| {
            rows.iter()
                .filter(|r| r.scaling == scaling && r.data == data && r.estimator == estimator)
                .collect::<Vec<_>>()
        };
        let measured = estimators.iter().enumerate().map(|(k, estimator)| Series {
            name: estimator.to_string(),
            points: line(estimator).iter().map(|r| (r.frobenius, Some(r.beta), r.std_error)).collect(),
            theory: false,
            look: k + 1,
        });
        let norm = Series {
            name: "‖W‖ of the original / ‖W‖".into(),
            points: line("weight_norm").iter().map(|r| (r.frobenius, Some(r.beta), None)).collect(),
            theory: true,
            look: 0,
        };
        chart(
            name,
            &Chart {
                title: title.into(),
                subtitle: "builtin:mnist20; bars: ± 1σ".into(),
                labels: ["‖W‖_F of the scaled model".into(), "β of the data under the scaled model".into()],
                series: measured.chain([norm]).collect(),
                marks: vec![],
            },
        )
    };
    Ok(vec![
        figure(
            "temperature",
            "sample",
            "all_scaled",
            "A sample of the original under models with all parameters scaled",
        )?,
        figure("weights", "sample", "weights_scaled", "A sample of the original under models with W alone scaled")?,
        figure("weights", "digits", "digits", "Digits under models with W alone scaled")?,
    ])
}

/// The built-in model, or that of its first hidden units.
pub fn builtin(n_hidden: usize) -> Result<Rbm, plefka::Error> {
    let rbm = io::load_model("builtin:mnist20")?.rbm()?.clone();
    let n = n_hidden.min(rbm.n_hidden());
    let b = DVector::from_column_slice(&rbm.hidden_bias().as_slice()[..n]);
    Rbm::new(rbm.weights().columns(0, n).into_owned(), rbm.visible_bias().clone(), b)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("weight_norm_of_trained_models")?;
    let (hidden, scales, betas, rows): (usize, &[f64], &str, usize) =
        if quick { (8, &[0.5, 1.0, 2.0], "0.25:2.5:10", 100) } else { (20, &[0.5, 1.0, 2.0], "0.25:2.5:10", 500) };
    let table = study(&builtin(hidden)?, scales, &betas.parse()?, rows)?;
    shared::save(&folder, "expected.csv", &table, &figures(&table)?)?;
    for r in table.iter().filter(|r| r.data == "sample") {
        println!(
            "- {} × {}, {}: β = {:.4} ± {:.4}",
            r.scaling,
            r.scale,
            r.estimator,
            r.beta,
            r.std_error.unwrap_or(0.0)
        );
    }
    Ok(())
}

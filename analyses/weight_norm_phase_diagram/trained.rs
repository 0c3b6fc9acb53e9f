//! A trained RBM under two scalings: of all parameters, and of the weights alone.

use nalgebra::DVector;
use plefka::{
    Betas, Curve, Estimator, Exact, Rbm, Run, io,
    model::Model,
    plot::{Chart, HeatMap, Overlay, Series},
    thermo,
};
use serde::{Deserialize, Serialize};

/// A point of the trained RBM, exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// `temperature` for all parameters, `weights` for W alone.
    pub(crate) scaling: String,
    pub(crate) scale: f64,
    pub(crate) beta: f64,
    pub(crate) log_z: f64,
    /// ln Z of the model without a scale at β times the scale.
    pub(crate) log_z_at_product: f64,
    pub(crate) entropy_per_unit: f64,
    pub(crate) heat_capacity: f64,
}

impl Point {
    /// |ln Z(β, scale) − ln Z(β × scale, 1)| as a share of ln Z.
    pub fn departure(&self) -> f64 {
        ((self.log_z - self.log_z_at_product) / self.log_z).abs()
    }
}

/// Where the entropy falls most steeply in ln β: the peak of the heat capacity along β at one scale
/// of W.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ridge {
    pub(crate) scale: f64,
    pub(crate) beta: f64,
    pub(crate) heat_capacity: f64,
    /// ‖W‖_F of the scaled model.
    pub(crate) frobenius: f64,
}

/// One curve of every quantity.
fn exact(rbm: &Rbm, betas: &Betas) -> Result<Curve, plefka::Error> {
    Exact::default().curve(rbm, betas, &Run::quiet(0))
}

/// Both scalings of a model over β and the scale, and the model itself at their products.
pub fn grid(rbm: &Rbm, betas: &Betas, scales: &[f64]) -> Result<Vec<Point>, plefka::Error> {
    let mut rows = Vec::new();
    for &scale in scales {
        let products = Betas::new(betas.iter().map(|beta| beta * scale).collect::<Vec<_>>())?;
        let direct = Exact { log_z_only: true, ..Exact::default() }.curve(rbm, &products, &Run::quiet(0))?;
        let scaled = [("temperature", rbm.scaled_temperature(scale)?), ("weights", rbm.scaled_weights(scale)?)];
        for (scaling, model) in scaled {
            let curve = exact(&model, betas)?;
            let (entropy, capacity) = (thermo::entropy(&curve), thermo::heat_capacity(&curve));
            rows.extend(betas.iter().enumerate().map(|(k, beta)| Point {
                scaling: scaling.into(),
                scale,
                beta: *beta,
                log_z: curve.values.log_z[k],
                log_z_at_product: direct.values.log_z[k],
                entropy_per_unit: entropy[k].map_or(f64::NAN, |s| s.value) / rbm.n_units() as f64,
                heat_capacity: capacity[k].map_or(f64::NAN, |c| c.value),
            }));
        }
    }
    Ok(rows)
}

/// The peak of C at each scale of W, where it lies inside the grid: once more on seven β around the
/// highest point.
pub fn ridge(rbm: &Rbm, points: &[Point]) -> Result<Vec<Ridge>, plefka::Error> {
    let mut found = Vec::new();
    for line in weights(points).chunk_by(|a, b| a.scale == b.scale) {
        let highest = (0..line.len()).max_by(|a, b| line[*a].heat_capacity.total_cmp(&line[*b].heat_capacity));
        let Some(k) = highest.filter(|k| *k > 0 && k + 1 < line.len()) else { continue };
        let model = rbm.scaled_weights(line[k].scale)?;
        let around = Betas::linear(line[k - 1].beta, line[k + 1].beta, 7)?;
        let Some(peak) = thermo::heat_capacity_peak(&exact(&model, &around)?) else { continue };
        found.push(Ridge {
            scale: line[k].scale,
            beta: peak.beta.value,
            heat_capacity: peak.height.value,
            frobenius: model.weights().norm(),
        });
    }
    Ok(found)
}

/// The points where W alone is scaled.
fn weights(points: &[Point]) -> Vec<&Point> {
    points.iter().filter(|p| p.scaling == "weights").collect()
}

/// S per unit over β and the scale of W, with the ridge along which it falls, and where the ridge
/// would lie if the scale were an inverse temperature.
pub fn map(points: &[Point], ridge: &[Ridge], model: &str) -> HeatMap {
    let weights = weights(points);
    let lines: Vec<&[&Point]> = weights.chunk_by(|a, b| a.scale == b.scale).collect();
    let given = ridge.iter().find(|r| r.scale == 1.0).map(|r| r.beta);
    let product = given.map(|value| Overlay {
        label: "β × scale constant".into(),
        points: (1..=200).map(|k| 0.02 * f64::from(k)).map(|scale| (value / scale, scale)).collect(),
    });
    let peaks = Overlay {
        label: "S falls most steeply: C peaks along β".into(),
        points: ridge.iter().map(|r| (r.beta, r.scale)).collect(),
    };
    HeatMap {
        title: "Entropy of a trained RBM over β and the scale of its weights".into(),
        subtitle: format!("{model}; W scaled, biases as they are; exact enumeration"),
        labels: ["β".into(), "scale of W".into(), "S per unit, nats".into()],
        x: lines[0].iter().map(|p| p.beta).collect(),
        y: lines.iter().map(|line| line[0].scale).collect(),
        log_y: false,
        values: weights.iter().map(|p| Some(p.entropy_per_unit)).collect(),
        contours: vec![0.1, 0.2, 0.3, 0.4, 0.5],
        overlays: std::iter::once(peaks).chain(product).collect(),
    }
}

/// S per unit against β × scale, a curve for each scale: one curve if the scale is an inverse
/// temperature.
pub fn collapse(points: &[Point], scaling: &str, model: &str) -> Chart {
    let of: Vec<&Point> = points.iter().filter(|p| p.scaling == scaling).collect();
    let series = of.chunk_by(|a, b| a.scale == b.scale).enumerate().map(|(k, line)| {
        let points = line.iter().map(|p| (p.beta, Some(p.entropy_per_unit), None));
        Series::measured(format!("scale {}", line[0].scale), k, points).over(|beta| beta * line[0].scale)
    });
    let what = if scaling == "weights" { "W alone is scaled" } else { "all parameters are scaled" };
    Chart {
        title: format!("Entropy of a trained RBM against β × scale: {what}"),
        subtitle: format!("{model}; exact enumeration"),
        caption: "The curves lie on one another if and only if the scale is an inverse temperature.".into(),
        labels: ["β × scale".into(), "S per unit, nats".into()],
        series: series.collect(),
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

/// The built-in model; or, to be quick, that of its first `n_hidden` hidden units.
pub fn builtin(n_hidden: usize) -> Result<Rbm, plefka::Error> {
    let rbm = io::load_model("builtin:mnist20")?.rbm()?.clone();
    let n = n_hidden.min(rbm.n_hidden());
    let b = DVector::from_column_slice(&rbm.hidden_bias().as_slice()[..n]);
    Rbm::new(rbm.weights().columns(0, n).into_owned(), rbm.visible_bias().clone(), b)
}

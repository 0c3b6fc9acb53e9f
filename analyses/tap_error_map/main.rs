//! By how much does TAP miss ln Z of a random RBM, over the strength of its weights and the ratio of its layers?
//!
//! Writes `expected.csv` and the figures to the folder given as an argument, or to `plefka-out/tap_error_map`. `--quick` takes
//! seconds, on smaller models.

use std::error::Error;

use plefka::{
    Betas, Estimator, Exact, MeanField, Method, Run, Status,
    model::{Order, random::bipartite_sk},
    observe::average,
    plot::{Chart, Figure, HeatMap, Overlay, Series, chart, heat_map},
    theory::bipartite,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// The error of one method at one strength and size, averaged over samples of the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub(crate) method: String,
    pub(crate) n_visible: usize,
    pub(crate) n_hidden: usize,
    pub(crate) g: f64,
    pub(crate) samples: usize,
    /// Those of the samples in which the iteration converged: the averages are over these.
    pub(crate) converged: usize,
    /// (ln Z − exact)/N, nats per unit.
    pub(crate) error: Option<f64>,
    pub(crate) error_std_error: Option<f64>,
}

/// Naive mean field and TAP on one size.
pub fn size(n_visible: usize, n_hidden: usize, gs: &Betas, samples: u64) -> Result<Vec<Point>, plefka::Error> {
    let units = (n_visible + n_hidden) as f64;
    let methods = [(Method::MeanField, Order::First), (Method::Tap2, Order::Second)];
    // One model of g = 1 at β = g.
    let errors = |seed: u64| -> Result<Vec<Vec<Option<f64>>>, plefka::Error> {
        let (rbm, run) = (bipartite_sk(n_visible, n_hidden, 1.0, seed)?, Run::quiet(seed));
        let exact = Exact::default().curve(&rbm, gs, &run)?;
        let of = |(_, order): (Method, Order)| {
            let curve = MeanField { order, starts: 20, ..MeanField::default() }.curve(&rbm, gs, &run)?;
            let error = |k: usize| (curve.values.log_z[k] - exact.values.log_z[k]) / units;
            Ok((0..gs.len()).map(|k| (curve.status_at(k) == Status::Converged).then(|| error(k))).collect())
        };
        methods.into_iter().map(of).collect()
    };
    let all: Vec<Vec<Vec<Option<f64>>>> = (1..=samples).into_par_iter().map(errors).collect::<Result<_, _>>()?;
    let mut points = Vec::new();
    for (m, (method, _)) in methods.into_iter().enumerate() {
        for (k, g) in gs.iter().enumerate() {
            let known: Vec<f64> = all.iter().filter_map(|sample| sample[m][k]).collect();
            let mean = average(&known);
            points.push(Point {
                method: method.to_string(),
                n_visible,
                n_hidden,
                g: *g,
                samples: all.len(),
                converged: known.len(),
                error: (!known.is_empty()).then_some(mean.value),
                error_std_error: shared::error_of(mean),
            });
        }
    }
    Ok(points)
}

/// The map of the error of TAP, and both methods at the shape nearest to 1.
pub fn figures(points: &[Point]) -> Result<Vec<Option<Figure>>, plefka::Error> {
    let tap: Vec<&Point> = points.iter().filter(|p| p.method == Method::Tap2.name()).collect();
    let shape = |p: &Point| p.n_hidden as f64 / p.n_visible as f64;
    let mut shapes: Vec<f64> = tap.iter().map(|p| shape(p)).collect();
    shapes.sort_by(f64::total_cmp);
    shapes.dedup();
    let mut gs: Vec<f64> = tap.iter().map(|p| p.g).collect();
    gs.sort_by(f64::total_cmp);
    gs.dedup();
    let value = |al: f64, g: f64| tap.iter().find(|p| shape(p) == al && p.g == g).and_then(|p| p.error);
    let fine: Vec<f64> = (0..=40).map(|k| 0.04 * 60f64.powf(f64::from(k) / 40.0)).collect();
    let naive =
        fine.iter().map(|al| Ok((bipartite::naive_mean_field_g(*al)?, *al))).collect::<Result<_, plefka::Error>>()?;
    let map = HeatMap {
        title: "ln Z of TAP minus the exact one".into(),
        subtitle: format!(
            "random RBMs on ±1 units of at most 20 units; mean over {} samples of the weights, best of 20 starts",
            tap[0].samples
        ),
        labels: ["g = βw(N_v N_h)^¼".into(), "N_h / N_v".into(), "error, nats per unit".into()],
        x: gs.clone(),
        y: shapes.clone(),
        log_y: true,
        values: shapes.iter().flat_map(|al| gs.iter().map(|g| value(*al, *g)).collect::<Vec<_>>()).collect(),
        contours: vec![0.0],
        overlays: vec![
            Overlay { label: "g = 1: TAP unstable at m = 0".into(), points: vec![(1.0, 0.01), (1.0, 10.0)] },
            Overlay { label: "naive mean field unstable".into(), points: naive },
        ],
    };
    let widest = shapes[shapes.len() - 1];
    let series = [Method::MeanField, Method::Tap2].into_iter().enumerate().map(|(k, method)| Series {
        name: method.to_string(),
        points: points
            .iter()
            .filter(|p| p.method == method.name() && shape(p) == widest)
            .map(|p| (p.g, p.error, p.error_std_error))
            .collect(),
        theory: false,
        look: k + 1,
    });
    let lines = Chart {
        title: format!("Error of mean field and TAP at N_h/N_v = {widest}"),
        subtitle: "bands: ± 1σ over samples of the weights; a gap where no iteration converged".into(),
        labels: ["g = βw(N_v N_h)^¼".into(), "ln Z − exact, nats per unit".into()],
        series: series.collect(),
        marks: vec![(1.0, "g = 1".into())],
    };
    Ok(vec![heat_map("tap_error", &map)?, chart("error_of_g", &lines)?])
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("tap_error_map")?;
    let (sizes, gs, samples): (&[(usize, usize)], &str, u64) = if quick {
        (&[(8, 2), (5, 5)], "0.5:2:4", 4)
    } else {
        (&[(18, 2), (16, 4), (14, 7), (10, 10)], "0.2:3:15", 40)
    };
    let gs: Betas = gs.parse()?;
    let mut points = Vec::new();
    for (n_visible, n_hidden) in sizes {
        points.extend(size(*n_visible, *n_hidden, &gs, samples)?);
    }
    shared::save(&folder, "expected.csv", &points, &figures(&points)?)?;
    for p in points.iter().filter(|p| p.n_visible == p.n_hidden && (p.g % 0.5).min(0.5 - p.g % 0.5) < 1e-9) {
        println!(
            "- {}, g = {}: {:+.4} nats per unit, {} of {} converged",
            p.method,
            p.g,
            p.error.unwrap_or(f64::NAN),
            p.converged,
            p.samples
        );
    }
    Ok(())
}

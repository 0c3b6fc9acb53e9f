//! By how much does TAP miss ln Z of a random RBM, over the strength of its weights and the ratio
//! of its layers?
//!
//! Writes `expected.csv` and the figures to the folder given as an argument, or to
//! `plefka-out/tap_error_map`. `--quick` takes seconds, on smaller models.

use std::error::Error;

use plefka::{
    Betas, Estimator, Exact, MeanField, Method, Run, Status,
    model::{Order, random::bipartite_sk},
    observe::average,
    plot::{Chart, FigureFile, HeatMap, Overlay, Series},
    theory::bipartite,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// The error of one method at one size and strength, averaged over samples of the weights.
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

impl Point {
    fn shape(&self) -> f64 {
        self.n_hidden as f64 / self.n_visible as f64
    }
}

const METHODS: [(Method, Order); 2] = [(Method::MeanField, Order::First), (Method::Tap2, Order::Second)];

/// What is run.
pub struct Plan {
    pub(crate) sizes: Vec<(usize, usize)>,
    pub(crate) gs: Betas,
    pub(crate) samples: u64,
    /// Random starts of each iteration; the best solution counts.
    pub(crate) starts: usize,
}

/// The full plan, or the quick one.
pub fn plan(quick: bool) -> Result<Plan, plefka::Error> {
    Ok(if quick {
        Plan { sizes: vec![(8, 2), (5, 5)], gs: "0.5:2:4".parse()?, samples: 8, starts: 5 }
    } else {
        let sizes = vec![(21, 3), (20, 4), (19, 5), (18, 6), (17, 7), (15, 9), (12, 12)];
        Plan { sizes, gs: "0.15:3:20".parse()?, samples: 60, starts: 5 }
    })
}

impl Plan {
    /// Naive mean field and TAP on every size.
    pub fn run(&self) -> Result<Vec<Point>, plefka::Error> {
        Ok(self.sizes.iter().map(|size| self.size(*size)).collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn size(&self, (n_visible, n_hidden): (usize, usize)) -> Result<Vec<Point>, plefka::Error> {
        let units = (n_visible + n_hidden) as f64;
        // One model of g = 1, at β = g.
        let errors = |seed: u64| -> Result<Vec<Vec<Option<f64>>>, plefka::Error> {
            let (rbm, run) = (bipartite_sk(n_visible, n_hidden, 1.0, seed)?, Run::quiet(seed));
            let exact = Exact { log_z_only: true, ..Exact::default() }.curve(&rbm, &self.gs, &run)?;
            let of = |(_, order): (Method, Order)| {
                let method = MeanField { order, starts: self.starts, ..MeanField::default() };
                let curve = method.curve(&rbm, &self.gs, &run)?;
                let error = |k: usize| (curve.values.log_z[k] - exact.values.log_z[k]) / units;
                Ok((0..self.gs.len()).map(|k| (curve.status_at(k) == Status::Converged).then(|| error(k))).collect())
            };
            METHODS.into_iter().map(of).collect()
        };
        let all: Vec<Vec<Vec<Option<f64>>>> =
            (1..=self.samples).into_par_iter().map(errors).collect::<Result<_, _>>()?;
        let mut points = Vec::new();
        for (m, (method, _)) in METHODS.into_iter().enumerate() {
            for (k, g) in self.gs.iter().enumerate() {
                let known: Vec<f64> = all.iter().filter_map(|sample| sample[m][k]).collect();
                let mean = (!known.is_empty()).then(|| average(&known));
                points.push(Point {
                    method: method.to_string(),
                    n_visible,
                    n_hidden,
                    g: *g,
                    samples: all.len(),
                    converged: known.len(),
                    error: mean.map(|mean| mean.value),
                    error_std_error: mean.and_then(|mean| mean.claim.std_error()),
                });
            }
        }
        Ok(points)
    }
}

/// The error of TAP over strength and shape.
pub fn map(points: &[Point]) -> Result<HeatMap, plefka::Error> {
    let mut tap: Vec<&Point> = points.iter().filter(|p| p.method == Method::Tap2.name()).collect();
    tap.sort_by(|a, b| a.shape().total_cmp(&b.shape()).then(a.g.total_cmp(&b.g)));
    let lines: Vec<&[&Point]> = tap.chunk_by(|a, b| a.shape() == b.shape()).collect();
    let shapes: Vec<f64> = lines.iter().map(|line| line[0].shape()).collect();
    // Lines of theory run a little beyond the map, where they are cut.
    let fine: Vec<f64> = (0..=40).map(|k| 0.5 * shapes[0] * 40f64.powf(f64::from(k) / 40.0)).collect();
    let naive = fine.iter().map(|al| Ok((bipartite::naive_mean_field_g(*al)?, *al)));
    Ok(HeatMap {
        title: "ln Z of TAP minus the exact one, in a random RBM".into(),
        subtitle: format!(
            "Gaussian weights on ±1 units, no biases; {} units; best solution, mean over {} samples",
            tap[0].n_visible + tap[0].n_hidden,
            tap[0].samples
        ),
        labels: ["g = βw(N_v N_h)^¼".into(), "N_h / N_v".into(), "error, nats/unit".into()],
        x: lines[0].iter().map(|p| p.g).collect(),
        y: shapes,
        log_y: true,
        values: tap.iter().map(|p| p.error).collect(),
        contours: vec![0.01, 0.1, 0.3],
        overlays: vec![
            Overlay { label: "g = 1: m = 0 unstable in TAP".into(), points: vec![(1.0, 1e-3), (1.0, 1e3)] },
            Overlay {
                label: "m = 0 unstable in naive mean field".into(),
                points: naive.collect::<Result<_, plefka::Error>>()?,
            },
        ],
    })
}

/// The error of both methods against g, at the most and the least equal layers.
pub fn lines(points: &[Point]) -> Chart {
    let shape = |better: fn(f64, f64) -> f64| points.iter().map(Point::shape).reduce(better).unwrap_or(1.0);
    let shapes = [shape(f64::max), shape(f64::min)];
    let mut series = Vec::new();
    for shape in shapes {
        for (method, _) in METHODS {
            let of = points.iter().filter(|p| p.method == method.name() && p.shape() == shape);
            let of: Vec<&Point> = of.collect();
            let Some(first) = of.first() else { continue };
            let name = format!("{method}, {} × {}", first.n_visible, first.n_hidden);
            series.push(Series::measured(name, series.len() + 1, of.iter().map(|p| (p.g, p.error, p.error_std_error))));
        }
    }
    Chart {
        title: "Error of mean field and TAP in a random RBM".into(),
        subtitle:
            "Gaussian weights on ±1 units, no biases; ± 1σ over samples of the weights; a gap where nothing converged"
                .into(),
        caption: "ln Z minus the exact one, per unit; naive mean field is a lower bound, TAP is none.".into(),
        labels: ["g = βw(N_v N_h)^¼".into(), "(ln Z − exact)/N, nats per unit".into()],
        series,
        vertical: vec![(1.0, "g = 1".into())],
        horizontal: vec![(0.0, String::new())],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("tap_error_map")?;
    let points = plan(quick)?.run()?;
    shared::save_csv(&folder.join("expected.csv"), &points)?;
    FigureFile::from(map(&points)?).save(&folder, "tap_error")?;
    FigureFile::from(lines(&points)).save(&folder, "error_of_g")?;
    let worst = |a: &&Point, b: &&Point| a.error.map(f64::abs).partial_cmp(&b.error.map(f64::abs)).expect("finite");
    for line in points.chunk_by(|a, b| a.method == b.method && a.shape() == b.shape()) {
        let least = line.iter().map(|p| p.converged).min().unwrap_or(0);
        if let Some(p) = line.iter().max_by(worst) {
            println!(
                "- {}, {} × {}: at most {:+.4} nats per unit, at g = {}; at least {least} of {} samples converged",
                p.method,
                p.n_visible,
                p.n_hidden,
                p.error.unwrap_or(f64::NAN),
                p.g,
                p.samples
            );
        }
    }
    Ok(())
}

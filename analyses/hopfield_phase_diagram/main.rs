//! Where does a Hopfield model remember? The overlap with a stored pattern over load and temperature, sampled and by theory.
//!
//! Writes `expected.csv` and the figures to the folder given as an argument, or to `plefka-out/hopfield_phase_diagram`.
//! `--quick` takes seconds, on a small model.

use std::error::Error;

use plefka::{
    Run,
    model::random::Hopfield,
    observe::{Sampling, average, overlap, participation},
    plot::{Chart, Figure, HeatMap, Overlay, Series, chart, heat_map},
    theory::hopfield,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// A point of the phase diagram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub(crate) spins: usize,
    pub(crate) patterns: usize,
    pub(crate) alpha: f64,
    pub(crate) temperature: f64,
    /// Samples of the patterns.
    pub(crate) samples: usize,
    /// Overlap with the pattern that the chains started from, in the second half of the run.
    pub(crate) m: f64,
    pub(crate) m_std_error: Option<f64>,
    /// How many patterns a state has: the participation ratio of its overlaps.
    pub(crate) participation: f64,
    /// Of the retrieval state of the theory; empty where there is none.
    pub(crate) m_theory: Option<f64>,
}

/// The overlap at each temperature, all replicas started from the first pattern and `sampling` long.
pub fn load(
    spins: usize,
    patterns: usize,
    temperatures: &[f64],
    samples: u64,
    sampling: &Sampling,
) -> Result<Vec<Point>, plefka::Error> {
    let sampled = |seed: u64| -> Result<Vec<[f64; 2]>, plefka::Error> {
        let memory = Hopfield::random(spins, patterns, seed)?;
        let up = |k: usize| memory.patterns().row(k).iter().map(|x| *x > 0.0).collect::<Vec<bool>>();
        let all: Vec<Vec<bool>> = (0..patterns).map(up).collect();
        let at = |t: &f64| {
            // A β alone: exchanges with other temperatures would carry the state away from its pattern.
            let replicas = &sampling.replicas(memory.ising(), &[t.recip()], Some(&all[0]), &Run::quiet(seed))?[0];
            let number = |s: &[bool]| participation(&all.iter().map(|p| overlap(s, p)).collect::<Vec<_>>());
            Ok([replicas.mean(|s| overlap(s, &all[0])).value, replicas.mean(number).value])
        };
        temperatures.iter().map(at).collect()
    };
    let all: Vec<Vec<[f64; 2]>> = (1..=samples).into_par_iter().map(sampled).collect::<Result<_, _>>()?;
    let alpha = patterns as f64 / spins as f64;
    let point = |(k, &temperature): (usize, &f64)| {
        let over = |quantity: usize| average(&all.iter().map(|rows| rows[k][quantity]).collect::<Vec<_>>());
        let m = over(0);
        Ok(Point {
            spins,
            patterns,
            alpha,
            temperature,
            samples: all.len(),
            m: m.value,
            m_std_error: shared::error_of(m),
            participation: over(1).value,
            m_theory: hopfield::retrieval(temperature, alpha)?.map(|state| state.m),
        })
    };
    temperatures.iter().enumerate().map(point).collect()
}

/// The map of m with the lines of theory, and m(T) at some loads beside it.
pub fn figures(points: &[Point]) -> Result<Vec<Option<Figure>>, plefka::Error> {
    let mut loads: Vec<f64> = points.iter().map(|p| p.alpha).collect();
    loads.dedup();
    let line = |alpha: f64| points.iter().filter(|p| p.alpha == alpha).collect::<Vec<_>>();
    let temperatures: Vec<f64> = line(loads[0]).iter().map(|p| p.temperature).collect();
    let fine = |end: f64| (0..=60).map(move |k| end * f64::from(k) / 60.0);
    let retrieval = fine(0.99).map(|t| Ok((hopfield::capacity(t)?.alpha, t))).collect::<Result<_, plefka::Error>>()?;
    let global =
        fine(0.95).map(|t| Ok((hopfield::global_minimum_alpha(t)?, t))).collect::<Result<_, plefka::Error>>()?;
    let glass = fine(0.3)
        .map(|alpha| Ok((alpha, hopfield::glass_temperature(alpha)?)))
        .collect::<Result<_, plefka::Error>>()?;
    let value = |t: f64| move |p: &&Point| (p.temperature == t).then_some(p.m);
    let map = HeatMap {
        title: "Retrieval in the Hopfield model".into(),
        subtitle: format!(
            "{} spins, started in a pattern; {} samples of the patterns",
            points[0].spins, points[0].samples
        ),
        labels: ["α, patterns per spin".into(), "T".into(), "overlap m".into()],
        x: loads.clone(),
        y: temperatures.clone(),
        log_y: false,
        values: temperatures
            .iter()
            .flat_map(|t| loads.iter().map(|a| line(*a).iter().find_map(value(*t))).collect::<Vec<_>>())
            .collect(),
        contours: vec![0.5],
        overlays: vec![
            Overlay { label: "T_M: retrieval ends".into(), points: retrieval },
            Overlay { label: "T_c: retrieval the global minimum".into(), points: global },
            Overlay { label: "T_g: spin glass".into(), points: glass },
        ],
    };
    let chosen: Vec<f64> =
        loads.iter().copied().filter(|a| [0.02, 0.05, 0.08, 0.11].iter().any(|c| (a - c).abs() < 1e-9)).collect();
    let series = chosen.iter().enumerate().flat_map(|(k, alpha)| {
        let measured = line(*alpha).iter().map(|p| (p.temperature, Some(p.m), p.m_std_error)).collect();
        let theory = fine(1.0).map(|t| (t, hopfield::retrieval(t, *alpha).ok().flatten().map(|s| s.m), None)).collect();
        [
            Series { name: format!("α = {alpha}"), points: measured, theory: false, look: k + 1 },
            Series { name: "theory".into(), points: theory, theory: true, look: k + 1 },
        ]
    });
    let curves = Chart {
        title: "Overlap with the retrieved pattern".into(),
        subtitle: format!(
            "{} spins, started in the pattern; dashed: saddle point for N → ∞, up to where it ends",
            points[0].spins
        ),
        labels: ["T".into(), "overlap m".into()],
        series: series.collect(),
        marks: vec![],
    };
    Ok(vec![heat_map("retrieval", &map)?, chart("overlap", &curves)?])
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("hopfield_phase_diagram")?;
    let grid =
        |step: f64, count: u32| (1..=count).map(|k| (step * f64::from(k) * 1e9).round() / 1e9).collect::<Vec<f64>>();
    let (spins, loads, temperatures, samples, sampling) = if quick {
        (100, grid(0.05, 4), grid(0.3, 4), 3, Sampling { replicas: 4, burn_in: 30, records: 30, ..Sampling::default() })
    } else {
        (
            1000,
            grid(0.02, 10),
            grid(0.1, 13),
            4,
            Sampling { replicas: 4, burn_in: 100, records: 50, thin: 2, ..Sampling::default() },
        )
    };
    // The checkpoints α = 0.05 and 0.11 lie between the values of the grid.
    let mut loads: Vec<f64> = if quick { loads } else { [loads, vec![0.05, 0.11, 0.13]].concat() };
    loads.sort_by(f64::total_cmp);
    let mut points = Vec::new();
    for alpha in loads {
        points.extend(load(spins, (alpha * spins as f64).round() as usize, &temperatures, samples, &sampling)?);
    }
    shared::save(&folder, "expected.csv", &points, &figures(&points)?)?;
    for p in points.iter().filter(|p| (p.temperature - 0.2).abs() < 1e-9) {
        println!(
            "- α = {}, T = 0.2: m = {:.4} ± {:.4}, theory {:?}",
            p.alpha,
            p.m,
            p.m_std_error.unwrap_or(0.0),
            p.m_theory
        );
    }
    Ok(())
}

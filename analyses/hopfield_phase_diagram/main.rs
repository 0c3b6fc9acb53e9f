//! Where does a Hopfield model remember? The overlap with a stored pattern over load and
//! temperature, sampled and by theory.
//!
//! Writes `expected.csv` and the figures to the folder given as an argument, or to
//! `plefka-out/hopfield_phase_diagram`. `--quick` takes seconds, on a small model.

use std::error::Error;

use plefka::{
    Run,
    model::random::Hopfield,
    observe::{Sampling, average, overlap, participation},
    plot::{Chart, FigureFile, HeatMap, Overlay, Series},
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
    /// Overlap with the pattern that the chains started from.
    pub(crate) m: f64,
    pub(crate) m_std_error: f64,
    /// How many patterns a state has: the participation ratio of its overlaps.
    pub(crate) participation: f64,
    /// Of the retrieval state of the theory; empty where there is none.
    pub(crate) m_theory: Option<f64>,
}

/// What is run.
pub struct Plan {
    pub(crate) spins: usize,
    pub(crate) loads: Vec<f64>,
    pub(crate) temperatures: Vec<f64>,
    /// Samples of the patterns.
    pub(crate) samples: u64,
    pub(crate) sampling: Sampling,
}

/// The full plan, or the quick one. Both hold (α, T) = (0.05, 0.2), deep in the retrieval phase,
/// and (0.2, 0.2), beyond it.
pub fn plan(quick: bool) -> Plan {
    // k/100, which is what the decimal literal is.
    let hundredths = |step: u32, count: u32| (1..=count).map(|k| f64::from(step * k) / 100.0).collect::<Vec<f64>>();
    let sampling = Sampling { replicas: 4, burn_in: 60, records: 10, thin: 4, ..Sampling::default() };
    if quick {
        Plan { spins: 200, loads: hundredths(5, 4), temperatures: hundredths(20, 6), samples: 4, sampling }
    } else {
        let loads = [1, 2, 3, 5, 7, 9, 11, 13, 15, 17, 20].map(|k| f64::from(k) / 100.0).into();
        Plan { spins: 1000, loads, temperatures: hundredths(10, 13), samples: 4, sampling }
    }
}

impl Plan {
    /// Every load at every temperature; the chains start in the first pattern.
    pub fn run(&self) -> Result<Vec<Point>, plefka::Error> {
        Ok(self.loads.iter().map(|alpha| self.load(*alpha)).collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn load(&self, alpha: f64) -> Result<Vec<Point>, plefka::Error> {
        let patterns = (alpha * self.spins as f64).round() as usize;
        let sampled = |seed: u64| -> Result<Vec<[f64; 2]>, plefka::Error> {
            let memory = Hopfield::random(self.spins, patterns, seed)?;
            let up = |k: usize| memory.patterns().row(k).iter().map(|x| *x > 0.0).collect::<Vec<bool>>();
            let all: Vec<Vec<bool>> = (0..patterns).map(up).collect();
            let at = |t: &f64| {
                // One β alone: exchanges with other temperatures would carry the state away from
                // its pattern.
                let run = Run::quiet(seed);
                let replicas = &self.sampling.replicas(memory.ising(), &[t.recip()], Some(&all[0]), &run)?[0];
                let number = |s: &[bool]| participation(&all.iter().map(|p| overlap(s, p)).collect::<Vec<_>>());
                Ok([replicas.mean(|s| overlap(s, &all[0])).value, replicas.mean(number).value])
            };
            self.temperatures.iter().map(at).collect()
        };
        let all: Vec<Vec<[f64; 2]>> = (1..=self.samples).into_par_iter().map(sampled).collect::<Result<_, _>>()?;
        let point = |(k, &temperature): (usize, &f64)| {
            let over = |quantity: usize| average(&all.iter().map(|rows| rows[k][quantity]).collect::<Vec<_>>());
            let m = over(0);
            Ok(Point {
                spins: self.spins,
                patterns,
                alpha,
                temperature,
                samples: all.len(),
                m: m.value,
                m_std_error: m.claim.std_error().unwrap_or(f64::NAN),
                participation: over(1).value,
                m_theory: hopfield::retrieval(temperature, alpha)?.map(|state| state.m),
            })
        };
        self.temperatures.iter().enumerate().map(point).collect()
    }
}

/// The lines of theory in the plane of α and T.
fn lines() -> Result<Vec<Overlay>, plefka::Error> {
    let fine = |end: f64| (0..=24).map(move |k| end * f64::from(k) / 24.0);
    let overlay = |label: &str, points: Result<Vec<(f64, f64)>, plefka::Error>| {
        Ok::<_, plefka::Error>(Overlay { label: label.into(), points: points? })
    };
    Ok(vec![
        overlay("T_M: retrieval ends", fine(0.99).map(|t| Ok((hopfield::capacity(t)?.alpha, t))).collect())?,
        overlay(
            "T_c: retrieval has the lowest F",
            fine(0.95).map(|t| Ok((hopfield::global_minimum_alpha(t)?, t))).collect(),
        )?,
        overlay("T_g: spin glass", fine(0.5).map(|s| Ok((s * s, hopfield::glass_temperature(s * s)?))).collect())?,
    ])
}

/// m over α and T: of the samples, or of the theory with nothing where it has no retrieval state.
pub fn map(points: &[Point], theory: bool) -> Result<HeatMap, plefka::Error> {
    let loads: Vec<&[Point]> = points.chunk_by(|a, b| a.alpha == b.alpha).collect();
    let value = |p: &Point| if theory { p.m_theory } else { Some(p.m) };
    let first = &points[0];
    let sampled =
        format!("{} spins, chains started in a pattern; {} samples of the patterns", first.spins, first.samples);
    Ok(HeatMap {
        title: format!("Retrieval in the Hopfield model, {}", if theory { "by theory" } else { "sampled" }),
        subtitle: if theory { "replica-symmetric saddle point for N → ∞".into() } else { sampled },
        labels: ["α, patterns per spin".into(), "T".into(), "overlap m".into()],
        x: loads.iter().map(|load| load[0].alpha).collect(),
        y: loads[0].iter().map(|p| p.temperature).collect(),
        log_y: false,
        values: (0..loads[0].len()).flat_map(|k| loads.iter().map(move |load| value(&load[k]))).collect(),
        contours: if theory { vec![] } else { vec![0.5, 0.9] },
        overlays: lines()?,
    })
}

/// m against T at some loads.
pub fn curves(points: &[Point]) -> Chart {
    let loads = points.chunk_by(|a, b| a.alpha == b.alpha);
    let chosen: Vec<&[Point]> = loads.filter(|load| [0.02, 0.05, 0.09, 0.13, 0.2].contains(&load[0].alpha)).collect();
    let series = chosen.iter().enumerate().flat_map(|(k, load)| {
        let alpha = load[0].alpha;
        let measured = load.iter().map(|p| (p.temperature, Some(p.m), Some(p.m_std_error)));
        let states = (0..=50).map(|k| f64::from(k) / 50.0);
        let theory = states.filter_map(move |t| Some((t, hopfield::retrieval(t, alpha).ok()??.m)));
        let name = if k == 0 { "saddle point, to where it ends" } else { "" };
        [Series::measured(format!("α = {alpha}"), k + 1, measured), Series::theory(name, k + 1, theory)]
    });
    Chart {
        title: "Overlap with the pattern of the start".into(),
        subtitle: format!(
            "Hopfield model of {} spins; ± 1σ over {} samples of the patterns; theory for N → ∞",
            points[0].spins, points[0].samples
        ),
        caption: "The overlap of chains that started in a pattern, and of the retrieval state of the theory.".into(),
        labels: ["T".into(), "overlap m".into()],
        series: series.collect(),
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("hopfield_phase_diagram")?;
    let points = plan(quick).run()?;
    shared::save_csv(&folder.join("expected.csv"), &points)?;
    FigureFile::from(map(&points, false)?).save(&folder, "retrieval")?;
    FigureFile::from(map(&points, true)?).save(&folder, "saddle_point")?;
    FigureFile::from(curves(&points)).save(&folder, "overlap")?;
    for p in points.iter().filter(|p| p.temperature == 0.2) {
        let theory = p.m_theory.map_or("no retrieval state".into(), |m| format!("{m:.4}"));
        println!("- α = {}, T = 0.2: m = {:.4} ± {:.4}; theory: {theory}", p.alpha, p.m, p.m_std_error);
    }
    Ok(())
}

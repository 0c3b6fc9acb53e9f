//! Where is the spin glass of a random RBM, and is the norm of the weights of a trained one a
//! temperature?
//!
//! Writes the tables and the figures to the folder given as an argument, or to
//! `plefka-out/weight_norm_phase_diagram`. `--quick` takes seconds, on small models.

use std::error::Error;

use plefka::{Betas, observe::Sampling, plot::FigureFile, sample::Kernel};

#[path = "../shared.rs"]
mod shared;

pub mod random;
pub mod trained;

/// A line of strengths of a random model.
pub struct Line {
    pub(crate) size: (usize, usize),
    pub(crate) samples: u64,
    pub(crate) burn_in: usize,
}

/// What is run.
pub struct Plan {
    /// The strengths of the map, and its lines, one for each shape.
    pub(crate) map_gs: Betas,
    pub(crate) map: Vec<Line>,
    /// Layers of equal size and growing, for the onset.
    pub(crate) onset_gs: Betas,
    pub(crate) onset: Vec<Line>,
    /// As many records as sweeps of burn-in, one in so many sweeps.
    pub(crate) thin: usize,
    /// Hidden units of the trained model that are kept.
    pub(crate) hidden: usize,
    pub(crate) betas: Betas,
    pub(crate) scales: Vec<f64>,
}

/// The full plan, or the quick one.
pub fn plan(quick: bool) -> Result<Plan, plefka::Error> {
    let line = |n_visible, n_hidden, samples, burn_in| Line { size: (n_visible, n_hidden), samples, burn_in };
    Ok(if quick {
        Plan {
            map_gs: "0:4:17".parse()?,
            map: vec![line(12, 12, 8, 200), line(16, 4, 8, 200)],
            onset_gs: "0:2:11".parse()?,
            onset: vec![line(16, 16, 24, 200), line(32, 32, 16, 200), line(64, 64, 12, 300)],
            thin: 2,
            hidden: 8,
            betas: "0.4:2:5".parse()?,
            scales: vec![0.5, 1.0, 2.0],
        }
    } else {
        Plan {
            map_gs: "0:4:41".parse()?,
            map: [(32, 32), (37, 27), (43, 21), (48, 16), (52, 12), (56, 8)].map(|(v, h)| line(v, h, 16, 400)).into(),
            onset_gs: "0:2:21".parse()?,
            onset: vec![
                line(32, 32, 64, 400),
                line(64, 64, 64, 400),
                line(128, 128, 48, 800),
                line(256, 256, 20, 2000),
            ],
            thin: 5,
            hidden: 16,
            betas: "0.1:2:20".parse()?,
            scales: (1..=10).map(|k| f64::from(k) / 5.0).collect(),
        }
    })
}

impl Plan {
    /// The random models of the map and of the onset.
    pub fn random(&self) -> Result<[Vec<random::Point>; 2], plefka::Error> {
        let lines = |lines: &[Line], gs: &Betas| {
            let run = |line: &Line| {
                let sampling = Sampling {
                    replicas: 4,
                    burn_in: line.burn_in,
                    records: line.burn_in / self.thin,
                    thin: self.thin,
                    kernel: Kernel::Block,
                };
                random::line(line.size, gs, &sampling, line.samples)
            };
            Ok::<_, plefka::Error>(lines.iter().map(run).collect::<Result<Vec<_>, _>>()?.concat())
        };
        Ok([lines(&self.map, &self.map_gs)?, lines(&self.onset, &self.onset_gs)?])
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("weight_norm_phase_diagram")?;
    let plan = plan(quick)?;
    let save = |figure: FigureFile, name: &str| figure.save(&folder, name);

    let model = trained::builtin(plan.hidden)?;
    let name = format!("builtin:mnist20, {}×{} bits", model.n_visible(), model.n_hidden());
    let points = trained::grid(&model, &plan.betas, &plan.scales)?;
    let ridge = trained::ridge(&model, &points)?;
    shared::save_csv(&folder.join("trained.csv"), &points)?;
    shared::save_csv(&folder.join("ridge.csv"), &ridge)?;
    save(trained::map(&points, &ridge, &name).into(), "trained_entropy")?;
    for scaling in ["temperature", "weights"] {
        save(trained::collapse(&points, scaling, &name).into(), &format!("trained_{scaling}"))?;
        let worst = points.iter().filter(|p| p.scaling == scaling).map(trained::Point::departure).fold(0.0, f64::max);
        println!("- {scaling} scaled: ln Z(β, λ) differs from ln Z(βλ, 1) by up to {worst:.1e} of it");
    }

    let [map, onset] = plan.random()?;
    let limits = random::limits(&onset);
    shared::save_csv(&folder.join("expected.csv"), &map)?;
    shared::save_csv(&folder.join("onset.csv"), &onset)?;
    shared::save_csv(&folder.join("limits.csv"), &limits)?;
    let overlap =
        random::map(&map, "Overlap of two replicas of a random RBM", "√⟨q_v q_h⟩", vec![0.5], random::Point::q)?;
    let entropy =
        random::map(&map, "Entropy of a random RBM", "S per unit, nats", vec![0.05, 0.1, 0.2, 0.4], |p| p.entropy)?;
    save(overlap.into(), "overlap")?;
    save(entropy.into(), "entropy")?;
    save(random::onset(&onset, &limits)?.into(), "onset")?;
    for line in map.chunk_by(|a, b| a.shape() == b.shape()).chain(onset.chunk_by(|a, b| a.n_visible == b.n_visible)) {
        let worst = line.iter().map(|p| p.disequilibrium / p.disequilibrium_std_error).filter(|z| z.is_finite());
        let worst = worst.fold(0.0, |worst: f64, z| if z.abs() > worst.abs() { z } else { worst });
        println!(
            "- {} × {}: {worst:+.1} standard errors from equilibrium at most",
            line[0].n_visible, line[0].n_hidden
        );
    }
    for limit in &limits {
        println!(
            "- g = {}: q² = {:.4} ± {:.4} for N → ∞, theory {:.4}",
            limit.g, limit.q_squared, limit.q_squared_std_error, limit.q_squared_theory
        );
    }
    Ok(())
}

//! Is the free-energy landscape of a trained RBM a funnel? F along three reaction coordinates, by
//! MBAR over tempering and exactly, and the valleys of the landscape of the hidden units, before,
//! during and after training.
//!
//! Writes `expected.csv` (what is said of each landscape), `profiles.csv` (F of the first run of
//! training) and the figures to the folder given as an argument, or to `plefka-out/funnel`.
//! `--quick` takes seconds.

use std::error::Error;

use nalgebra::DMatrix;
use plefka::{
    Betas, Rbm, Run,
    estimator::Tempering,
    io,
    model::{Draw, Marginal, Model},
    stats::{
        free_energy::{Mbar, MultistateSamples},
        log_sum_exp, mean,
    },
    streams::stream,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "coordinates.rs"]
mod coordinates;
#[path = "../digits.rs"]
#[allow(dead_code)] // each analysis uses some of it
mod digits;
#[path = "figures.rs"]
pub mod figures;
#[path = "profile.rs"]
mod profile;
#[path = "../shared.rs"]
mod shared;
#[path = "valleys.rs"]
mod valleys;

use coordinates::{Digits, energy, entropy};
use digits::{Recipe, TRAINING, Training};
use profile::{Bins, Profile};
use valleys::valleys;

/// A valley counts if one must climb by more than this to leave it, nats: by k_BT.
pub const LEAST_DEPTH: f64 = 1.0;
/// A dip of a profile counts if it is deeper than this, nats, and than four standard errors.
pub const LEAST_DIP: f64 = 0.1;
const BINS: usize = 30;

/// What is done.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) hidden: usize,
    /// Updates at which the model is looked at.
    pub(crate) updates: Vec<usize>,
    pub(crate) seeds: u64,
    pub(crate) betas: Vec<f64>,
    /// Independent runs of tempering, from which the errors come.
    pub(crate) runs: u64,
    pub(crate) tempering: Tempering,
    /// Exact samples, at each β.
    pub(crate) draws: usize,
    /// Whether the built-in model is looked at, too.
    pub(crate) built_in: bool,
}

impl Plan {
    /// The full plan, or the quick one.
    pub fn new(quick: bool) -> Self {
        let one = Tempering { ladders: 1, temperatures: 24, ..Tempering::default() };
        if quick {
            Self {
                hidden: 8,
                updates: vec![0, 400],
                seeds: 1,
                betas: vec![0.5, 1.0],
                runs: 8,
                tempering: Tempering { temperatures: 10, sweeps: 400, burn_in: 100, records: 100, ..one },
                draws: 4000,
                built_in: false,
            }
        } else {
            Self {
                hidden: 16,
                updates: vec![0, 100, 500, 4000],
                seeds: 2,
                betas: vec![0.5, 0.8, 1.0, 1.5],
                runs: 10,
                tempering: Tempering { sweeps: 2000, burn_in: 500, records: 200, ..one },
                draws: 20_000,
                built_in: true,
            }
        }
    }
}

/// One landscape, of one model at one β.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Landscape {
    pub(crate) model: String,
    pub(crate) seed: u64,
    pub(crate) update: usize,
    pub(crate) beta: f64,
    /// Means over exact samples.
    pub(crate) energy: f64,
    pub(crate) overlap: f64,
    pub(crate) entropy_given_hidden: f64,
    /// n ln 2 − H(h): what is known of the hidden units, nats. 0 where the landscape is flat.
    pub(crate) relief: f64,
    /// Valleys of F(h) deeper than k_BT, by enumeration.
    pub(crate) valleys: usize,
    /// e^H of how probability is shared among them.
    pub(crate) effective_valleys: f64,
    pub(crate) largest_weight: f64,
    /// The deepest but the lowest, nats.
    pub(crate) deepest: f64,
    /// Minima of the profiles by MBAR, and the deepest dip between two of them.
    pub(crate) energy_minima: usize,
    pub(crate) energy_dip: f64,
    pub(crate) energy_dip_std_error: f64,
    pub(crate) overlap_minima: usize,
    pub(crate) overlap_dip: f64,
    pub(crate) overlap_dip_std_error: f64,
    pub(crate) entropy_minima: usize,
    pub(crate) entropy_dip: f64,
    pub(crate) entropy_dip_std_error: f64,
    /// Mean squares of the differences from the exact profiles, in standard errors.
    pub(crate) energy_chi_square: f64,
    pub(crate) overlap_chi_square: f64,
    pub(crate) entropy_chi_square: f64,
    /// Bins that were compared, of all three.
    pub(crate) compared: usize,
    /// Mean over the runs of tempering, nats.
    pub(crate) mbar_minus_exact_log_z: f64,
}

/// A bin of a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    pub(crate) model: String,
    pub(crate) update: usize,
    pub(crate) beta: f64,
    pub(crate) coordinate: String,
    pub(crate) at: f64,
    /// −ln p relative to the most probable bin, nats, by MBAR.
    pub(crate) free_energy: Option<f64>,
    pub(crate) std_error: Option<f64>,
    /// The same by exact samples.
    pub(crate) exact: Option<f64>,
    pub(crate) exact_std_error: Option<f64>,
}

/// Their names.
pub const COORDINATES: [&str; 3] = ["energy", "overlap", "entropy"];

/// A model on its way.
struct Moment<'a> {
    model: &'a str,
    seed: u64,
    update: usize,
    rbm: Rbm,
}

/// The three coordinates of a state.
fn of_state(rbm: &Rbm, digits: &Digits, state: &[u8], beta: f64) -> [f64; 3] {
    let (v, h) = state.split_at(rbm.n_visible());
    [energy(rbm, state), digits.overlap(v), entropy(rbm, h, beta)]
}

/// The weights of the samples of one run of tempering at each β, with ln Z there.
struct Tempered {
    kept: Vec<Vec<u8>>,
    weights: Vec<Vec<f64>>,
    log_z: Vec<f64>,
}

fn temper(plan: &Plan, rbm: &Rbm, seed: u64) -> Result<Tempered, plefka::Error> {
    let betas = Betas::new(plan.betas.clone())?;
    let found = plan.tempering.multistate(rbm, &betas, &Run::quiet(seed))?.expect("nobody cancels");
    let [samples] = &found[..] else { unreachable!("one run for all β from the uniform base") };
    let mbar = Mbar::solve(&MultistateSamples::new(&samples.potentials, &samples.counts)?);
    let first = samples.counts.len() - plan.betas.len();
    let states = || (first..samples.counts.len()).map(|k| mbar.state(k));
    Ok(Tempered {
        weights: states().map(|state| state.weights).collect(),
        log_z: states().map(|state| samples.log_z_base - state.f).collect(),
        kept: samples.kept.iter().map(|kept| kept.iter().map(|up| u8::from(*up)).collect()).collect(),
    })
}

/// Everything about one model.
fn study(plan: &Plan, moment: &Moment<'_>, digits: &Digits) -> Result<(Vec<Landscape>, Vec<Bin>), plefka::Error> {
    let rbm = &moment.rbm;
    let marginal = Marginal::of(rbm);
    let runs: Vec<Tempered> =
        (1..=plan.runs).into_par_iter().map(|seed| temper(plan, rbm, seed)).collect::<Result<_, _>>()?;
    let (mut landscapes, mut bins) = (Vec::new(), Vec::new());
    for (k, &beta) in plan.betas.iter().enumerate() {
        let log_f = log_weights(&marginal, beta);
        let log_z = log_sum_exp(&log_f);
        let drawn = rbm.draw(beta, plan.draws, &Run::quiet(moment.seed))?.expect("nobody cancels");
        let exact: Vec<[f64; 3]> =
            drawn.par_chunks(rbm.n_units()).map(|state| of_state(rbm, digits, state, beta)).collect();
        // Each sample is completed by visible units given its hidden ones, at this β. What weighs
        // next to nothing is left out.
        let completed: Vec<Vec<([f64; 3], f64)>> = runs
            .par_iter()
            .enumerate()
            .map(|(run, tempered)| {
                let mut rng = stream(moment.seed, 1000 + run as u64);
                let heavy = tempered.kept.iter().zip(&tempered.weights[k]).filter(|(_, weight)| **weight > 1e-9);
                heavy
                    .map(|(kept, weight)| {
                        let state = marginal.complete(kept, beta, &mut rng);
                        (of_state(rbm, digits, &state, beta), *weight)
                    })
                    .collect()
            })
            .collect();
        let mut found = Vec::new();
        for (c, coordinate) in COORDINATES.into_iter().enumerate() {
            let grid = Bins::over(exact.iter().map(|q| q[c]), BINS);
            let by_run: Vec<Vec<f64>> =
                completed.iter().map(|run| grid.fill(run.iter().map(|(q, weight)| (q[c], *weight)))).collect();
            let measured = Profile::of_runs(&by_run);
            let share = 1.0 / plan.draws as f64;
            let truth = Profile::of_draws(grid.fill(exact.iter().map(|q| (q[c], share))), plan.draws);
            for bin in 0..BINS {
                let (ours, theirs) = (measured.free_energy(bin), truth.free_energy(bin));
                bins.push(Bin {
                    model: moment.model.into(),
                    update: moment.update,
                    beta,
                    coordinate: coordinate.into(),
                    at: grid.middle(bin),
                    free_energy: ours.map(|f| f.0),
                    std_error: ours.map(|f| f.1),
                    exact: theirs.map(|f| f.0),
                    exact_std_error: theirs.map(|f| f.1),
                });
            }
            found.push((measured.minima(LEAST_DIP), measured.chi_square(&truth)));
        }
        let valleys = valleys(&log_f, LEAST_DEPTH);
        let share = |w: f64| if w > 0.0 { -w * w.ln() } else { 0.0 };
        let hidden_entropy: f64 = log_f.iter().map(|f| share((f - log_z).exp())).sum();
        let of = |c: usize| mean(&exact.iter().map(|q| q[c]).collect::<Vec<_>>());
        let errors: Vec<f64> = runs.iter().map(|run| run.log_z[k] - log_z).collect();
        let [energy, overlap, entropy] = [found[0], found[1], found[2]];
        landscapes.push(Landscape {
            model: moment.model.into(),
            seed: moment.seed,
            update: moment.update,
            beta,
            energy: of(0),
            overlap: of(1),
            entropy_given_hidden: of(2),
            relief: marginal.n_kept() as f64 * 2f64.ln() - hidden_entropy,
            valleys: valleys.len(),
            // Sums over all states, whose rounding may lead beyond what they can be.
            effective_valleys: (valleys.iter().map(|valley| share(valley.weight)).sum::<f64>().exp())
                .clamp(1.0, valleys.len() as f64),
            largest_weight: valleys.iter().map(|valley| valley.weight).fold(0.0, f64::max).min(1.0),
            deepest: valleys.get(1).map_or(0.0, |valley| valley.depth),
            energy_minima: energy.0.0,
            energy_dip: energy.0.1,
            energy_dip_std_error: energy.0.2,
            overlap_minima: overlap.0.0,
            overlap_dip: overlap.0.1,
            overlap_dip_std_error: overlap.0.2,
            entropy_minima: entropy.0.0,
            entropy_dip: entropy.0.1,
            entropy_dip_std_error: entropy.0.2,
            energy_chi_square: energy.1.0,
            overlap_chi_square: overlap.1.0,
            entropy_chi_square: entropy.1.0,
            compared: energy.1.1 + overlap.1.1 + entropy.1.1,
            mbar_minus_exact_log_z: mean(&errors),
        });
    }
    Ok((landscapes, bins))
}

/// ln f(h; β) of all hidden states.
pub fn log_weights(marginal: &Marginal, beta: f64) -> Vec<f64> {
    let block = 1 << marginal.n_kept().min(12);
    let mut log_f = vec![0.0; 1 << marginal.n_kept()];
    log_f.par_chunks_mut(block).enumerate().for_each(|(k, out)| marginal.log_weights(beta, k * block, out));
    log_f
}

/// Both tables.
pub fn run(plan: &Plan) -> Result<(Vec<Landscape>, Vec<Bin>), plefka::Error> {
    let (data, _) = digits::digits();
    let train: DMatrix<f64> = data.columns(0, TRAINING).into_owned();
    let near = Digits::new(&train);
    let recipe = Recipe {
        hidden: plan.hidden,
        rate: 0.1,
        sweeps: 2,
        updates: plan.updates.last().copied().unwrap_or(0),
        centred: true,
        decay: 0.0,
    };
    let of_seed = |seed: u64| {
        let mut training = Training::new(&train, recipe, seed);
        let moment = |&update: &usize| {
            training.advance(update);
            Moment { model: "PCD", seed, update, rbm: training.rbm() }
        };
        plan.updates.iter().map(moment).collect::<Vec<_>>()
    };
    let mut moments: Vec<Moment<'_>> =
        (1..=plan.seeds).into_par_iter().map(of_seed).collect::<Vec<_>>().into_iter().flatten().collect();
    if plan.built_in {
        moments.push(Moment {
            model: "built-in",
            seed: 1,
            update: 0,
            rbm: io::load_model("builtin:mnist20")?.rbm()?.clone(),
        });
    }
    let (mut landscapes, mut bins) = (Vec::new(), Vec::new());
    for moment in &moments {
        let (of_moment, profiles) = study(plan, moment, &near)?;
        landscapes.extend(of_moment);
        if moment.seed == 1 {
            bins.extend(profiles);
        }
    }
    Ok((landscapes, bins))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("funnel")?;
    let (landscapes, bins) = run(&Plan::new(quick))?;
    shared::save_csv(&folder.join("expected.csv"), &landscapes)?;
    shared::save_csv(&folder.join("profiles.csv"), &bins)?;
    for (name, chart) in figures::charts(&bins) {
        plefka::plot::FigureFile::from(chart).save(&folder, name)?;
    }
    Ok(())
}

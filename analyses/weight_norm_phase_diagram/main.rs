//! Where is the spin glass of a random RBM, and is the norm of the weights of a trained one a temperature?
//!
//! Writes `expected.csv` (random), `trained.csv` and the figures to the folder given as an argument, or to
//! `plefka-out/weight_norm_phase_diagram`. `--quick` takes seconds, on small models.

use std::error::Error;

use nalgebra::DVector;
use plefka::{
    Betas, Estimator, Exact, Rbm, Run, io,
    model::{Kernel, Model, random::bipartite_sk},
    observe::{Sampling, average, overlap, root},
    plot::{Chart, Figure, HeatMap, Overlay, Series, chart, heat_map},
    theory::bipartite,
    thermo,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../shared.rs"]
mod shared;

/// A point of the random RBM: averages over samples of the disorder beside the replica-symmetric theory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub(crate) n_visible: usize,
    pub(crate) n_hidden: usize,
    pub(crate) g: f64,
    /// Samples of the disorder.
    pub(crate) samples: usize,
    /// √⟨q_v²⟩, √⟨q_h²⟩ and √⟨q_v q_h⟩.
    pub(crate) q_visible: f64,
    pub(crate) q_visible_std_error: Option<f64>,
    pub(crate) q_hidden: f64,
    pub(crate) q_hidden_std_error: Option<f64>,
    pub(crate) q: f64,
    pub(crate) q_std_error: Option<f64>,
    /// S per unit, nats.
    pub(crate) entropy: f64,
    pub(crate) entropy_std_error: Option<f64>,
    /// U/√(N_vN_h) + g(1 − ⟨q_v q_h⟩), which is 0 in equilibrium for Gaussian weights.
    pub(crate) disequilibrium: f64,
    pub(crate) disequilibrium_std_error: Option<f64>,
    pub(crate) q_visible_theory: f64,
    pub(crate) q_hidden_theory: f64,
    pub(crate) entropy_theory: f64,
    pub(crate) at_product: f64,
}

/// A point of the trained RBM, exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// `temperature` for all parameters, `weights` for W alone.
    pub(crate) scaling: String,
    pub(crate) beta: f64,
    pub(crate) scale: f64,
    pub(crate) log_z: f64,
    pub(crate) entropy_per_unit: f64,
    pub(crate) heat_capacity: f64,
    /// ln Z of the unscaled model at β times the scale.
    pub(crate) log_z_at_product: f64,
}

/// What is measured at one strength of one sample: q_v², q_h², q_v q_h, S per unit, disequilibrium.
type Numbers = [f64; 5];

/// The strengths `gs`, from 0, of one sample of the disorder. At g = 1 of the model β is g.
fn sample(
    n_visible: usize,
    n_hidden: usize,
    gs: &[f64],
    sampling: &Sampling,
    seed: u64,
) -> Result<Vec<Numbers>, plefka::Error> {
    let rbm = bipartite_sk(n_visible, n_hidden, 1.0, seed)?;
    let units = (n_visible + n_hidden) as f64;
    let pairs = ((n_visible * n_hidden) as f64).sqrt();
    let energy = |s: &[bool]| {
        let spins: Vec<f64> = s.iter().map(|up| if *up { 1.0 } else { -1.0 }).collect();
        rbm.energy(&spins[..n_visible], &spins[n_visible..])
    };
    let (mut log_z, mut last, mut rows) = (units * std::f64::consts::LN_2, (0.0, 0.0, 0.0), Vec::new());
    for (at, &g) in sampling.replicas(&rbm, gs, None, &Run::quiet(seed))?.iter().zip(gs) {
        let u = at.mean(energy).value;
        let variance = at.mean(|s| (energy(s) - u).powi(2)).value;
        // ln Z = N ln 2 − ∫U dβ by the trapezoid rule with its end correction, since U′ = −Var E.
        let h = g - last.0;
        log_z -= 0.5 * h * (u + last.1) + h * h * (variance - last.2) / 12.0;
        last = (g, u, variance);
        let q_v_q_h = at
            .pair_mean(|s, t| overlap(&s[..n_visible], &t[..n_visible]) * overlap(&s[n_visible..], &t[n_visible..]))
            .value;
        let [q_v, q_h] = [0..n_visible, n_visible..n_visible + n_hidden].map(|layer| at.q_squared(layer).value);
        rows.push([q_v, q_h, q_v_q_h, (log_z + g * u) / units, u / pairs + g * (1.0 - q_v_q_h)]);
    }
    Ok(rows)
}

/// The line of strengths of one size, averaged over `samples` samples.
pub fn random(
    n_visible: usize,
    n_hidden: usize,
    gs: &[f64],
    sampling: &Sampling,
    samples: u64,
) -> Result<Vec<Point>, plefka::Error> {
    let of_seed = |seed| sample(n_visible, n_hidden, gs, sampling, seed);
    let all: Vec<Vec<Numbers>> = (1..=samples).into_par_iter().map(of_seed).collect::<Result<_, _>>()?;
    let point = |(k, &g): (usize, &f64)| {
        let over = |quantity: usize| average(&all.iter().map(|rows| rows[k][quantity]).collect::<Vec<_>>());
        let theory = bipartite::saddle_point(g, n_hidden as f64 / n_visible as f64)?;
        let [q_v, q_h, q] = [0, 1, 2].map(|quantity| root(over(quantity)));
        let (s, off) = (over(3), over(4));
        Ok(Point {
            n_visible,
            n_hidden,
            g,
            samples: all.len(),
            q_visible: q_v.value,
            q_visible_std_error: shared::error_of(q_v),
            q_hidden: q_h.value,
            q_hidden_std_error: shared::error_of(q_h),
            q: q.value,
            q_std_error: shared::error_of(q),
            entropy: s.value,
            entropy_std_error: shared::error_of(s),
            disequilibrium: off.value,
            disequilibrium_std_error: shared::error_of(off),
            q_visible_theory: theory.q_visible,
            q_hidden_theory: theory.q_hidden,
            entropy_theory: theory.entropy_per_unit,
            at_product: theory.at_product,
        })
    };
    gs.iter().enumerate().map(point).collect()
}

/// Both scalings of a model over β and the scale, and the model itself at their products.
pub fn trained(rbm: &Rbm, betas: &Betas, scales: &[f64]) -> Result<Vec<Trained>, plefka::Error> {
    let (exact, run) = (Exact::default(), Run::quiet(0));
    let mut rows = Vec::new();
    for &scale in scales {
        let products: Vec<f64> = betas.iter().map(|beta| beta * scale).collect();
        let direct = Exact { log_z_only: true, ..Exact::default() }.curve(rbm, &Betas::new(products)?, &run)?;
        for (name, scaled) in [("temperature", rbm.scaled_temperature(scale)?), ("weights", rbm.scaled_weights(scale)?)]
        {
            let curve = exact.curve(&scaled, betas, &run)?;
            let (entropy, capacity) = (thermo::entropy(&curve), thermo::heat_capacity(&curve));
            for (k, beta) in betas.iter().enumerate() {
                rows.push(Trained {
                    scaling: name.into(),
                    beta: *beta,
                    scale,
                    log_z: curve.values.log_z[k],
                    entropy_per_unit: entropy[k].map_or(f64::NAN, |s| s.value) / rbm.n_units() as f64,
                    heat_capacity: capacity[k].map_or(f64::NAN, |c| c.value),
                    log_z_at_product: direct.values.log_z[k],
                });
            }
        }
    }
    Ok(rows)
}

/// The built-in model; or, to be quick, that of its first `n_hidden` hidden units.
pub fn builtin(n_hidden: usize) -> Result<Rbm, plefka::Error> {
    let rbm = io::load_model("builtin:mnist20")?.rbm()?.clone();
    let n = n_hidden.min(rbm.n_hidden());
    let b = DVector::from_column_slice(&rbm.hidden_bias().as_slice()[..n]);
    Rbm::new(rbm.weights().columns(0, n).into_owned(), rbm.visible_bias().clone(), b)
}

/// Maps of q and s over strength and shape, from the sizes in `map`, and q(g) at the shape 1.
pub fn random_figures(points: &[Point], map: &[(usize, usize)]) -> Result<Vec<Option<Figure>>, plefka::Error> {
    let line = |size: &(usize, usize)| points.iter().filter(|p| (p.n_visible, p.n_hidden) == *size).collect::<Vec<_>>();
    let mut map: Vec<(usize, usize)> = map.to_vec();
    map.sort_by(|a, b| (a.1 * b.0).cmp(&(b.1 * a.0)));
    let shapes: Vec<f64> = map.iter().map(|(v, h)| *h as f64 / *v as f64).collect();
    let gs: Vec<f64> = line(&map[0]).iter().map(|p| p.g).collect();
    // Lines of theory run a little beyond the map, where they are cut.
    let fine: Vec<f64> = (0..=40).map(|k| 0.05 * 40f64.powf(f64::from(k) / 40.0)).collect();
    let along = |label: &str, g: &dyn Fn(f64) -> Result<f64, plefka::Error>| {
        let points = fine.iter().map(|al| Ok((g(*al)?, *al))).collect::<Result<_, plefka::Error>>()?;
        Ok::<_, plefka::Error>(Overlay { label: label.into(), points })
    };
    let overlays = vec![
        along("g = 1: spin glass, AT", &|_| Ok(bipartite::CRITICAL_G))?,
        along("naive mean field unstable", &bipartite::naive_mean_field_g)?,
        along("s = 0 (RS)", &bipartite::entropy_zero)?,
    ];
    let units = map.iter().map(|(v, h)| v + h);
    let (least, most) = (units.clone().min().unwrap_or(0), units.max().unwrap_or(0));
    let subtitle = format!(
        "independent Gaussian weights on ±1 units, no biases; {least} to {most} units, {} samples of the weights",
        points[0].samples
    );
    let heat = |name, title: &str, label: &str, contours: Vec<f64>, value: fn(&Point) -> f64| {
        let values =
            map.iter().flat_map(|size| line(size).into_iter().map(value).map(Some).collect::<Vec<_>>()).collect();
        heat_map(
            name,
            &HeatMap {
                title: title.into(),
                subtitle: subtitle.clone(),
                labels: ["g = βw(N_v N_h)^¼".into(), "N_h / N_v".into(), label.into()],
                x: gs.clone(),
                y: shapes.clone(),
                log_y: true,
                values,
                contours,
                overlays: overlays.clone(),
            },
        )
    };
    let mut sizes: Vec<(usize, usize)> =
        points.iter().map(|p| (p.n_visible, p.n_hidden)).filter(|(v, h)| v == h).collect();
    sizes.dedup();
    let theory = Series {
        name: "replica-symmetric, N → ∞".into(),
        points: (0..=200)
            .map(|k| gs[gs.len() - 1] * f64::from(k) / 200.0)
            .map(|g| Ok((g, Some(bipartite::saddle_point(g, 1.0)?.q_visible), None)))
            .collect::<Result<_, plefka::Error>>()?,
        theory: true,
        look: 0,
    };
    let measured = sizes.iter().enumerate().map(|(k, size)| Series {
        name: format!("{} × {}", size.0, size.1),
        points: line(size).iter().map(|p| (p.g, Some(p.q), p.q_std_error)).collect(),
        theory: false,
        look: k + 1,
    });
    Ok(vec![
        heat("q", "Overlap of two replicas of a random RBM", "√⟨q_v q_h⟩", vec![0.5], |p| p.q)?,
        heat("entropy", "Entropy of a random RBM", "S per unit, nats", vec![0.1, 0.3, 0.5], |p| p.entropy)?,
        chart(
            "q_of_g",
            &Chart {
                title: "Onset of the spin glass in a random RBM with layers of equal size".into(),
                subtitle: "bands: ± 1σ over samples of the weights".into(),
                labels: ["g = βw(N_v N_h)^¼".into(), "√⟨q_v q_h⟩".into()],
                series: measured.chain([theory]).collect(),
                marks: vec![(1.0, "g = 1".into())],
            },
        )?,
    ])
}

/// The map of S per unit under a scaling of W alone, and S against β × scale for both scalings.
pub fn trained_figures(rows: &[Trained]) -> Result<Vec<Option<Figure>>, plefka::Error> {
    let of = |scaling: &str| rows.iter().filter(|r| r.scaling == scaling).collect::<Vec<_>>();
    let weights = of("weights");
    let mut scales: Vec<f64> = weights.iter().map(|r| r.scale).collect();
    scales.dedup();
    let line = |scaling: &str, scale: f64| of(scaling).into_iter().filter(|r| r.scale == scale).collect::<Vec<_>>();
    let ridge = scales.iter().filter_map(|scale| {
        let line = line("weights", *scale);
        line.iter().max_by(|a, b| a.heat_capacity.total_cmp(&b.heat_capacity)).map(|top| (top.beta, *scale))
    });
    let product = |label: &str, value: f64| Overlay {
        label: label.into(),
        points: (0..=100).map(|k| 0.05 + 0.03 * f64::from(k)).map(|scale| (value / scale, scale)).collect(),
    };
    let map = HeatMap {
        title: "Entropy of a trained RBM over β and the scale of its weights".into(),
        subtitle: "builtin:mnist20, 784×20 bits, biases kept; exact enumeration".into(),
        labels: ["β".into(), "scale of W".into(), "S per unit, nats".into()],
        x: line("weights", scales[0]).iter().map(|r| r.beta).collect(),
        y: scales.clone(),
        log_y: false,
        values: weights.iter().map(|r| Some(r.entropy_per_unit)).collect(),
        contours: vec![0.1, 0.2, 0.3, 0.4],
        overlays: vec![
            Overlay { label: "largest heat capacity along β".into(), points: ridge.collect() },
            product("β × scale = 1", 1.0),
        ],
    };
    let family = |scaling: &'static str, name, what: &str| {
        let series = scales.iter().enumerate().map(|(k, scale)| {
            let points = line(scaling, *scale).iter().map(|r| (r.beta, Some(r.entropy_per_unit), None)).collect();
            Series { name: format!("scale {scale}"), points, theory: false, look: k }.rescaled(|beta| beta * scale)
        });
        chart(
            name,
            &Chart {
                title: format!("Entropy against β × scale, {what}"),
                subtitle: "builtin:mnist20, exact enumeration: one curve for all scales if the scale is an inverse temperature".into(),
                labels: ["β × scale".into(), "S per unit, nats".into()],
                series: series.collect(),
                marks: vec![],
            },
        )
    };
    Ok(vec![
        heat_map("trained_entropy", &map)?,
        family("temperature", "trained_temperature", "all parameters scaled")?,
        family("weights", "trained_weights", "W alone scaled")?,
    ])
}

/// Sizes of the map, further sizes, and the grid and sampling, of the full run and the quick one.
pub struct Plan {
    pub(crate) map: Vec<(usize, usize)>,
    pub(crate) larger: Vec<(usize, usize)>,
    pub(crate) gs: Vec<f64>,
    pub(crate) sampling: Sampling,
    pub(crate) samples: u64,
    pub(crate) hidden: usize,
    pub(crate) betas: Betas,
    pub(crate) scales: Vec<f64>,
}

pub fn plan(quick: bool) -> Result<Plan, plefka::Error> {
    let sampling = Sampling { replicas: 4, burn_in: 1000, records: 250, thin: 4, kernel: Kernel::Block };
    let grid = |spec: &str| Ok::<_, plefka::Error>(spec.parse::<Betas>()?.to_vec());
    Ok(if quick {
        Plan {
            map: vec![(12, 12), (16, 4)],
            larger: vec![],
            gs: grid("0:4:17")?,
            sampling: Sampling { burn_in: 200, records: 100, thin: 2, ..sampling },
            samples: 8,
            hidden: 8,
            betas: "0.5:2:4".parse()?,
            scales: vec![0.5, 1.0, 2.0],
        }
    } else {
        Plan {
            map: vec![(128, 128), (160, 80), (192, 48), (224, 28)],
            larger: vec![(32, 32), (64, 64), (48, 12)],
            gs: grid("0:4:41")?,
            sampling,
            samples: 12,
            hidden: 20,
            betas: "0.25:2:8".parse()?,
            scales: vec![0.25, 0.5, 0.75, 1.0, 1.5, 2.0],
        }
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("weight_norm_phase_diagram")?;
    let plan = plan(quick)?;
    let rows = trained(&builtin(plan.hidden)?, &plan.betas, &plan.scales)?;
    shared::save(&folder, "trained.csv", &rows, &trained_figures(&rows)?)?;
    for scaling in ["temperature", "weights"] {
        let off =
            rows.iter().filter(|r| r.scaling == scaling).map(|r| (r.log_z - r.log_z_at_product).abs() / r.log_z.abs());
        println!(
            "- {scaling}: ln Z(β, scale) differs from ln Z(β × scale) by up to {:.1e} of it",
            off.fold(0.0, f64::max)
        );
    }
    let mut points = Vec::new();
    for (n_visible, n_hidden) in plan.map.iter().chain(&plan.larger) {
        points.extend(random(*n_visible, *n_hidden, &plan.gs, &plan.sampling, plan.samples)?);
        // After each size: the next one may take long.
        shared::save(&folder, "expected.csv", &points, &[])?;
    }
    shared::save(&folder, "expected.csv", &points, &random_figures(&points, &plan.map)?)?;
    for p in points.iter().filter(|p| [0.5, 1.0, 1.5, 2.0].iter().any(|g| (p.g - g).abs() < 1e-9)) {
        let theory = (p.q_visible_theory * p.q_hidden_theory).sqrt();
        println!(
            "- {} × {}, g = {}: q = {:.3} ± {:.3}, theory {theory:.3}",
            p.n_visible,
            p.n_hidden,
            p.g,
            p.q,
            p.q_std_error.unwrap_or(0.0)
        );
    }
    Ok(())
}

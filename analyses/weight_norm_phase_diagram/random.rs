//! The random RBM over strength and shape, sampled, beside the replica-symmetric theory.

use std::f64::consts::LN_2;

use plefka::{
    Measured, Run,
    model::random::bipartite_sk,
    observe::{Sampling, average, overlap, root},
    plot::{Chart, HeatMap, Overlay, Series},
    theory::bipartite,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Averages over samples of the weights at one size and strength.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub(crate) n_visible: usize,
    pub(crate) n_hidden: usize,
    pub(crate) g: f64,
    /// Samples of the weights.
    pub(crate) samples: usize,
    /// ⟨q_v q_h⟩.
    pub(crate) q_squared: f64,
    pub(crate) q_squared_std_error: f64,
    /// √⟨q_v²⟩ and √⟨q_h²⟩.
    pub(crate) q_visible: f64,
    pub(crate) q_visible_std_error: f64,
    pub(crate) q_hidden: f64,
    pub(crate) q_hidden_std_error: f64,
    /// S per unit, nats.
    pub(crate) entropy: f64,
    pub(crate) entropy_std_error: f64,
    /// U/√(N_vN_h) + g(1 − ⟨q_v q_h⟩), which is 0 in equilibrium.
    pub(crate) disequilibrium: f64,
    pub(crate) disequilibrium_std_error: f64,
    /// ⟨q_v q_h⟩ of the paramagnet of this size, g²/((1 − g⁴)√(N_vN_h)), below g = 1.
    pub(crate) q_squared_paramagnet: Option<f64>,
    /// q_v q_h of the replica-symmetric theory, N → ∞.
    pub(crate) q_squared_theory: f64,
    pub(crate) entropy_theory: f64,
}

impl Point {
    /// N_h/N_v.
    pub fn shape(&self) -> f64 {
        self.n_hidden as f64 / self.n_visible as f64
    }

    /// √⟨q_v q_h⟩.
    pub fn q(&self) -> f64 {
        self.q_squared.max(0.0).sqrt()
    }
}

/// ⟨q_v q_h⟩ at one strength for N → ∞, by a straight line in N^(−2/3) through layers of equal
/// size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    pub(crate) g: f64,
    pub(crate) q_squared: f64,
    pub(crate) q_squared_std_error: f64,
    pub(crate) q_squared_theory: f64,
    /// (q_squared − q_squared_theory)/q_squared_std_error.
    pub(crate) z: f64,
}

/// What is measured at one strength of one sample: ⟨q_v q_h⟩, ⟨q_v²⟩, ⟨q_h²⟩, S per unit,
/// disequilibrium.
type Numbers = [f64; 5];

/// One sample of the weights at the strengths `gs`, which begin at 0. The model has g = 1 at β = 1,
/// so that β is g.
fn sample(
    (n_v, n_h): (usize, usize),
    gs: &[f64],
    sampling: &Sampling,
    seed: u64,
) -> Result<Vec<Numbers>, plefka::Error> {
    let rbm = bipartite_sk(n_v, n_h, 1.0, seed)?;
    let (units, pairs) = ((n_v + n_h) as f64, ((n_v * n_h) as f64).sqrt());
    let energy = |s: &[bool]| {
        let spins: Vec<f64> = s.iter().map(|up| if *up { 1.0 } else { -1.0 }).collect();
        rbm.energy(&spins[..n_v], &spins[n_v..])
    };
    let product = |s: &[bool], t: &[bool]| overlap(&s[..n_v], &t[..n_v]) * overlap(&s[n_v..], &t[n_v..]);
    let (mut log_z, mut last, mut rows) = (units * LN_2, (0.0, 0.0, 0.0), Vec::new());
    for (at, &g) in sampling.replicas(&rbm, gs, None, &Run::quiet(seed))?.iter().zip(gs) {
        let u = at.mean(energy).value;
        let slope = -at.mean(|s| (energy(s) - u).powi(2)).value;
        // ln Z = N ln 2 − ∫U dβ by the trapezoidal rule with its end correction, since U′ = −Var E.
        let h = g - last.0;
        log_z -= 0.5 * h * (u + last.1) - h * h * (slope - last.2) / 12.0;
        last = (g, u, slope);
        let q_squared = at.pair_mean(product).value;
        let [q_v, q_h] = [0..n_v, n_v..n_v + n_h].map(|layer| at.q_squared(layer).value);
        rows.push([q_squared, q_v, q_h, (log_z + g * u) / units, u / pairs + g * (1.0 - q_squared)]);
    }
    Ok(rows)
}

/// A line of strengths at one size, averaged over `samples` samples of the weights.
pub fn line(size: (usize, usize), gs: &[f64], sampling: &Sampling, samples: u64) -> Result<Vec<Point>, plefka::Error> {
    let of_seed = |seed| sample(size, gs, sampling, seed);
    let all: Vec<Vec<Numbers>> = (1..=samples).into_par_iter().map(of_seed).collect::<Result<_, _>>()?;
    let (n_visible, n_hidden) = size;
    let pairs = ((n_visible * n_hidden) as f64).sqrt();
    let point = |(k, &g): (usize, &f64)| {
        let over = |quantity: usize| average(&all.iter().map(|rows| rows[k][quantity]).collect::<Vec<_>>());
        let error = |measured: Measured| measured.claim.std_error().unwrap_or(f64::NAN);
        let (q_squared, q_v, q_h, s, off) = (over(0), root(over(1)), root(over(2)), over(3), over(4));
        let theory = bipartite::saddle_point(g, n_hidden as f64 / n_visible as f64)?;
        Ok(Point {
            n_visible,
            n_hidden,
            g,
            samples: all.len(),
            q_squared: q_squared.value,
            q_squared_std_error: error(q_squared),
            q_visible: q_v.value,
            q_visible_std_error: error(q_v),
            q_hidden: q_h.value,
            q_hidden_std_error: error(q_h),
            entropy: s.value,
            entropy_std_error: error(s),
            disequilibrium: off.value,
            disequilibrium_std_error: error(off),
            q_squared_paramagnet: (g < 1.0).then(|| g * g / ((1.0 - g.powi(4)) * pairs)),
            q_squared_theory: theory.q_visible * theory.q_hidden,
            entropy_theory: theory.entropy_per_unit,
        })
    };
    gs.iter().enumerate().map(point).collect()
}

/// The limit N → ∞ at each strength, from lines of layers of equal size, where there are at least
/// three sizes.
///
/// The energy of the Sherrington–Kirkpatrick model, and with it ⟨q_v q_h⟩, has a correction ∝
/// N^(−2/3) at and below its transition (Parisi, Ritort & Slanina, J. Phys. A 26, 247 (1993)).
/// Above it the correction is 1/N and known: see [`Point::q_squared_paramagnet`].
pub fn limits(points: &[Point]) -> Vec<Limit> {
    let mut equal: Vec<&Point> = points.iter().filter(|p| p.n_visible == p.n_hidden && p.g >= 1.0).collect();
    equal.sort_by(|a, b| a.g.total_cmp(&b.g));
    let same_g = equal.chunk_by(|a, b| a.g == b.g).filter(|sizes| sizes.len() >= 3);
    same_g
        .map(|sizes| {
            // The intercept of the line of weighted least squares.
            let mut sums = [0.0; 5];
            for p in sizes {
                let x = ((p.n_visible + p.n_hidden) as f64).powf(-2.0 / 3.0);
                let (y, weight) = (p.q_squared, p.q_squared_std_error.powi(-2));
                let terms = [1.0, x, x * x, y, x * y];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
            }
            let [w, wx, wxx, wy, wxy] = sums;
            let determinant = w * wxx - wx * wx;
            let (q_squared, std_error) = ((wxx * wy - wx * wxy) / determinant, (wxx / determinant).sqrt());
            let theory = sizes[0].q_squared_theory;
            Limit {
                g: sizes[0].g,
                q_squared,
                q_squared_std_error: std_error,
                q_squared_theory: theory,
                z: (q_squared - theory) / std_error,
            }
        })
        .collect()
}

/// A map over strength and shape from the lines of a few sizes, which have the same strengths.
pub fn map(
    points: &[Point],
    title: &str,
    label: &str,
    contours: Vec<f64>,
    value: fn(&Point) -> f64,
) -> Result<HeatMap, plefka::Error> {
    let mut lines: Vec<&[Point]> = points.chunk_by(|a, b| a.shape() == b.shape()).collect();
    lines.sort_by(|a, b| a[0].shape().total_cmp(&b[0].shape()));
    let shapes: Vec<f64> = lines.iter().map(|line| line[0].shape()).collect();
    // Lines of theory run a little beyond the map, where they are cut.
    let fine: Vec<f64> = (0..=40).map(|k| 0.5 * shapes[0] * 40f64.powf(f64::from(k) / 40.0)).collect();
    let along = |label: &str, g: &dyn Fn(f64) -> Result<f64, plefka::Error>| {
        let points = fine.iter().map(|al| Ok((g(*al)?, *al))).collect::<Result<_, plefka::Error>>()?;
        Ok::<_, plefka::Error>(Overlay { label: label.into(), points })
    };
    let units: Vec<usize> = lines.iter().map(|line| line[0].n_visible + line[0].n_hidden).collect();
    let (least, most) = (units.iter().min().unwrap_or(&0), units.iter().max().unwrap_or(&0));
    let units = if least == most { format!("{most}") } else { format!("{least} to {most}") };
    Ok(HeatMap {
        title: title.into(),
        subtitle: format!(
            "Gaussian weights on ±1 units, no biases; {units} units, {} samples of the weights",
            points[0].samples
        ),
        labels: ["g = βw(N_v N_h)^¼ = β‖W‖_F/(N_v N_h)^¼".into(), "N_h / N_v".into(), label.into()],
        x: lines[0].iter().map(|p| p.g).collect(),
        y: shapes.clone(),
        log_y: true,
        values: lines.iter().flat_map(|line| line.iter().map(|p| Some(value(p)))).collect(),
        contours,
        overlays: vec![
            along("g = 1: spin glass and AT line", &|_| Ok(bipartite::CRITICAL_G))?,
            along("naive mean field unstable", &bipartite::naive_mean_field_g)?,
            along("RS entropy = 0", &bipartite::entropy_zero)?,
        ],
    })
}

/// √⟨q_v q_h⟩ against g for layers of equal size, with the limit and the theory.
pub fn onset(points: &[Point], limits: &[Limit]) -> Result<Chart, plefka::Error> {
    let lines: Vec<&[Point]> =
        points.chunk_by(|a, b| a.n_visible == b.n_visible).filter(|line| line[0].shape() == 1.0).collect();
    let most = lines.iter().flat_map(|line| line.iter().map(|p| p.g)).fold(0.0, f64::max);
    let fine = |end: f64| (0..=100).map(move |k| end * f64::from(k) / 100.0);
    let saddle = fine(most).map(|g| Ok((g, bipartite::saddle_point(g, 1.0)?.q_visible)));
    let theory = Series::theory("replica-symmetric, N → ∞", 0, saddle.collect::<Result<Vec<_>, plefka::Error>>()?);
    let measured = lines.iter().enumerate().map(|(k, line)| {
        let error = |p: &Point| if p.q() > 0.0 { 0.5 * p.q_squared_std_error / p.q() } else { 0.0 };
        let name = format!("{0} × {0}, {1} samples", line[0].n_visible, line[0].samples);
        let above_0 = line.iter().filter(|p| p.g > 0.0);
        Series::measured(name, k + 1, above_0.map(|p| (p.g, Some(p.q()), Some(error(p)))))
    });
    // √⟨q_v q_h⟩ of the paramagnet, as far as its first correction is small.
    let paramagnets = lines.iter().enumerate().map(|(k, line)| {
        let pairs = line[0].n_visible as f64;
        let law = fine(0.8).map(|g| (g, (g * g / ((1.0 - g.powi(4)) * pairs)).sqrt()));
        Series::theory(if k == 0 { "paramagnet, first order in 1/N" } else { "" }, k + 1, law)
    });
    let limit = |l: &Limit| {
        let q = l.q_squared.max(0.0).sqrt();
        (
            l.g,
            Some(q),
            Some(if q > 0.0 { (0.5 * l.q_squared_std_error / q).min(l.q_squared_std_error.sqrt()) } else { 0.0 }),
        )
    };
    let limit =
        (!limits.is_empty()).then(|| Series::measured("limit by N^(−2/3)", lines.len() + 1, limits.iter().map(limit)));
    Ok(Chart {
        title: "Onset of the spin glass in a random RBM with layers of equal size".into(),
        subtitle: "Gaussian weights on ±1 units, no biases; bands: ± 1σ over samples of the weights".into(),
        caption: "The overlap of two replicas against the strength of the weights.".into(),
        labels: ["g = βw(N_v N_h)^¼".into(), "√⟨q_v q_h⟩".into()],
        series: measured.chain(paramagnets).chain(limit).chain([theory]).collect(),
        vertical: vec![(1.0, "g = 1".into())],
        horizontal: Vec::new(),
    })
}

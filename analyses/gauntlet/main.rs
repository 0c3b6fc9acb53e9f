//! Every method against models whose ln Z is known by construction, at any size: what does it
//! claim, and is it true?
//!
//! Writes `expected.csv` and `errors.figure.json` with its SVG to the folder given as an argument,
//! or to `plefka-out/gauntlet`. `--quick` takes seconds, on smaller models.

use std::error::Error;

use nalgebra::{DMatrix, DVector};
use plefka::{
    Ais, Betas, Curve, MeanField, Rbm, Run, Verdict,
    dataset::digits,
    estimator::{Auto, Bar, BaseChoice, MeanFieldMixture, MethodConfig, Tempering},
    findings,
    io::{CurveRecord, ModelInfo, Provenance, ResultFile, claim_name},
    model::{AnyModel, Order, random::bipartite_sk},
    plot::{Chart, FigureFile, Series},
};
use serde::{Deserialize, Serialize};

#[path = "../known_models.rs"]
#[allow(dead_code)] // each analysis uses some of it
pub(crate) mod known_models;
#[path = "../shared.rs"]
mod shared;
#[path = "../small_training.rs"]
#[allow(dead_code)] // each analysis uses some of it
mod small_training;

use known_models::{Known, balanced_bias, decorated_torus, enumerated, planted, uniform, union};
use small_training::{Rule, patch, train};

/// An estimate further from the truth than this many of its standard errors is wrong.
pub const MAX_SIGMAS: f64 = 4.0;

/// The method that chooses for itself.
pub const AUTO: &str = "auto";

/// One method on one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub(crate) model: String,
    pub(crate) n_visible: usize,
    pub(crate) n_hidden: usize,
    pub(crate) method: String,
    pub(crate) seed: u64,
    pub(crate) exact: f64,
    pub(crate) log_z: f64,
    pub(crate) std_error: Option<f64>,
    pub(crate) claim: String,
    /// ln Z − exact, nats.
    pub(crate) error: f64,
    /// What the method's own evidence says.
    pub(crate) verdict: String,
    /// Whether it is more than three standard errors below a certain bound of the same model.
    pub(crate) below_bound: bool,
    /// Whether nobody objects: neither its own evidence nor a bound.
    pub(crate) unopposed: bool,
    pub(crate) seconds: f64,
}

impl Row {
    /// An estimate that nobody objects to and that is wrong.
    pub fn is_silently_wrong(&self) -> bool {
        let far = |sigma: f64| self.error.abs() > MAX_SIGMAS * sigma + 1e-6;
        self.unopposed && self.std_error.is_some_and(far)
    }
}

/// What is run.
pub struct Plan {
    /// Seeds of the sampling methods.
    pub(crate) seeds: Vec<u64>,
    /// Seeds of `auto`.
    pub(crate) auto_seeds: Vec<u64>,
    chains: usize,
    rungs: usize,
    sweeps: usize,
    quick: bool,
}

/// The full plan, or the quick one.
pub fn plan(quick: bool) -> Plan {
    if quick {
        Plan { seeds: vec![1], auto_seeds: vec![1], chains: 100, rungs: 100, sweeps: 500, quick }
    } else {
        Plan { seeds: vec![1, 2], auto_seeds: (1..=20).collect(), chains: 300, rungs: 300, sweeps: 2_000, quick }
    }
}

impl Plan {
    /// The models.
    pub fn models(&self) -> Result<Vec<Known>, plefka::Error> {
        let small = |full: usize, quick: usize| if self.quick { quick } else { full };
        let mut models = vec![
            uniform("300 × 60, W = 0.1, a = −1.8, b = −19.5", 300, 60, 0.1, -1.8, -19.5)?,
            uniform("100 × 20, W = 0.3, a = −1.8, b = −19.5", 100, 20, 0.3, -1.8, -19.5)?,
            uniform("300 × 60, W = 0.15, a = −0.9, b = −38.25", 300, 60, 0.15, -0.9, -38.25)?,
            uniform(
                "300 × 60, W = 0.1, a = −1.8, equal phases",
                300,
                60,
                0.1,
                -1.8,
                balanced_bias(300, 60, 0.1, -1.8),
            )?,
        ];
        let side = small(12, 4);
        for coupling in [0.3, 0.44, 0.6] {
            models.push(decorated_torus(side, side, coupling)?);
        }
        models.push(planted(small(400, 60), 8, 0.06, 1)?);
        models.push(planted(small(400, 60), 8, 0.12, 1)?);
        let images = digits();
        let part = |k: usize| {
            // Patches of the middle of the images, where there is ink.
            let corner = [7 * (k / 2 % 2) + 7, 7 * (k % 2) + 7];
            let rule = if k < 4 { Rule::Pcd } else { Rule::Cd };
            let rbm = train(&patch(&images, 28, corner, 7)?, 8, rule, small(1_000, 200), 0.3, k as u64)?;
            enumerated(format!("patch {k}"), rbm)
        };
        let parts = (0..small(8, 2)).map(part).collect::<Result<Vec<_>, _>>()?;
        models.push(union(format!("{} trained patches, shuffled", parts.len()), &parts, 1)?);
        models.push(enumerated("glass, g = 2", bipartite_sk(small(40, 16), small(20, 8), 2.0, 1)?)?);
        if self.quick {
            models.push(enumerated("builtin:mnist20, 8 hidden units", part_of_builtin(8)?)?);
        } else {
            models.push(enumerated("builtin:mnist20", part_of_builtin(20)?)?);
        }
        Ok(models)
    }

    fn methods(&self) -> Vec<(&'static str, MethodConfig)> {
        let ais = |base| Ais { chains: self.chains, rungs: self.rungs, base, ..Ais::default() };
        let tempering = |base| Tempering {
            sweeps: self.sweeps,
            burn_in: self.sweeps / 5,
            records: self.sweeps / 10,
            base,
            ..Tempering::default()
        };
        let bar = Bar { annealing: ais(BaseChoice::Biases), ..Bar::default() };
        let starts = if self.quick { 128 } else { 1024 };
        vec![
            ("mf-mixture", MethodConfig::Mixture(MeanFieldMixture { starts, ..MeanFieldMixture::default() })),
            ("mf", MethodConfig::MeanField(MeanField { order: Order::First, ..MeanField::default() })),
            ("tap2", MethodConfig::Tap2(MeanField::default())),
            ("ais, uniform", MethodConfig::Ais(ais(BaseChoice::Uniform))),
            ("ais, biases", MethodConfig::Ais(ais(BaseChoice::Biases))),
            ("ais, mean-field", MethodConfig::Ais(ais(BaseChoice::MeanField))),
            ("ais, mixture", MethodConfig::Ais(ais(BaseChoice::Mixture))),
            ("tempering, uniform", MethodConfig::Tempering(tempering(BaseChoice::Uniform))),
            ("bar, biases", MethodConfig::Bar(bar)),
            // Without enumeration, which would be its choice for the smaller models.
            (AUTO, MethodConfig::Auto(Auto { exact_factors: 1.0, ..Auto::default() })),
        ]
    }

    /// All methods on one model.
    pub fn run(&self, known: &Known) -> Result<Vec<Row>, plefka::Error> {
        let model = AnyModel::from(known.rbm.clone());
        let mut rows: Vec<Row> = Vec::new();
        for (name, config) in self.methods() {
            let sampled =
                !matches!(config, MethodConfig::Mixture(_) | MethodConfig::MeanField(_) | MethodConfig::Tap2(_));
            let seeds = match name {
                AUTO => &self.auto_seeds[..],
                _ if sampled => &self.seeds[..],
                _ => &self.seeds[..1],
            };
            for &seed in seeds {
                let curve = config.prepare(&model)?.curve(&Betas::one(1.0)?, &Run::quiet(seed))?;
                rows.push(row(known, &model, name, seed, &curve));
            }
        }
        let bounds = rows.iter().filter(|r| r.claim == "lower_bound" && r.std_error.is_none()).map(|r| r.log_z);
        let bound = bounds.fold(f64::NEG_INFINITY, f64::max);
        for row in &mut rows {
            row.below_bound = row.std_error.is_some_and(|sigma| row.log_z + 3.0 * sigma < bound - 1e-6);
            row.unopposed &= !row.below_bound;
        }
        Ok(rows)
    }
}

fn row(known: &Known, model: &AnyModel, method: &str, seed: u64, curve: &Curve) -> Row {
    let number = curve.log_z()[0].expect("nobody cancels");
    let record = CurveRecord::from(curve);
    let results = ResultFile::new(ModelInfo::new(model, known.name.clone(), ""), vec![record], Provenance::default());
    // Without the exact value at hand: what a user of the model would be told.
    let judgement = findings::judgements(&results, &results.curves[0]).remove(0);
    Row {
        model: known.name.clone(),
        n_visible: known.rbm.n_visible(),
        n_hidden: known.rbm.n_hidden(),
        method: method.into(),
        seed,
        exact: known.log_z,
        log_z: number.value,
        std_error: number.claim.std_error(),
        claim: claim_name(number.claim).into(),
        error: number.value - known.log_z,
        unopposed: !matches!(judgement.verdict, Verdict::Untrustworthy | Verdict::NotConverged),
        verdict: judgement.to_string(),
        below_bound: false,
        seconds: curve.seconds,
    }
}

/// The built-in model with its first hidden units alone.
fn part_of_builtin(n_hidden: usize) -> Result<Rbm, plefka::Error> {
    let rbm = plefka::io::load_model("builtin:mnist20")?.rbm()?.clone();
    let weights: DMatrix<f64> = rbm.weights().columns(0, n_hidden).into_owned();
    let hidden = DVector::from_column_slice(&rbm.hidden_bias().as_slice()[..n_hidden]);
    Rbm::new(weights, rbm.visible_bias().clone(), hidden)
}

/// |error| against σ, both as powers of ten, for the sampling methods.
pub fn chart(rows: &[Row]) -> Chart {
    let floor = 1e-4;
    let decades = |x: f64| x.abs().max(floor).log10();
    let points = |method: &str, unopposed: bool| {
        let of = rows.iter().filter(move |r| r.method == method && r.unopposed == unopposed);
        // A gap after every point: they are not joined.
        of.flat_map(|r| r.std_error.map(|s| [(decades(s), Some(decades(r.error)), None), (0.0, None, None)]))
            .flatten()
            .collect::<Vec<_>>()
    };
    let mut methods: Vec<&str> = Vec::new();
    for row in rows.iter().filter(|r| r.std_error.is_some()) {
        if !methods.contains(&row.method.as_str()) {
            methods.push(&row.method);
        }
    }
    let mut series = Vec::new();
    // In parts, because a long series has no markers.
    let mut draw = |name: &str, look: usize, points: Vec<_>| {
        for (k, part) in points.chunks(40).enumerate() {
            series.push(Series::measured(if k == 0 { name } else { "" }, look, part.to_vec()));
        }
    };
    for (k, method) in methods.iter().enumerate() {
        draw(&format!("{method}, nothing said"), k, points(method, true));
    }
    draw("any, objected to", methods.len(), methods.iter().flat_map(|method| points(method, false)).collect());
    series.push(Series::theory("|error| = σ", methods.len() + 1, [(-4.0, -4.0), (1.0, 1.0)]));
    let four = MAX_SIGMAS.log10();
    series.push(Series::theory("|error| = 4σ", methods.len() + 2, [(-4.0, four - 4.0), (1.0, four + 1.0)]));
    Chart {
        title: "What methods claim, and how wrong they are".into(),
        subtitle: "models of known ln Z; a point for each run; values below 10⁻⁴ are drawn at 10⁻⁴".into(),
        caption: "Above the line of 4σ an error bar is wrong; it is silent where nothing objects.".into(),
        labels: ["log₁₀ of the standard error of ln Z, nats".into(), "log₁₀ |ln Z − exact|, nats".into()],
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("gauntlet")?;
    let plan = plan(quick);
    let mut rows = Vec::new();
    for known in plan.models()? {
        let found = plan.run(&known)?;
        for r in &found {
            let sigma = r.std_error.map(|s| format!(" ± {s:.3}")).unwrap_or_default();
            let below = if r.below_bound { ", below a certain bound" } else { "" };
            println!(
                "- {}: {} {}: {:+.3}{sigma}, {}{below}; {:.1} s",
                r.model, r.method, r.seed, r.error, r.verdict, r.seconds
            );
        }
        rows.extend(found);
    }
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    FigureFile::from(chart(&rows)).save(&folder, "errors")?;
    let auto: Vec<&Row> = rows.iter().filter(|r| r.method == AUTO).collect();
    let checked: Vec<&&Row> = auto.iter().filter(|r| r.verdict.starts_with("checked")).collect();
    let within = |sigmas: f64| {
        checked.iter().filter(|r| r.std_error.is_some_and(|s| r.error.abs() <= sigmas * s + 1e-6)).count()
    };
    println!(
        "- auto: {} of {} numbers checked; {} of these within 1.96 of their standard errors, {} within {MAX_SIGMAS}",
        checked.len(),
        auto.len(),
        within(1.96),
        within(MAX_SIGMAS)
    );
    let sampled = rows.iter().filter(|r| r.std_error.is_some());
    let (unopposed, wrong) =
        (sampled.clone().filter(|r| r.unopposed).count(), sampled.clone().filter(|r| r.is_silently_wrong()).count());
    println!(
        "- {} sampled numbers; {unopposed} of them nobody objects to, and {wrong} of these are wrong",
        sampled.count()
    );
    Ok(())
}

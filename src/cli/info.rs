//! `plefka info`: what a model file holds.

use std::fmt::Write;

use nalgebra::DMatrix;
use serde::Serialize;

use super::{Subcommand, args::MODEL_HELP, console, plan, stdout};
use crate::{
    Estimator, Exact,
    io::{LoadedModel, ModelInfo, Reading, Shape},
    model::{AnyModel, Model, PairCoupled, SparseIsing},
    sample::Capabilities,
    thermo::norms::{MIN_TAIL, Norms, PowerLaw},
};

/// The longer help.
pub const LONG: &str = "\
Describe a model: its shape and units, where it came from, the ranges of its parameters, the norms
of its weights, and whether it is small enough for exact enumeration.";

/// The arguments of `info`.
#[derive(Debug, clap::Args)]
pub struct InfoArgs {
    #[arg(value_name = "MODEL", help = MODEL_HELP)]
    pub model: String,
    /// How to print the description
    #[arg(long, value_enum, default_value_t = InfoFormat::Table)]
    pub format: InfoFormat,
}

/// How to print a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum InfoFormat {
    /// One property a line, for reading
    Table,
    /// One JSON document
    Json,
}

/// A model to be described.
pub struct Info {
    model: LoadedModel,
    format: InfoFormat,
}

impl Subcommand for Info {
    type Args = InfoArgs;

    fn plan(args: InfoArgs) -> anyhow::Result<Self> {
        stdout::must_be_open()?;
        Ok(Self { model: plan::model(&args.model)?, format: args.format })
    }

    fn run(self) -> anyhow::Result<()> {
        let summary = Summary::of(&self.model);
        let text = match self.format {
            InfoFormat::Table => summary.text(),
            InfoFormat::Json => serde_json::to_string_pretty(&summary)? + "\n",
        };
        console::print(&text)
    }
}

/// A model at a glance.
#[derive(Serialize)]
struct Summary<'a> {
    schema: u32,
    model: &'a ModelInfo,
    reading: &'a Reading,
    #[serde(flatten)]
    parameters: Parameters,
    exact: Enumeration,
}

/// What there is to say about the numbers in a model.
#[derive(Serialize)]
#[serde(untagged)]
enum Parameters {
    Rbm { weights: Weights, visible_bias: Spread, hidden_bias: Spread, constant: f64 },
    Ising { couplings: Couplings, field: Spread, constant: f64 },
    Levels { energies: Spread },
}

#[derive(Serialize)]
struct Weights {
    #[serde(flatten)]
    spread: Spread,
    frobenius_norm: f64,
    largest_singular_value: f64,
    norms: Norms,
}

/// Of the pairs i < j of an Ising model.
#[derive(Serialize)]
struct Couplings {
    #[serde(flatten)]
    spread: Spread,
    /// How many are not zero.
    bonds: usize,
    /// How many spins one spin is coupled to, at most.
    most_neighbours: usize,
    /// `matrix`, or `lists` of neighbours.
    held_as: &'static str,
    /// ‖J‖ of the symmetric matrix.
    frobenius_norm: f64,
}

/// The range of a set of parameters.
#[derive(Serialize)]
struct Spread {
    min: f64,
    max: f64,
}

/// What exact enumeration would cost.
#[derive(Serialize)]
struct Enumeration {
    log2_states: u32,
    log2_limit: u32,
    within_limit: bool,
}

impl<'a> Summary<'a> {
    fn of(LoadedModel { model, info, reading }: &'a LoadedModel) -> Self {
        let (parameters, exact) = (Parameters::of(model), Enumeration::of(model));
        Self { schema: 1, model: info, reading, parameters, exact }
    }

    fn text(&self) -> String {
        let Self { model, reading, parameters, exact, .. } = self;
        let shape = match model.shape {
            Shape::Layers { n_visible, n_hidden } => format!("{n_visible} visible × {n_hidden} hidden"),
            Shape::Units { n_units } => format!("{n_units} units"),
        };
        let head = [
            ("source", model.source.to_string()),
            ("sha256", model.sha256.to_string()),
            ("kind", model.kind.to_string()),
            ("units", model.units.to_string()),
            ("shape", shape),
        ];
        let from = [("format", reading.format.clone())].into_iter();
        let from = from.chain(reading.arrays.iter().map(|array| ("read", array.clone())));
        let rows = head.into_iter().chain(from).chain(parameters.rows());
        let rows = rows.chain([("exact", exact.text())]).chain(square(model.shape));
        rows.fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name:<14}  {value}");
            text
        })
    }
}

/// Most models have no constant energy, and nothing is said of it.
fn constant_row(constant: f64) -> Option<(&'static str, String)> {
    (constant != 0.0).then(|| ("constant", format!("{constant}: part of every energy, −β times it of ln Z")))
}

/// A square W looks the same either way round.
fn square(shape: Shape) -> Option<(&'static str, String)> {
    match shape {
        Shape::Layers { n_visible, n_hidden } if n_visible == n_hidden => Some((
            "caution",
            "W is square: if it was saved transposed this is another model, and its shape cannot tell".into(),
        )),
        _ => None,
    }
}

impl Parameters {
    fn of(model: &AnyModel) -> Self {
        match model {
            AnyModel::Rbm(rbm) => Self::Rbm {
                weights: Weights::of(rbm.weights()),
                visible_bias: Spread::of(rbm.visible_bias().as_slice()),
                hidden_bias: Spread::of(rbm.hidden_bias().as_slice()),
                constant: rbm.constant(),
            },
            AnyModel::Ising(ising) => Self::of_spins(ising, false),
            AnyModel::SparseIsing(ising) => Self::of_spins(ising, true),
            AnyModel::Levels(levels) => Self::Levels { energies: Spread::of(levels.energies()) },
        }
    }

    fn of_spins(spins: &dyn PairCoupled, listed: bool) -> Self {
        let spins = spins.neighbour_lists();
        Self::Ising {
            couplings: Couplings::of(&spins, listed),
            field: Spread::of(spins.field().as_slice()),
            constant: spins.constant(),
        }
    }

    /// Name and value of each property.
    fn rows(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rbm { weights, visible_bias, hidden_bias, constant } => {
                let mut rows = weights.rows();
                rows.extend([("visible bias", visible_bias.text()), ("hidden bias", hidden_bias.text())]);
                rows.extend(constant_row(*constant));
                rows
            }
            Self::Ising { couplings, field, constant } => {
                let mut rows = vec![
                    ("J", format!("{}, {} bonds", couplings.spread.text(), couplings.bonds)),
                    ("‖J‖ Frobenius", format!("{:.6}", couplings.frobenius_norm)),
                    ("held as", couplings.held_as()),
                    ("field", field.text()),
                ];
                rows.extend(constant_row(*constant));
                rows
            }
            Self::Levels { energies } => vec![("energies", energies.text())],
        }
    }
}

impl Weights {
    fn of(weights: &DMatrix<f64>) -> Self {
        let norms = Norms::of(weights);
        Self {
            spread: Spread::of(weights.as_slice()),
            frobenius_norm: norms.frobenius,
            largest_singular_value: norms.spectral,
            norms,
        }
    }

    /// Name and value of each property.
    fn rows(&self) -> Vec<(&'static str, String)> {
        let Self { spread, norms, .. } = self;
        vec![
            ("W", spread.text()),
            ("‖W‖ Frobenius", format!("{:.6}", norms.frobenius)),
            ("‖W‖ spectral", format!("{:.6}, the largest singular value", norms.spectral)),
            ("‖W‖ L1", format!("{:.6}, Σ |W| over all entries", norms.l1)),
            ("stable rank", format!("{:.4} of {}", norms.stable_rank, norms.singular_values.len())),
            ("g", format!("{:.6} at β = 1: ‖W‖ Frobenius / (n_visible n_hidden)^¼", norms.g)),
            ("spectrum", spectrum(norms)),
            ("tail of σ²", norms.power_law.map_or_else(too_few, |law| tail(&law))),
        ]
    }
}

impl Couplings {
    fn of(spins: &SparseIsing, listed: bool) -> Self {
        let n = spins.n_units();
        let bonds: Vec<f64> = spins.bonds().map(|(.., strength)| strength).collect();
        let most = (0..n).map(|i| spins.neighbours(i).count()).max().unwrap_or(0);
        // Pairs that are not coupled have J = 0; a single spin has no pair.
        let zero = (2 * bonds.len() < n * (n - 1) || n == 1).then_some(0.0);
        let spread = Spread::of(&bonds.iter().copied().chain(zero).collect::<Vec<_>>());
        let frobenius_norm = (2.0 * bonds.iter().map(|j| j * j).sum::<f64>()).sqrt();
        let held_as = if listed { "lists" } else { "matrix" };
        Self { spread, bonds: bonds.len(), most_neighbours: most, held_as, frobenius_norm }
    }

    fn held_as(&self) -> String {
        let form = if self.held_as == "lists" { "lists of neighbours" } else { "a matrix" };
        format!("{form}; a spin has at most {} neighbours", self.most_neighbours)
    }
}

/// The ends of the spectrum, beside those of independent weights.
fn spectrum(norms: &Norms) -> String {
    let (edges, sigma) = (&norms.marchenko_pastur, &norms.singular_values);
    let ends = format!("σ from {:.4} to {:.4}", sigma.last().unwrap_or(&0.0), norms.spectral);
    let independent = format!("independent weights of this variance: {:.4} to {:.4}", edges.lower, edges.upper);
    format!("{ends}; {independent}; {} of {} above", norms.above_edge, sigma.len())
}

fn tail(law: &PowerLaw) -> String {
    let PowerLaw { alpha, std_error, tail, x_min, ks_distance } = law;
    format!("exponent {alpha:.3} ± {std_error:.3} from {tail} values ≥ {x_min:.4}, Kolmogorov–Smirnov {ks_distance:.3}")
}

fn too_few() -> String {
    format!("no exponent: fewer than {MIN_TAIL} singular values")
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let fold = |start, pick: fn(f64, f64) -> f64| values.iter().copied().fold(start, pick);
        Self { min: fold(f64::INFINITY, f64::min), max: fold(f64::NEG_INFINITY, f64::max) }
    }

    fn text(&self) -> String {
        format!("from {:.6} to {:.6}", self.min, self.max)
    }
}

impl Enumeration {
    fn of(model: &AnyModel) -> Self {
        let (exact, model) = (Exact::default(), model.enumerable());
        Self {
            log2_states: model.enumeration_cost().log2_states,
            log2_limit: exact.max_units,
            within_limit: exact.check(model).is_ok(),
        }
    }

    fn text(&self) -> String {
        let (m, limit) = (self.log2_states, self.log2_limit);
        // Beyond this the number says no more than its exponent.
        let count = if m < 40 { format!(" = {}", 1u64 << m) } else { String::new() };
        let verdict = if self.within_limit { "within" } else { "beyond" };
        format!("2^{m}{count} states for each β, {verdict} the limit of 2^{limit}")
    }
}

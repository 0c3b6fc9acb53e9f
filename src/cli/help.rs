//! The longer help texts, broken by hand into lines that fit a terminal.

use super::compare;
use crate::Method;

pub const STORY: &str = "\
Statistical mechanics of restricted Boltzmann machines.

What are ln Z, the energy and the entropy of a model at inverse temperature β, and how do we
know? plefka answers with several methods (exact enumeration, annealing up and down, parallel
tempering, mean field, TAP, belief propagation) and says with every number what it claims:
exact, an estimate with a standard error, a bound, or an approximation without error control.
`compare` lays the methods beside the truth.

E(v, h) = −a·v − b·h − vᵀWh and Z(β) = Σ exp(−βE), with k_B = 1; ln Z and entropies in nats.";

pub const EXAMPLES: &str = "\
Examples:
  plefka compare                                        the built-in model, every method
  plefka estimate model.npz --method exact              ln Z at β = 1
  plefka estimate model.npz --method ais --betas 0:2:21 --format csv
  plefka temperature model.npz --data x.npz             at which β would it produce them?
  plefka info model.npz

Exit status: 0 done; 1 the run failed, was stopped, or (--strict) cannot be trusted;
2 bad usage or bad input.";

pub const ESTIMATE: &str = "\
Estimate ln Z, the energy U, the entropy S = ln Z + βU and the heat capacity C = β² Var E.

The result goes to stdout; progress and warnings go to stderr. Ctrl-C stops the run and prints
what is done so far.";

pub const ESTIMATE_EXAMPLES: &str = "\
Examples:
  plefka estimate builtin:mnist20 --method exact,ais
  plefka estimate model.npz --method tap2 --betas 0.5,1,2 --starts 100
  plefka estimate model.npz --method ais --chains 5000 --seed 7 --format json > ais.json";

pub const COMPARE: &str = "\
Lay several methods beside the exact result.

Prints ln Z, its distance from the exact value, the entropy and a verdict for each method at some
of the β; writes all the numbers (results.json, results.csv), figures and report.html to a folder.
What the folder held before is replaced only when the run is over. Without --method, `exact` is
left out where the model is too large for it.";

pub const COMPARE_EXAMPLES: &str = "\
Examples:
  plefka compare
  plefka compare model.npz --method exact,tap2 --betas 0:4:81 --out runs/tap
  plefka compare model.npz --strict || echo 'look at the report'";

pub const INFO: &str = "\
Describe a model: its shape and units, where it came from, the ranges of its parameters, the norms
of its weights, and whether it is small enough for exact enumeration.";

pub const SAMPLE: &str = "\
Draw states of a model at one β and write them as a data file, with the key X (N, n_visible) of 0/1.

Units of a model on spins are written as 0/1, too: s = 2x − 1. Models without layers have a column for
each unit. The samples are exact and independent where the model can be enumerated; otherwise they
come from Gibbs sampling, and a note says how, with the autocorrelation time.";

pub const MAKE_MODEL: &str = "\
Make a reference model of statistical physics from its size and a seed, and save it.

`plefka model KIND --help` says what a kind needs.";

pub const MAKE_MODEL_EXAMPLES: &str = "\
Examples:
  plefka model sk --spins 20 --seed 1 -o sk.npz
  plefka model hopfield --spins 100 --patterns 5 -o memory.npz
  plefka model rbm --visible 12 --hidden 8 --g 0.7 -o glass.npz
  plefka model rem --spins 16 -o rem.npz
  plefka model ising2d --side 16 -o torus.npz";

pub const PLOT: &str = "\
Draw the figures and report.html of a results folder again from its results.json, the figure of
temperatures from its temperature.json, those of a sweep from its sweep.jsonl, and those of an
analysis from its *.figure.json. Nothing is computed.";

pub const MODEL: &str = "Model file (.npz), or a built-in such as `builtin:mnist20`";

/// The methods, as the registry lists them.
pub fn methods() -> String {
    format!("Methods, separated by commas: {}", Method::ALL.map(Method::name).join(", "))
}

/// The same, with those that a comparison takes if nobody says which.
pub fn compared_methods() -> String {
    format!("{} [default: {}, as far as the model allows]", methods(), compare::USUAL.map(Method::name).join(", "))
}

pub const BETAS: &str = "Inverse temperatures: a list `0.5,1,2`, or `start:stop:count`, evenly spaced and inclusive";

pub const DATA: &str = "Samples of the visible units (.npz), or the built-in `builtin:mnist10k`; for what starts from data or\n\
     is bounded by them";

//! `plefka model`: makes a reference model and saves it.

use std::path::{Path, PathBuf};

use super::{Subcommand, console, memory, numbers::whole, output};
use crate::{
    io::{ModelInfo, Save},
    model::{AnyModel, DENSE_SPINS, random, torus},
};

/// The longer help.
pub const LONG: &str = "\
Make a reference model of statistical physics from its size and a seed, and save it.

`plefka model KIND --help` says what a kind needs.";

/// Examples, below the help.
pub const EXAMPLES: &str = "\
Examples:
  plefka model sk --spins 20 --seed 1 -o sk.npz
  plefka model hopfield --spins 100 --patterns 5 -o memory.npz
  plefka model rbm --visible 12 --hidden 8 --g 0.7 -o glass.npz
  plefka model rem --spins 16 -o rem.npz
  plefka model ising2d --side 16 -o torus.npz";

/// The arguments of `model`.
#[derive(Debug, clap::Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    pub kind: ModelKind,
}

/// Which model to make.
#[derive(Debug, clap::Subcommand)]
pub enum ModelKind {
    /// Sherrington–Kirkpatrick: Gaussian couplings of variance 1/N between all pairs of spins
    Sk {
        /// The number N of spins
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        spins: usize,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// Random energy model: 2^N Gaussian levels of variance N/2
    Rem {
        /// The number N of units
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        spins: usize,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// Hopfield: random patterns stored by Hebb's rule; the file also holds them, as `patterns`
    Hopfield {
        /// The number N of spins
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        spins: usize,
        /// The number P of patterns
        #[arg(long, value_name = "P", allow_hyphen_values = true, value_parser = whole::<usize>)]
        patterns: usize,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// RBM with independent Gaussian weights (bipartite Sherrington–Kirkpatrick)
    Rbm {
        /// The number of visible units
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        visible: usize,
        /// The number of hidden units
        #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<usize>)]
        hidden: usize,
        /// Strength: the standard deviation of a weight is g/(visible × hidden)^¼; on spins a spin
        /// glass for βg > 1
        #[arg(long, value_name = "G", default_value_t = 1.0, allow_hyphen_values = true)]
        g: f64,
        /// Units; on bits with the biases that make it the model on spins with g/4
        #[arg(long, value_enum, default_value_t = UnitsName::Spin)]
        units: UnitsName,
        #[command(flatten)]
        to: MadeArgs,
    },
    /// Ising ferromagnet on a square lattice with periodic boundaries, J = 1 between neighbours
    Ising2d {
        /// The length of a side
        #[arg(long, value_name = "L", allow_hyphen_values = true, value_parser = whole::<usize>)]
        side: usize,
        /// The model file (.npz) to write
        #[arg(short, long, value_name = "M.npz")]
        out: PathBuf,
    },
}

impl ModelKind {
    /// How many numbers it is made of.
    fn numbers(&self) -> f64 {
        match self {
            Self::Sk { spins, .. } => (*spins as f64).powi(2),
            Self::Hopfield { spins, patterns, .. } => *spins as f64 * (*spins as f64 + *patterns as f64),
            Self::Rem { spins, .. } => 2f64.powf(*spins as f64),
            Self::Rbm { visible, hidden, .. } => *visible as f64 * *hidden as f64,
            Self::Ising2d { side, .. } => ising2d_numbers(*side as f64),
        }
    }
}

/// A small torus is a matrix; of a large one each spin has four ends of bonds.
fn ising2d_numbers(side: f64) -> f64 {
    let spins = side.powi(2);
    if spins > DENSE_SPINS as f64 { 12.0 * spins } else { spins.powi(2) }
}

/// Where a random model comes from and goes to.
#[derive(Debug, clap::Args)]
pub struct MadeArgs {
    /// Seed of the disorder: the same seed gives the same model
    #[arg(long, value_name = "S", default_value_t = 1, allow_hyphen_values = true, value_parser = whole::<u64>)]
    pub seed: u64,
    /// The model file (.npz) to write
    #[arg(short, long, value_name = "M.npz")]
    pub out: PathBuf,
}

impl ModelArgs {
    /// The file to write.
    pub fn out(&self) -> &Path {
        match &self.kind {
            ModelKind::Sk { to, .. }
            | ModelKind::Rem { to, .. }
            | ModelKind::Hopfield { to, .. }
            | ModelKind::Rbm { to, .. } => &to.out,
            ModelKind::Ising2d { out, .. } => out,
        }
    }
}

/// The kind of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum UnitsName {
    /// 0 and 1
    Bit,
    /// −1 and +1
    Spin,
}

/// A model that was made, and the file for it.
pub struct Model {
    args: ModelArgs,
    made: Made,
}

/// What there is to save.
enum Made {
    Plain(AnyModel),
    /// With its patterns.
    Hopfield(random::Hopfield),
}

impl Subcommand for Model {
    type Args = ModelArgs;

    fn plan(args: ModelArgs) -> anyhow::Result<Self> {
        output::check_file("--out", args.out())?;
        // The numbers, their archive, and what the library makes of them on the way. What no machine
        // holds is refused by its size below.
        let bytes = 3.0 * 8.0 * args.kind.numbers();
        if bytes < 1e12 {
            memory::check("KIND", bytes, "ask for a smaller model")?;
        }
        let made = match &args.kind {
            ModelKind::Sk { spins, to } => Made::Plain(random::sk(*spins, to.seed)?.into()),
            ModelKind::Rem { spins, to } => Made::Plain(random::rem(*spins, to.seed)?.into()),
            ModelKind::Hopfield { spins, patterns, to } => {
                Made::Hopfield(random::Hopfield::random(*spins, *patterns, to.seed)?)
            }
            ModelKind::Rbm { visible, hidden, g, units, to } => {
                let rbm = match units {
                    UnitsName::Spin => random::bipartite_sk(*visible, *hidden, *g, to.seed)?,
                    UnitsName::Bit => random::bipartite_sk_on_bits(*visible, *hidden, *g, to.seed)?,
                };
                Made::Plain(rbm.into())
            }
            ModelKind::Ising2d { side, .. } => Made::Plain(torus::lattice(*side, *side)?.in_better_form()),
        };
        Ok(Self { args, made })
    }

    fn run(self) -> anyhow::Result<()> {
        let out = self.args.out();
        let (saved, model, more) = match self.made {
            Made::Plain(model) => (model.save(out), model, String::new()),
            Made::Hopfield(hopfield) => {
                let more = format!(", and the {} patterns", hopfield.patterns().nrows());
                (hopfield.save(out), hopfield.ising().clone().into(), more)
            }
        };
        saved?;
        let ModelInfo { kind, units, shape, .. } = ModelInfo::new(&model, "", "");
        console::print(&format!("{}: {kind} with {shape} {units} units{more}\n", out.display()))
    }
}

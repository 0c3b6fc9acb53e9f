//! `plefka model`: makes a reference model and saves it.

use crate::{
    io::{ModelInfo, Save},
    model::{AnyModel, random, torus},
};

use super::{
    Subcommand,
    args::{ModelArgs, ModelKind, UnitsName},
    console, output,
};

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
            ModelKind::Ising2d { side, .. } => Made::Plain(torus::ferromagnet(*side, *side)?.into()),
        };
        output::check_file("--out", args.out())?;
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

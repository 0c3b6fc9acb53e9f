//! The command line as typed. Only its syntax is checked here; what it means is checked in the
//! plans.

use clap::{Parser, Subcommand};

use super::{
    combine, compare, convert, estimate, history, info, likelihood, merge, model, plot, sample, sweep, temperature,
    train, verify,
};

const STORY: &str = "\
Statistical mechanics of restricted Boltzmann machines.

What are ln Z, the energy and the entropy of a model at inverse temperature β, and how do we
know? plefka answers with several methods (exact enumeration, annealing up and down, parallel
tempering, mean field, TAP, belief propagation) and says with every number what it claims:
exact, an estimate with a standard error, a bound, or an approximation without error control.
`compare` lays the methods beside the truth.

E(v, h) = −a·v − b·h − vᵀWh and Z(β) = Σ exp(−βE), with k_B = 1; ln Z and entropies in nats.";

const EXAMPLES: &str = "\
Examples:
  plefka compare                                        the built-in model, every method
  plefka estimate model.npz --method exact              ln Z at β = 1
  plefka estimate model.npz --method ais --betas 0:2:21 --format csv
  plefka temperature model.npz --data x.npz             at which β would it produce them?
  plefka info model.npz

Exit status: 0 done; 1 the run failed, was stopped, or (--strict) cannot be trusted;
2 bad usage or bad input.";

/// Statistical mechanics of restricted Boltzmann machines
#[derive(Debug, Parser)]
#[command(name = "plefka", version, long_about = STORY, after_long_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Estimate ln Z, energy, entropy and heat capacity of a model
    #[command(long_about = estimate::LONG, after_long_help = estimate::EXAMPLES)]
    Estimate(estimate::EstimateArgs),
    /// Pool the samples of all shares of one big run
    #[command(long_about = combine::LONG, after_long_help = combine::EXAMPLES)]
    Combine(combine::CombineArgs),
    /// Lay several methods beside the exact result, with figures and a report
    #[command(long_about = compare::LONG, after_long_help = compare::EXAMPLES)]
    Compare(compare::CompareArgs),
    /// Describe a model: shapes, norms, whether it can be enumerated
    #[command(long_about = info::LONG)]
    Info(info::InfoArgs),
    /// Read a model of any program, and write it for another
    #[command(long_about = convert::LONG, after_long_help = convert::EXAMPLES)]
    Convert(convert::ConvertArgs),
    /// Draw states of a model at one β, as a data file
    #[command(long_about = sample::LONG)]
    Sample(sample::SampleArgs),
    /// Make a reference model: sk, rem, hopfield, rbm, ising2d
    #[command(long_about = model::LONG, after_long_help = model::EXAMPLES)]
    Model(model::ModelArgs),
    /// Draw the figures of a results folder again, from its saved numbers
    #[command(long_about = plot::LONG)]
    Plot(plot::PlotArgs),
    /// Work off a grid of models, methods and β to a store that survives a kill
    #[command(long_about = sweep::LONG, after_long_help = sweep::EXAMPLES)]
    Sweep(sweep::SweepArgs),
    /// Join the shares of a sweep
    #[command(long_about = merge::LONG, after_long_help = merge::EXAMPLES)]
    Merge(merge::MergeArgs),
    /// The mean of ln p(v) over data
    #[command(long_about = likelihood::LONG, after_long_help = likelihood::EXAMPLES)]
    Likelihood(likelihood::LikelihoodArgs),
    /// Estimate the temperature of data under a model
    #[command(long_about = temperature::LONG, after_long_help = temperature::EXAMPLES)]
    Temperature(temperature::TemperatureArgs),
    /// Train an RBM, with its likelihood in the log
    #[command(long_about = train::LONG, after_long_help = train::EXAMPLES)]
    Train(train::TrainArgs),
    /// Check that files are as they were written, and belong together
    #[command(long_about = verify::LONG)]
    Verify(verify::VerifyArgs),
    /// ln Z and ln p(v) at every checkpoint of a training run
    #[command(long_about = history::LONG, after_long_help = history::EXAMPLES)]
    History(history::HistoryArgs),
    /// Write man pages and the completions of each shell
    #[cfg(feature = "generate")]
    #[command(hide = true)]
    Generate(super::generate::GenerateArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_consistent() {
        Args::command().debug_assert();
    }
}

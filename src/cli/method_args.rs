//! The options of the methods.

use plefka::{
    Ais, Bethe, Exact, MeanField,
    estimator::{Bar, DataBound, MeanFieldMixture, ReverseAis, Settings, Tempering},
};

use super::{
    choices::{BaseName, KernelName, ReportName, ScheduleName, SolverName, StartFromName, StartName},
    numbers::{Real, whole},
};

/// The settings of the methods, with the library's own defaults.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Method options")]
pub struct SettingsArgs {
    /// exact: the largest model to enumerate, as the number M of units of its smaller layer (2^M states for each β)
    #[arg(long, value_name = "M", default_value_t = Exact::default().max_units,
          allow_hyphen_values = true, value_parser = whole::<u32>)]
    exact_limit: u32,
    /// exact: ln Z alone, without U, S and C; several times faster
    #[arg(long)]
    log_z_only: bool,
    /// ais: independent chains
    #[arg(long, value_name = "N", default_value_t = Ais::default().chains,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    chains: usize,
    /// ais: intermediate temperatures between β = 0 and the largest β
    #[arg(long, value_name = "N", default_value_t = Ais::default().rungs,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    rungs: usize,
    /// ais: how densely the intermediate temperatures stand
    #[arg(long, value_enum, default_value_t = ScheduleName::Linear)]
    schedule: ScheduleName,
    /// ais: the independent units that the chains start from; `data` needs --data
    #[arg(long, value_enum, default_value_t = BaseName::Uniform)]
    base: BaseName,
    /// reverse-ais: where the samples come from that it starts with
    #[arg(long, value_enum, default_value_t = StartName::Auto)]
    start: StartName,
    /// reverse-ais: sweeps of Gibbs sampling for these samples, where they are not exact
    #[arg(long, value_name = "N", default_value_t = ReverseAis::default().burn_in,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    burn_in: usize,
    /// tempering, ti: independent ladders
    #[arg(long, value_name = "N", default_value_t = Tempering::default().ladders,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    ladders: usize,
    /// tempering, ti: temperatures of a ladder
    #[arg(long, value_name = "N", default_value_t = Tempering::default().temperatures,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    temperatures: usize,
    /// tempering, ti: sweeps of every chain; a fifth as many before them find the temperatures
    #[arg(long, value_name = "N", default_value_t = Tempering::default().sweeps,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    sweeps: usize,
    /// tempering, ti: times at which the states are taken down
    #[arg(long, value_name = "N", default_value_t = Tempering::default().records,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    records: usize,
    /// ais: how the chains move
    #[arg(long, value_enum, default_value_t = KernelName::Auto)]
    kernel: KernelName,
    /// ais: bootstrap copies behind the error bars
    #[arg(long, value_name = "N", default_value_t = Ais::default().replicates,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    replicates: usize,
    /// mf, tap2, tap3: searches for each β, the first from free units
    #[arg(long, value_name = "N", default_value_t = MeanField::default().starts,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    starts: usize,
    /// mf, tap2, tap3: where the other searches start
    #[arg(long, value_enum, default_value_t = StartFromName::Random)]
    start_from: StartFromName,
    /// mf, tap2, tap3: what to report where there are several solutions
    #[arg(long, value_enum, default_value_t = ReportName::Best)]
    report: ReportName,
    /// mf, tap2, tap3: how solutions are looked for
    #[arg(long, value_enum, default_value_t = SolverName::Auto)]
    solver: SolverName,
    /// mf, tap2, tap3, bethe: weight of the old means (messages) in each update of the damped and anderson solvers (of
    /// bethe), from 0 up to but excluding 1
    #[arg(long, value_name = "X", default_value_t = Real(MeanField::default().damping), allow_hyphen_values = true)]
    damping: Real,
    /// mf, tap2, tap3, bethe: largest residual of the equations at which a solution is one
    #[arg(long, value_name = "X", default_value_t = Real(MeanField::default().tolerance), allow_hyphen_values = true)]
    tolerance: Real,
    /// mf, tap2, tap3, bethe: updates after which a search is given up
    #[arg(long, value_name = "N", default_value_t = MeanField::default().max_iterations,
          allow_hyphen_values = true, value_parser = whole::<usize>)]
    max_iterations: usize,
}

impl SettingsArgs {
    /// The same as the library understands it; nothing is checked.
    pub fn settings(&self) -> Settings {
        Settings {
            exact: Exact { max_units: self.exact_limit, log_z_only: self.log_z_only },
            ais: Ais {
                chains: self.chains,
                rungs: self.rungs,
                schedule: self.schedule.into(),
                base: self.base.into(),
                data: None,
                kernel: self.kernel.into(),
                replicates: self.replicates,
            },
            reverse_ais: ReverseAis { start: self.start.into(), burn_in: self.burn_in, ..ReverseAis::default() },
            bar: Bar { start: self.start.into(), burn_in: self.burn_in, ..Bar::default() },
            tempering: Tempering {
                ladders: self.ladders,
                temperatures: self.temperatures,
                sweeps: self.sweeps,
                burn_in: self.sweeps / 5,
                records: self.records,
                base: self.base.into(),
                kernel: self.kernel.into(),
                ..Tempering::default()
            },
            data_bound: DataBound::default(),
            mixture: MeanFieldMixture::default(),
            mean_field: MeanField {
                solver: self.solver.into(),
                starts: self.starts,
                start_from: self.start_from.into(),
                report: self.report.into(),
                damping: self.damping.0,
                tolerance: self.tolerance.0,
                max_iterations: self.max_iterations,
                ..MeanField::default()
            },
            bethe: Bethe { damping: self.damping.0, tolerance: self.tolerance.0, max_iterations: self.max_iterations },
        }
    }
}

//! What the run of the ladders says about itself.

use super::{Tempering, ladders::Tempered};
use crate::{
    curve::{Betas, Diagnostics, Reliability},
    sample::Rung,
};

/// Whether the replicas travelled, how long their memory is, and whether the two halves of the run
/// agree.
#[derive(Default, Clone)]
pub(super) struct PtDiagnostics {
    round_trips: Vec<f64>,
    drift: Vec<f64>,
    /// Over all parts of the run: the lowest swap rate, the longest autocorrelation time in sweeps.
    swap_rate: Option<f64>,
    tau: f64,
    too_short: bool,
    /// Of the last part.
    rungs: Vec<f64>,
}

impl PtDiagnostics {
    /// What is known of one target alone.
    pub(super) fn of_target(&self, k: usize) -> Self {
        Self { round_trips: vec![self.round_trips[k]], drift: vec![self.drift[k]], ..self.clone() }
    }

    /// Appends what one run of the ladders says about some rungs.
    pub(super) fn add(&mut self, config: &Tempering, targets: &[Rung], tempered: &Tempered) {
        let Tempered { rungs, slowest, .. } = tempered;
        let log = tempered.log();
        let place = |rung: &Rung| (rung.segment, rung.beta);
        for target in targets {
            let above = rungs.iter().position(|rung| place(rung) >= place(target)).unwrap_or(rungs.len() - 1);
            // Nothing needs to travel to the base itself.
            self.round_trips.push(log.round_trips[above.max(1)]);
        }
        let lowest = log.swap_rates().into_iter().fold(1.0, f64::min);
        self.swap_rate = Some(self.swap_rate.map_or(lowest, |rate| rate.min(lowest)));
        self.tau = self.tau.max(slowest.tau * config.sweeps as f64 / config.records as f64);
        self.too_short |= !slowest.is_long_enough();
        self.rungs = rungs.iter().map(|rung| rung.segment as f64 + rung.beta).collect();
    }

    /// Appends the ln Z of the two halves of a run at one β, given its standard error with both:
    /// each half has half of the samples, and twice the variance.
    pub(super) fn add_halves(&mut self, beta: f64, halves: [f64; 2], std_error: f64) {
        let drift = (halves[0] - halves[1]).abs() / (2.0 * std_error);
        // At β = 0 ln Z is known, and the difference is a rounding error.
        self.drift.push(if beta == 0.0 || !drift.is_finite() { 0.0 } else { drift });
    }

    /// What the reader should know, each with a remedy.
    pub(super) fn warnings(&self, betas: &Betas) -> Vec<String> {
        let mut warnings = Vec::new();
        let stalled =
            |trips: &f64| Reliability { round_trips: Some(*trips), ..Reliability::default() }.objection().is_some();
        if let Some(first) = self.round_trips.iter().position(stalled) {
            warnings.push(format!(
                "tempering stalls: only {} round trips between the base and β = {} or beyond; states may be missing there that \
                 no error bar knows of; try more sweeps, more temperatures, or another base",
                self.round_trips[first], betas[first],
            ));
        }
        let drifting =
            |drift: &f64| Reliability { drift: Some(*drift), ..Reliability::default() }.objection().is_some();
        if let Some(first) = self.drift.iter().position(drifting) {
            warnings.push(format!(
                "the two halves of the run differ by {:.1} standard errors at β = {}: it had not arrived when its samples began; \
                 try more sweeps",
                self.drift[first], betas[first],
            ));
        }
        if self.too_short {
            warnings.push(format!(
                "the run is shorter than 50 autocorrelation times ({:.0} sweeps): error bars are too small; try more sweeps",
                self.tau,
            ));
        }
        warnings
    }

    /// All of it beside what else is known.
    pub(super) fn diagnostics(self, config: &Tempering, diagnostics: Diagnostics) -> Diagnostics {
        let rungs: Vec<String> = self.rungs.iter().map(|beta| format!("{beta:.4}")).collect();
        diagnostics
            .round_trips(self.round_trips)
            .drift(self.drift)
            .number("lowest_swap_rate", self.swap_rate.unwrap_or(f64::NAN))
            .number("autocorrelation_sweeps", self.tau)
            .number("ladders", config.ladders as f64)
            .number("sweeps", config.sweeps as f64)
            .text("temperatures", rungs.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_run_has_twice_the_variance() {
        let mut trust = PtDiagnostics::default();
        // The difference of two halves has the standard error 2σ.
        trust.add_halves(0.5, [3.0, 2.2], 0.1);
        trust.add_halves(1.0, [2.2, 3.0], 0.2);
        // Known exactly, or without an error bar.
        trust.add_halves(0.0, [3.0, 2.2], 0.1);
        trust.add_halves(1.0, [3.0, 2.2], 0.0);
        trust.add_halves(1.0, [3.0, 3.0], 0.0);
        for (found, expected) in trust.drift.iter().zip([4.0, 2.0, 0.0, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn each_warning_names_the_first_place_where_it_holds() {
        let betas: Betas = "0:1:3".parse().unwrap();
        let sound =
            PtDiagnostics { round_trips: vec![900.0; 3], drift: vec![0.1; 3], tau: 7.6, ..PtDiagnostics::default() };
        assert!(sound.warnings(&betas).is_empty());
        let stalled = PtDiagnostics { round_trips: vec![900.0, 0.0, 0.0], ..sound.clone() };
        let drifting = PtDiagnostics { drift: vec![0.1, 0.2, 88.0], ..sound.clone() };
        let short = PtDiagnostics { too_short: true, ..sound.clone() };
        for (trust, words) in [
            (&stalled, "only 0 round trips between the base and β = 0.5 or beyond"),
            (&drifting, "differ by 88.0 standard errors at β = 1:"),
            (&short, "50 autocorrelation times (8 sweeps)"),
        ] {
            let warnings = trust.warnings(&betas);
            assert!(warnings.len() == 1 && warnings[0].contains(words), "{warnings:?}");
        }
        assert_eq!((stalled.of_target(1).round_trips, stalled.of_target(2).drift), (vec![0.0], vec![0.1]));
    }
}

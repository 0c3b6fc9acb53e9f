//! What a sampling method knows about the quality of its own numbers.

use super::Diagnostics;
use crate::thresholds::{MAX_SHARE, MAX_SIGMAS, MIN_ESS, MIN_OVERLAP, MIN_ROUND_TRIPS};

/// The names under which the evidence stands in [`Diagnostics`], a number for each β.
const ESS: &str = "ess_by_beta";
const LARGEST_SHARE: &str = "largest_share_by_beta";
const OVERLAP: &str = "overlap_by_beta";
const ROUND_TRIPS: &str = "round_trips_by_beta";
const DRIFT: &str = "drift_by_beta";
const DISCRETISATION: &str = "discretisation_by_beta";
const CROOKS_SLOPE: &str = "crooks_slope_by_beta";
const CROOKS_SLOPE_ERROR: &str = "crooks_slope_error_by_beta";
/// What a method itself has found against its numbers, and what independent evidence it has for
/// them: sentences for each β.
const OBJECTIONS: &str = "objections_by_beta";
const INDEPENDENT: &str = "independent_by_beta";

/// How the weights of one point are spread over its samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reliability {
    /// The effective number of independent samples, 1/Σw̃² (Kong 1992).
    pub ess: Option<f64>,
    /// The share of the total weight that the heaviest sample carries.
    pub largest_share: Option<f64>,
    /// How far the distributions overlap that an estimate joins, from 0 (not at all) to 1 (they are
    /// the same).
    pub overlap: Option<f64>,
    /// How often a replica has come to this temperature from the base and returned there.
    pub round_trips: Option<f64>,
    /// By how much the two halves of a run differ, in standard errors of that difference.
    pub drift: Option<f64>,
    /// By how much a ladder of half as many rungs differs, in standard errors.
    pub discretisation: Option<f64>,
    /// By how much the slope of ln P_F(w)/P_R(−w) differs from the 1 of Crooks' theorem, in
    /// standard errors.
    pub crooks: Option<f64>,
}

impl Reliability {
    /// The evidence for the `k`-th β, where a method gives it.
    #[must_use]
    pub fn at(diagnostics: &Diagnostics, k: usize) -> Self {
        let slope = diagnostics.at(CROOKS_SLOPE, k).zip(diagnostics.at(CROOKS_SLOPE_ERROR, k));
        Self {
            ess: diagnostics.at(ESS, k),
            largest_share: diagnostics.at(LARGEST_SHARE, k),
            overlap: diagnostics.at(OVERLAP, k),
            round_trips: diagnostics.at(ROUND_TRIPS, k),
            drift: diagnostics.at(DRIFT, k),
            discretisation: diagnostics.at(DISCRETISATION, k),
            crooks: slope.map(|(slope, error)| (slope - 1.0).abs() / error),
        }
    }

    /// Why an error bar that rests on this means little, if so: the first of the
    /// [objections](Self::objections).
    #[must_use]
    pub fn objection(self) -> Option<String> {
        self.objections().into_iter().next()
    }

    /// Everything that speaks against an error bar that rests on this.
    #[must_use]
    pub fn objections(self) -> Vec<String> {
        let below = |value: Option<f64>, least: f64| value.filter(|x| *x < least);
        let above = |value: Option<f64>, most: f64| value.filter(|x| *x > most);
        let found = [
            below(self.ess, MIN_ESS).map(|ess| format!("{ess:.1} effective chains")),
            above(self.largest_share, MAX_SHARE)
                .map(|share| format!("{:.0} % of the weight on one chain", 100.0 * share)),
            below(self.overlap, MIN_OVERLAP).map(|overlap| format!("an overlap of {overlap:.1e}")),
            below(self.round_trips, MIN_ROUND_TRIPS).map(|trips| format!("{trips} round trips")),
            above(self.drift, MAX_SIGMAS).map(|drift| format!("two halves that differ by {drift:.1}σ")),
            above(self.discretisation, MAX_SIGMAS)
                .map(|change| format!("half of its temperatures give a number {change:.1}σ away")),
            above(self.crooks, MAX_SIGMAS).map(|deviation| format!("a Crooks slope {deviation:.1}σ from 1")),
        ];
        found.into_iter().flatten().collect()
    }
}

impl Diagnostics {
    /// Adds the evidence for each β: the effective sample sizes and the largest shares.
    #[must_use]
    pub fn evidence(self, ess: Vec<f64>, largest_share: Vec<f64>) -> Self {
        self.per_beta(ESS, ess).per_beta(LARGEST_SHARE, largest_share)
    }

    /// Adds the round trips to each β.
    #[must_use]
    pub fn round_trips(self, round_trips: Vec<f64>) -> Self {
        self.per_beta(ROUND_TRIPS, round_trips)
    }

    /// Adds what the method itself has found against its number at each β.
    #[must_use]
    pub fn objections(self, sentences: Vec<Vec<String>>) -> Self {
        self.sentences(OBJECTIONS, sentences)
    }

    /// Adds the independent evidence that agrees with the number at each β; none where it is not
    /// enough to call the number checked.
    #[must_use]
    pub fn independent(self, sentences: Vec<Vec<String>>) -> Self {
        self.sentences(INDEPENDENT, sentences)
    }

    /// What the method itself has found against its number at the `k`-th β.
    #[must_use]
    pub fn objections_at(&self, k: usize) -> &[String] {
        self.sentences_at(OBJECTIONS, k)
    }

    /// The independent evidence that agrees with the number at the `k`-th β.
    #[must_use]
    pub fn independent_at(&self, k: usize) -> &[String] {
        self.sentences_at(INDEPENDENT, k)
    }

    /// Adds the drift at each β.
    #[must_use]
    pub fn drift(self, drift: Vec<f64>) -> Self {
        self.per_beta(DRIFT, drift)
    }

    /// Adds what half as many rungs would change at each β.
    #[must_use]
    pub fn discretisation(self, discretisation: Vec<f64>) -> Self {
        self.per_beta(DISCRETISATION, discretisation)
    }

    /// Adds the slope of ln P_F(w)/P_R(−w) at each β, with its standard error.
    #[must_use]
    pub fn crooks_slope(self, slope: Vec<f64>, std_error: Vec<f64>) -> Self {
        self.per_beta(CROOKS_SLOPE, slope).per_beta(CROOKS_SLOPE_ERROR, std_error)
    }

    /// Adds the overlap of what the estimate at each β joins.
    #[must_use]
    pub fn overlap(self, overlap: Vec<f64>) -> Self {
        self.per_beta(OVERLAP, overlap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_evidence_has_its_objection_and_only_beyond_its_bound() {
        let usual = Reliability::default();
        assert_eq!(usual.objection(), None);
        for (good, bad, says) in [
            (
                Reliability { ess: Some(21.0), ..usual },
                Reliability { ess: Some(19.0), ..usual },
                "19.0 effective chains",
            ),
            (
                Reliability { largest_share: Some(0.19), ..usual },
                Reliability { largest_share: Some(0.21), ..usual },
                "21 % of the weight",
            ),
            (
                Reliability { overlap: Some(0.04), ..usual },
                Reliability { overlap: Some(0.02), ..usual },
                "an overlap of 2.0e-2",
            ),
            (
                Reliability { round_trips: Some(10.0), ..usual },
                Reliability { round_trips: Some(9.0), ..usual },
                "9 round trips",
            ),
            (Reliability { drift: Some(3.9), ..usual }, Reliability { drift: Some(4.1), ..usual }, "differ by 4.1σ"),
            (
                Reliability { discretisation: Some(3.9), ..usual },
                Reliability { discretisation: Some(4.1), ..usual },
                "a number 4.1σ away",
            ),
            (
                Reliability { crooks: Some(3.9), ..usual },
                Reliability { crooks: Some(4.1), ..usual },
                "Crooks slope 4.1σ",
            ),
        ] {
            assert_eq!(good.objection(), None);
            assert!(bad.objection().is_some_and(|reason| reason.contains(says)), "{bad:?}");
        }
        // Planted bug: naming the first objection alone.
        let twice = Reliability { ess: Some(3.0), round_trips: Some(0.0), ..usual };
        assert_eq!(twice.objections(), ["3.0 effective chains", "0 round trips"]);
    }

    #[test]
    fn a_slope_of_either_side_speaks_against_it() {
        for slope in [0.5, 1.5] {
            let diagnostics = Diagnostics::default().crooks_slope(vec![slope], vec![0.1]);
            let deviation = Reliability::at(&diagnostics, 0).crooks.unwrap();
            assert!((deviation - 5.0).abs() < 1e-12, "{deviation}");
        }
    }
}

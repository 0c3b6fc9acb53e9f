//! Weights and energies of chains on any segment, from the fields at its two ends.

use crate::{
    kernel::{
        layer::{UNITS, group_size},
        softplus::{conditional_energy, softplus_difference, softplus_sum},
    },
    sample::{ConditionalEnergy, Rung},
};

/// Chains as the ends of the segments see them: end 0 is the base, end k + 1 is model k.
pub(super) trait Seen {
    fn chains(&self) -> usize;

    /// a + Wy of one chain, with the parameters of an end.
    fn fields(&self, end: usize, chain: usize) -> Vec<f64>;

    /// c + b·y of one chain.
    fn kept_term(&self, end: usize, chain: usize) -> f64;

    /// a + Wy of all chains.
    fn all_fields(&self, end: usize) -> Vec<Vec<f64>> {
        (0..self.chains()).map(|chain| self.fields(end, chain)).collect()
    }
}

/// A chain on one segment: its fields and its kept term at the two ends.
struct Ends {
    fields: [Vec<f64>; 2],
    kept_terms: [f64; 2],
}

impl Ends {
    fn of(seen: &impl Seen, segment: usize, chain: usize) -> Self {
        let ends = [segment, segment + 1];
        Self { fields: ends.map(|end| seen.fields(end, chain)), kept_terms: ends.map(|end| seen.kept_term(end, chain)) }
    }

    /// ln f(y) at `to`, less that at `from`, both on this segment.
    fn log_ratio(&self, from: Rung, to: Rung) -> f64 {
        let Self { fields: [lower, upper], kept_terms: [base, energy] } = self;
        to.field(*energy, *base) - from.field(*energy, *base)
            + softplus_difference(upper.chunks(UNITS), lower, from, to)
    }

    /// ln f(y).
    fn log_weight(&self, rung: Rung) -> f64 {
        let Self { fields: [lower, upper], kept_terms: [base, energy] } = self;
        rung.field(*energy, *base) + softplus_sum(upper, lower, rung)
    }
}

/// As [`Chains::add_log_ratio`](crate::sample::Chains::add_log_ratio).
pub(super) fn add_log_ratio(seen: &impl Seen, from: &[Rung], to: &[Rung], log_w: &mut [f64]) {
    let group = group_size(log_w.len(), to);
    for (chain, log_w) in log_w.iter_mut().enumerate() {
        let (from, to) = (from[chain / group], to[chain / group]);
        *log_w += match from.on_segment(to.segment) {
            Some(from) => Ends::of(seen, to.segment, chain).log_ratio(from, to),
            None => log_weight(seen, chain, to) - log_weight(seen, chain, from),
        };
    }
}

fn log_weight(seen: &impl Seen, chain: usize, rung: Rung) -> f64 {
    Ends::of(seen, rung.segment, chain).log_weight(rung)
}

/// As [`Chains::log_ratios`](crate::sample::Chains::log_ratios), with the fields at each end
/// computed once.
pub(super) fn log_ratios(seen: &impl Seen, from: Rung, to: &[Rung]) -> Vec<Vec<f64>> {
    let last = to.iter().map(|rung| rung.segment).max().unwrap_or(0).max(from.segment);
    let mut fields: Vec<Option<Vec<Vec<f64>>>> = vec![None; last + 2];
    for end in to.iter().chain([&from]).flat_map(|rung| [rung.segment, rung.segment + 1]) {
        fields[end].get_or_insert_with(|| seen.all_fields(end));
    }
    let of = |end: usize, chain: usize| fields[end].as_ref().map_or(&[][..], |fields| &fields[chain]);
    let log_weight = |rung: &Rung, chain: usize| {
        let (lower, upper) = (rung.segment, rung.segment + 1);
        rung.field(seen.kept_term(upper, chain), seen.kept_term(lower, chain))
            + softplus_sum(of(upper, chain), of(lower, chain), *rung)
    };
    let at_from: Vec<f64> = (0..seen.chains()).map(|chain| log_weight(&from, chain)).collect();
    let ratios = |rung: &Rung| (0..seen.chains()).map(|chain| log_weight(rung, chain) - at_from[chain]).collect();
    to.iter().map(ratios).collect()
}

/// As [`Chains::conditional_energies`](crate::sample::Chains::conditional_energies): the energy is
/// that of the model at the upper end.
pub(super) fn conditional_energies(seen: &impl Seen, rungs: &[Rung]) -> Vec<ConditionalEnergy> {
    let group = group_size(seen.chains(), rungs);
    let of_chain = |chain: usize| {
        let rung = rungs[chain / group];
        let Ends { fields: [lower, upper], kept_terms: [_, kept_term] } = Ends::of(seen, rung.segment, chain);
        let (mean, variance) = conditional_energy(upper.chunks(UNITS), &lower, rung);
        ConditionalEnergy { energy: -(kept_term + mean), energy_variance: variance }
    };
    (0..seen.chains()).map(of_chain).collect()
}

//! Block Gibbs sampling through several models, many chains at a time.

use std::ops::Range;

use super::weights::{self, Seen};
use crate::{
    Rbm,
    kernel::{
        bernoulli::sample_units,
        bit_product::{BitDot, BitProduct},
        lanes::Lanes,
        layer::{Block, Fields, States, group_size},
    },
    model::{KeptLayer, Marginal},
    sample::{
        Chains, ConditionalEnergy, Rung, Sampler,
        bit_base::{BitBase, in_model_order},
    },
    streams::stream,
};

/// Block Gibbs with the fields of both ends of a segment, which are mixed as its rung says: twice
/// the products of `GibbsSampler`, and no matrix of a rung.
pub(super) struct GibbsTrajectory {
    ends: Vec<End>,
    log_z_base: f64,
    kept_layer: KeptLayer,
    n_summed: usize,
    n_kept: usize,
    /// Fields of a base that there is none of.
    none: Vec<Block>,
}

/// One end of a segment.
struct End {
    summed: LayerFields,
    kept: LayerFields,
    kept_dot: BitDot,
    offset: f64,
}

/// The fields of one layer given the other.
enum LayerFields {
    /// Of independent units, whatever the other layer is.
    Fixed(Vec<Block>),
    Coupled(BitProduct),
}

impl LayerFields {
    fn apply(&self, states: &States, range: Range<usize>, fields: &mut Fields) {
        match self {
            Self::Fixed(bias) => fields.by_block_mut().zip(bias).for_each(|(fields, b)| fields[range.clone()].fill(*b)),
            Self::Coupled(product) => product.apply_range(states, range, fields),
        }
    }
}

impl GibbsTrajectory {
    pub(super) fn new(models: &[&Rbm], base: BitBase) -> Self {
        let log_z_base = base.log_z();
        let (n_summed, n_kept) = (base.summed.len(), base.kept.len());
        let independent = End {
            summed: LayerFields::Fixed(Block::fill(&base.summed)),
            kept: LayerFields::Fixed(Block::fill(&base.kept)),
            kept_dot: BitDot::new(&base.kept),
            offset: base.offset,
        };
        let coupled = |rbm: &&Rbm| {
            let Marginal { weights, summed_bias, kept_bias, offset, .. } = Marginal::of(rbm);
            End {
                summed: LayerFields::Coupled(BitProduct::new(&weights, summed_bias.as_slice())),
                kept: LayerFields::Coupled(BitProduct::transposed(&weights, kept_bias.as_slice())),
                kept_dot: BitDot::new(kept_bias.as_slice()),
                offset,
            }
        };
        Self {
            ends: std::iter::once(independent).chain(models.iter().map(coupled)).collect(),
            log_z_base,
            kept_layer: KeptLayer::smaller(models[0]),
            n_summed,
            n_kept,
            none: vec![Block::ZERO; Block::count(n_summed.max(n_kept))],
        }
    }

    fn blank(&self, count: usize, seed: u64, number: u64) -> GibbsTrajectoryChains<'_> {
        let room = || Fields::zeros(self.n_summed, count);
        let kept_room = || Fields::zeros(self.n_kept, count);
        GibbsTrajectoryChains {
            path: self,
            kept: States::zeros(self.n_kept, count),
            segment: vec![None; count],
            summed_fields: [room(), room()],
            summed: States::zeros(self.n_summed, count),
            kept_fields: [kept_room(), kept_room()],
            mixed_summed: room(),
            mixed_kept: kept_room(),
            rng: Lanes::new(stream(seed, number)),
        }
    }
}

impl Sampler for GibbsTrajectory {
    fn chains_at_base(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut chains = self.blank(count, seed, number);
        // On the base the units are independent: a sweep draws all of them anew.
        chains.sweep(&[Rung::BASE]);
        Box::new(chains)
    }

    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut chains = self.blank(kept.len(), seed, number);
        chains.kept = States::of_units(kept, self.n_kept);
        Box::new(chains)
    }

    fn log_z_base(&self) -> f64 {
        self.log_z_base
    }
}

struct GibbsTrajectoryChains<'a> {
    path: &'a GibbsTrajectory,
    kept: States,
    /// The segment that the fields of a chain belong to, if they are those of its state.
    segment: Vec<Option<usize>>,
    /// a + Wy at the lower and the upper end of its segment.
    summed_fields: [Fields; 2],
    /// Room for the summed layer, for the fields of the kept one, and for what is mixed.
    summed: States,
    kept_fields: [Fields; 2],
    mixed_summed: Fields,
    mixed_kept: Fields,
    rng: Lanes,
}

/// Chains in a row on one segment.
fn on_one_segment(chains: usize, rungs: &[Rung]) -> Vec<(usize, Range<usize>)> {
    let group = group_size(chains, rungs);
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    for (g, rung) in rungs.iter().enumerate() {
        let range = g * group..(g + 1) * group;
        match parts.last_mut() {
            Some((segment, last)) if *segment == rung.segment => last.end = range.end,
            _ => parts.push((rung.segment, range)),
        }
    }
    parts
}

/// z = beta·upper + base·lower of every chain, at the rung of its group.
fn mix(ends: &[Fields; 2], rungs: &[Rung], chains: usize, mixed: &mut Fields) {
    let group = group_size(chains, rungs);
    let [lower, upper] = ends;
    for ((mixed, lower), upper) in mixed.by_block_mut().zip(lower.by_block()).zip(upper.by_block()) {
        let groups = mixed.chunks_mut(group).zip(lower.chunks(group)).zip(upper.chunks(group));
        for (((mixed, lower), upper), rung) in groups.zip(rungs) {
            let (beta, base) = (rung.beta as f32, rung.base as f32);
            for ((mixed, lower), upper) in mixed.iter_mut().zip(lower).zip(upper) {
                mixed.0.iter_mut().zip(&lower.0).zip(&upper.0).for_each(|((z, l), u)| *z = base * l + beta * u);
            }
        }
    }
}

impl GibbsTrajectoryChains<'_> {
    fn update_summed_fields(&mut self, segment: usize, range: Range<usize>) {
        for (side, fields) in self.summed_fields.iter_mut().enumerate() {
            self.path.ends[segment + side].summed.apply(&self.kept, range.clone(), fields);
        }
        self.segment[range].fill(Some(segment));
    }

    /// Draws the summed units at the rungs of their chains.
    fn draw_summed(&mut self, rungs: &[Rung]) {
        let n = self.kept.chains();
        for (segment, range) in on_one_segment(n, rungs) {
            if self.segment[range.clone()].iter().any(|at| *at != Some(segment)) {
                self.update_summed_fields(segment, range);
            }
        }
        mix(&self.summed_fields, rungs, n, &mut self.mixed_summed);
        sample_units(&self.mixed_summed, &self.path.none, &[Rung::at(1.0)], &mut self.rng, &mut self.summed);
    }
}

/// The fields of a chain in f64.
fn widened(fields: &Fields, chain: usize) -> Vec<f64> {
    fields.of_chain(chain).flatten().map(|x| f64::from(*x)).collect()
}

impl Seen for GibbsTrajectoryChains<'_> {
    fn chains(&self) -> usize {
        self.kept.chains()
    }

    fn fields(&self, end: usize, chain: usize) -> Vec<f64> {
        let side = self.segment[chain].and_then(|at| end.checked_sub(at)).filter(|side| *side < 2);
        match side {
            Some(side) => widened(&self.summed_fields[side], chain),
            None => {
                let kept = self.kept.chosen(&[chain]);
                let mut fields = Fields::zeros(self.path.n_summed, 1);
                self.path.ends[end].summed.apply(&kept, 0..1, &mut fields);
                widened(&fields, 0)
            }
        }
    }

    fn kept_term(&self, end: usize, chain: usize) -> f64 {
        let End { kept_dot, offset, .. } = &self.path.ends[end];
        offset + kept_dot.of_chain(&self.kept, chain)
    }

    fn all_fields(&self, end: usize) -> Vec<Vec<f64>> {
        let mut fields = Fields::zeros(self.path.n_summed, self.chains());
        self.path.ends[end].summed.apply(&self.kept, 0..self.chains(), &mut fields);
        (0..self.chains()).map(|chain| widened(&fields, chain)).collect()
    }
}

impl Chains for GibbsTrajectoryChains<'_> {
    fn sweep(&mut self, rungs: &[Rung]) {
        self.draw_summed(rungs);
        let n = self.kept.chains();
        let parts = on_one_segment(n, rungs);
        for (segment, range) in &parts {
            for (side, fields) in self.kept_fields.iter_mut().enumerate() {
                self.path.ends[segment + side].kept.apply(&self.summed, range.clone(), fields);
            }
        }
        mix(&self.kept_fields, rungs, n, &mut self.mixed_kept);
        sample_units(&self.mixed_kept, &self.path.none, &[Rung::at(1.0)], &mut self.rng, &mut self.kept);
        parts.into_iter().for_each(|(segment, range)| self.update_summed_fields(segment, range));
    }

    fn sweep_back(&mut self, rungs: &[Rung]) {
        self.sweep(rungs);
    }

    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]) {
        weights::add_log_ratio(self, from, to, log_w);
    }

    fn log_ratios(&self, from: Rung, to: &[Rung], _: usize) -> Vec<Vec<f64>> {
        weights::log_ratios(self, from, to)
    }

    fn conditional_energies(&self, rungs: &[Rung]) -> Vec<ConditionalEnergy> {
        weights::conditional_energies(self, rungs)
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.kept.swap(a, b);
        self.summed_fields.iter_mut().for_each(|fields| fields.swap(a, b));
        self.segment.swap(a, b);
    }

    fn kept(&self) -> Vec<Vec<bool>> {
        (0..self.kept.chains()).map(|chain| self.kept.of_chain(chain, self.path.n_kept)).collect()
    }

    fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>> {
        self.draw_summed(rungs);
        let (n_kept, n_summed) = (self.path.n_kept, self.path.n_summed);
        let state = |chain| {
            let (kept, summed) = (self.kept.of_chain(chain, n_kept), self.summed.of_chain(chain, n_summed));
            in_model_order(self.path.kept_layer, kept, summed)
        };
        (0..self.kept.chains()).map(state).collect()
    }
}

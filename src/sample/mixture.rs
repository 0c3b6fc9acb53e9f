//! Block Gibbs sampling of an RBM on the path from a mixture of independent units.

use nalgebra::DMatrix;

use super::bit_base::{BitBase, in_model_order};
use crate::{
    kernel::{
        bernoulli::sample_units,
        bit_product::{BitDot, BitProduct},
        lanes::{LANES, Lanes},
        layer::{Block, Fields, States, group_size},
        softplus::{conditional_energy, softplus_difference},
    },
    model::{KeptLayer, Marginal, Rbm},
    sample::{Base, Chains, ConditionalEnergy, MixtureBase, Rung, Sampler, mixture_base},
    streams::stream,
};

/// Block Gibbs with the component as a latent variable of each chain.
///
/// On a rung (β, b) the states have the weight e^{−βE(x)} Σₖ αₖ qₖ(x)ᵇ. Given its component k a
/// chain moves as from a single base; given its state, k has the probability ∝ αₖ qₖ(x)ᵇ. The
/// weights of annealing and of exchange are those of the sum over k: of k as a fixed label they
/// would be wrong, since chains change it.
///
/// Unlike those of a single base they are weights of both layers, x = (y, s): the sum over k is
/// then a few scalar products with bits, where summing out a layer takes an exponential for each of
/// its units and each component.
pub(super) struct MixtureSampler {
    /// y ↦ a + Wy.
    to_summed: BitProduct,
    /// s ↦ b + Wᵀs.
    to_kept: BitProduct,
    /// y ↦ b·y.
    kept_bias: BitDot,
    offset: f64,
    components: Vec<Component>,
    /// θₖ·y and θₖ·s of all components.
    kept_dots: BitProduct,
    summed_dots: BitProduct,
    /// No base: it is in the fields already.
    no_theta: Vec<Block>,
    kept_layer: KeptLayer,
    n_summed: usize,
    n_kept: usize,
}

/// A term this many nats below the heaviest adds nothing to a sum that rounding would leave there.
const FAR: f64 = 40.0;

/// The ln q of a component this many nats below the heaviest is taken in single precision, which
/// is off by a thousandth of a nat: what that changes on a rung with the weight b of the base is a
/// thousandth of b e^{−20b}, a fiftieth at most.
const FAR_ENOUGH_FOR_SINGLE: f64 = 20.0;

/// One set of independent units.
struct Component {
    /// ln α along the path.
    weight: mixture_base::Component,
    /// ln q = `constant` + θ·y + θ·s.
    constant: f64,
    base: BitBase,
    kept_dot: BitDot,
    summed_dot: BitDot,
    kept_blocks: Vec<Block>,
    summed_blocks: Vec<Block>,
}

/// The states of a block of chains.
struct MixtureChains<'a> {
    sampler: &'a MixtureSampler,
    kept: States,
    summed: States,
    /// Whether the summed units were drawn: chains that were given their kept units wait for a rung
    /// to do so.
    is_complete: bool,
    /// a + Wy, the fields of the summed layer, and the same of the kept one.
    summed_fields: Fields,
    kept_fields: Fields,
    /// Room for βx + bθ with the θ of each chain's component.
    driven_summed: Fields,
    driven_kept: Fields,
    /// −E(x) of each chain, and ln qₖ(x) of each chain and component.
    minus_energy: Vec<f64>,
    log_q: Vec<f64>,
    /// Room for θₖ·y and θₖ·s.
    of_kept: Fields,
    of_summed: Fields,
    rng: Lanes,
}

impl MixtureSampler {
    /// Prepares the kernel for a model and the path from a mixture.
    pub(super) fn new(rbm: &Rbm, mixture: &MixtureBase) -> Self {
        let Marginal { weights, summed_bias, kept_bias, offset, kept } = Marginal::of(rbm);
        let component = |component: &mixture_base::Component| {
            // Single precision is what the products below hold: q is the mixture with these fields.
            let single = component.base().fields().iter().map(|theta| f64::from(*theta as f32)).collect();
            let base = BitBase::new(&Base::with_fields(single), rbm, kept);
            Component {
                weight: component.clone(),
                constant: base.offset - base.log_z(),
                kept_dot: BitDot::new(&base.kept),
                summed_dot: BitDot::new(&base.summed),
                kept_blocks: Block::fill(&base.kept),
                summed_blocks: Block::fill(&base.summed),
                base,
            }
        };
        let components: Vec<Component> = mixture.components().iter().map(component).collect();
        let (n, none) = (components.len(), vec![0.0; components.len()]);
        let thetas = |of: fn(&Component) -> &[f64], units| DMatrix::from_fn(n, units, |k, i| of(&components[k])[i]);
        Self {
            kept_dots: BitProduct::new(&thetas(|c| &c.base.kept, kept_bias.len()), &none),
            summed_dots: BitProduct::new(&thetas(|c| &c.base.summed, summed_bias.len()), &none),
            to_summed: BitProduct::new(&weights, summed_bias.as_slice()),
            to_kept: BitProduct::transposed(&weights, kept_bias.as_slice()),
            kept_bias: BitDot::new(kept_bias.as_slice()),
            offset,
            components,
            no_theta: vec![Block::ZERO; Block::count(summed_bias.len().max(kept_bias.len()))],
            kept_layer: kept,
            n_summed: summed_bias.len(),
            n_kept: kept_bias.len(),
        }
    }

    /// ln α of all components where the base has the weight b.
    fn log_weights(&self, b: f64) -> Vec<f64> {
        self.components.iter().map(|component| component.weight.log_weight(b)).collect()
    }

    /// The same on each rung.
    fn log_weights_on(&self, rungs: &[Rung]) -> Vec<Vec<f64>> {
        rungs.iter().map(|rung| self.log_weights(rung.base)).collect()
    }

    fn blank(&self, count: usize, seed: u64, number: u64) -> MixtureChains<'_> {
        MixtureChains {
            sampler: self,
            kept: States::zeros(self.n_kept, count),
            summed: States::zeros(self.n_summed, count),
            is_complete: false,
            summed_fields: Fields::zeros(self.n_summed, count),
            kept_fields: Fields::zeros(self.n_kept, count),
            driven_summed: Fields::zeros(self.n_summed, count),
            driven_kept: Fields::zeros(self.n_kept, count),
            minus_energy: vec![0.0; count],
            log_q: vec![0.0; count * self.components.len()],
            of_kept: Fields::zeros(self.components.len(), count),
            of_summed: Fields::zeros(self.components.len(), count),
            rng: Lanes::new(stream(seed, number)),
        }
    }
}

impl Sampler for MixtureSampler {
    fn chains_at_base(&self, count: usize, seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut chains = self.blank(count, seed, number);
        let at_base = self.log_weights(1.0);
        // Without a state all components have their own weights, and on the base all units are
        // independent given the component.
        let components = chains.pick(|_, weights| weights.copy_from_slice(&at_base));
        chains.draw_summed(&[Rung::BASE], &components);
        chains.draw_kept(&[Rung::BASE], &components);
        chains.measure();
        Box::new(chains)
    }

    fn chains_from(&self, kept: &[Vec<bool>], seed: u64, number: u64) -> Box<dyn Chains + '_> {
        let mut chains = self.blank(kept.len(), seed, number);
        chains.kept = States::of_units(kept, self.n_kept);
        self.to_summed.apply(&chains.kept, &mut chains.summed_fields);
        Box::new(chains)
    }

    fn log_z_base(&self) -> f64 {
        0.0
    }
}

impl MixtureChains<'_> {
    fn chains(&self) -> usize {
        self.kept.chains()
    }

    /// A component for each chain, with probabilities ∝ e^{its log-weights}, which `log_weights`
    /// writes.
    fn pick(&mut self, log_weights: impl Fn(usize, &mut [f64])) -> Vec<usize> {
        let mut picked = Vec::with_capacity(self.chains());
        let mut weights = vec![0.0; self.sampler.components.len()];
        while picked.len() < self.chains() {
            for word in self.rng.next().into_iter().take(LANES.min(self.chains() - picked.len())) {
                log_weights(picked.len(), &mut weights);
                let heaviest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for weight in &mut weights {
                    *weight = if *weight > heaviest - FAR { (*weight - heaviest).exp() } else { 0.0 };
                }
                // 53 bits in [0, 1).
                let mut u = (word >> 11) as f64 / (1u64 << 53) as f64 * weights.iter().sum::<f64>();
                let found = weights.iter().position(|weight| {
                    u -= weight;
                    u < 0.0
                });
                picked.push(found.unwrap_or(weights.len() - 1));
            }
        }
        picked
    }

    /// The component of each chain given both layers; on the base itself, of which every sweep is an
    /// independent draw, by its weight alone. (Given the state it would stay for ever what it is where
    /// the components have no states in common, and replicas would come down from the model to be the
    /// same again.)
    fn pick_given_state(&mut self, rungs: &[Rung]) -> Vec<usize> {
        let (group, log_q) = (group_size(self.chains(), rungs), std::mem::take(&mut self.log_q));
        let weights = self.sampler.log_weights_on(rungs);
        let n = self.sampler.components.len();
        let picked = self.pick(|chain, terms| {
            let rung = rungs[chain / group];
            let b = if rung == Rung::BASE { 0.0 } else { rung.base };
            let of_chain = weights[chain / group].iter().zip(&log_q[chain * n..][..n]);
            terms.iter_mut().zip(of_chain).for_each(|(term, (weight, log_q))| *term = weight + b * log_q);
        });
        self.log_q = log_q;
        picked
    }

    /// Draws the summed units of chains that know only their kept ones, with the component given
    /// these.
    fn complete(&mut self, rungs: &[Rung]) {
        if self.is_complete {
            return;
        }
        let group = group_size(self.chains(), rungs);
        let sampler = self.sampler;
        let mut of_kept = Fields::zeros(sampler.components.len(), self.chains());
        sampler.kept_dots.apply(&self.kept, &mut of_kept);
        let fields = std::mem::replace(&mut self.summed_fields, Fields::zeros(0, 0));
        let weights = sampler.log_weights_on(rungs);
        let components = self.pick(|chain, terms| {
            let rung = rungs[chain / group];
            let components = sampler.components.iter().zip(&weights[chain / group]);
            let dots = of_kept.of_chain(chain).flatten();
            for ((term, (component, weight)), dot) in terms.iter_mut().zip(components).zip(dots) {
                let theta = &component.base.summed;
                let summed = softplus_difference(fields.of_chain(chain), theta, Rung::at(0.0), rung);
                *term = weight + rung.base * (component.constant + f64::from(*dot)) + summed;
            }
        });
        self.summed_fields = fields;
        self.draw_summed(rungs, &components);
        self.measure();
    }

    fn draw_summed(&mut self, rungs: &[Rung], components: &[usize]) {
        let Self { sampler, summed_fields, driven_summed, summed, rng, .. } = self;
        let blocks = |k: usize| sampler.components[k].summed_blocks.as_slice();
        drive(summed_fields, driven_summed, rungs, components, blocks);
        sample_units(driven_summed, &sampler.no_theta, &[Rung::at(1.0)], rng, summed);
        self.is_complete = true;
    }

    /// Draws the kept units given the summed ones.
    fn draw_kept(&mut self, rungs: &[Rung], components: &[usize]) {
        let Self { sampler, summed, kept_fields, driven_kept, kept, summed_fields, rng, .. } = self;
        sampler.to_kept.apply(summed, kept_fields);
        drive(kept_fields, driven_kept, rungs, components, |k| sampler.components[k].kept_blocks.as_slice());
        sample_units(driven_kept, &sampler.no_theta, &[Rung::at(1.0)], rng, kept);
        sampler.to_summed.apply(kept, summed_fields);
    }

    /// −E and ln qₖ of the present states.
    fn measure(&mut self) {
        let Self { sampler, kept, summed, summed_fields, minus_energy, log_q, of_kept, of_summed, .. } = self;
        for (chain, (minus_energy, of_kept)) in minus_energy.iter_mut().zip(sampler.kept_bias.apply(kept)).enumerate() {
            *minus_energy = sampler.offset + of_kept + summed_fields.dot(summed, chain);
        }
        sampler.kept_dots.apply(kept, of_kept);
        sampler.summed_dots.apply(summed, of_summed);
        for (chain, log_q) in log_q.chunks_exact_mut(sampler.components.len()).enumerate() {
            let dots = of_kept.of_chain(chain).flatten().zip(of_summed.of_chain(chain).flatten());
            for ((log_q, component), (of_kept, of_summed)) in log_q.iter_mut().zip(&sampler.components).zip(dots) {
                *log_q = component.constant + f64::from(*of_kept) + f64::from(*of_summed);
            }
            // Sums of hundreds of large fields lose a thousandth of a nat in single precision.
            let heaviest = log_q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for (log_q, component) in
                log_q.iter_mut().zip(&sampler.components).filter(|(x, _)| **x > heaviest - FAR_ENOUGH_FOR_SINGLE)
            {
                let dots = component.kept_dot.of_chain(kept, chain) + component.summed_dot.of_chain(summed, chain);
                *log_q = component.constant + dots;
            }
        }
    }

    /// ln Σₖ αₖ qₖ(x)ᵇ of a chain, where ln αₖ are the `weights`.
    fn log_mixture(&self, chain: usize, b: f64, weights: &[f64]) -> f64 {
        if b == 0.0 {
            return 0.0;
        }
        let log_q = &self.log_q[chain * weights.len()..][..weights.len()];
        let terms = || weights.iter().zip(log_q).map(|(weight, log_q)| weight + b * log_q);
        let heaviest = terms().fold(f64::NEG_INFINITY, f64::max);
        heaviest + terms().filter(|term| *term > heaviest - FAR).map(|term| (term - heaviest).exp()).sum::<f64>().ln()
    }
}

/// βx + bθ of each chain, with the θ of its component.
fn drive<'c>(
    fields: &Fields,
    driven: &mut Fields,
    rungs: &[Rung],
    components: &[usize],
    theta: impl Fn(usize) -> &'c [Block],
) {
    let group = group_size(components.len(), rungs);
    for (b, (from, to)) in fields.by_block().zip(driven.by_block_mut()).enumerate() {
        for (chain, (from, to)) in from.iter().zip(to).enumerate() {
            let Rung { beta, base, .. } = rungs[chain / group];
            let (beta, base) = (beta as f32, base as f32);
            let theta = &theta(components[chain])[b];
            for (to, (x, theta)) in to.0.iter_mut().zip(from.0.iter().zip(&theta.0)) {
                *to = beta * x + base * theta;
            }
        }
    }
}

impl Chains for MixtureChains<'_> {
    /// The component given both layers, then the summed layer given the kept one, then the kept
    /// layer given the summed one.
    fn sweep(&mut self, rungs: &[Rung]) {
        self.complete(rungs);
        let components = self.pick_given_state(rungs);
        self.draw_summed(rungs, &components);
        self.draw_kept(rungs, &components);
        self.measure();
    }

    fn sweep_back(&mut self, rungs: &[Rung]) {
        self.complete(rungs);
        let components = self.pick_given_state(rungs);
        self.draw_kept(rungs, &components);
        self.draw_summed(rungs, &components);
        self.measure();
    }

    /// # Panics
    /// If the chains were given their kept units alone and have not moved yet.
    fn add_log_ratio(&self, from: &[Rung], to: &[Rung], log_w: &mut [f64]) {
        assert!(self.is_complete, "both layers are needed");
        let group_from = group_size(log_w.len(), from);
        let group_to = group_size(log_w.len(), to);
        let (weights_from, weights_to) = (self.sampler.log_weights_on(from), self.sampler.log_weights_on(to));
        for (chain, log_w) in log_w.iter_mut().enumerate() {
            let (i, j) = (chain / group_from, chain / group_to);
            let (from, to) = (from[i], to[j]);
            *log_w += (to.beta - from.beta) * self.minus_energy[chain]
                + self.log_mixture(chain, to.base, &weights_to[j])
                - self.log_mixture(chain, from.base, &weights_from[i]);
        }
    }

    /// Given the kept units where the rung is the model itself; elsewhere the energy of the state.
    fn conditional_energies(&self, rungs: &[Rung]) -> Vec<ConditionalEnergy> {
        let group = group_size(self.chains(), rungs);
        let no_theta = vec![0.0; self.sampler.n_summed];
        let kept_terms = self.sampler.kept_bias.apply(&self.kept);
        let of_chain = |(chain, kept_term): (usize, f64)| {
            let rung = rungs[chain / group];
            if rung.base != 0.0 {
                return ConditionalEnergy { energy: -self.minus_energy[chain], energy_variance: 0.0 };
            }
            let (mean, variance) = conditional_energy(self.summed_fields.of_chain(chain), &no_theta, rung);
            ConditionalEnergy { energy: -(self.sampler.offset + kept_term + mean), energy_variance: variance }
        };
        kept_terms.into_iter().enumerate().map(of_chain).collect()
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.kept.swap(a, b);
        self.summed.swap(a, b);
        self.summed_fields.swap(a, b);
        self.minus_energy.swap(a, b);
        let n = self.sampler.components.len();
        (0..n).for_each(|k| self.log_q.swap(a * n + k, b * n + k));
    }

    fn kept(&self) -> Vec<Vec<bool>> {
        (0..self.chains()).map(|chain| self.kept.of_chain(chain, self.sampler.n_kept)).collect()
    }

    fn states(&mut self, rungs: &[Rung]) -> Vec<Vec<bool>> {
        self.complete(rungs);
        let Self { sampler, kept, summed, .. } = self;
        let state = |chain: usize| {
            let (kept, summed) = (kept.of_chain(chain, sampler.n_kept), summed.of_chain(chain, sampler.n_summed));
            in_model_order(sampler.kept_layer, kept, summed)
        };
        (0..kept.chains()).map(state).collect()
    }
}

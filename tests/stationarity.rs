//! A Markov kernel must leave the equilibrium distribution alone.

mod common;

use common::{as_ising, on_spins, states, twelve_by_eight};
use nalgebra::DVector;
use plefka::{
    Rbm, Run, Units,
    model::Marginal,
    sample::{Base, Component, Kernel, MixtureBase, Rung, Sample, Sampler},
    stats::log_sum_exp,
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A base of independent units that is neither uniform nor close to the model.
fn base() -> Base {
    Base::with_means(&(0..20).map(|k| 0.5 + 0.4 * (1.7 * f64::from(k)).sin()).collect::<Vec<_>>(), &[Units::Bit; 20])
}

/// Three sets of independent units, each with weights that change along the path.
fn mixture() -> MixtureBase {
    let component = |k: f64| {
        let mean = |i: u32| 0.5 + 0.45 * (1.7 * f64::from(i) + 2.0 * k).sin();
        Base::with_means(&(0..20).map(mean).collect::<Vec<_>>(), &[Units::Bit; 20])
    };
    let weights = |alphas: [f64; 3]| alphas.map(f64::ln).to_vec();
    MixtureBase::with_log_weights(vec![
        (weights([0.1, 0.1, 0.2]), component(0.0)),
        (weights([0.1, 0.8, 0.3]), component(1.0)),
        (weights([0.8, 0.1, 0.5]), component(2.0)),
    ])
}

/// The kept states as bits, and the logarithm of the weight of each on a rung from a base.
///
/// A rung of the model is another model: βW, βa + bθ and βb + bθ at β = 1.
fn kept_log_weights(rbm: &Rbm, base: &Base, rung: Rung) -> Vec<(Vec<bool>, f64)> {
    let (visible, hidden) = base.fields().split_at(12);
    let mix = |bias: &DVector<f64>, theta: &[f64]| bias * rung.beta + DVector::from_column_slice(theta) * rung.base;
    let mixed = Rbm::new(rbm.weights() * rung.beta, mix(rbm.visible_bias(), visible), mix(rbm.hidden_bias(), hidden));
    let kept = Marginal::of(&mixed.unwrap());
    let swapped = Rbm::new(kept.weights.transpose(), kept.kept_bias.clone(), kept.summed_bias.clone()).unwrap();
    let bits = |y: &[f64]| y.iter().map(|y| *y == 1.0).collect();
    states(kept.n_kept(), Units::Bit).map(|y| (bits(&y), -swapped.visible_free_energy(&y, 1.0))).collect()
}

/// Normalised weights, and the logarithm of their sum.
fn normalised(log_weights: Vec<(Vec<bool>, f64)>) -> (Vec<(Vec<bool>, f64)>, f64) {
    let log_z = log_sum_exp(&log_weights.iter().map(|(_, log_f)| *log_f).collect::<Vec<_>>());
    (log_weights.into_iter().map(|(y, log_f)| (y, (log_f - log_z).exp())).collect(), log_z)
}

/// The exact distribution of the kept layer on a rung, by enumeration.
fn kept_distribution(rbm: &Rbm, rung: Rung) -> Vec<(Vec<bool>, f64)> {
    normalised(kept_log_weights(rbm, &base(), rung)).0
}

/// The same on a rung from a mixture, and its ln Z.
fn kept_distribution_of_mixture(rbm: &Rbm, rung: Rung) -> (Vec<(Vec<bool>, f64)>, f64) {
    let mixture = mixture();
    let of_component = |component: &Component| {
        let base = component.base();
        let constant = component.log_weight(rung.base) - rung.base * base.log_z(&[Units::Bit; 20]);
        kept_log_weights(rbm, base, rung).into_iter().map(|(y, log_f)| (y, constant + log_f)).collect::<Vec<_>>()
    };
    let components: Vec<Vec<(Vec<bool>, f64)>> = mixture.components().iter().map(of_component).collect();
    let sum = |k: usize| log_sum_exp(&components.iter().map(|component| component[k].1).collect::<Vec<_>>());
    normalised((0..components[0].len()).map(|k| (components[0][k].0.clone(), sum(k))).collect())
}

const CHAINS: usize = 20_000;

/// Kept states drawn from their exact distribution.
fn equilibrium(distribution: &[(Vec<bool>, f64)]) -> Vec<Vec<bool>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let draw = |_| {
        let mut u: f64 = rng.random();
        let found = distribution.iter().find(|(_, p)| {
            u -= p;
            u < 0.0
        });
        found.unwrap_or(&distribution[0]).0.clone()
    };
    (0..CHAINS).map(draw).collect()
}

/// The z of the frequencies of all kept units and pairs of units, of which ten chains or more are
/// expected to be otherwise than most: below that a frequency has no normal distribution.
fn z_scores(kept: &[Vec<bool>], distribution: &[(Vec<bool>, f64)]) -> Vec<f64> {
    let n = kept.len() as f64;
    let pairs = (0..8).flat_map(|i| (i..8).map(move |j| (i, j)));
    let z = |(i, j): (usize, usize)| {
        let expected: f64 = distribution.iter().filter(|(y, _)| y[i] && y[j]).map(|(_, p)| p).sum();
        let variance = expected * (1.0 - expected);
        let mean = kept.iter().filter(|y| y[i] && y[j]).count() as f64 / n;
        (variance * n >= 10.0).then(|| (mean - expected) / (variance / n).sqrt())
    };
    pairs.filter_map(z).collect()
}

/// Three temperatures, and a rung on the way from a base.
const RUNGS: [Rung; 4] = [Rung::at(0.3), Rung::at(1.0), Rung::at(2.0), Rung { beta: 0.9, base: 0.6, segment: 0 }];

/// Chains started exactly in equilibrium stay there: after each of five sweeps, forwards or
/// backwards, the frequency of every kept unit and of every pair is within 4.8 standard errors of
/// its exact value. 4 rungs × 2 directions × 6 × 36 numbers: chance failure 3·10⁻³ for each kernel,
/// and the seeds are fixed.
///
/// The weights are strong enough that a kernel which drops a bias, flips a sign, or draws the
/// second layer from the old first one fails within a sweep.
fn assert_no_drift(sampler: &dyn Sampler, distribution: impl Fn(Rung) -> Vec<(Vec<bool>, f64)>) {
    for rung in RUNGS {
        let distribution = distribution(rung);
        for backwards in [false, true] {
            let mut chains = sampler.chains_from(&equilibrium(&distribution), 3, 0);
            for sweep in 0..=5 {
                for z in z_scores(&chains.kept(), &distribution) {
                    assert!(z.abs() < 4.8, "{rung:?}, backwards: {backwards}, sweep {sweep}: z = {z}");
                }
                if backwards { chains.sweep_back(&[rung]) } else { chains.sweep(&[rung]) }
            }
        }
    }
}

#[test]
fn block_gibbs_does_not_drift() {
    let rbm = twelve_by_eight(1.2);
    assert_no_drift(&*rbm.sampler(Kernel::Block, &base()), |rung| kept_distribution(&rbm, rung));
}

#[test]
fn collapsed_gibbs_does_not_drift() {
    let rbm = twelve_by_eight(1.2);
    assert_no_drift(&*rbm.sampler(Kernel::Collapsed, &base()), |rung| kept_distribution(&rbm, rung));
}

/// Planted bugs that fail: a component drawn without the weights αₖ, or once and for all; both
/// layers driven by the first component.
#[test]
fn block_gibbs_from_a_mixture_does_not_drift() {
    let rbm = twelve_by_eight(1.2);
    let sampler = rbm.mixture_sampler(&mixture()).unwrap();
    assert_no_drift(&*sampler, |rung| kept_distribution_of_mixture(&rbm, rung).0);
    let (at_base, log_z) = kept_distribution_of_mixture(&rbm, Rung::BASE);
    assert!(log_z.abs() < 1e-12, "the mixture is normalised: {log_z}");
    for z in z_scores(&sampler.chains_at_base(CHAINS, 4, 1).kept(), &at_base) {
        assert!(z.abs() < 4.8, "at the base: z = {z}");
    }
}

/// ⟨p_{r′}/p_r⟩ in equilibrium at a rung r is the ratio of the two Z: with weights of the sum over
/// components it is, for chains that change theirs.
///
/// Six pairs at 4.5σ: false-alarm rate 4·10⁻⁵, and the seeds are fixed. Planted bugs that fail:
/// weights with the component that the chain has; α as at the base on every rung.
#[test]
fn weights_from_a_mixture_sum_over_its_components() {
    let rbm = twelve_by_eight(1.2);
    let sampler = rbm.mixture_sampler(&mixture()).unwrap();
    let rungs = [0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0].map(|t| Rung::between(t, 1.0));
    for step in rungs.windows(2) {
        let (distribution, log_z) = kept_distribution_of_mixture(&rbm, step[0]);
        let truth = kept_distribution_of_mixture(&rbm, step[1]).1 - log_z;
        let mut chains = sampler.chains_from(&equilibrium(&distribution), 3, 0);
        let (mut ratios, sweeps) = (vec![0.0; CHAINS], 10);
        for _ in 0..sweeps {
            chains.sweep(&step[..1]);
            let mut log_ratio = vec![0.0; CHAINS];
            chains.add_log_ratio(&step[..1], &step[1..], &mut log_ratio);
            ratios.iter_mut().zip(log_ratio).for_each(|(sum, x)| *sum += (x - truth).exp() / f64::from(sweeps));
        }
        // Chains are independent, whatever their sweeps are.
        let mean = ratios.iter().sum::<f64>() / CHAINS as f64;
        let error = plefka::stats::std_dev(&ratios) / (CHAINS as f64).sqrt();
        println!("{:?}: {mean} ± {error}", step[1]);
        assert!(error < 0.03 && (mean - 1.0).abs() < 4.5 * error, "{:?}: {mean} ± {error}", step[1]);
    }
}

/// A sweep on the base is a new draw, whatever the state was: replicas that come down to it forget
/// the mode that they come from. Two components with no state in common, of weights ¼ and ¾: of 4,000
/// chains that all are in the first, three quarters are in the second after a sweep up or down in
/// time (4.5σ, false-alarm rate 7·10⁻⁶ each). Planted bug that fails: the component drawn given the
/// state, as on any other rung, which leaves all chains where they were.
#[test]
fn a_sweep_on_the_base_forgets_the_component() {
    let rbm = twelve_by_eight(1.2);
    let component = |field: f64| Base::with_fields(vec![field; 20]);
    let far = MixtureBase::new(vec![(0.25, component(-30.0)), (0.75, component(30.0))]);
    let sampler = rbm.mixture_sampler(&far).unwrap();
    let n_kept = Marginal::of(&rbm).n_kept();
    let count = 4000;
    for back in [false, true] {
        let mut chains = sampler.chains_from(&vec![vec![false; n_kept]; count], 1, 0);
        if back {
            chains.sweep_back(&[Rung::BASE])
        } else {
            chains.sweep(&[Rung::BASE])
        }
        let second = chains.kept().iter().filter(|kept| kept[0]).count() as f64 / count as f64;
        let error = (0.25 * 0.75 / count as f64).sqrt();
        assert!((second - 0.75).abs() < 4.5 * error, "back in time: {back}: {second}");
    }
}

/// A ladder of chains, each group on a rung of its own, and states that move between the groups:
/// nothing drifts when states of the same rung are exchanged, and the chains at the base are where
/// the base says.
#[test]
fn groups_of_chains_stand_on_their_own_rungs() {
    let rbm = twelve_by_eight(1.2);
    for kernel in [Kernel::Block, Kernel::Collapsed] {
        let sampler = rbm.sampler(kernel, &base());
        let distributions = RUNGS.map(|rung| kept_distribution(&rbm, rung));
        let mut chains = sampler.chains_from(&distributions.each_ref().map(|d| equilibrium(d)).concat(), 3, 0);
        for _ in 0..3 {
            chains.sweep(&RUNGS);
            (0..4).for_each(|group| chains.swap(group * CHAINS, group * CHAINS + 17));
        }
        for (group, distribution) in chains.kept().chunks(CHAINS).zip(&distributions) {
            for z in z_scores(group, distribution) {
                assert!(z.abs() < 4.8, "{kernel:?}: z = {z}");
            }
        }
        let at_base = sampler.chains_at_base(CHAINS, 4, 1);
        for z in z_scores(&at_base.kept(), &kept_distribution(&rbm, Rung::BASE)) {
            assert!(z.abs() < 4.8, "{kernel:?} at the base: z = {z}");
        }
    }
}

/// Completed states have the right energy: the mean of E over full states is that of ⟨E | kept⟩
/// over the kept ones.
#[test]
fn summed_units_are_drawn_given_the_kept_ones() {
    for rbm in [twelve_by_eight(1.2), on_spins(&twelve_by_eight(1.2)).0] {
        for kernel in [Kernel::Block, Kernel::Collapsed] {
            let sampler = rbm.sampler(kernel, &Base::uniform(20));
            let mut chains = sampler.chains_at_base(CHAINS, 5, 1);
            let rung = [Rung::at(0.8)];
            (0..20).for_each(|_| chains.sweep(&rung));
            let expected = chains.conditional_energies(&rung);
            let [low, high] = rbm.visible_units().values();
            let excess: Vec<f64> = chains
                .states(&rung)
                .into_iter()
                .zip(&expected)
                .map(|(state, expected)| {
                    let x: Vec<f64> = state.into_iter().map(|x| if x { high } else { low }).collect();
                    rbm.energy(&x[..12], &x[12..]) - expected.energy
                })
                .collect();
            let variance = expected.iter().map(|e| e.energy_variance).sum::<f64>();
            let z = excess.iter().sum::<f64>() / variance.sqrt();
            // Chance failure 2·10⁻⁵ for the four; the seeds are fixed.
            assert!(z.abs() < 4.5, "{kernel:?}: z = {z}");
            let spread = excess.iter().map(|e| e * e).sum::<f64>() / variance;
            assert!((spread - 1.0).abs() < 0.05, "{kernel:?}: {spread}");
        }
    }
}

/// The z of P(xᵢ, yⱼ) in `film` less P(xⱼ, yᵢ) in `other`, for all units i and j at the beginning
/// and the end of a sweep.
fn asymmetry(film: &[[Vec<bool>; 2]], other: &[[Vec<bool>; 2]]) -> Vec<f64> {
    let share = |film: &[[Vec<bool>; 2]], i: usize, j: usize| {
        film.iter().filter(|[x, y]| x[i] && y[j]).count() as f64 / film.len() as f64
    };
    let error = |p: f64| (p * (1.0 - p)).max(1e-4) / CHAINS as f64;
    let n = film[0][0].len();
    let z = |(i, j): (usize, usize)| {
        let (there, back) = (share(film, i, j), share(other, j, i));
        (there - back) / (error(there) + error(back)).sqrt()
    };
    (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(z).collect()
}

/// In equilibrium a film of sweeps backwards is a film of sweeps shown backwards, which a film of
/// sweeps is not: the units are visited in an order. Up to 400 numbers for each kernel: chance
/// failure 6·10⁻⁴ at 4.8σ, and the seeds are fixed.
///
/// Fails for a sweep back that visits the units in the order of the sweep: either leaves the
/// equilibrium alone, so that no average of e^{−w} would tell.
fn assert_reversed(name: &str, model: &impl Sample, kernel: Kernel) {
    let sampler = model.sampler(kernel, &Base::uniform(model.n_units()));
    let rung = [Rung::at(1.0)];
    let film = |seed: u64, backwards: bool| -> Vec<[Vec<bool>; 2]> {
        let start = model.exact_kept(1.0, CHAINS, &Run::quiet(seed)).unwrap().expect("a small model");
        let mut chains = sampler.chains_from(&start, seed, 0);
        if backwards {
            chains.sweep_back(&rung)
        } else {
            chains.sweep(&rung)
        }
        start.into_iter().zip(chains.kept()).map(|(x, y)| [x, y]).collect()
    };
    let (forwards, again, backwards) = (film(1, false), film(2, false), film(3, true));
    let largest = |z: Vec<f64>| z.into_iter().map(f64::abs).fold(0.0, f64::max);
    let (other, same) = (largest(asymmetry(&forwards, &again)), largest(asymmetry(&forwards, &backwards)));
    assert!(other > 10.0, "{name}: sweeps look the same backwards, {other}σ at most: nothing is tested");
    assert!(same < 4.8, "{name}: a sweep back is not the film of a sweep backwards, by {same}σ");
}

#[test]
fn a_sweep_back_is_a_sweep_in_reversed_time() {
    let rbm = twelve_by_eight(1.2);
    assert_reversed("collapsed", &rbm, Kernel::Collapsed);
    assert_reversed("single flips", &as_ising(&on_spins(&rbm).0), Kernel::Auto);
}

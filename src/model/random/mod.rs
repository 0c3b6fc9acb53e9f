//! Random models of statistical physics, from a size and a seed.
//!
//! | model | energy | scaling | where it changes |
//! |---|---|---|---|
//! | [`rem`] | 2^N independent levels | variance N/2 | β_c = 2√ln 2 = 1.6651 |
//! | [`sk`] | −Σ_{i<j} Jᵢⱼsᵢsⱼ | variance of J: 1/N | β = 1 |
//! | [`Hopfield`] | −½ sᵀJs, J = ξᵀξ/N without its diagonal | P = αN patterns | T = 1 + √α |
//! | [`bipartite_sk`] | −vᵀWh on spins | variance of W: g²/√(N_v N_h) | βg = 1 |
//!
//! The scaling is part of the definition: with levels of variance N, say, the random energy model
//! has β_c = √(2 ln 2). The same size and seed give the same model for ever; a test holds the first
//! numbers of each.

mod bipartite;
mod hopfield;
mod rem;
mod sk;

pub use bipartite::{bipartite_sk, bipartite_sk_on_bits};
pub use hopfield::{GaussianHidden, Hopfield};
pub use rem::rem;
pub use sk::sk;

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{Error, streams::Purpose};

/// The most numbers that a random model is made of: 800 MB of them.
const MAX_NUMBERS: usize = 100_000_000;

/// The generator of the disorder that belongs to `seed`.
pub(super) fn disorder(seed: u64) -> Xoshiro256PlusPlus {
    Purpose::Disorder.generator(seed)
}

/// Refuses a matrix of `rows` × `columns` that is empty or too large to be meant.
fn check_size(what: [&str; 2], rows: usize, columns: usize) -> Result<(), Error> {
    if rows == 0 || columns == 0 || rows.checked_mul(columns).is_none_or(|n| n > MAX_NUMBERS) {
        let problem = format!("{rows} {} and {columns} {} make a matrix of no use", what[0], what[1]);
        return Err(Error::model(problem, format!("give each at least one, and their product at most {MAX_NUMBERS}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Units;

    /// A change of these values is a change of every published seed.
    #[test]
    fn a_seed_gives_the_same_model_for_ever() {
        let mut found = rem(3, 7).unwrap().energies()[..2].to_vec();
        found.extend(&sk(3, 7).unwrap().couplings().as_slice()[1..3]);
        found.extend(&bipartite_sk(2, 3, 1.0, 7).unwrap().weights().as_slice()[..2]);
        found.push(Hopfield::random(40, 1, 7).unwrap().patterns().row(0).iter().take(10).fold(0.0, |x, s| 2.0 * x + s));
        let known = [
            1.160983866728977,
            -0.6253787980119105,
            0.5472930433414925,
            -0.29480639258967617,
            0.6056793158437941,
            -0.3262569044910694,
            485.0,
        ];
        assert_eq!(found, known);
        assert_ne!(sk(3, 7).unwrap(), sk(3, 8).unwrap());
    }

    /// Moments of the numbers: 4.5 standard errors (8 numbers: chance failure 5·10⁻⁵).
    #[test]
    fn the_scaling_is_as_stated() {
        let z = |values: &[f64], variance: f64| {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let square = values.iter().map(|x| x * x).sum::<f64>() / n;
            // The variance of x² is 2σ⁴ for a normal x.
            [mean / (variance / n).sqrt(), (square / variance - 1.0) / (2.0 / n).sqrt()]
        };
        let upper = |model: &crate::model::Ising| {
            let j = model.couplings();
            (0..j.nrows()).flat_map(|i| (0..i).map(move |k| j[(i, k)])).collect::<Vec<_>>()
        };
        let rbm = bipartite_sk(400, 100, 1.5, 3).unwrap();
        assert_eq!((rbm.visible_units(), rbm.hidden_units()), (Units::Spin, Units::Spin));
        for (what, z) in [
            ("rem", z(rem(16, 3).unwrap().energies(), 8.0)),
            ("sk", z(&upper(&sk(300, 3).unwrap()), 1.0 / 300.0)),
            ("rbm", z(rbm.weights().as_slice(), 1.5f64.powi(2) / 200.0)),
        ] {
            assert!(z.iter().all(|z| z.abs() < 4.5), "{what}: {z:?}");
        }
        let patterns = Hopfield::random(500, 20, 3).unwrap();
        assert!(patterns.patterns().sum().abs() < 4.5 * 100.0, "{}", patterns.patterns().sum());
    }

    #[test]
    fn impossible_sizes_are_refused() {
        for error in [
            rem(0, 1).map(drop),
            rem(64, 1).map(drop),
            sk(0, 1).map(drop),
            sk(usize::MAX, 1).map(drop),
            Hopfield::random(10, 0, 1).map(drop),
            bipartite_sk(0, 3, 1.0, 1).map(drop),
            bipartite_sk(1 << 40, 1 << 40, 1.0, 1).map(drop),
            bipartite_sk(3, 3, f64::NAN, 1).map(drop),
            bipartite_sk(3, 3, -1.0, 1).map(drop),
        ] {
            assert!(matches!(error, Err(Error::Model { .. })), "{error:?}");
        }
    }
}

//! Spins with lists of neighbours: lattices, chimeras, random graphs of few edges.

use std::borrow::Cow;

use nalgebra::{DMatrix, DVector};

use super::{AnyModel, Cumulants, Enumerate, EnumerationCost, Ising, Model, Sums, rbm::finite_constant};
use crate::{Error, run::Run};

/// Up to so many spins couplings in a file are held as a matrix, which takes 34 MB there.
pub(crate) const DENSE_SPINS: usize = 2048;

/// Beyond this share of couplings that are not zero, a whole column of J is faster than a list of
/// neighbours, and not much larger.
pub(crate) const DENSE_SHARE: f64 = 0.25;

/// N spins ±1 with few pair couplings, each spin with the list of its neighbours: what an
/// [`Ising`] is, in memory that grows with the bonds and not with N².
///
/// # Formula
/// E(s) = c − Σ_{i<j} Jᵢⱼsᵢsⱼ − f·s, the sum over the bonds.
///
/// # Examples
/// ```
/// use nalgebra::DVector;
/// use plefka::{Betas, Estimator, Exact, Run, model::SparseIsing};
/// let chain: Vec<_> = (1..6).map(|i| (i - 1, i, 1.0)).collect();
/// let model = SparseIsing::new(&chain, DVector::zeros(6))?;
/// let curve = Exact::default().curve(&model, &Betas::one(0.7)?, &Run::quiet(0))?;
/// // An open chain: Z = 2 (2 cosh β)⁵.
/// assert!((curve.values.log_z[0] - (2f64.ln() + 5.0 * (2.0 * 0.7f64.cosh()).ln())).abs() < 1e-13);
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SparseIsing {
    /// Where the neighbours of each spin begin; one more at the end.
    starts: Vec<usize>,
    /// The neighbours, those of a spin in ascending order.
    neighbours: Vec<u32>,
    /// J of each of them.
    strengths: Vec<f64>,
    field: DVector<f64>,
    constant: f64,
}

/// Spins with pair couplings, however these are held.
pub trait PairCoupled: Model {
    /// The same model as lists of neighbours.
    fn neighbour_lists(&self) -> Cow<'_, SparseIsing>;
}

impl PairCoupled for SparseIsing {
    fn neighbour_lists(&self) -> Cow<'_, SparseIsing> {
        Cow::Borrowed(self)
    }
}

impl PairCoupled for Ising {
    fn neighbour_lists(&self) -> Cow<'_, SparseIsing> {
        Cow::Owned(SparseIsing::from(self))
    }
}

impl SparseIsing {
    /// Spins in the fields f (N), with the bonds (i, j, Jᵢⱼ), i ≠ j counted from 0, each pair once
    /// and in either order. A bond of strength 0 is none.
    ///
    /// # Errors
    /// [`Error::Model`] if there are no spins, a bond is not between two of them or is there twice,
    /// or a parameter is not finite.
    pub fn new(bonds: &[(usize, usize, f64)], field: DVector<f64>) -> Result<Self, Error> {
        let n = field.len();
        if n == 0 || u32::try_from(n).is_err() {
            return Err(Error::model(format!("{n} spins make no model"), "give from 1 to 2^32 − 1 spins"));
        }
        if bonds.iter().map(|(.., j)| j).chain(field.iter()).any(|x| !x.is_finite()) {
            return Err(Error::model(
                "J or the field holds a number that is not finite",
                "every parameter must be finite",
            ));
        }
        if let Some((i, j, _)) = bonds.iter().find(|(i, j, _)| i == j || *i >= n || *j >= n) {
            return Err(Error::model(
                format!("({i}, {j}) is no pair of two of {n} spins, counted from 0"),
                "give the two ends of each bond; a coupling of a spin to itself is a constant energy",
            ));
        }
        let mut ends: Vec<(u32, u32, f64)> = bonds
            .iter()
            .filter(|(.., strength)| *strength != 0.0)
            .flat_map(|(i, j, strength)| [(*i as u32, *j as u32, *strength), (*j as u32, *i as u32, *strength)])
            .collect();
        ends.sort_unstable_by_key(|(from, to, _)| (*from, *to));
        if let Some(pair) = ends.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)) {
            return Err(Error::model(
                format!("the pair ({}, {}), counted from 0, stands there twice", pair[0].0, pair[0].1),
                "give each pair once: a pair counts once in the energy",
            ));
        }
        let mut starts = vec![0; n + 1];
        ends.iter().for_each(|(from, ..)| starts[*from as usize + 1] += 1);
        (0..n).for_each(|i| starts[i + 1] += starts[i]);
        let (neighbours, strengths) = ends.into_iter().map(|(_, to, strength)| (to, strength)).unzip();
        Ok(Self { starts, neighbours, strengths, field, constant: 0.0 })
    }

    /// The same model with E + c in place of E, where E is without any constant; see
    /// [`Ising::with_constant`].
    ///
    /// # Errors
    /// [`Error::Model`] if `constant` is not finite.
    pub fn with_constant(self, constant: f64) -> Result<Self, Error> {
        Ok(Self { constant: finite_constant(constant)?, ..self })
    }

    /// c, the constant energy.
    #[must_use]
    pub fn constant(&self) -> f64 {
        self.constant
    }

    /// f, of length N.
    #[must_use]
    pub fn field(&self) -> &DVector<f64> {
        &self.field
    }

    /// The number of pairs that are coupled.
    #[must_use]
    pub fn n_bonds(&self) -> usize {
        self.neighbours.len() / 2
    }

    /// The bonds (i, j, Jᵢⱼ) with i < j, in ascending order.
    pub fn bonds(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let of = move |i: usize| self.neighbours(i).filter(move |(j, _)| i < *j).map(move |(j, x)| (i, j, x));
        (0..self.n_units()).flat_map(of)
    }

    /// The spins that spin `i` is coupled to, in ascending order, and J.
    ///
    /// # Panics
    /// If there is no spin `i`.
    pub fn neighbours(&self, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.starts[i]..self.starts[i + 1];
        self.neighbours[range.clone()].iter().map(|j| *j as usize).zip(self.strengths[range].iter().copied())
    }

    /// Where the neighbours of each spin begin in [`ends`](Self::ends), and where the last end.
    pub(crate) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The neighbours of all spins, one list after the other, and J of each.
    pub(crate) fn ends(&self) -> (&[u32], &[f64]) {
        (&self.neighbours, &self.strengths)
    }

    /// fᵢ + Σⱼ Jᵢⱼsⱼ.
    pub(crate) fn local_field(&self, i: usize, spin: impl Fn(usize) -> f64) -> f64 {
        self.field[i] + self.neighbours(i).map(|(j, strength)| strength * spin(j)).sum::<f64>()
    }

    /// E(s) = c − Σ Jᵢⱼsᵢsⱼ − f·s.
    ///
    /// # Panics
    /// If `spins` does not have N entries.
    #[must_use]
    pub fn energy(&self, spins: &[f64]) -> f64 {
        assert_eq!(spins.len(), self.n_units(), "one value for each spin");
        self.energy_of(|i| spins[i])
    }

    /// The same of spins in any form.
    pub(crate) fn energy_of(&self, spin: impl Fn(usize) -> f64 + Copy) -> f64 {
        // Each pair stands twice in s·(f + Js), each field once.
        let term = |i: usize| 0.5 * spin(i) * (self.local_field(i, spin) + self.field[i]);
        self.constant - (0..self.n_units()).map(term).sum::<f64>()
    }

    /// The same model with its couplings as a matrix of N² numbers.
    ///
    /// # Panics
    /// If the memory for them cannot be had.
    #[must_use]
    pub fn to_dense(&self) -> Ising {
        let n = self.n_units();
        let mut couplings = DMatrix::zeros(n, n);
        for i in 0..n {
            self.neighbours(i).for_each(|(j, strength)| couplings[(i, j)] = strength);
        }
        let dense = Ising::new(couplings, self.field.clone()).and_then(|dense| dense.with_constant(self.constant));
        dense.expect("finite, symmetric by construction, with nothing on the diagonal")
    }

    /// This model as it is better held: small ones, and those of many bonds, as a matrix.
    #[must_use]
    pub fn in_better_form(self) -> AnyModel {
        let listed = Self::is_better_for(self.n_units(), self.n_bonds());
        if listed { self.into() } else { self.to_dense().into() }
    }

    /// Whether lists are the better form for so many spins with so many bonds.
    pub(crate) fn is_better_for(spins: usize, bonds: usize) -> bool {
        spins > DENSE_SPINS && 2.0 * bonds as f64 <= DENSE_SHARE * (spins as f64).powi(2)
    }
}

/// The pairs whose J is not zero.
impl From<&Ising> for SparseIsing {
    fn from(dense: &Ising) -> Self {
        let n = dense.n_units();
        let (mut starts, mut neighbours, mut strengths) = (vec![0], Vec::new(), Vec::new());
        for i in 0..n {
            // J is symmetric: the column of a spin is its row.
            for (j, strength) in dense.couplings().column(i).iter().enumerate().filter(|(_, x)| **x != 0.0) {
                neighbours.push(j as u32);
                strengths.push(*strength);
            }
            starts.push(neighbours.len());
        }
        Self { starts, neighbours, strengths, field: dense.field().clone(), constant: dense.constant() }
    }
}

impl Model for SparseIsing {
    fn n_units(&self) -> usize {
        self.field.len()
    }
}

/// As [`Ising`], to the last bit: what can be enumerated is small enough for a matrix.
impl Enumerate for SparseIsing {
    fn enumeration_cost(&self) -> EnumerationCost {
        EnumerationCost { log2_states: self.n_units() as u32, factors_per_state: self.n_units() }
    }

    fn enumerate(&self, beta: f64, sums: Sums, run: &Run<'_>) -> Option<Cumulants> {
        self.to_dense().enumerate(beta, sums, run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_a_matrix_are_the_same_model() {
        let bonds = [(0, 3, 0.5), (4, 1, -2.0), (3, 4, 1.5), (1, 0, 0.0)];
        let field = DVector::from_vec(vec![0.1, -0.2, 0.3, 0.0, 1.0]);
        let sparse = SparseIsing::new(&bonds, field).unwrap().with_constant(-3.0).unwrap();
        let dense = sparse.to_dense();
        assert_eq!(SparseIsing::from(&dense), sparse);
        assert_eq!(sparse.bonds().collect::<Vec<_>>(), [(0, 3, 0.5), (1, 4, -2.0), (3, 4, 1.5)]);
        assert_eq!(sparse.neighbours(4).collect::<Vec<_>>(), [(1, -2.0), (3, 1.5)]);
        for state in 0..32 {
            let spins: Vec<f64> = (0..5).map(|i| if state >> i & 1 == 1 { 1.0 } else { -1.0 }).collect();
            assert!((sparse.energy(&spins) - dense.energy(&spins)).abs() < 1e-14, "{spins:?}");
        }
    }

    #[test]
    fn what_is_no_graph_is_refused_with_the_pair() {
        let of = |bonds: &[(usize, usize, f64)], n| SparseIsing::new(bonds, DVector::zeros(n)).unwrap_err().to_string();
        for (bonds, word) in [
            (&[(0, 1, 1.0), (1, 0, 1.0)][..], "(0, 1), counted from 0, stands there twice"),
            (&[(2, 2, 1.0)], "(2, 2) is no pair"),
            (&[(0, 3, 1.0)], "(0, 3) is no pair"),
            (&[(0, 1, f64::NAN)], "not finite"),
        ] {
            assert!(of(bonds, 3).contains(word), "{}", of(bonds, 3));
        }
        assert!(of(&[], 0).contains("0 spins"));
    }
}

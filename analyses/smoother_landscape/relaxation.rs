//! Spins that flow downhill: at temperature zero by flips, above it by mean field, and by simulated
//! annealing.

use nalgebra::{DMatrix, DVector};
use plefka::{Rbm, model::Ising};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Sweeps after which a relaxation is given up.
const MOST_SWEEPS: usize = 3000;
/// The largest change of a mean in a sweep at which a relaxation has ended.
const AT_REST: f64 = 1e-8;

/// E = −½ sᵀJs − f·s on ±1, for single-spin updates.
pub struct Spins {
    n: usize,
    couplings: Vec<f64>,
    field: Vec<f64>,
}

/// An RBM on bits as spins, s = 2x − 1. The energy is the same up to a constant.
pub fn on_spins(bits: &Rbm) -> Ising {
    let (n, m) = bits.weights().shape();
    let w = bits.weights() / 4.0;
    let a = bits.visible_bias() / 2.0 + w.column_sum();
    let b = bits.hidden_bias() / 2.0 + w.row_sum_tr();
    couple(&w, a.iter().chain(b.iter()).copied().collect(), n, m)
}

/// An RBM on spins as fully connected spins.
pub fn connected(spins: &Rbm) -> Ising {
    let (n, m) = spins.weights().shape();
    let field = spins.visible_bias().iter().chain(spins.hidden_bias().iter()).copied().collect();
    couple(spins.weights(), field, n, m)
}

fn couple(w: &DMatrix<f64>, field: Vec<f64>, n: usize, m: usize) -> Ising {
    let mut couplings = DMatrix::zeros(n + m, n + m);
    couplings.view_mut((0, n), (n, m)).copy_from(w);
    couplings.view_mut((n, 0), (m, n)).copy_from(&w.transpose());
    Ising::new(couplings, DVector::from_vec(field)).expect("symmetric, with no diagonal")
}

impl Spins {
    /// The same spins, by rows.
    pub fn new(ising: &Ising) -> Self {
        let n = ising.field().len();
        Self { n, couplings: ising.couplings().as_slice().to_vec(), field: ising.field().as_slice().to_vec() }
    }

    fn local(&self, i: usize, m: &[f64]) -> f64 {
        let row = &self.couplings[i * self.n..(i + 1) * self.n];
        self.field[i] + row.iter().zip(m).map(|(j, m)| j * m).sum::<f64>()
    }

    /// E.
    pub fn energy(&self, s: &[f64]) -> f64 {
        (0..self.n).map(|i| -0.5 * s[i] * (self.local(i, s) + self.field[i])).sum()
    }

    /// Mean field at temperature T, one spin after the other: each update puts a mean where the
    /// free energy is lowest, so that it ends in a minimum. Returns the sweeps.
    pub fn relax(&self, m: &mut [f64], temperature: f64) -> usize {
        (1..MOST_SWEEPS).find(|_| self.sweep(m, temperature) < AT_REST).unwrap_or(MOST_SWEEPS)
    }

    /// One such update of every spin. Returns the largest change of a mean.
    pub fn sweep(&self, m: &mut [f64], temperature: f64) -> f64 {
        let mut change = 0.0f64;
        for i in 0..self.n {
            let mean = (self.local(i, m) / temperature).tanh();
            change = change.max((mean - m[i]).abs());
            m[i] = mean;
        }
        change
    }

    /// Flips the spin that lowers the energy the most, until none does. Returns the cost in sweeps:
    /// the fields once, and a field of each spin for each flip.
    pub fn quench(&self, s: &mut [f64]) -> f64 {
        let mut fields: Vec<f64> = (0..self.n).map(|i| self.local(i, s)).collect();
        let mut flips = 0;
        loop {
            let gain = |i: usize| -s[i] * fields[i];
            let best = (0..self.n).reduce(|a, b| if gain(b) > gain(a) { b } else { a }).expect("a spin");
            if gain(best) <= 1e-12 {
                return 1.0 + f64::from(flips) / self.n as f64;
            }
            s[best] = -s[best];
            flips += 1;
            let change = 2.0 * s[best];
            let row = &self.couplings[best * self.n..(best + 1) * self.n];
            fields.iter_mut().zip(row).for_each(|(x, j)| *x += j * change);
        }
    }

    /// Simulated annealing: one heat-bath sweep at each temperature. Returns the state of lowest
    /// energy that a sweep ended in.
    pub fn anneal(
        &self,
        s: &mut [f64],
        temperatures: impl Iterator<Item = f64>,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Vec<f64> {
        let mut best = (self.energy(s), s.to_vec());
        for temperature in temperatures {
            for i in 0..self.n {
                let up = 1.0 / (1.0 + (-2.0 * self.local(i, s) / temperature).exp());
                s[i] = if rng.random::<f64>() < up { 1.0 } else { -1.0 };
            }
            let energy = self.energy(s);
            if energy < best.0 {
                best = (energy, s.to_vec());
            }
        }
        best.1
    }
}

/// The signs of means; those of 0 count as up.
pub fn signs(m: &[f64]) -> Vec<f64> {
    m.iter().map(|m| if *m < 0.0 { -1.0 } else { 1.0 }).collect()
}

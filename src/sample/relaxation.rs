//! How fast block Gibbs sampling forgets, exactly: the spectrum of its kernel, by enumeration.

use nalgebra::DMatrix;

use crate::{
    Error,
    model::{Marginal, Rbm},
    stats::softplus,
};

/// The most units of the smaller layer: the eigenvalues of a matrix of 2^10 rows take seconds.
const MAX_KEPT: usize = 10;
/// The most units of both layers: so many states of both are summed over.
const MAX_UNITS: usize = 24;
/// States of the larger layer whose rows of the matrix are held at a time.
const BLOCK: usize = 256;
/// A gap below this may be rounding of the eigenvalues.
const ROUNDING: f64 = 1e-12;

/// The spectrum of the block Gibbs kernel of an RBM at one β.
///
/// # Formula
/// On the visible layer T(v → v′) = Σ_h p(h | v) p(v′ | h), which is reversible with respect to
/// p(v). Made symmetric by √p(v) it is MMᵀ, with M(v, h) = p(v, h)/√(p(v) p(h)); the kernel on the
/// hidden layer is MᵀM, of the same eigenvalues but for zeros. The smaller of the two is written
/// out. All eigenvalues λ are in [0, 1]; the largest is 1, and τ = −1/ln λ₂ sweeps is the time in
/// which the slowest deviation from equilibrium falls to 1/e (Levin, Peres & Wilmer, *Markov Chains
/// and Mixing Times*, 2nd ed., §12.2).
///
/// # Examples
/// ```
/// use plefka::{Rbm, sample::Relaxation};
/// // One visible and one hidden unit, at W large: they hold each other.
/// let pair = Rbm::from_rows(&[[8.0]], &[-4.0], &[-4.0])?;
/// let slow = Relaxation::of(&pair, 1.0)?;
/// let fast = Relaxation::of(&pair, 0.1)?;
/// assert!(slow.time() > Some(10.0) && fast.time() < Some(1.0));
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Relaxation {
    /// The eigenvalues, largest first, as many as the smaller layer has states: 1, λ₂, λ₃, …
    pub eigenvalues: Vec<f64>,
}

impl Relaxation {
    /// The spectrum at β, to about 10⁻¹⁴.
    ///
    /// # Errors
    /// [`Error::Model`] if the smaller layer has more than 10 units, or both together more than 24,
    /// and [`Error::NotFinite`] if the weights at this β exceed f64.
    pub fn of(rbm: &Rbm, beta: f64) -> Result<Self, Error> {
        let marginal = Marginal::of(rbm);
        let (kept, summed) = (marginal.n_kept(), marginal.n_summed());
        if kept > MAX_KEPT || kept + summed > MAX_UNITS {
            return Err(Error::model(
                format!("the Gibbs kernel of {kept} and {summed} units is too large to be written out"),
                format!(
                    "use a model with at most {MAX_KEPT} units in its smaller layer and {MAX_UNITS} in all, or measure `overlap_time`"
                ),
            ));
        }
        let kernel = symmetric_kernel(&marginal, beta);
        if kernel.iter().any(|x| !x.is_finite()) {
            return Err(Error::NotFinite { quantity: "the Gibbs kernel", beta });
        }
        let mut eigenvalues: Vec<f64> = kernel.symmetric_eigenvalues().iter().map(|l| l.clamp(0.0, 1.0)).collect();
        eigenvalues.sort_by(|a, b| b.total_cmp(a));
        Ok(Self { eigenvalues })
    }

    /// λ₂, the largest eigenvalue but one.
    #[must_use]
    pub fn second(&self) -> f64 {
        // A layer has at least one unit, so two states.
        self.eigenvalues[1]
    }

    /// τ = −1/ln λ₂, in sweeps. `None` if 1 − λ₂ is not above 10⁻¹², where rounding decides: then τ
    /// is at least some 10¹¹.
    #[must_use]
    pub fn time(&self) -> Option<f64> {
        let second = self.second();
        (1.0 - second > ROUNDING).then(|| if second > 0.0 { -second.ln().recip() } else { 0.0 })
    }
}

/// MᵀM over the states of the kept layer, from blocks of rows of M.
fn symmetric_kernel(marginal: &Marginal, beta: f64) -> DMatrix<f64> {
    let (n, m) = (marginal.n_summed(), marginal.n_kept());
    let bit = |state: usize, i: usize| state >> i & 1 == 1;
    let states = 1usize << m;
    // ln of the unnormalised p(y), and Wy.
    let fields: Vec<Vec<f64>> = (0..states)
        .map(|y| (0..n).map(|i| (0..m).filter(|j| bit(y, *j)).map(|j| marginal.weights[(i, j)]).sum()).collect())
        .collect();
    let bias = |y: usize| (0..m).filter(|j| bit(y, *j)).map(|j| marginal.kept_bias[j]).sum::<f64>();
    let kept_bias: Vec<f64> = (0..states).map(bias).collect();
    let a = &marginal.summed_bias;
    let log_p: Vec<f64> = (0..states)
        .map(|y| beta * kept_bias[y] + (0..n).map(|i| softplus(beta * (a[i] + fields[y][i]))).sum::<f64>())
        .collect();

    let mut kernel = DMatrix::zeros(states, states);
    let rows = BLOCK.min(1 << n);
    let mut block = DMatrix::zeros(rows, states);
    for first in (0..1usize << n).step_by(rows) {
        for row in 0..rows {
            let x = first + row;
            let on: Vec<usize> = (0..n).filter(|i| bit(x, *i)).collect();
            let own: f64 = on.iter().map(|i| a[*i]).sum();
            let field = |j: usize| marginal.kept_bias[j] + on.iter().map(|i| marginal.weights[(*i, j)]).sum::<f64>();
            let log_p_x = beta * own + (0..m).map(|j| softplus(beta * field(j))).sum::<f64>();
            for y in 0..states {
                // p(x, y) is at most p(x) and p(y), so nothing overflows whatever β is.
                let joint = beta * (own + kept_bias[y] + on.iter().map(|i| fields[y][*i]).sum::<f64>());
                block[(row, y)] = (joint - 0.5 * (log_p_x + log_p[y])).exp();
            }
        }
        kernel.gemm_tr(1.0, &block, &block, 1.0);
    }
    kernel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Units;

    /// One bit facing one bit: T has the eigenvalues 1 and p(1|1) − p(1|0) over both directions.
    #[test]
    fn a_pair_is_solved_by_hand() {
        let (w, a, b) = (2.0, -0.7, 0.3);
        let rbm = Rbm::from_rows(&[[w]], &[a], &[b]).unwrap();
        let sigmoid = crate::stats::sigmoid;
        for beta in [0.0, 0.5, 3.0] {
            let by_hidden = sigmoid(beta * (a + w)) - sigmoid(beta * a);
            let by_visible = sigmoid(beta * (b + w)) - sigmoid(beta * b);
            let found = Relaxation::of(&rbm, beta).unwrap();
            assert!((found.second() - by_hidden * by_visible).abs() < 1e-15, "{found:?}");
            assert!((found.eigenvalues[0] - 1.0).abs() < 1e-14);
        }
    }

    /// Without biases spins have the slowest mode of odd sign; a strong coupling stops the kernel,
    /// and this is said.
    #[test]
    fn frozen_models_have_no_time_and_nothing_overflows() {
        let rbm = Rbm::from_rows(&[[1.0], [1.0]], &[0.0, 0.0], &[0.0]).unwrap().with_units(Units::Spin, Units::Spin);
        // τ of two spins that see one: λ₂ = tanh²β + …; only its trend is used here.
        let times = [0.5, 2.0].map(|beta| Relaxation::of(&rbm, beta).unwrap().time().unwrap());
        assert!(times[0] < 1.0 && times[1] > 20.0, "{times:?}");
        let frozen = Relaxation::of(&rbm, 1e4).unwrap();
        assert_eq!(frozen.time(), None);
        assert!(frozen.eigenvalues.iter().all(|l| (0.0..=1.0).contains(l)));
        for beta in [1e308, f64::NAN] {
            assert!(matches!(Relaxation::of(&rbm, beta), Err(Error::NotFinite { .. })));
        }
        assert_eq!(Relaxation::of(&rbm, 0.0).unwrap().time().map(|t| t < 0.05), Some(true));
    }

    #[test]
    fn large_models_are_refused() {
        for (n, m) in [(11, 11), (15, 10), (200, 1)] {
            let rbm = Rbm::new(DMatrix::zeros(n, m), vec![0.0; n].into(), vec![0.0; m].into()).unwrap();
            let error = Relaxation::of(&rbm, 1.0).unwrap_err().to_string();
            assert!(error.contains("overlap_time"), "{error}");
        }
    }
}

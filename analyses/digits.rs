//! What the analyses of training share: digits as matrices, and RBMs trained on them by persistent
//! contrastive divergence.

use nalgebra::{DMatrix, DVector};
use plefka::{Data, Rbm, dataset, stats::sigmoid, streams::stream};
use rand::RngExt;
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Digits to train on; the rest is held out.
pub const TRAINING: usize = 8000;

/// The digits as columns of 0 and 1, and their labels.
pub fn digits() -> (DMatrix<f64>, Vec<usize>) {
    let data: Data = dataset::digits();
    let values: Vec<f64> = data.values().iter().map(|x| f64::from(*x)).collect();
    let labels = data.labels().expect("digits have labels").iter().map(|l| *l as usize).collect();
    (DMatrix::from_vec(data.n_features(), data.n_samples(), values), labels)
}

/// How an RBM is trained.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// Hidden units.
    pub hidden: usize,
    /// The rate of the first update.
    pub rate: f64,
    /// Gibbs sweeps between updates.
    pub sweeps: usize,
    /// Updates in all.
    pub updates: usize,
    /// Offsets of the data means are taken off the gradient (Montavon & Müller 2012).
    pub centred: bool,
    /// λ of −½λ|W|².
    pub decay: f64,
}

/// An RBM in training: persistent contrastive divergence with 100 chains, batches of 100, and a
/// rate that falls to 0 linearly.
pub struct Training<'a> {
    data: &'a DMatrix<f64>,
    recipe: Recipe,
    weights: DMatrix<f64>,
    a: DVector<f64>,
    b: DVector<f64>,
    means: DVector<f64>,
    chains: DMatrix<f64>,
    rng: Xoshiro256PlusPlus,
    done: usize,
}

const BATCH: usize = 100;

/// σ(bias + W x), with W of the shape that fits.
pub fn layer(weights: &DMatrix<f64>, bias: &DVector<f64>, source: &DMatrix<f64>) -> DMatrix<f64> {
    let mut field = weights * source;
    for mut column in field.column_iter_mut() {
        column += bias;
    }
    field.apply(|x| *x = sigmoid(*x));
    field
}

/// Independent bits with these means.
pub fn bernoulli(mut means: DMatrix<f64>, rng: &mut Xoshiro256PlusPlus) -> DMatrix<f64> {
    means.apply(|m| *m = f64::from(rng.random::<f64>() < *m));
    means
}

/// Block Gibbs sweeps at β = 1.
pub fn gibbs(rbm: &Rbm, mut v: DMatrix<f64>, sweeps: usize, rng: &mut Xoshiro256PlusPlus) -> DMatrix<f64> {
    let up = rbm.weights().transpose();
    for _ in 0..sweeps {
        let h = bernoulli(layer(&up, rbm.hidden_bias(), &v), rng);
        v = bernoulli(layer(rbm.weights(), rbm.visible_bias(), &h), rng);
    }
    v
}

impl<'a> Training<'a> {
    /// Biases at the log-odds of the data, small random weights.
    pub fn new(data: &'a DMatrix<f64>, recipe: Recipe, seed: u64) -> Self {
        let mut rng = stream(seed, 1);
        let n = data.ncols() as f64;
        let means = data.column_sum() / n;
        let a = means.map(|p| {
            let p = (n * p + 1.0) / (n + 2.0);
            (p / (1.0 - p)).ln()
        });
        let weights = DMatrix::from_fn(data.nrows(), recipe.hidden, |_, _| 0.01 * rng.sample::<f64, _>(StandardNormal));
        let start = DMatrix::from_fn(data.nrows(), BATCH, |i, _| means[i]);
        let chains = bernoulli(start, &mut rng);
        Self { data, recipe, weights, a, b: DVector::zeros(recipe.hidden), means, chains, rng, done: 0 }
    }

    /// The model as it stands.
    pub fn rbm(&self) -> Rbm {
        Rbm::new(self.weights.clone(), self.a.clone(), self.b.clone()).expect("training has not diverged")
    }

    /// Trains up to update number `until`.
    pub fn advance(&mut self, until: usize) {
        while self.done < until.min(self.recipe.updates) {
            self.update();
            self.done += 1;
        }
    }

    fn update(&mut self) {
        let Recipe { rate, sweeps, updates, centred, decay, .. } = self.recipe;
        let picks: Vec<usize> = (0..BATCH).map(|_| self.rng.random_range(0..self.data.ncols())).collect();
        let v = self.data.select_columns(&picks);
        let up = self.weights.transpose();
        let h = layer(&up, &self.b, &v);
        for _ in 0..sweeps {
            let h = bernoulli(layer(&up, &self.b, &self.chains), &mut self.rng);
            self.chains = bernoulli(layer(&self.weights, &self.a, &h), &mut self.rng);
        }
        let model = layer(&up, &self.b, &self.chains);
        let mut slope = Slope::between(&v, &h, &self.chains, &model);
        let offset = h.column_sum() / BATCH as f64;
        if centred {
            slope.w -= &slope.a * offset.transpose() + &self.means * slope.b.transpose();
            slope.a -= &slope.w * &offset;
            slope.b -= slope.w.tr_mul(&self.means);
        }
        let step = rate * (1.0 - self.done as f64 / updates as f64);
        self.weights *= 1.0 - step * decay;
        self.weights += slope.w * step;
        self.a += slope.a * step;
        self.b += slope.b * step;
    }
}

/// ∂L/∂(W, a, b), or an estimate of it.
#[derive(Debug, Clone)]
pub struct Slope {
    /// ∂L/∂W.
    pub w: DMatrix<f64>,
    /// ∂L/∂a.
    pub a: DVector<f64>,
    /// ∂L/∂b.
    pub b: DVector<f64>,
}

impl Slope {
    /// ⟨v hᵀ⟩ − ⟨v′ h′ᵀ⟩ and the same of the biases, means over columns.
    pub fn between(v: &DMatrix<f64>, h: &DMatrix<f64>, v2: &DMatrix<f64>, h2: &DMatrix<f64>) -> Self {
        let mean = |v: &DMatrix<f64>, h: &DMatrix<f64>| {
            let n = v.ncols() as f64;
            (v * h.transpose() / n, v.column_sum() / n, h.column_sum() / n)
        };
        let ((w, a, b), (w2, a2, b2)) = (mean(v, h), mean(v2, h2));
        Self { w: w - w2, a: a - a2, b: b - b2 }
    }

    /// What is left of ∂L/∂W when the parts that the biases could take are taken off: ∇W − ∇a⟨h⟩ᵀ −
    /// ⟨v⟩∇bᵀ.
    pub fn centred(&self, v: &DVector<f64>, h: &DVector<f64>) -> DMatrix<f64> {
        &self.w - &self.a * h.transpose() - v * self.b.transpose()
    }
}

/// The cosine of the angle between two matrices.
pub fn cosine(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    x.dot(y) / (x.norm() * y.norm())
}

/// The mean of ln p(v) over columns, given ln Z.
pub fn log_likelihood(rbm: &Rbm, v: &DMatrix<f64>, log_z: f64) -> f64 {
    let sum: f64 = v.column_iter().map(|v| rbm.visible_log_weight(v.clone_owned().as_slice(), 1.0)).sum();
    sum / v.ncols() as f64 - log_z
}

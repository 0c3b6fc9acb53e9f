//! An RBM over images and labels: F(x, y) = −a·x − d_y − Σⱼ ln(1 + e^{cⱼ + U_yj + (Wᵀx)ⱼ})
//! (Larochelle & Bengio, ICML 2008).

use nalgebra::{DMatrix, DVector};
use plefka::{
    Error, Rbm, Run,
    model::{Enumerate, Sums},
    stats::{log_sum_exp, sigmoid, softplus},
};
use rand::RngExt;
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::digits::{bernoulli, layer};

/// Classes of digits.
pub const CLASSES: usize = 10;

/// The parameters, or a direction in their space.
#[derive(Debug, Clone)]
pub struct Joint {
    /// (n_visible, n_hidden).
    pub(crate) w: DMatrix<f64>,
    /// (classes, n_hidden).
    pub(crate) u: DMatrix<f64>,
    pub(crate) a: DVector<f64>,
    pub(crate) d: DVector<f64>,
    pub(crate) c: DVector<f64>,
}

/// Means ⟨x hᵀ⟩, ⟨y hᵀ⟩, ⟨x⟩, ⟨y⟩, ⟨h⟩ have the shapes of the parameters.
pub type Moments = Joint;

/// One column for each sample: 1 at its class.
pub fn one_hot(labels: &[usize]) -> DMatrix<f64> {
    DMatrix::from_fn(CLASSES, labels.len(), |y, k| f64::from(u8::from(labels[k] == y)))
}

/// Columns of probabilities from columns of logits.
pub fn softmax(mut logits: DMatrix<f64>) -> DMatrix<f64> {
    for mut column in logits.column_iter_mut() {
        let log_z = log_sum_exp(column.clone_owned().as_slice());
        column.apply(|x| *x = (*x - log_z).exp());
    }
    logits
}

impl Joint {
    /// Small random weights; visible biases at the log-odds of the data.
    pub fn new(train: &DMatrix<f64>, hidden: usize, rng: &mut Xoshiro256PlusPlus) -> Self {
        let mut normal =
            |rows, columns| DMatrix::from_fn(rows, columns, |_, _| 0.01 * rng.sample::<f64, _>(StandardNormal));
        let n = train.ncols() as f64;
        let a = train.column_sum().map(|sum| ((sum + 1.0) / (n - sum + 1.0)).ln());
        Self {
            w: normal(train.nrows(), hidden),
            u: normal(CLASSES, hidden),
            a,
            d: DVector::zeros(CLASSES),
            c: DVector::zeros(hidden),
        }
    }

    /// Adds `step` times a direction.
    pub fn add(&mut self, direction: &Self, step: f64) {
        self.w += &direction.w * step;
        self.u += &direction.u * step;
        self.a += &direction.a * step;
        self.d += &direction.d * step;
        self.c += &direction.c * step;
    }

    /// The difference of two.
    pub fn minus(mut self, other: &Self) -> Self {
        self.add(other, -1.0);
        self
    }

    /// σ(c + Uᵀy + Wᵀx).
    pub fn hidden(&self, x: &DMatrix<f64>, y: &DMatrix<f64>) -> DMatrix<f64> {
        let mut field = self.w.tr_mul(x) + self.u.tr_mul(y);
        for mut column in field.column_iter_mut() {
            column += &self.c;
        }
        field.map(sigmoid)
    }

    /// ln of the unnormalised p(x, y) without a·x, of shape (classes, samples).
    pub fn log_joint(&self, x: &DMatrix<f64>) -> DMatrix<f64> {
        let fields = self.w.tr_mul(x);
        DMatrix::from_fn(CLASSES, x.ncols(), |y, k| {
            let of = |j: usize| softplus(self.c[j] + self.u[(y, j)] + fields[(j, k)]);
            self.d[y] + (0..self.c.len()).map(of).sum::<f64>()
        })
    }

    /// Means over the columns.
    pub fn moments(x: &DMatrix<f64>, y: &DMatrix<f64>, h: &DMatrix<f64>) -> Moments {
        let n = x.ncols() as f64;
        Joint {
            w: x * h.transpose() / n,
            u: y * h.transpose() / n,
            a: x.column_sum() / n,
            d: y.column_sum() / n,
            c: h.column_sum() / n,
        }
    }

    /// Means with x clamped and (y, h) from p(y, h | x), exactly.
    pub fn clamped(&self, x: &DMatrix<f64>) -> Moments {
        let p = softmax(self.log_joint(x));
        let n = x.ncols() as f64;
        let mut mean = DMatrix::zeros(self.c.len(), x.ncols());
        let mut u = DMatrix::zeros(CLASSES, self.c.len());
        for y in 0..CLASSES {
            let mut h = self.hidden(x, &one_hot(&vec![y; x.ncols()]));
            h.column_iter_mut().zip(p.row(y).iter()).for_each(|(mut column, p)| column *= *p);
            u.set_row(y, &(h.column_sum().transpose() / n));
            mean += h;
        }
        Joint { u, ..Self::moments(x, &p, &mean) }
    }

    /// The same by naive mean field over (h, y): `steps` alternations from equal classes.
    pub fn clamped_mean_field(&self, x: &DMatrix<f64>, steps: usize) -> Moments {
        let mut y = DMatrix::from_element(CLASSES, x.ncols(), 1.0 / CLASSES as f64);
        let mut h = self.hidden(x, &y);
        for _ in 0..steps {
            y = self.classes(&h);
            h = self.hidden(x, &y);
        }
        Self::moments(x, &y, &h)
    }

    /// Naive mean field over (x, h, y) from a batch.
    pub fn joint_mean_field(&self, x: &DMatrix<f64>, y: &DMatrix<f64>, steps: usize) -> Moments {
        let mut h = self.hidden(x, y);
        let (mut x, mut y) = (x.clone(), y.clone());
        for _ in 0..steps {
            x = layer(&self.w, &self.a, &h);
            y = self.classes(&h);
            h = self.hidden(&x, &y);
        }
        Self::moments(&x, &y, &h)
    }

    /// ⟨y | h⟩.
    fn classes(&self, h: &DMatrix<f64>) -> DMatrix<f64> {
        let mut logits = &self.u * h;
        for mut column in logits.column_iter_mut() {
            column += &self.d;
        }
        softmax(logits)
    }

    /// One Gibbs sweep of chains (x, y).
    pub fn gibbs(
        &self,
        (x, y): (&DMatrix<f64>, &DMatrix<f64>),
        rng: &mut Xoshiro256PlusPlus,
    ) -> (DMatrix<f64>, DMatrix<f64>) {
        let h = bernoulli(self.hidden(x, y), rng);
        let p = self.classes(&h);
        let labels: Vec<usize> = p
            .column_iter()
            .map(|p| {
                let mut left = rng.random::<f64>();
                let stops = |p: &f64| {
                    left -= p;
                    left < 0.0
                };
                p.iter().position(stops).unwrap_or(CLASSES - 1)
            })
            .collect();
        (bernoulli(layer(&self.w, &self.a, &h), rng), one_hot(&labels))
    }

    /// The RBM that is left at a given class.
    fn at_class(&self, y: usize) -> Result<Rbm, Error> {
        Rbm::new(self.w.clone(), self.a.clone(), &self.c + self.u.row(y).transpose())
    }

    /// d_y + ln Z_y of each class.
    fn log_zs(&self) -> Result<Vec<f64>, Error> {
        let of = |y: usize| {
            let sums = self.at_class(y)?.enumerate(1.0, Sums::LogZ, &Run::quiet(0)).expect("nobody cancels");
            Ok(self.d[y] + sums.log_z)
        };
        (0..CLASSES).map(of).collect()
    }

    /// ⟨x hᵀ⟩ of the whole model, exactly.
    pub fn exact_pairs(&self) -> Result<DMatrix<f64>, Error> {
        let log_zs = self.log_zs()?;
        let log_z = log_sum_exp(&log_zs);
        let mut pairs = DMatrix::zeros(self.w.nrows(), self.w.ncols());
        for (y, log) in log_zs.iter().enumerate() {
            let means = self.at_class(y)?.unit_means(1.0, &Run::quiet(0)).expect("nobody cancels");
            pairs += means.pairs * (log - log_z).exp();
        }
        Ok(pairs)
    }

    /// The share of samples whose most probable class is wrong, the mean of ln p(y|x), and that of
    /// ln p(x).
    pub fn score(&self, x: &DMatrix<f64>, labels: &[usize]) -> Result<[f64; 3], Error> {
        let log_z = log_sum_exp(&self.log_zs()?);
        let logs = self.log_joint(x);
        let (mut wrong, mut of_class, mut of_image) = (0.0, 0.0, 0.0);
        for ((column, x), label) in logs.column_iter().zip(x.column_iter()).zip(labels) {
            let total = log_sum_exp(column.clone_owned().as_slice());
            wrong += f64::from(u8::from(column.imax() != *label));
            of_class += column[*label] - total;
            of_image += self.a.dot(&x) + total - log_z;
        }
        Ok([wrong, of_class, of_image].map(|sum| sum / labels.len() as f64))
    }
}

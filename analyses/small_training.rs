//! A few lines that train small RBMs on bits, for analyses that need trained models of many kinds.

use nalgebra::{DMatrix, DVector, RowDVector};
use plefka::{Error, Rbm, data::Data, stats::sigmoid};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Where the negative phase of the gradient comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// One step of Gibbs sampling from the batch (contrastive divergence; Hinton 2002).
    Cd,
    /// One step of chains that go on (persistent contrastive divergence; Tieleman 2008).
    Pcd,
    /// Means after three steps of second-order mean field from the batch (Gabrié, Tramel & Krzakala
    /// 2015).
    Emf,
}

impl Rule {
    pub fn name(self) -> &'static str {
        match self {
            Self::Cd => "cd",
            Self::Pcd => "pcd",
            Self::Emf => "emf",
        }
    }
}

/// Rows of a batch, and persistent chains.
const BATCH: usize = 100;
/// Steps of mean field.
const STEPS: usize = 3;

/// An RBM trained by gradient ascent of the likelihood, as far as the rule allows.
pub fn train(data: &Data, n_hidden: usize, rule: Rule, updates: usize, rate: f64, seed: u64) -> Result<Rbm, Error> {
    let n = data.n_features();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut weights = DMatrix::from_fn(n, n_hidden, |_, _| -> f64 {
        0.01 * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng)
    });
    // Visible biases at the log-odds of the data; half a count keeps pixels that are never on
    // finite.
    let count = |i: usize| data.rows().map(|row| f64::from(row[i])).sum::<f64>();
    let odds = |i: usize| (count(i) + 0.5) / (data.n_samples() as f64 - count(i) + 0.5);
    let mut a = RowDVector::from_fn(n, |_, i| odds(i).ln());
    let mut b = RowDVector::zeros(n_hidden);
    let mut chains = DMatrix::from_fn(BATCH, n, |k, i| f64::from(data.row(k % data.n_samples())[i]));
    for _ in 0..updates {
        let rows: Vec<usize> = (0..BATCH).map(|_| rng.random_range(0..data.n_samples())).collect();
        let batch = DMatrix::from_fn(BATCH, n, |k, i| f64::from(data.row(rows[k])[i]));
        let hidden = means(&batch * &weights, &b);
        let (v, h) = match rule {
            Rule::Cd => gibbs(&batch, &weights, &a, &b, &mut rng),
            Rule::Pcd => {
                let (v, h) = gibbs(&chains, &weights, &a, &b, &mut rng);
                chains.copy_from(&v);
                (v, h)
            }
            Rule::Emf => mean_field(&batch, &weights, &a, &b),
        };
        let step = rate / BATCH as f64;
        let mut gradient = batch.tr_mul(&hidden) - v.tr_mul(&h);
        if rule == Rule::Emf {
            // The gradient of the Onsager term.
            gradient -= weights.component_mul(&variances(&v).tr_mul(&variances(&h)));
        }
        weights += gradient * step;
        a += (batch.row_sum() - v.row_sum()) * step;
        b += (hidden.row_sum() - h.row_sum()) * step;
    }
    Rbm::new(weights, DVector::from_column_slice(a.as_slice()), DVector::from_column_slice(b.as_slice()))
}

fn means(mut fields: DMatrix<f64>, bias: &RowDVector<f64>) -> DMatrix<f64> {
    fields.row_iter_mut().for_each(|mut row| row += bias);
    fields.apply(|x| *x = sigmoid(*x));
    fields
}

fn variances(means: &DMatrix<f64>) -> DMatrix<f64> {
    means.map(|m| m * (1.0 - m))
}

/// Hidden states given the visible ones, visible states given these, and the hidden means.
fn gibbs(
    v: &DMatrix<f64>,
    weights: &DMatrix<f64>,
    a: &RowDVector<f64>,
    b: &RowDVector<f64>,
    rng: &mut Xoshiro256PlusPlus,
) -> (DMatrix<f64>, DMatrix<f64>) {
    let mut draw = |means: DMatrix<f64>| means.map(|m| f64::from(u8::from(rng.random::<f64>() < m)));
    let h = draw(means(v * weights, b));
    let v = draw(means(h * weights.transpose(), a));
    let h = means(&v * weights, b);
    (v, h)
}

/// Mean field to second order: each layer in turn, with the reaction of the other one, from the
/// data.
fn mean_field(
    batch: &DMatrix<f64>,
    weights: &DMatrix<f64>,
    a: &RowDVector<f64>,
    b: &RowDVector<f64>,
) -> (DMatrix<f64>, DMatrix<f64>) {
    let squares = weights.map(|w| w * w);
    let reaction = |m: &DMatrix<f64>, sums: DMatrix<f64>| m.map(|m| 0.5 - m).component_mul(&sums);
    let (mut v, mut h) = (batch.clone(), means(batch * weights, b));
    for _ in 0..STEPS {
        v = means(&h * weights.transpose() + reaction(&v, variances(&h) * squares.transpose()), a);
        h = means(&v * weights + reaction(&h, variances(&v) * &squares), b);
    }
    (v, h)
}

/// The pixels of a square of `side` × `side` of images of `width` columns, from row `top` and
/// column `left` on.
pub fn patch(images: &Data, width: usize, [top, left]: [usize; 2], side: usize) -> Result<Data, Error> {
    let pixels = move |row: &[u8]| {
        let row = row.to_vec();
        (0..side * side).map(move |k| row[(top + k / side) * width + left + k % side])
    };
    Data::new(side * side, images.rows().flat_map(pixels).collect(), None)
}

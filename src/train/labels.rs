//! Labels as visible units: one for each class, of which the one of a row's class is on.

use nalgebra::DMatrix;

use super::{batches::Batch, data_moments::visible_columns};
use crate::{Error, Rbm, data::Data, model::UnitMeans, stats::log_sum_exp};

/// More classes than this are no classes: every row has a label of its own.
const MOST_CLASSES: usize = 10_000;

/// The distinct labels of data, ascending: the classes, in the order of their units.
///
/// # Errors
/// [`Error::Config`] if the data have no labels, or all the same one, or more than 10,000 different
/// ones.
pub fn classes(data: &Data) -> Result<Vec<i64>, Error> {
    let Some(labels) = data.labels() else {
        let remedy = "the data have none; save one whole number for each row as `labels` in the .npz";
        return Err(Error::config("labels", "given", remedy));
    };
    let mut classes = labels.to_vec();
    classes.sort_unstable();
    classes.dedup();
    match classes.len() {
        1 => {
            Err(Error::config("labels", format!("all {}", classes[0]), "there is nothing to tell apart; leave it out"))
        }
        n if n > MOST_CLASSES => {
            let remedy = format!("labels are classes, at most {MOST_CLASSES} of them");
            Err(Error::config("labels", format!("{n} different ones"), remedy))
        }
        _ => Ok(classes),
    }
}

/// Rows with a unit for each class behind their own: 1 for the class of the row, 0 for the others.
///
/// An RBM of such rows is one like any other, over x and y together: whatever is known of it, ln Z
/// first, counts all 2^C states of the C label units. Given that one of them is on, the
/// probability of each class is a softmax, p(y|x) ∝ e^{−F(x, y)}.
///
/// # Errors
/// [`Error::Config`] if the data have no labels, or one that is none of the classes.
///
/// # Examples
/// ```
/// use plefka::{data::Data, train::labels};
/// let data = Data::new(1, vec![0, 1], Some(vec![7, 3]))?;
/// let rows = labels::one_hot(&data, &labels::classes(&data)?)?;
/// assert_eq!(rows.rows().collect::<Vec<_>>(), [[0, 0, 1], [1, 1, 0]]);
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn one_hot(data: &Data, classes: &[i64]) -> Result<Data, Error> {
    let labels = data.labels().ok_or_else(|| {
        Error::config("labels", "given", "rows without labels are among the data; save `labels` beside them")
    })?;
    let mut values = Vec::with_capacity(data.n_samples() * (data.n_features() + classes.len()));
    for (row, label) in data.rows().zip(labels) {
        if !classes.contains(label) {
            let remedy = "this label is none of those trained on; test on rows of the same classes";
            return Err(Error::config("labels", label, remedy));
        }
        values.extend_from_slice(row);
        values.extend(classes.iter().map(|class| u8::from(class == label)));
    }
    Data::new(data.n_features() + classes.len(), values, Some(labels.to_vec()))
}

/// Refuses rows whose last columns are not the units of so many classes.
pub(super) fn check(data: &Data, classes: usize) -> Result<(), Error> {
    let one_hot = |row: &[u8]| row[row.len() - classes..].iter().map(|x| usize::from(*x)).sum::<usize>() == 1;
    if data.n_features() > classes && data.rows().all(one_hot) {
        return Ok(());
    }
    let remedy =
        "the last columns of the rows are not the units of that many classes; give rows made by `labels::one_hot`";
    Err(Error::config("classes", classes, remedy))
}

/// What a batch looks like with its labels taken away.
struct Unlabelled<'a> {
    rbm: &'a Rbm,
    classes: usize,
    /// The visible units, a row a column, with all label units off.
    visible: DMatrix<f64>,
    /// The fields of the hidden units there.
    fields: DMatrix<f64>,
}

impl<'a> Unlabelled<'a> {
    fn new(rbm: &'a Rbm, batch: Batch<'_>, classes: usize) -> Self {
        let mut visible = visible_columns(rbm, batch);
        visible.rows_mut(rbm.n_visible() - classes, classes).fill(rbm.visible_units().values()[0]);
        let mut fields = rbm.weights().tr_mul(&visible);
        fields.column_iter_mut().for_each(|mut column| column += rbm.hidden_bias());
        Self { rbm, classes, visible, fields }
    }

    /// By how much a label unit that is on differs from one that is off.
    fn step(&self) -> f64 {
        let [low, high] = self.rbm.visible_units().values();
        high - low
    }

    /// The visible unit of a class.
    fn unit(&self, class: usize) -> usize {
        self.rbm.n_visible() - self.classes + class
    }

    /// What a class adds to the fields of the hidden units.
    fn shift(&self, class: usize) -> Vec<f64> {
        self.rbm.weights().row(self.unit(class)).iter().map(|w| self.step() * w).collect()
    }

    /// ln p(class | x), of shape (classes, rows): −F(x, y) less its log-sum over the classes.
    fn log_probabilities(&self) -> DMatrix<f64> {
        let mut log_p = DMatrix::zeros(self.classes, self.visible.ncols());
        let units = self.rbm.hidden_units();
        for class in 0..self.classes {
            let (bias, shift) = (self.step() * self.rbm.visible_bias()[self.unit(class)], self.shift(class));
            for (row, fields) in self.fields.column_iter().enumerate() {
                let terms = fields.iter().zip(&shift).map(|(field, shift)| units.log_partition(field + shift));
                log_p[(class, row)] = bias + terms.sum::<f64>();
            }
        }
        for mut column in log_p.column_iter_mut() {
            let total = log_sum_exp(column.as_slice());
            column.add_scalar_mut(-total);
        }
        log_p
    }
}

/// ⟨v⟩, ⟨h⟩ and ⟨vhᵀ⟩ over the rows of a batch with their labels drawn from p(y|x), exactly: what
/// is taken from the moments of the data in the gradient of ⟨ln p(y|x)⟩.
pub(super) fn clamped_moments(rbm: &Rbm, batch: Batch<'_>, classes: usize) -> UnitMeans {
    let mut free = Unlabelled::new(rbm, batch, classes);
    let probabilities = free.log_probabilities().map(f64::exp);
    let (n, low) = (batch.len() as f64, rbm.visible_units().values()[0]);
    // Σ_y p(y|x)⟨h|x, y⟩, a row a column; and for each class Σ_x p(y|x)⟨h|x, y⟩.
    let mut hidden = DMatrix::zeros(rbm.n_hidden(), batch.len());
    let mut by_class = DMatrix::zeros(classes, rbm.n_hidden());
    for class in 0..classes {
        let shift = free.shift(class);
        for (row, fields) in free.fields.column_iter().enumerate() {
            let p = probabilities[(class, row)];
            for (j, (field, shift)) in fields.iter().zip(&shift).enumerate() {
                let mean = p * rbm.hidden_units().mean(field + shift);
                hidden[(j, row)] += mean;
                by_class[(class, j)] += mean;
            }
        }
    }
    let total = hidden.column_sum();
    for class in 0..classes {
        let (unit, step) = (free.unit(class), free.step());
        for row in 0..batch.len() {
            free.visible[(unit, row)] = low + step * probabilities[(class, row)];
        }
    }
    let mut pairs = &free.visible * hidden.transpose();
    for class in 0..classes {
        // A label unit is not independent of the hidden ones given x.
        let of_class = by_class.row(class) * free.step() + total.transpose() * low;
        pairs.set_row(free.unit(class), &of_class);
    }
    UnitMeans { visible: free.visible.column_sum() / n, hidden: total / n, pairs: pairs / n }
}

/// How well labels are told from the other units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelScore {
    /// The share of the rows whose most probable class is their own.
    pub accuracy: f64,
    /// Mean ln p(y|x), nats.
    pub log_likelihood: f64,
}

/// The score of a model on rows with label units behind.
///
/// # Errors
/// [`Error::Config`] if the rows do not fit the model, or their last columns are not the units of
/// so many classes.
pub fn score(rbm: &Rbm, data: &Data, classes: usize) -> Result<LabelScore, Error> {
    /// Rows at a time.
    const ROWS: usize = 500;
    data.check_columns(rbm.n_visible())?;
    check(data, classes)?;
    let all: Vec<usize> = (0..data.n_samples()).collect();
    let (mut right, mut log_likelihood) = (0usize, 0.0);
    for rows in all.chunks(ROWS) {
        let log_p = Unlabelled::new(rbm, Batch { data, rows }, classes).log_probabilities();
        for (column, row) in log_p.column_iter().zip(rows) {
            let labels = &data.row(*row)[data.n_features() - classes..];
            let own = labels.iter().position(|x| *x == 1).unwrap_or_default();
            right += usize::from(column.imax() == own);
            log_likelihood += column[own];
        }
    }
    let n = data.n_samples() as f64;
    Ok(LabelScore { accuracy: right as f64 / n, log_likelihood: log_likelihood / n })
}

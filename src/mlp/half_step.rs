//! One layer of the network, forward and backward.

use nalgebra::{DMatrix, DVector};

use crate::{
    kernel::coupling::{Side, coupling_sums},
    model::{Order, Units},
};

/// d²c/dm² of a variance c, for bits and spins alike.
const VARIANCE_CURVATURE: f64 = -2.0;

/// The update of one layer, given the other and its own previous means.
pub(super) struct HalfStep<'a> {
    /// W, of shape (n_visible, n_hidden).
    pub(super) weights: &'a DMatrix<f64>,
    /// The layer that is updated: `Rows` for the visible units, `Columns` for the hidden ones.
    pub(super) side: Side,
    /// Its biases.
    pub(super) bias: &'a DVector<f64>,
    /// Its units.
    pub(super) own: Units,
    /// The units of the layer it is updated from.
    pub(super) other: Units,
    /// First, or second with the Onsager term.
    pub(super) order: Order,
}

/// What a layer computed, one column for each sample.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// The fields θ.
    pub(super) field: DMatrix<f64>,
    /// The means f(θ).
    pub(super) mean: DMatrix<f64>,
    /// Σ W²c of the other layer at each unit; no rows to first order.
    pub(super) fluctuation: DMatrix<f64>,
}

/// Sums that arrive at a layer through W and through W∘W, one column for each sample.
pub(super) struct Sums {
    pub(super) first: DMatrix<f64>,
    pub(super) second: DMatrix<f64>,
}

/// Sums of `first` through W and, to second order, of `second` through W∘W, at the layer on `side`.
pub(super) fn sums(
    weights: &DMatrix<f64>,
    side: Side,
    order: Order,
    first: &DMatrix<f64>,
    second: &DMatrix<f64>,
) -> Sums {
    let (rows, columns) = weights.shape();
    let (n, samples) = (if matches!(side, Side::Rows) { rows } else { columns }, first.ncols());
    let n_second = if order >= Order::Second { n } else { 0 };
    let mut sums = Sums { first: DMatrix::zeros(n, samples), second: DMatrix::zeros(n_second, samples) };
    for k in 0..samples {
        let sources = [column(first, k), column(second, k), &[]];
        let to = [column_mut(&mut sums.first, k), column_mut(&mut sums.second, k), &mut []];
        coupling_sums(rows, weights.as_slice(), side, order.powers(), sources, to);
    }
    sums
}

fn column(matrix: &DMatrix<f64>, k: usize) -> &[f64] {
    let n = matrix.nrows();
    &matrix.as_slice()[k * n..(k + 1) * n]
}

fn column_mut(matrix: &mut DMatrix<f64>, k: usize) -> &mut [f64] {
    let n = matrix.nrows();
    &mut matrix.as_mut_slice()[k * n..(k + 1) * n]
}

impl HalfStep<'_> {
    /// θ = bias + Σ W m + ½ c′(previous) Σ W² c(m), and f(θ).
    pub(super) fn forward(&self, source: &DMatrix<f64>, previous: &DMatrix<f64>) -> Layer {
        let variance = source.map(|m| self.other.variance(m));
        let Sums { first, second: fluctuation } = sums(self.weights, self.side, self.order, source, &variance);
        let mut field = first;
        for mut column in field.column_iter_mut() {
            column += self.bias;
        }
        if self.order >= Order::Second {
            let slope = previous.map(|m| 0.5 * self.own.variance_slope(m));
            field += slope.component_mul(&fluctuation);
        }
        let mean = field.map(|x| self.own.mean(x));
        Layer { field, mean, fluctuation }
    }

    /// The derivatives of a loss, from `delta` = ∂loss/∂θ of this layer.
    pub(super) fn backward(
        &self,
        delta: &DMatrix<f64>,
        layer: &Layer,
        source: &DMatrix<f64>,
        previous: &DMatrix<f64>,
    ) -> Back {
        let onsager = self.order >= Order::Second;
        // What arrives at the term with W∘W: ½ c′ δ.
        let reaction = if onsager {
            previous.zip_map(delta, |m, delta| 0.5 * self.own.variance_slope(m) * delta)
        } else {
            DMatrix::zeros(0, delta.ncols())
        };
        let opposite = if matches!(self.side, Side::Rows) { Side::Columns } else { Side::Rows };
        let through = sums(self.weights, opposite, self.order, delta, &reaction);
        let mut to_source = through.first;
        let mut to_previous = DMatrix::zeros(delta.nrows(), delta.ncols());
        let mut weights = self.outer(delta, source);
        if onsager {
            let slope = source.map(|m| self.other.variance_slope(m));
            to_source += slope.component_mul(&through.second);
            to_previous = layer.fluctuation.component_mul(delta) * (0.5 * VARIANCE_CURVATURE);
            let variance = source.map(|m| self.other.variance(m));
            // ∂/∂Wᵢⱼ of ½ c′ W² c.
            weights += self.weights.component_mul(&self.outer(&reaction, &variance)) * 2.0;
        }
        Back { weights, bias: delta.column_sum(), to_source, to_previous }
    }

    /// Σ over samples of own × other, in the shape of W.
    fn outer(&self, own: &DMatrix<f64>, other: &DMatrix<f64>) -> DMatrix<f64> {
        match self.side {
            Side::Rows => own * other.transpose(),
            Side::Columns => other * own.transpose(),
        }
    }
}

/// What one layer passes back.
pub(super) struct Back {
    /// ∂loss/∂W, summed over the samples.
    pub(super) weights: DMatrix<f64>,
    /// ∂loss/∂bias, likewise.
    pub(super) bias: DVector<f64>,
    /// ∂loss/∂m of the layer it was updated from.
    pub(super) to_source: DMatrix<f64>,
    /// ∂loss/∂m of its own previous means.
    pub(super) to_previous: DMatrix<f64>,
}

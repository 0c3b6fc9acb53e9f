//! The pass backward: reverse-mode differentiation through all layers.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::{Gradient, Loss, LossGradient, Softmax, Unrolled, loss::Signal};
use crate::Error;

/// Samples that are worked on together. Sums over blocks are added in their order, whatever the
/// number of threads.
const BLOCK: usize = 32;

impl Unrolled {
    /// The mean of `loss` over the samples, and its exact derivatives with respect to all
    /// parameters.
    ///
    /// `input` has the shape (n_visible, samples). The result does not depend on the number of
    /// threads.
    ///
    /// # Errors
    /// As [`forward`](Self::forward); [`Error::Config`] for a classifier of another shape, or
    /// labels that are not one class a sample.
    pub fn gradient(&self, loss: Loss<'_>, input: &DMatrix<f64>) -> Result<LossGradient, Error> {
        self.check(input)?;
        loss.check(self, input.ncols())?;
        let starts: Vec<usize> = (0..input.ncols()).step_by(BLOCK).collect();
        let of_block = |first: &usize| {
            let block = input.columns(*first, BLOCK.min(input.ncols() - first)).into_owned();
            self.back_propagate(loss, &block, *first)
        };
        let blocks: Vec<(f64, Gradient, Option<Softmax>)> = starts.par_iter().map(of_block).collect();
        let mut total = LossGradient { loss: 0.0, gradient: Gradient::zeros(self), classifier: None };
        for (loss, gradient, classifier) in blocks {
            total.loss += loss;
            total.gradient += &gradient;
            total.classifier = match (total.classifier, classifier) {
                (Some(a), Some(b)) => Some(Softmax { weights: a.weights + b.weights, bias: a.bias + b.bias }),
                (a, b) => a.or(b),
            };
        }
        let per_sample = (input.ncols() as f64).recip();
        total.loss *= per_sample;
        total.gradient.scale(per_sample);
        if let Some(classifier) = &mut total.classifier {
            classifier.weights *= per_sample;
            classifier.bias *= per_sample;
        }
        Ok(total)
    }

    /// Loss and derivatives, summed over the samples of a block.
    fn back_propagate(&self, loss: Loss<'_>, input: &DMatrix<f64>, first: usize) -> (f64, Gradient, Option<Softmax>) {
        let (up, down) = (self.hidden_step(), self.visible_step());
        let start = self.free_hidden(input.ncols());
        let steps = self.unroll(input);
        let Signal { loss, by_visible_field, by_hidden_mean, explicit, classifier } =
            loss.signal(self, input, first, &steps[self.steps() - 1]);
        let mut gradient = explicit;
        // ∂loss/∂θ of the visible layer, and ∂loss/∂m of the hidden one, of the step at hand.
        let (mut delta, mut to_hidden) = (by_visible_field, by_hidden_mean);
        for (t, step) in steps.iter().enumerate().rev() {
            let before = t.checked_sub(1).map(|t| &steps[t]);
            let (visible, hidden) = before.map_or((input, &start), |s| (&s.visible.mean, &s.hidden.mean));
            let back = down.backward(&delta, &step.visible, &step.hidden.mean, visible);
            gradient.generation += back.weights;
            gradient.visible_bias += back.bias;
            let skipped = back.to_previous;
            to_hidden += back.to_source;
            let delta_hidden = step.hidden.mean.zip_map(&to_hidden, |m, slope| slope * up.own.variance(m));
            let back = up.backward(&delta_hidden, &step.hidden, visible, hidden);
            gradient.recognition += back.weights;
            gradient.hidden_bias += back.bias;
            delta = (back.to_source + skipped).zip_map(visible, |slope, m| slope * down.own.variance(m));
            to_hidden = back.to_previous;
        }
        (loss, gradient, classifier)
    }
}

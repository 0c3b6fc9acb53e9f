//! Fields and Boltzmann factors of all subsets of a few kept units, by recurrence.

use super::product::Side;

/// For every subset s of `bits` kept units (a bit pattern) and every summed unit i: the field xᵢ(s)
/// = Σ_{j∈s} Wᵢⱼ and the factor e^{βxᵢ(s)}.
///
/// The fields are kept only where derivatives are wanted.
///
/// Laid out as [group of `width` subsets][unit i][subset within the group]: the innermost index
/// runs over vector lanes. If there are fewer subsets than `width`, the spare lanes hold the factor
/// 0, that is an empty product.
pub(crate) struct HalfTable {
    factors: Vec<f64>,
    fields: Vec<f64>,
    n: usize,
    width: usize,
}

impl HalfTable {
    /// A table that holds nothing yet, for `bits` kept units and `n` summed ones.
    pub(crate) fn new(n: usize, bits: usize, width: usize, with_fields: bool) -> Self {
        let entries = (1usize << bits).div_ceil(width) * n * width;
        Self { factors: vec![0.0; entries], fields: vec![0.0; if with_fields { entries } else { 0 }], n, width }
    }

    /// Fills the table. Subset 0 has the fields `base` and the factors `base_factors`; `weights(j)`
    /// and `weight_factors(j)` are the columns Wᵢⱼ and e^{βWᵢⱼ} of kept unit j < `bits`.
    pub(crate) fn fill<'a>(
        &mut self,
        bits: usize,
        (base, base_factors): (&[f64], &[f64]),
        weights: impl Fn(usize) -> &'a [f64],
        weight_factors: impl Fn(usize) -> &'a [f64],
    ) {
        let (n, width) = (self.n, self.width);
        let with_fields = !self.fields.is_empty();
        for i in 0..n {
            self.factors[i * width] = base_factors[i];
        }
        for i in 0..if with_fields { n } else { 0 } {
            self.fields[i * width] = base[i];
        }
        for j in 0..bits {
            let (w, e) = (weights(j), weight_factors(j));
            // The subsets with highest unit j are those below it, each with j added.
            for subset in 1usize << j..2 << j {
                let (to, from) = (self.offset(subset), self.offset(subset - (1 << j)));
                for (i, e) in e.iter().enumerate() {
                    self.factors[to + i * width] = self.factors[from + i * width] * e;
                }
                if with_fields {
                    for (i, w) in w.iter().enumerate() {
                        self.fields[to + i * width] = self.fields[from + i * width] + w;
                    }
                }
            }
        }
    }

    /// Index of the entry of unit 0 for a subset.
    fn offset(&self, subset: usize) -> usize {
        subset / self.width * self.n * self.width + subset % self.width
    }

    /// A group of subsets.
    pub(crate) fn group(&self, group: usize) -> Side<'_> {
        let entries = group * self.n * self.width..(group + 1) * self.n * self.width;
        Side {
            factors: &self.factors[entries.clone()],
            fields: if self.fields.is_empty() { &[] } else { &self.fields[entries] },
        }
    }
}

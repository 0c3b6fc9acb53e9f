//! Where a chain stands on the way from a base distribution to a model.

/// One distribution of a path: p(x) ∝ e^{base · θ·x} e^{−beta · E(x)}, with θ the fields of the
/// base.
///
/// Every path between independent units and a model at some β that is geometric in the weights is a
/// line of such rungs. With `base` = 0 a rung is the model itself at the inverse temperature
/// `beta`. A path of several models in a row has such a line, a segment, between each of them and
/// the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rung {
    /// How much of the energy: the inverse temperature.
    pub beta: f64,
    /// How much of the base.
    pub base: f64,
    /// Which line: 0 from the base to the first model, k from model k − 1, which is its base, to
    /// model k.
    pub segment: usize,
}

impl Rung {
    /// The base itself: independent units.
    pub const BASE: Self = Self { beta: 0.0, base: 1.0, segment: 0 };

    /// The model at this inverse temperature.
    #[must_use]
    pub const fn at(beta: f64) -> Self {
        Self { beta, base: 0.0, segment: 0 }
    }

    /// The rung a part `t` in [0, 1] of the way from the base to the model at `beta`; at its ends
    /// exactly one of these.
    #[must_use]
    pub fn between(t: f64, beta: f64) -> Self {
        Self { beta: t * beta, base: 1.0 - t, segment: 0 }
    }

    /// The same distribution as a rung of another segment, if it is one: where two segments meet it
    /// belongs to both.
    #[must_use]
    pub(crate) fn on_segment(self, segment: usize) -> Option<Self> {
        if self.segment == segment {
            Some(self)
        } else if self.segment + 1 == segment && self.base == 0.0 {
            Some(Self { beta: 0.0, base: self.beta, segment })
        } else if self.segment == segment + 1 && self.beta == 0.0 {
            Some(Self { beta: self.base, base: 0.0, segment })
        } else {
            None
        }
    }

    /// What a field x of the energy and a field θ of the base make together.
    #[inline(always)]
    pub(crate) fn field(self, x: f64, theta: f64) -> f64 {
        self.beta * x + self.base * theta
    }
}

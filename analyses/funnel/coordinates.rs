//! Reaction coordinates of a state: its energy, its overlap with the nearest digit, and the entropy
//! of the visible units given the hidden ones.

use nalgebra::DMatrix;
use plefka::{Rbm, Units};

/// Digits to be near to, as bits in words.
pub struct Digits {
    rows: Vec<(Vec<u64>, u32)>,
}

fn packed(row: impl Iterator<Item = bool>) -> (Vec<u64>, u32) {
    let mut words = Vec::new();
    for (i, on) in row.enumerate() {
        if i % 64 == 0 {
            words.push(0);
        }
        words[i / 64] |= u64::from(on) << (i % 64);
    }
    let on = words.iter().map(|w: &u64| w.count_ones()).sum();
    (words, on)
}

impl Digits {
    /// Of columns of 0 and 1.
    pub fn new(columns: &DMatrix<f64>) -> Self {
        Self { rows: columns.column_iter().map(|v| packed(v.iter().map(|x| *x == 1.0))).collect() }
    }

    /// max over digits of v·d/√(|v||d|), the cosine of the angle between the two: 1 for a digit
    /// itself, 0 for one that shares no pixel with any, or for an empty state.
    pub fn overlap(&self, v: &[u8]) -> f64 {
        let (words, on) = packed(v.iter().map(|x| *x == 1));
        let cosine = |(digit, size): &(Vec<u64>, u32)| {
            let shared: u32 = digit.iter().zip(&words).map(|(a, b)| (a & b).count_ones()).sum();
            f64::from(shared) / (f64::from(*size) * f64::from(on)).sqrt()
        };
        if on == 0 { 0.0 } else { self.rows.iter().map(cosine).fold(0.0, f64::max) }
    }
}

/// a + Wh: the fields of the visible units.
fn fields(rbm: &Rbm, hidden: &[u8]) -> Vec<f64> {
    let mut fields = rbm.visible_bias().as_slice().to_vec();
    for (j, _) in hidden.iter().enumerate().filter(|(_, h)| **h == 1) {
        fields.iter_mut().zip(rbm.weights().column(j).iter()).for_each(|(x, w)| *x += w);
    }
    fields
}

/// E(v, h) of a state of bits, the visible units first.
pub fn energy(rbm: &Rbm, state: &[u8]) -> f64 {
    let (v, h) = state.split_at(rbm.n_visible());
    let of_visible: f64 = fields(rbm, h).iter().zip(v).map(|(x, v)| x * f64::from(*v)).sum();
    let of_hidden: f64 = rbm.hidden_bias().iter().zip(h).map(|(b, h)| b * f64::from(*h)).sum();
    -of_visible - of_hidden
}

/// H(v | h) at β, nats: of how many visible states, e^H, this hidden state is the roof.
pub fn entropy(rbm: &Rbm, hidden: &[u8], beta: f64) -> f64 {
    fields(rbm, hidden).into_iter().map(|x| Units::Bit.entropy(Units::Bit.mean(beta * x))).sum()
}

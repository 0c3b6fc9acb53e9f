//! Trained models: small ones on a patch of the digits, and the built-in one from digits.

use nalgebra::{DMatrix, DVector};
use plefka::{
    Error, Rbm, Run, dataset, io,
    mlp::Unrolled,
    model::{AnyModel, Order},
    sample::quench,
    streams::stream,
};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// Every fourth pixel of three rows and columns about the middle.
const PIXELS: [usize; 3] = [9, 13, 17];

/// An RBM of 9×4 bits that has learned these pixels of all digits by the exact gradient of the
/// likelihood.
pub fn patch(seed: u64, updates: usize) -> Result<Rbm, Error> {
    let digits = dataset::digits();
    let pixels: Vec<usize> = PIXELS.iter().flat_map(|row| PIXELS.iter().map(move |column| 28 * row + column)).collect();
    // How often each of the 2⁹ patches occurs.
    let mut counts = vec![0.0; 1 << pixels.len()];
    for row in digits.rows() {
        let number: usize = pixels.iter().enumerate().map(|(k, pixel)| usize::from(row[*pixel]) << k).sum();
        counts[number] += 1.0 / digits.n_samples() as f64;
    }
    let mut rng = stream(seed, 1);
    let mut w = DMatrix::from_fn(pixels.len(), 4, |_, _| 0.1 * rng.sample::<f64, _>(StandardNormal));
    let (mut a, mut b) = (DVector::zeros(pixels.len()), DVector::zeros(4));
    for _ in 0..updates {
        let rbm = Rbm::new(w.clone(), a.clone(), b.clone())?;
        let model = rbm.unit_means(1.0, &Run::quiet(0)).expect("nobody cancels");
        let (mut dw, mut da, mut db) = (-model.pairs, -model.visible, -model.hidden);
        for (number, share) in counts.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let v = DVector::from_fn(pixels.len(), |k, _| f64::from(u8::from(number >> k & 1 == 1)));
            let h = rbm.hidden_given_visible(v.as_slice(), 1.0);
            dw += &v * h.transpose() * *share;
            da += &v * *share;
            db += &h * *share;
        }
        w += dw * 0.5;
        a += da * 0.5;
        b += db * 0.5;
    }
    Rbm::new(w, a, b)
}

/// Distinct minima that digits flow to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    pub(crate) temperature: f64,
    pub(crate) starts: usize,
    /// Of the mean-field free energy at T, and by flips at T = 0.
    pub(crate) minima: usize,
    /// Starts whose means moved less than 10⁻⁶ in the last step.
    pub(crate) converged: usize,
}

/// The built-in model from its first 500 digits, completed by ⟨h|v⟩.
pub fn digits(temperatures: &[f64]) -> Result<Vec<Flow>, Error> {
    let AnyModel::Rbm(rbm) = io::load_model("builtin:mnist20")?.model else { unreachable!("it is an RBM") };
    let (digits, starts) = (dataset::digits(), 300);
    let values = |k: usize| digits.row(k).iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
    let states: Vec<u8> = (0..starts)
        .flat_map(|k| {
            let h = rbm.hidden_given_visible(&values(k), 1.0);
            digits.row(k).iter().copied().chain(h.iter().map(|h| u8::from(*h > 0.5)).collect::<Vec<_>>())
        })
        .collect();
    let minima = quench(&rbm, &states)?.minima.len();
    let mut rows = vec![Flow { temperature: 0.0, starts, minima, converged: starts }];
    let input = DMatrix::from_vec(rbm.n_visible(), starts, (0..starts).flat_map(values).collect());
    for temperature in temperatures {
        let network = Unrolled::tied(rbm.scaled_temperature(temperature.recip())?, 10, Order::First)?;
        // To first order the visible means are the whole state, so that a few steps at a time will
        // do.
        let mut v = input.clone();
        for _ in 0..19 {
            v = network.forward(&v)?.pop().expect("ten steps").visible;
        }
        let states = network.forward(&v)?;
        let [.., before, last] = &states[..] else { unreachable!("ten states") };
        let moved = |k: usize| (last.hidden.column(k) - before.hidden.column(k)).amax();
        let mut kept: Vec<usize> = Vec::new();
        for k in 0..starts {
            if !kept.iter().any(|l| (last.hidden.column(*l) - last.hidden.column(k)).amax() < 1e-3) {
                kept.push(k);
            }
        }
        let converged = (0..starts).filter(|k| moved(*k) < 1e-6).count();
        rows.push(Flow { temperature: *temperature, starts, minima: kept.len(), converged });
    }
    Ok(rows)
}

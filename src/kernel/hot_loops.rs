//! The hot loops one by one, for benchmarks.

use nalgebra::DMatrix;

use super::{
    bernoulli::sample_units,
    bit_product::BitProduct,
    lanes::Lanes,
    layer::{Block, Fields, States},
    product::{HI, LO, Side, Tile},
    rung::Rung,
    softplus::softplus_difference,
};
use crate::streams::stream;

/// Units of the larger and of the smaller layer, and chains of a block, in all loops.
const SHAPE: [usize; 2] = [784, 500];
const CHAINS: usize = 125;

/// What the peak of a loop is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peak {
    /// Additions in f32 of numbers from the nearest cache.
    AdditionsF32,
    /// Fused multiply-adds (or products) in f64 from registers.
    MultiplyAddsF64,
    /// The same in f32.
    MultiplyAddsF32,
}

/// A loop of fixed work.
pub struct HotLoop {
    /// What it does.
    pub name: &'static str,
    /// Operations of the kind of its peak in one call, at least.
    pub operations: usize,
    /// Which peak it is held against.
    pub peak: Peak,
    /// One call. It returns a number that depends on all of its work.
    pub call: Box<dyn FnMut() -> f64>,
}

/// All of them.
#[must_use]
pub fn hot_loops() -> Vec<HotLoop> {
    vec![
        enumeration::<false>("enumeration, ln Z", 2),
        // Two more are additions, which have units of their own on some processors.
        enumeration::<true>("enumeration, ln Z, U and Var E", 9),
        bit_product(),
        draws(),
        softplus(),
    ]
}

/// Incommensurate phases stand in for random numbers.
fn wave(k: usize) -> f64 {
    0.2 * (k as f64 * k as f64 * 0.754_877_666).sin()
}

/// Tiles of one chunk of the kept units.
fn enumeration<const DERIVATIVES: bool>(name: &'static str, operations: usize) -> HotLoop {
    let n = SHAPE[0];
    let fields = |width: usize| (0..n * width).map(wave).collect::<Vec<f64>>();
    let (lo, hi) = (fields(LO), fields(HI));
    let factors = |fields: &[f64]| fields.iter().map(|x| x.exp()).collect::<Vec<f64>>();
    let (lo_factors, hi_factors) = (factors(&lo), factors(&hi));
    let extract_at: Vec<usize> = (64..n).step_by(64).chain([n]).collect();
    let mut tile = Box::new(Tile::new());
    let call = move || {
        tile.multiply::<DERIVATIVES>(
            Side { factors: &lo_factors, fields: &lo },
            Side { factors: &hi_factors, fields: &hi },
            &extract_at,
        );
        tile.value.iter().sum()
    };
    HotLoop { name, operations: operations * n * LO * HI, peak: Peak::MultiplyAddsF64, call: Box::new(call) }
}

/// Some states, half of the units 1.
fn states(units: usize) -> States {
    let mut states = States::zeros(units, CHAINS);
    let fields = Fields::zeros(units, CHAINS);
    let no_base = vec![Block::ZERO; Block::count(units)];
    sample_units(&fields, &no_base, &[Rung::at(1.0)], &mut Lanes::new(stream(1, 0)), &mut states);
    states
}

fn bit_product() -> HotLoop {
    let [inputs, outputs] = SHAPE;
    let product = BitProduct::new(&DMatrix::from_fn(outputs, inputs, |i, j| wave(i * inputs + j)), &[0.0; SHAPE[1]]);
    let (states, mut fields) = (states(inputs), Fields::zeros(outputs, CHAINS));
    let call = move || {
        product.apply(&states, &mut fields);
        fields.by_block().map(|blocks| f64::from(blocks[0].0[0])).sum()
    };
    HotLoop {
        name: "bit product 784→500, a block of 125 chains",
        operations: CHAINS * outputs * inputs / 4,
        peak: Peak::AdditionsF32,
        call: Box::new(call),
    }
}

/// The fields of a layer, from −3 to 3.
fn fields(units: usize) -> Fields {
    let mut fields = Fields::zeros(units, CHAINS);
    let blocks = fields.by_block_mut().flatten().enumerate();
    blocks.for_each(|(k, block)| block.0.iter_mut().enumerate().for_each(|(i, x)| *x = 15.0 * wave(31 * k + i) as f32));
    fields
}

/// Some 20 operations a draw: eight terms of an exponential, its two reductions, scaling, and the
/// comparison; the generator of the random numbers works on integers beside them.
fn draws() -> HotLoop {
    let units = SHAPE[0];
    let (fields, mut states, mut rng) = (fields(units), states(units), Lanes::new(stream(2, 0)));
    let no_base = vec![Block::ZERO; Block::count(units)];
    let call = move || {
        sample_units(&fields, &no_base, &[Rung::at(1.0)], &mut rng, &mut states);
        states.by_word().map(|words| f64::from(words[0])).sum()
    };
    HotLoop {
        name: "draws of 784 units, 125 chains",
        operations: 20 * units * CHAINS,
        peak: Peak::MultiplyAddsF32,
        call: Box::new(call),
    }
}

/// Some 44 operations a unit in f64: two exponentials of degree 12 with their reductions, and two
/// products.
fn softplus() -> HotLoop {
    let units = SHAPE[0];
    let (fields, theta) = (fields(units), vec![0.0; units]);
    let call = move || {
        let of = |chain| softplus_difference(fields.of_chain(chain), &theta, Rung::at(0.5), Rung::at(0.501));
        (0..CHAINS).map(of).sum()
    };
    HotLoop {
        name: "log-weights over 784 units, 125 chains",
        operations: 44 * units * CHAINS,
        peak: Peak::MultiplyAddsF64,
        call: Box::new(call),
    }
}

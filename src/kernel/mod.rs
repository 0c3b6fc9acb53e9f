//! The hot loops.
//!
//! Nothing here knows about models or estimators: plain slices and matrices go in, numbers come
//! out. The loops are written once, without intrinsics, and compiled for AVX-512, AVX2 and the
//! baseline by `pulp`, which picks the best at run time.

pub(crate) mod bernoulli;
pub(crate) mod bit_product;
mod bounds;
pub(crate) mod coupling;
pub(crate) mod coupling_both;
pub(crate) mod enumeration;
mod exp;
pub(crate) mod flip;
mod half_table;
pub mod hot_loops;
pub mod instruction_set;
pub(crate) mod lanes;
pub(crate) mod layer;
pub(crate) mod means;
pub(crate) mod outer;
mod product;
pub(crate) mod rung;
pub(crate) mod scaled_sum;
pub(crate) mod softplus;
pub(crate) mod spins;
mod unit_moments;

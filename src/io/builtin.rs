//! The files that are built into the library.

/// The model `builtin:mnist20`.
pub const MNIST20: &[u8] = include_bytes!("../dataset/mnist20.npz");

/// The data `builtin:mnist10k`.
pub const MNIST10K: &[u8] = include_bytes!("../dataset/mnist10k.npz");

//! How much a file may become in memory.

/// A file may become this many bytes whatever its own size …
const ALWAYS: u64 = 64 << 20;

/// … and beyond that so many times its size. (Deflate reaches 1,032; the digits 20; a model seldom
/// 2.)
pub const MAX_EXPANSION: u64 = 100;

/// The bytes that a file of `size` bytes may unpack to: a file that wants more is not what it says,
/// and is refused before the memory is asked for.
pub fn unpacked_limit(size: usize) -> u64 {
    ALWAYS.max(MAX_EXPANSION.saturating_mul(size as u64))
}

/// The number of values of a shape, if they fit into what a file of `size` bytes may become.
pub fn checked_count(shape: &[usize], size: usize) -> Option<usize> {
    let count = shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n))?;
    ((count as u64).checked_mul(8)? <= unpacked_limit(size)).then_some(count)
}

//! Binary data, and what is built into the library: 10,000 binarised digits and a model trained on
//! digits.
//!
//! The digits are from the MNIST database of Yann LeCun, Corinna Cortes and Christopher J. C.
//! Burges, under CC BY-SA 3.0; `LICENSE-MNIST.md` beside the files says what was changed.

use crate::{data::Data, io};

/// The file behind `builtin:mnist20`: an RBM of 784 visible and 20 hidden units, trained on digits.
///
/// Small enough to be enumerated exactly, large enough for the approximations to differ.
#[must_use]
pub fn mnist20() -> &'static [u8] {
    io::builtin::MNIST20
}

/// 10,000 binarised 28×28 MNIST digits with their labels 0–9; a sample is an image row by row from
/// the top.
///
/// Unpacks the embedded file on every call, so keep what it returns.
///
/// # Examples
/// ```
/// let digits = plefka::dataset::digits();
/// assert_eq!((digits.n_samples(), digits.n_features()), (10_000, 784));
/// ```
#[must_use]
pub fn digits() -> Data {
    io::load_data("builtin:mnist10k", None).expect("the embedded digits are intact: a test reads them")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The label histogram and the number of white pixels were counted with NumPy.
    #[test]
    fn the_digits_are_all_there() {
        let digits = digits();
        assert_eq!((digits.n_samples(), digits.n_features()), (10_000, 784));
        let mut histogram = [0; 10];
        for &label in digits.labels().unwrap() {
            histogram[usize::try_from(label).unwrap()] += 1;
        }
        assert_eq!(histogram, [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
        let white: usize = digits.values().iter().map(|&x| usize::from(x)).sum();
        assert_eq!(white, 1_039_729);
        let first: Vec<usize> = (0..784).filter(|&i| digits.row(0)[i] == 1).take(4).collect();
        assert_eq!(first, [153, 154, 155, 156]);
    }
}

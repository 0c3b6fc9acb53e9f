//! Symmetric linear systems and the lowest eigenvalue of a matrix that is known by its products
//! only.

mod lanczos;
mod solvers;
mod tridiagonal;

pub(in crate::estimator::mean_field) use lanczos::smallest_eigenvalue;
pub(in crate::estimator::mean_field) use solvers::{conjugate_gradient, minimal_residual};

/// A symmetric matrix: writes its product with the first vector into the second.
pub(in crate::estimator::mean_field) trait Symmetric:
    FnMut(&[f64], &mut [f64])
{
}
impl<F: FnMut(&[f64], &mut [f64])> Symmetric for F {}

/// In eight partial sums: one would have to be added up in order.
pub(in crate::estimator::mean_field) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for l in 0..8 {
            sums[l] += a[l] * b[l];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// a ← a + s b.
fn add(a: &mut [f64], s: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += s * b);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use nalgebra::{DMatrix, DVector};

    use super::Symmetric;

    /// A symmetric matrix with a spectrum around 1 whose lowest eigenvalue is near 1 − `depth`.
    pub(super) fn matrix(n: usize, depth: f64) -> DMatrix<f64> {
        let b = DMatrix::from_fn(n, n, |i, j| ((1 + 3 * i + 5 * j + i * j) as f64).sin());
        let symmetric = &b + b.transpose();
        let size = symmetric.symmetric_eigenvalues().amax();
        DMatrix::identity(n, n) - symmetric * (depth / size)
    }

    pub(super) fn product(matrix: &DMatrix<f64>) -> impl Symmetric + '_ {
        move |x, out| out.copy_from_slice((matrix * DVector::from_column_slice(x)).as_slice())
    }

    /// The product with a matrix, counted.
    pub(super) fn counted<'a>(matrix: &'a DMatrix<f64>, count: &'a Cell<usize>) -> impl Symmetric + 'a {
        let mut product = product(matrix);
        move |x, out| {
            count.set(count.get() + 1);
            product(x, out);
        }
    }
}

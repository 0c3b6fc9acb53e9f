//! Lines of equal value on a rectangular grid.

/// The segments on which the bilinear surface over a cell of four points has the value `level`, by
/// linear interpolation on the sides. `x` and `y` ascend; `values` goes row by row, x fastest. A
/// cell with a missing corner has none.
///
/// Where opposite corners are above and the others below, the mean of the four says which of them
/// are joined.
pub(super) fn segments(x: &[f64], y: &[f64], values: &[Option<f64>], level: f64) -> Vec<[(f64, f64); 2]> {
    let mut found = Vec::new();
    let at = |i: usize, j: usize| values[j * x.len() + i].map(|v| ((x[i], y[j]), v - level));
    for j in 1..y.len() {
        for i in 1..x.len() {
            // Counter-clockwise from the lower left.
            let [Some(a), Some(b), Some(c), Some(d)] = [at(i - 1, j - 1), at(i, j - 1), at(i, j), at(i - 1, j)] else {
                continue;
            };
            let corners = [a, b, c, d];
            let crossing = |k: usize| {
                let ((p, u), (q, v)) = (corners[k], corners[(k + 1) % 4]);
                ((u > 0.0) != (v > 0.0)).then(|| {
                    let t = u / (u - v);
                    (p.0 + (q.0 - p.0) * t, p.1 + (q.1 - p.1) * t)
                })
            };
            let sides: Vec<(f64, f64)> = (0..4).filter_map(crossing).collect();
            match sides[..] {
                [p, q] => found.push([p, q]),
                [bottom, right, top, left] => {
                    let centre_above = corners.iter().map(|c| c.1).sum::<f64>() > 0.0;
                    // Cut off the corners that differ from the centre.
                    if centre_above == (corners[0].1 > 0.0) {
                        found.extend([[bottom, right], [top, left]]);
                    } else {
                        found.extend([[bottom, left], [top, right]]);
                    }
                }
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a plane the contour is a straight line, whatever the spacing.
    #[test]
    fn the_contour_of_a_plane_is_its_line() {
        let (x, y) = ([0.0, 1.0, 3.0, 3.5], [-1.0, 0.5, 1.0]);
        let values: Vec<Option<f64>> = y.iter().flat_map(|y| x.map(|x| Some(2.0 * x - y))).collect();
        let found = segments(&x, &y, &values, 1.7);
        assert!(found.len() >= 3);
        for (x, y) in found.into_iter().flatten() {
            assert!((2.0 * x - y - 1.7).abs() < 1e-12, "({x}, {y})");
        }
    }

    #[test]
    fn saddles_have_two_segments_and_gaps_none() {
        let saddle = [Some(1.0), Some(-1.0), Some(-1.0), Some(1.5)];
        let found = segments(&[0.0, 1.0], &[0.0, 1.0], &saddle, 0.0);
        // The centre is above: each segment cuts off a corner that is below.
        let ends = |s: &[(f64, f64); 2]| s.iter().any(|p| p.1 == 0.0) && s.iter().any(|p| p.0 == 1.0);
        assert_eq!((found.len(), found.iter().filter(|s| ends(s)).count()), (2, 1));
        assert!(segments(&[0.0, 1.0], &[0.0, 1.0], &[Some(1.0), None, Some(-1.0), Some(1.0)], 0.0).is_empty());
    }
}

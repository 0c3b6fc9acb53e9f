//! The valleys of a function on the corners of a hypercube, and how deep each is: exactly.

/// A minimum of F and what is known of its valley.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Valley {
    /// The number of the state at its bottom.
    pub bottom: usize,
    /// How far one must climb from the bottom to get to a lower minimum; infinite for the lowest.
    pub depth: f64,
    /// The probability of the states that belong to it: those from which steepest descent ends at
    /// its bottom or at that of a shallower valley within it.
    pub weight: f64,
}

/// A forest of states that are connected below the level that has been reached.
struct Forest {
    parent: Vec<u32>,
    /// The bottom of each tree, at its root.
    bottom: Vec<u32>,
}

impl Forest {
    fn root(&mut self, mut k: usize) -> usize {
        while self.parent[k] as usize != k {
            self.parent[k] = self.parent[self.parent[k] as usize];
            k = self.parent[k] as usize;
        }
        k
    }
}

const NOBODY: u32 = u32::MAX;

/// The valleys of F = −`log_f` over 2ⁿ states, neighbours being those that differ in one bit, that
/// are deeper than `least`. The lowest is always there, and the first.
///
/// States are added from the lowest up; where a state joins two valleys, the depth of that with the
/// higher bottom is known. So each depth is that of the best of all paths of single flips.
pub fn valleys(log_f: &[f64], least: f64) -> Vec<Valley> {
    let count = log_f.len();
    let bits = count.trailing_zeros() as usize;
    let neighbours = |k: usize| (0..bits).map(move |j| k ^ (1 << j));
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_by(|a, b| log_f[*b as usize].total_cmp(&log_f[*a as usize]));

    let mut forest = Forest { parent: vec![NOBODY; count], bottom: (0..count as u32).collect() };
    // Where steepest descent from a state ends, and of each bottom its depth and the valley that
    // it opens to.
    let mut descends = vec![0u32; count];
    let mut closed: Vec<(usize, f64, usize)> = Vec::new();
    for &state in &order {
        let k = state as usize;
        forest.parent[k] = state;
        let below = neighbours(k).filter(|j| forest.parent[*j] != NOBODY);
        let steepest = below.max_by(|a, b| log_f[*a].total_cmp(&log_f[*b]));
        descends[k] = steepest.map_or(state, |j| descends[j]);
        for j in neighbours(k) {
            if forest.parent[j] == NOBODY {
                continue;
            }
            let (a, b) = (forest.root(k), forest.root(j));
            if a == b {
                continue;
            }
            let (bottom_a, bottom_b) = (forest.bottom[a] as usize, forest.bottom[b] as usize);
            let (low, high) =
                if log_f[bottom_a] >= log_f[bottom_b] { (bottom_a, bottom_b) } else { (bottom_b, bottom_a) };
            // A state that is no bottom begins as a tree of its own, and closes at once.
            if high != k {
                closed.push((high, log_f[high] - log_f[k], low));
            }
            forest.parent[b] = a as u32;
            forest.bottom[a] = low as u32;
        }
    }

    let lowest = order[0] as usize;
    let mut opens_to = vec![NOBODY; count];
    let mut found = vec![Valley { bottom: lowest, depth: f64::INFINITY, weight: 0.0 }];
    for (bottom, depth, into) in closed {
        if depth > least {
            found.push(Valley { bottom, depth, weight: 0.0 });
        } else {
            opens_to[bottom] = into as u32;
        }
    }
    found[1..].sort_by(|a, b| b.depth.total_cmp(&a.depth));
    let mut number = vec![NOBODY; count];
    found.iter().enumerate().for_each(|(v, valley)| number[valley.bottom] = v as u32);
    let total: f64 = log_f.iter().map(|x| (x - log_f[lowest]).exp()).sum();
    for k in 0..count {
        let mut bottom = descends[k] as usize;
        while opens_to[bottom] != NOBODY {
            bottom = opens_to[bottom] as usize;
        }
        found[number[bottom] as usize].weight += (log_f[k] - log_f[lowest]).exp() / total;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On three bits: 000 is the lowest, 111 a minimum 1 above it, and the best path between them
    /// climbs over a state at 3; 110 a valley of depth 0.5 beside 111 would be no neighbour of it.
    #[test]
    fn the_best_path_decides_on_the_depth() {
        let f: [f64; 8] = [0.0, 3.0, 5.0, 4.0, 9.0, 2.5, 8.0, 1.0];
        let log_f: Vec<f64> = f.iter().map(|f| -f).collect();
        let found = valleys(&log_f, 0.1);
        assert_eq!(found.iter().map(|v| v.bottom).collect::<Vec<_>>(), [0, 7]);
        assert_eq!(found[1].depth, 2.0, "over 001 at 3, not over 011 at 4");
        let z: f64 = f.iter().map(|f| (-f).exp()).sum();
        let of_111 = [3, 5, 6, 7].iter().map(|k| (-f[*k]).exp()).sum::<f64>() / z;
        assert!((found[1].weight - of_111).abs() < 1e-15 && (found[0].weight - (1.0 - of_111)).abs() < 1e-15);
        let one = valleys(&log_f, 2.0);
        assert_eq!(one.len(), 1);
        assert!((one[0].weight - 1.0).abs() < 1e-15);
    }
}

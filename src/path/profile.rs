//! How densely the rungs stand along a path.

/// Points of a measured profile.
const FINE: usize = 500;

/// t at equally spaced shares u of the rungs, linear in between: increasing, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile(Vec<f64>);

impl Profile {
    /// Equal steps of t.
    pub(crate) fn even() -> Self {
        Self(vec![0.0, 1.0])
    }

    /// Through these t, which increase from 0 to 1.
    pub(crate) fn through(ts: Vec<f64>) -> Self {
        Self(ts)
    }

    /// Equal steps of a length, given its parts between the increasing `ts`, which begin at 0 and
    /// end at 1.
    ///
    /// A fifth of the rungs is spread evenly over t whatever the lengths are: a measurement may
    /// overlook something.
    pub(crate) fn of_equal_length(ts: &[f64], lengths: &[f64]) -> Self {
        let total: f64 = lengths.iter().sum();
        let mut u = vec![0.0];
        for (t, length) in ts.windows(2).zip(lengths) {
            let even = t[1] - t[0];
            let share = if total > 0.0 && total.is_finite() { 0.8 * length / total + 0.2 * even } else { even };
            u.push(u[u.len() - 1] + share);
        }
        let inverse = |k: usize| {
            let target = k as f64 / FINE as f64 * u[u.len() - 1];
            let i = u.partition_point(|u| *u <= target).clamp(1, u.len() - 1);
            let part = (target - u[i - 1]) / (u[i] - u[i - 1]);
            ts[i - 1] + part * (ts[i] - ts[i - 1])
        };
        Self((0..=FINE).map(|k| if k == FINE { 1.0 } else { inverse(k) }).collect())
    }

    /// The share of the rungs that stand below t.
    pub(crate) fn share(&self, t: f64) -> f64 {
        let n = self.0.len() - 1;
        let i = self.0.partition_point(|x| *x <= t).clamp(1, n);
        let (low, high) = (self.0[i - 1], self.0[i]);
        ((i - 1) as f64 + ((t - low) / (high - low)).clamp(0.0, 1.0)) / n as f64
    }

    /// t below which this share of the rungs stands.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let n = self.0.len() - 1;
        let x = share.clamp(0.0, 1.0) * n as f64;
        let i = (x as usize).min(n - 1);
        self.0[i] + (self.0[i + 1] - self.0[i]) * (x - i as f64)
    }
}

#[cfg(test)]
impl Profile {
    /// It rises from 0 to 1, and its two directions are inverse to each other.
    pub(crate) fn check(&self) {
        assert!(self.0.windows(2).all(|p| p[0] < p[1]), "{self:?}");
        assert_eq!((self.at(0.0), self.at(1.0)), (0.0, 1.0));
        for k in 0..=50 {
            let t = k as f64 / 50.0;
            assert!((self.at(self.share(t)) - t).abs() < 1e-12, "{self:?} at {t}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(lengths: &[f64]) -> Profile {
        let ts: Vec<f64> = (0..=lengths.len()).map(|k| (k as f64 / lengths.len() as f64).powi(2)).collect();
        Profile::of_equal_length(&ts, lengths)
    }

    #[test]
    fn every_measured_profile_rises_from_zero_to_one_and_inverts() {
        let bumpy: Vec<f64> = (0..100).map(|k| if k == 37 { 50.0 } else { 0.01 * k as f64 }).collect();
        [&bumpy[..], &[0.0; 7], &[1.0]].map(measured).iter().for_each(Profile::check);
    }

    #[test]
    fn rungs_gather_where_the_length_is() {
        let mut lengths = vec![0.0; 10];
        lengths[4] = 1.0;
        let profile = measured(&lengths);
        // Four fifths of the rungs for the one part that has any length, and its share of the rest.
        let share = profile.share(0.25) - profile.share(0.16);
        assert!((share - 0.818).abs() < 0.01, "{share} of {profile:?}");
    }
}

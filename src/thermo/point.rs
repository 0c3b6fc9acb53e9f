//! All the standard quantities at each β, side by side.

use serde::{Deserialize, Serialize};

use super::{energy, entropy, heat_capacity};
use crate::curve::{Curve, Measured, Status, Verdict};

/// The state of the system at one β. A quantity that was not computed is `None` (`null` in JSON).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The inverse temperature, exactly as it was asked for.
    pub beta: f64,
    /// How the estimation ended at this point.
    pub status: Status,
    /// ln Z, nats.
    pub log_z: Option<Measured>,
    /// U = ⟨E⟩, the model's energy units.
    pub energy: Option<Measured>,
    /// S = ln Z + βU, nats.
    pub entropy: Option<Measured>,
    /// C = β² Var E.
    pub heat_capacity: Option<Measured>,
    /// Whether ln Z may be used, once it was [judged](crate::findings::judged).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What speaks against ln Z, in short sentences.
    #[serde(default)]
    pub objections: Vec<String>,
}

/// The curve as a list of points: one for each β asked for, also where it was not reached.
#[must_use]
pub fn points(curve: &Curve) -> Vec<Point> {
    let columns = [curve.log_z(), energy(curve), entropy(curve), heat_capacity(curve)];
    let row = |(k, &beta): (usize, &f64)| {
        let [log_z, energy, entropy, heat_capacity] = [0, 1, 2, 3].map(|q| columns[q].get(k).copied().flatten());
        Point {
            beta,
            status: curve.status_at(k),
            log_z,
            energy,
            entropy,
            heat_capacity,
            verdict: None,
            objections: Vec::new(),
        }
    };
    curve.betas.iter().enumerate().map(row).collect()
}

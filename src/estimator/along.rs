//! ln Z at every checkpoint of a training run.

use std::sync::Arc;

use super::{Configure, MethodConfig};
use crate::{
    Error,
    curve::{Betas, Curve},
    path::Trajectory,
    run::Run,
};

/// ln Z at β = 1 of every checkpoint of a training run: a curve of one point for each, in their
/// order. There are fewer if the run was cancelled.
///
/// Along the trajectory itself ([`PathChoice::Trajectory`](super::PathChoice::Trajectory)) annealing and tempering pass all
/// checkpoints in one run; any other method has a run for each of them.
///
/// # Errors
/// Those of the method.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use plefka::{Ais, Rbm, Run, estimator::{MethodConfig, PathChoice, along}, path::{Checkpoint, Trajectory}};
/// let model = |w: f64| Rbm::from_rows(&[[w]], &[0.0], &[0.0]);
/// let run = [0.0, 0.5, 1.0].map(|w| Ok(Checkpoint { update: (10.0 * w) as u64, rbm: model(w)? }));
/// let trajectory = Arc::new(Trajectory::new(run.into_iter().collect::<Result<_, plefka::Error>>()?)?);
/// let ais = Ais { chains: 200, rungs: 20, path: PathChoice::Trajectory, ..Ais::default() };
/// let curves = along(&MethodConfig::Ais(ais), &trajectory, &Run::quiet(1))?;
/// let last = curves[2].log_z()[0].expect("the run was not cancelled");
/// assert!((last.value - (3.0 + 1f64.exp()).ln()).abs() < 4.0 * last.claim.std_error().unwrap());
/// # Ok::<(), plefka::Error>(())
/// ```
pub fn along(config: &MethodConfig, trajectory: &Arc<Trajectory>, run: &Run<'_>) -> Result<Vec<Curve>, Error> {
    match config {
        MethodConfig::Ais(ais) if ais.follows_trajectory() => ais.along(trajectory, run),
        MethodConfig::Tempering(tempering) if tempering.follows_trajectory() => tempering.along(trajectory, run),
        other => {
            let mut curves = Vec::new();
            for (k, checkpoint) in trajectory.checkpoints().iter().enumerate() {
                if run.cancelled() {
                    break;
                }
                let mut config = other.clone();
                config.give_trajectory(&Arc::new(trajectory.until(k + 1)?));
                curves.push(config.prepare(&checkpoint.rbm)?.curve(&Betas::one(1.0)?, run)?);
            }
            Ok(curves)
        }
    }
}

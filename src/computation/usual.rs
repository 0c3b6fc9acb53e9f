//! Which methods a comparison takes if nobody says which.

use crate::{Error, Method, estimator::MethodConfig, sample::Capabilities};

/// The methods that a comparison takes, as far as the model allows: a curve in seconds from each.
/// (Annealing down, and both ways, takes a run for each β.)
pub const USUAL: [Method; 6] =
    [Method::Exact, Method::Ais, Method::MeanField, Method::Tap2, Method::Tap3, Method::Bethe];

/// Those of the usual methods that the model has what they need for. Where it is too large for
/// `exact` as configured, `auto` stands in its place, and the refusal comes with the methods.
///
/// # Errors
/// The refusal of `exact`, if no other method remains.
pub fn usual_methods(model: &dyn Capabilities, exact: &MethodConfig) -> Result<(Vec<Method>, Option<Error>), Error> {
    let mut methods = MethodConfig::methods(model);
    methods.retain(|method| USUAL.contains(method));
    let Some(place) = methods.iter().position(|method| *method == Method::Exact) else { return Ok((methods, None)) };
    match exact.prepare(model).and_then(|exact| exact.check()) {
        Err(error @ Error::TooManyStates { .. }) if methods.len() > 1 => {
            methods.remove(place);
            methods.insert(0, Method::Auto);
            Ok((methods, Some(error)))
        }
        Err(error @ Error::TooManyStates { .. }) => Err(error),
        _ => Ok((methods, None)),
    }
}

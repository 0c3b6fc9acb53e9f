//! What is made of solutions: where the searches start, which solutions are distinct, the
//! certificate of each, and the curve through those that are reported.

mod certificate;
mod creep;
mod explore;
mod landscape;
mod report;
mod response;
pub(super) mod scouts;
mod starts;

pub use certificate::Certificate;
pub use landscape::{Landscape, Solution};

pub(super) use explore::{Along, Branch, explore, follow};
pub(super) use report::curve;
pub(super) use starts::{check, starts};

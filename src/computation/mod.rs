//! What a user asks of a model, checked first and then run: curves by several methods, states,
//! the likelihood and the temperature of data.
//!
//! The program and the Python package are two faces of what is here, so that the same request with
//! the same seed gives the same numbers from both. Nothing is printed: what a user should know
//! comes back as data.
//!
//! ```
//! use plefka::{Betas, Method, Run, computation::{Computation, Silent}, estimator::MethodConfig, io};
//! let model = io::load_model("builtin:mnist20")?;
//! let configs = vec![MethodConfig::of(Method::Tap2)];
//! let computation = Computation::new(model, Betas::one(0.5)?, configs, None)?;
//! let computed = computation.run(&Run::quiet(1), io::Provenance::default(), &mut Silent)?;
//! assert_eq!(computed.results.curves[0].method, Method::Tap2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod curves;
mod history;
mod likelihood;
mod pooling;
mod states;
mod temperature;
mod threads;
mod usual;

pub use curves::{Computation, Computed, Refusal, Silent, Watch};
pub use history::{Chronicle, Rows};
pub use pooling::Shares;
pub use states::{ByChains, Drawing, States};
pub use temperature::Thermometer;
pub use threads::thread_pool;
pub use usual::{USUAL, usual_methods};

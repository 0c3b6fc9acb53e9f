//! What saved results say: pure functions of a [`ResultFile`](crate::io::ResultFile).
//!
//! They stand apart from [`io`](crate::io), which knows bytes, and from `plot`, which knows ink: the command line, the
//! figures and the report must all give the same verdict on the same numbers.

mod consensus;
mod entropy_drop;
mod key_findings;
mod verdict;
pub mod words;

pub use consensus::{Consensus, Judgement, consensus};
pub use entropy_drop::entropy_drop;
pub use key_findings::{Finding, Tone, key_findings};
pub use verdict::{Verdict, judge, verdicts};

use verdict::{MAX_SIGMAS, ROUNDING};

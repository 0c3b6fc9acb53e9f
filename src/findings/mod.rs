//! What saved results say: pure functions of a [`ResultFile`](crate::io::ResultFile).
//!
//! They stand apart from [`io`](crate::io), which reads and writes files, and from `plot`, which
//! draws: the command line, the files, the figures and the report must all give the same verdict on
//! the same numbers.

mod consensus;
mod distance;
mod entropy_drop;
mod exact_comparison;
mod judgement;
mod key_findings;
#[doc(hidden)]
pub mod wording;
#[doc(hidden)]
pub mod words;

pub use consensus::{Consensus, Summary, consensus};
pub use entropy_drop::entropy_drop;
pub use exact_comparison::{ExactComparison, compare_with_exact};
pub(crate) use judgement::judge_together;
pub use judgement::{Judgement, judge, judged, judgements};
pub use key_findings::{Finding, Tone, key_findings};

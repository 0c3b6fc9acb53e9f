//! Every number that decides whether a result is trusted, with its reason.
//!
//! They stand in one place so that a reader can see at a glance what a verdict rests on, and so
//! that the table, the figures and the report cannot differ about it.

/// Beyond this many standard errors two numbers disagree: an estimate and the truth, two estimates,
/// the halves of one run, a ladder and one of half as many rungs, the slope of Crooks' theorem and
/// 1.
///
/// For a Gaussian error the rate of false alarms is 6.3e−5 a point, 0.3 % for a curve of 41
/// independent points. (Points of one annealed run are strongly correlated, which makes it less.)
pub const MAX_SIGMAS: f64 = 4.0;

/// Two numbers this close, relative to the larger of 1 and the truth, are equal up to rounding.
///
/// At β = 0 every chain has the same weight, the standard error is zero or a rounding error, and a
/// ratio of two rounding errors says nothing.
pub const ROUNDING: f64 = 1e-9;

/// A number below a certain lower bound by more than this many standard errors is refuted: a false
/// alarm in one of 740 numbers at the bound itself, and nearly all are far above it.
pub const MAX_SIGMAS_BELOW_BOUND: f64 = 3.0;

/// With fewer effective chains than this, 1/Σw̃², the bootstrap does not see the chains that are
/// missing, and its error bar is too small to be believed.
pub const MIN_ESS: f64 = 20.0;

/// With more than this share of the weight on one chain, the bootstrap does not see the chains that
/// are missing either, however many others there are.
pub const MAX_SHARE: f64 = 0.2;

/// Below this overlap the two distributions that an estimate joins share next to no states: as many
/// samples as could be drawn in practice would hardly hold one that is likely under both.
pub const MIN_OVERLAP: f64 = 0.03;

/// With fewer round trips of replicas than this between a temperature and the base, the replicas
/// there may not have visited all the states that matter.
pub const MIN_ROUND_TRIPS: f64 = 10.0;

/// An entropy below zero by more than this is not rounding: discrete units cannot have it.
pub const NEGATIVE_ENTROPY: f64 = 1e-6;

/// Above this share of starts with a solution of their own, many solutions of mean field are still
/// to be found, and their sum is too low.
pub const MAX_UNSEEN: f64 = 0.1;

/// A local and a global temperature of the same data that differ by more than this many standard
/// errors are a finding: a false alarm in one of 370 comparisons. With few samples it is the value
/// of Student's distribution with the same rate of false alarms.
pub const MAX_SIGMAS_OF_TEMPERATURES: f64 = 3.0;

/// With fewer independent samples than this two temperatures are not compared: their influences are
/// too skew for Student's distribution, and more than one comparison in twenty would find a
/// difference that is not there.
pub const MIN_SAMPLES_OF_TEMPERATURES: f64 = 8.0;

/// With fewer effective samples than this the standard error of a temperature is itself known to no
/// better than about 16 %, 1/√(2n), and is called rough.
pub const FEW_SAMPLES: f64 = 20.0;

/// The logarithm of the dip between two maxima of a histogram must be this many standard errors
/// below that of the lower one before two phases are said to coexist: dips of counting noise are
/// frequent among many bins.
pub const MIN_SIGMAS_OF_A_DIP: f64 = 5.0;

/// Modes that overlap by more than this are counted as one: a state could belong to either.
pub const MAX_MODE_OVERLAP: f64 = 0.05;

/// A mode whose own product distribution is recognised as that mode less often than this says
/// nothing about how often it must be visited.
pub const MIN_RECOGNISED: f64 = 0.5;

/// A share of a mode that an honest sample would show with a probability of e^−12 = 6e−6 at most is
/// no accident; over a hundred modes the rate of false alarms is below 1e−3. A mode that no sample
/// is in is missed from 12 expected visits on; a smaller one changes ln Z by less than 12 parts in
/// the effective number of samples.
pub const MISSED_MODE: f64 = 12.0;

/// The rounding of fields in single precision may change the logarithm of a weight by so many nats:
/// a tenth of the standard error that `auto` goes for. The estimate of it is for the largest field
/// in every unit, some ten times what it is in trained models.
pub const MAX_ROUNDING: f64 = 5e-3;

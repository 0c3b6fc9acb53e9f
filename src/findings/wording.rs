//! Results in words: a number is shown with what it claims.

use crate::{Claim, Measured, curve::BoundKind, io::ResultFile};

/// What the signs mean.
pub const LEGEND: &str = "\
ln Z and S in nats, U in the model's energy units, C = β² Var E
± one standard error; ≈ no error control; ≥ lower bound; ≤ upper bound; no sign: exact";

/// The digits of a number that has no error bar.
const DECIMALS: usize = 4;

/// What was computed, in one line.
#[must_use]
pub fn headline(results: &ResultFile) -> String {
    let (model, seed) = (&results.model, results.provenance.seed);
    format!("{}: {} with {} {} units; seed {seed}", model.source, model.kind, model.shape, model.units)
}

/// A value with its claim: `245.2192` exact, `245.22 ± 0.03` sampled, `≈ 223.3180`, `≥ 213.5000`;
/// `–` where there is none.
#[must_use]
pub fn quantity(measured: Option<Measured>) -> String {
    measured.map_or_else(none, |m| format!("{}{}", sign(m.claim), number(m.value, m.claim.std_error())))
}

/// The distance of a value from the exact one, with the error bar of the value.
#[must_use]
pub fn difference(measured: Option<Measured>, exact: Option<f64>) -> String {
    match (measured, exact) {
        (Some(m), Some(exact)) => {
            let difference = m.value - exact;
            let plus = if difference > 0.0 { "+" } else { "" };
            format!("{plus}{}", number(difference, m.claim.std_error()))
        }
        _ => none(),
    }
}

fn none() -> String {
    "–".into()
}

fn sign(claim: Claim) -> &'static str {
    match claim {
        Claim::Bound { kind: BoundKind::Lower, .. } => "≥ ",
        Claim::Bound { kind: BoundKind::Upper, .. } => "≤ ",
        Claim::Approximation => "≈ ",
        _ => "",
    }
}

/// A number with as many digits as its error bar warrants: two significant ones in the error.
fn number(value: f64, std_error: Option<f64>) -> String {
    match std_error {
        Some(0.0) => format!("{value:.DECIMALS$} ± 0"),
        // A rounding error rather than a statistical one.
        Some(error) if error < 1e-6 => format!("{value:.DECIMALS$} ± {error:.0e}"),
        Some(error) => {
            let decimals = (1.0 - error.log10().floor()).max(0.0) as usize;
            format!("{value:.decimals$} ± {error:.decimals$}")
        }
        None if value != 0.0 && !(1e-3..1e9).contains(&value.abs()) => format!("{value:.DECIMALS$e}"),
        None => format!("{value:.DECIMALS$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_says_the_claim_and_the_error_bar_the_digits() {
        let of = |value, claim| quantity(Some(Measured { value, claim }));
        assert_eq!(of(245.219_187, Claim::Exact), "245.2192");
        assert_eq!(of(245.219_187, Claim::Estimate { std_error: 0.0312 }), "245.219 ± 0.031");
        assert_eq!(of(1234.5, Claim::Estimate { std_error: 87.0 }), "1234 ± 87");
        assert_eq!(of(7.0, Claim::Estimate { std_error: 3.1e-17 }), "7.0000 ± 3e-17");
        assert_eq!(of(213.5, Claim::Bound { kind: BoundKind::Lower, std_error: None }), "≥ 213.5000");
        assert_eq!(of(223.318, Claim::Approximation), "≈ 223.3180");
        assert_eq!(of(2.5e-7, Claim::Exact), "2.5000e-7");
        assert_eq!(quantity(None), "–");
    }

    #[test]
    fn a_difference_always_shows_its_side() {
        let exact = Measured { value: 2.0, claim: Claim::Exact };
        let off = |value| difference(Some(Measured { value, claim: Claim::Approximation }), Some(2.0));
        assert_eq!((off(4.25), off(1.0), off(2.0)), ("+2.2500".into(), "-1.0000".into(), "0.0000".into()));
        assert_eq!(difference(Some(exact), None), "–");
    }
}

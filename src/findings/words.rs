//! Numbers as a reader wants them: no more digits than mean something, a minus and not a hyphen.

use crate::curve::Measured;

/// A difference with its sign and about three digits: `+0.012`, `−140.4`.
#[must_use]
pub fn signed(x: f64) -> String {
    let size = match x.abs() {
        0.0 => return "0".into(),
        a if a < 1e-3 => format!("{a:.1e}").replace('-', "−"),
        a if a < 1.0 => format!("{a:.3}"),
        a if a < 100.0 => format!("{a:.2}"),
        a => format!("{a:.1}"),
    };
    format!("{}{size}", if x < 0.0 { '−' } else { '+' })
}

/// A value with its error bar to two digits, `245.219 ± 0.031`; without one, with three decimals.
#[must_use]
pub fn measured(m: Measured) -> String {
    match m.claim.std_error().filter(|s| *s > 1e-9 * m.value.abs().max(1.0)) {
        Some(bar) => {
            let decimals = (1.0 - bar.log10().floor()).clamp(0.0, 9.0) as usize;
            format!("{:.decimals$} ± {bar:.decimals$}", m.value).replace('-', "−")
        }
        None => format!("{:.3}", m.value + 0.0).replace('-', "−"),
    }
}

/// An inverse temperature, without the last digits of its binary form.
#[must_use]
pub fn beta(beta: f64) -> String {
    if beta != 0.0 && !(1e-4..1e9).contains(&beta) {
        return format!("{beta:.6e}").replace(".000000e", "e").replace('-', "−");
    }
    let text = format!("{beta:.6}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// A kind of model, by the name it has in files.
#[must_use]
pub fn kind(name: &str) -> String {
    match name {
        "rbm" => "RBM".into(),
        "ising" => "Ising model".into(),
        "levels" => "List of levels".into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Claim;

    #[test]
    fn digits_follow_the_error_bar() {
        let show = |value, std_error| measured(Measured { value, claim: Claim::Estimate { std_error } });
        assert_eq!(show(245.219_187, 0.0312), "245.219 ± 0.031");
        assert_eq!(show(-92.9, 12.4), "−93 ± 12");
        assert_eq!(show(557.3, 0.0), "557.300");
        assert_eq!(
            (signed(-140.42), signed(0.0123), signed(-2e-9)),
            ("−140.4".into(), "+0.012".into(), "−2.0e−9".into())
        );
        assert_eq!((beta(0.15000000000000002), beta(2.0), beta(0.0)), ("0.15".into(), "2".into(), "0".into()));
    }
}

//! The table of the report: a few telling β at first sight, all of them on demand.

use crate::{
    curve::{Measured, Method, Verdict},
    findings::{Judgement, entropy_drop, judgements, words},
    io::{CurveRecord, Quantity, ResultFile},
    plot::{data::reference, escape},
    thermo::Point,
};

/// Tables of at most this many β are shown whole.
const SHORT: usize = 7;

/// Nobody reads more rows than this, and a browser should not have to show them.
const LONG: usize = 5000;

/// Every β of the results, increasing.
pub(super) fn betas(results: &ResultFile) -> Vec<f64> {
    let mut betas: Vec<f64> = results.curves.iter().flat_map(|c| c.points.iter().map(|p| p.beta)).collect();
    betas.sort_by(f64::total_cmp);
    betas.dedup();
    betas
}

/// The table in two lengths.
pub(super) fn numbers(results: &ResultFile) -> String {
    let all = betas(results);
    if all.is_empty() {
        return String::new();
    }
    if all.len() <= SHORT {
        return table(results, &all);
    }
    let count = all.len();
    if count > LONG {
        return format!("{}<p>All {count} β are in results.csv.</p>\n", table(results, &telling(results, &all)));
    }
    let whole = table(results, &all);
    format!(
        "{}<details>\n<summary>All {count} β</summary>\n{whole}</details>\n",
        table(results, &telling(results, &all))
    )
}

/// The β that a reader looks for: the ends, the quarters, β = 1, and where the entropy falls.
fn telling(results: &ResultFile, all: &[f64]) -> Vec<f64> {
    let last = all.len() - 1;
    let mut chosen: Vec<f64> = [0, last / 4, last / 2, 3 * last / 4, last].map(|k| all[k]).into();
    chosen.extend(all.iter().filter(|b| **b == 1.0));
    chosen.extend(reference(results).and_then(entropy_drop).into_iter().flat_map(|f| [f.from, f.to]));
    chosen.sort_by(f64::total_cmp);
    chosen.dedup();
    chosen
}

fn table(results: &ResultFile, betas: &[f64]) -> String {
    let judged: Vec<(&CurveRecord, Vec<Judgement>)> =
        results.curves.iter().map(|c| (c, judgements(results, c))).collect();
    let mut rows = String::new();
    for &beta in betas {
        let points = judged.iter().filter_map(|(curve, judgements)| {
            let k = curve.index_of(beta)?;
            Some((*curve, &curve.points[k], &judgements[k]))
        });
        for (k, (curve, point, judgement)) in points.enumerate() {
            rows += &row(results, curve, point, judgement, k == 0);
        }
    }
    format!(
        "<div class=\"scroll\"><table>\n<thead><tr><th>β</th><th class=\"word\">method</th><th>ln Z</th>\
         <th>ln Z − exact</th><th>U</th><th>S</th><th>C</th><th class=\"word\">ln Z is</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

fn row(results: &ResultFile, curve: &CurveRecord, point: &Point, judgement: &Judgement, first: bool) -> String {
    let number = |m: Option<Measured>| m.map_or("–".into(), words::measured);
    let exact = results.exact(Quantity::LogZ, point.beta);
    let error = match (point.log_z, exact) {
        (Some(m), Some(exact)) if curve.method != Method::Exact => difference(m.value - exact),
        _ => String::new(),
    };
    let (class, beta) = if first { (" class=\"first\"", words::beta(point.beta)) } else { ("", String::new()) };
    format!(
        "<tr{class}><th>{beta}</th><td class=\"word\">{}</td><td>{}</td><td>{error}</td><td>{}</td><td>{}</td><td>{}</td>\
         <td class=\"word verdict {}\">{}</td></tr>\n",
        curve.method,
        number(point.log_z),
        number(point.energy),
        number(point.entropy),
        number(point.heat_capacity),
        tone(judgement),
        escape(&judgement.to_string())
    )
}

/// A difference; one that is only rounding is zero.
fn difference(x: f64) -> String {
    if x.abs() < 1e-9 { "0".into() } else { words::signed(x) }
}

fn tone(judgement: &Judgement) -> &'static str {
    match judgement.verdict {
        _ if judgement.is_refuted() => "bad",
        Verdict::Exact | Verdict::Checked => "good",
        verdict if verdict.is_sound() => "",
        _ => "caution",
    }
}

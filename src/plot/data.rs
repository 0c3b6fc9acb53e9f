//! From saved records to what is drawn: nothing is computed here beyond differences of saved
//! numbers.

use std::ops::Range;

use crate::{
    curve::Method,
    findings::{Judgement, compare_with_exact, judgements},
    io::{CurveRecord, Quantity, ResultFile},
};

/// One number in a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    pub x: f64,
    pub y: f64,
    /// One standard error.
    pub bar: Option<f64>,
    /// Drawn filled; hollow if it is not converged or not trustworthy.
    pub solid: bool,
}

/// One method's numbers, in the order of β; `None` where there is none, which leaves a gap.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub method: Method,
    pub sampled: bool,
    pub marks: Vec<Option<Mark>>,
}

/// What a quantity is measured from.
pub(super) enum Baseline<'a> {
    /// The value itself, divided by this.
    Zero(f64),
    /// The difference from another curve at the same β.
    Curve(&'a CurveRecord),
}

/// The lines of every method that has a number.
pub(super) fn lines(results: &ResultFile, quantity: Quantity, baseline: &Baseline<'_>) -> Vec<Line> {
    let line = |curve: &CurveRecord| {
        let judged = judgements(results, curve);
        let mark = |(point, judgement): (&crate::thermo::Point, &Judgement)| {
            let number = quantity.of(point)?;
            let (zero, unit) = match baseline {
                Baseline::Zero(unit) => (0.0, *unit),
                Baseline::Curve(reference) => (quantity.of(reference.at(point.beta)?)?.value, 1.0),
            };
            let bar = number.claim.std_error().filter(|s| *s > 0.0).map(|s| s / unit);
            // Disagreement is a finding, not a defect of the iteration: it stays filled, where it
            // is seen best.
            let exact = results.exact(quantity, point.beta).filter(|_| curve.method != Method::Exact);
            let refuted =
                judgement.is_refuted() || exact.is_some_and(|exact| compare_with_exact(number, exact).is_refuted());
            let solid = judgement.verdict.is_sound() || refuted;
            Some(Mark { x: point.beta, y: (number.value - zero) / unit, bar, solid })
        };
        let marks = curve.points.iter().zip(&judged).map(mark).collect();
        Line { method: curve.method, sampled: curve.is_sampled(), marks }
    };
    results.curves.iter().map(line).filter(|l| l.marks.iter().any(Option::is_some)).collect()
}

/// The curve that others are measured from: the exact one, or else the first sampled one, or else
/// the first.
pub(super) fn reference(results: &ResultFile) -> Option<&CurveRecord> {
    let exact = |c: &&CurveRecord| c.method == Method::Exact && c.points.iter().any(|p| p.log_z.is_some());
    let curves = || results.curves.iter();
    curves().find(exact).or_else(|| curves().find(|c| c.is_sampled())).or_else(|| curves().next())
}

/// Smallest and largest of some numbers.
pub(super) fn extent(xs: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    xs.fold(None, |range: Option<Range<f64>>, x| Some(range.map_or(x..x, |r| r.start.min(x)..r.end.max(x))))
}

/// A range with a margin on each side, never empty.
pub(super) fn padded(range: &Range<f64>, share: f64) -> Range<f64> {
    let span = range.end - range.start;
    let margin = if span > 0.0 { share * span } else { 0.5 * range.start.abs().max(1.0) };
    range.start - margin..range.end + margin
}

/// The range of y that shows every filled mark with its bar. Hollow marks have a say only up to
/// half that span beyond (three times, for single points): an iteration that diverged must not
/// squeeze the curves that did not. Those of a sampled method, whose evidence is poor, do not
/// diverge and are always shown.
pub(super) fn full_range(lines: &[Line]) -> Option<Range<f64>> {
    let marks = || lines.iter().flat_map(|l| l.marks.iter().flatten());
    let reach = |m: &Mark| [m.y - m.bar.unwrap_or(0.0), m.y + m.bar.unwrap_or(0.0)];
    let Some(solid) = extent(marks().filter(|m| m.solid).flat_map(reach)) else {
        return extent(marks().flat_map(reach)).map(|r| padded(&r, 0.06));
    };
    let single = lines.iter().all(|l| l.marks.len() == 1);
    let allowed = padded(&solid, if single { 3.0 } else { 0.5 });
    let limited = |l: &Line, m: &Mark| if l.sampled { m.y } else { m.y.clamp(allowed.start, allowed.end) };
    let hollow = lines.iter().flat_map(|l| l.marks.iter().flatten().filter(|m| !m.solid).map(move |m| limited(l, m)));
    extent(hollow.chain([solid.start, solid.end])).map(|r| padded(&r, 0.06))
}

/// The range of y around zero on the scale of the error bars, or `None` if there are none.
pub(super) fn zoom_range(lines: &[Line]) -> Option<Range<f64>> {
    let bars = lines.iter().filter(|l| l.sampled).flat_map(|l| l.marks.iter().flatten()).filter(|m| m.solid);
    // Six standard errors of a point are enough to see that it disagrees.
    let reach = bars.filter_map(|m| m.bar.map(|bar| (m.y.abs() + bar).min(6.0 * bar).max(1.5 * bar)));
    reach.reduce(f64::max).filter(|r| *r > 0.0).map(|r| -1.1 * r..1.1 * r)
}

/// The parts of a broken line that lie within a range of y. Gaps and hollow marks break it too: a
/// line through them would promise a curve that is not there.
pub(super) fn pieces(line: &Line, y: &Range<f64>) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let solid: Vec<Option<&Mark>> = line.marks.iter().map(|m| m.as_ref().filter(|m| m.solid)).collect();
    for pair in solid.windows(2) {
        let [Some(a), Some(b)] = pair else { continue };
        let Some([start, end]) = clip((a.x, a.y), (b.x, b.y), y) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&start) => piece.push(end),
            _ => pieces.push(vec![start, end]),
        }
    }
    pieces
}

/// The part of a segment within a range of y.
fn clip(a: (f64, f64), b: (f64, f64), y: &Range<f64>) -> Option<[(f64, f64); 2]> {
    if (a.1 < y.start && b.1 < y.start) || (a.1 > y.end && b.1 > y.end) {
        return None;
    }
    let inside = |from: (f64, f64), to: (f64, f64)| {
        let bound = from.1.clamp(y.start, y.end);
        if bound == from.1 { from } else { (from.0 + (to.0 - from.0) * (bound - from.1) / (to.1 - from.1), bound) }
    };
    Some([inside(a, b), inside(b, a)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ys: &[Option<f64>]) -> Line {
        let mark = |(k, y): (usize, &Option<f64>)| y.map(|y| Mark { x: k as f64, y, bar: None, solid: true });
        Line { method: Method::Ais, sampled: true, marks: ys.iter().enumerate().map(mark).collect() }
    }

    #[test]
    fn a_line_is_cut_where_it_leaves_the_panel_and_broken_at_gaps() {
        let cut =
            pieces(&line(&[Some(0.0), Some(4.0), Some(4.0), Some(0.0), None, Some(1.0), Some(1.5)]), &(-1.0..2.0));
        // Planted bug: clamping points instead of cutting segments ends the first piece at (1, 2).
        assert_eq!(cut, [vec![(0.0, 0.0), (0.5, 2.0)], vec![(2.5, 2.0), (3.0, 0.0)], vec![(5.0, 1.0), (6.0, 1.5)]]);
    }

    #[test]
    fn a_diverged_iteration_does_not_squeeze_the_others() {
        let mut wild = line(&[Some(0.0), Some(1e9)]);
        wild.sampled = false;
        wild.marks[1].as_mut().unwrap().solid = false;
        let range = full_range(&[line(&[Some(0.0), Some(1.0)]), wild]).unwrap();
        assert!(range.end < 2.0, "{range:?}");
    }
}

//! A rectangle with two axes, and where a point lies in it.

use std::ops::Range;

use super::{
    canvas::{Canvas, Drawn, stroke},
    style::{HAIRLINE, INK, MUTED, SMALL, TEXT, width},
    ticks::Ticks,
};

/// One axis of a map or a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub range: Range<f64>,
    /// Equal ratios are equally far apart.
    pub log: bool,
    /// Where it is labelled, and how.
    pub ticks: Vec<(f64, String)>,
}

impl Scale {
    /// A linear axis with about `count` ticks.
    pub fn linear(range: Range<f64>, count: f64) -> Self {
        let ticks = Ticks::over(&range, count);
        let labels = ticks.at.iter().map(|x| (*x, ticks.label(*x))).collect();
        Self { range, log: false, ticks: labels }
    }

    /// A logarithmic axis labelled at the given places.
    pub fn log(range: Range<f64>, at: &[f64]) -> Self {
        Self { range, log: true, ticks: at.iter().map(|x| (*x, format!("{x}"))).collect() }
    }

    /// How far along the axis, from 0 to 1 within it.
    pub fn share(&self, x: f64) -> f64 {
        let place = |x: f64| if self.log { x.ln() } else { x };
        (place(x) - place(self.range.start)) / (place(self.range.end) - place(self.range.start))
    }
}

/// The rectangle in px, and its axes.
pub(super) struct Plane {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: Scale,
    pub y: Scale,
}

impl Plane {
    /// Where a point lies, in px.
    pub fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (across, up) = (self.x.share(x), self.y.share(y));
        (self.left + (self.right - self.left) * across, self.bottom - (self.bottom - self.top) * up)
    }

    /// The outline, the ticks and their labels, the name of the x axis below and that of the y axis above.
    pub fn axes(&self, canvas: &Canvas<'_>, x_label: &str, y_label: &str) -> Drawn {
        let (left, right, top, bottom) = (self.left, self.right, self.top, self.bottom);
        let outline = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        canvas.path(&outline, stroke(MUTED, HAIRLINE))?;
        for (x, label) in &self.x.ticks {
            let (x, _) = self.at((*x, self.y.range.start));
            canvas.path(&[(x, bottom), (x, bottom + 4.0)], stroke(MUTED, HAIRLINE))?;
            canvas.text(label, (x - 0.5 * width(label, SMALL), bottom + 17.0), SMALL, INK)?;
        }
        for (y, label) in &self.y.ticks {
            let (_, y) = self.at((self.x.range.start, *y));
            canvas.path(&[(left - 4.0, y), (left, y)], stroke(MUTED, HAIRLINE))?;
            canvas.text(label, (left - 8.0 - width(label, SMALL), y + 0.35 * SMALL), SMALL, INK)?;
        }
        canvas.text(x_label, (0.5 * (left + right - width(x_label, TEXT)), bottom + 38.0), TEXT, INK)?;
        canvas.text(y_label, (left, top - 9.0), TEXT, INK)
    }

    /// The parts of a line that lie inside, in px.
    pub fn clipped(&self, points: &[(f64, f64)]) -> Vec<[(f64, f64); 2]> {
        points.windows(2).filter_map(|pair| self.inside(self.at(pair[0]), self.at(pair[1]))).collect()
    }

    /// The part of a segment inside (Liang and Barsky 1984).
    fn inside(&self, p: (f64, f64), q: (f64, f64)) -> Option<[(f64, f64); 2]> {
        let (dx, dy) = (q.0 - p.0, q.1 - p.1);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        for (step, room) in
            [(-dx, p.0 - self.left), (dx, self.right - p.0), (-dy, p.1 - self.top), (dy, self.bottom - p.1)]
        {
            if step == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if step < 0.0 {
                from = from.max(room / step);
            } else {
                to = to.min(room / step);
            }
        }
        let at = |t: f64| (p.0 + dx * t, p.1 + dy * t);
        (from < to).then(|| [at(from), at(to)])
    }
}

/// How a line is broken, so that several are told apart without colour.
pub(super) const DASHES: [&[f64]; 5] = [&[], &[7.0, 4.0], &[2.0, 3.0], &[9.0, 3.0, 2.0, 3.0], &[14.0, 4.0]];

/// Cuts a line, given as joined segments in px, into dashes: lengths of ink and of gap by turns, from its beginning.
pub(super) fn dashed(segments: &[[(f64, f64); 2]], pattern: &[f64]) -> Vec<[(f64, f64); 2]> {
    if pattern.is_empty() {
        return segments.to_vec();
    }
    let (mut pieces, mut k, mut left) = (Vec::new(), 0, pattern[0]);
    for [p, q] in segments {
        let length = (q.0 - p.0).hypot(q.1 - p.1);
        let at = |s: f64| (p.0 + (q.0 - p.0) * s / length, p.1 + (q.1 - p.1) * s / length);
        let mut done = 0.0;
        while done < length {
            let end = (done + left).min(length);
            if k % 2 == 0 {
                pieces.push([at(done), at(end)]);
            }
            left -= end - done;
            done = end;
            if left <= 0.0 {
                k = (k + 1) % pattern.len();
                left = pattern[k];
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Plane {
        let (x, y) = (Scale::linear(0.0..2.0, 4.0), Scale::log(0.25..4.0, &[0.25, 1.0, 4.0]));
        Plane { left: 0.0, right: 100.0, top: 0.0, bottom: 50.0, x, y }
    }

    #[test]
    fn a_log_axis_has_its_middle_at_the_geometric_mean_and_lines_end_at_the_frame() {
        let frame = frame();
        assert_eq!(frame.at((1.0, 1.0)), (50.0, 25.0));
        let [[p, q]] = frame.clipped(&[(-1.0, 1.0), (3.0, 1.0)])[..] else { panic!("one segment") };
        assert!((p.0, q.0) == (0.0, 100.0) && p.1 == 25.0);
        assert!(frame.clipped(&[(0.0, 5.0), (2.0, 6.0)]).is_empty());
    }

    #[test]
    fn dashes_cover_their_share_of_a_line() {
        let pieces = dashed(&[[(0.0, 0.0), (5.0, 0.0)], [(5.0, 0.0), (5.0, 17.0)]], &[7.0, 4.0]);
        let ink: f64 = pieces.iter().map(|[p, q]| (q.0 - p.0).hypot(q.1 - p.1)).sum();
        assert!((ink - 14.0).abs() < 1e-12, "{pieces:?}");
    }
}

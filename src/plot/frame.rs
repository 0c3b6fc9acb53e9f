//! A rectangle with two axes, and where a point lies in it: the frame of every figure.

use std::ops::Range;

use super::{
    canvas::{Canvas, Drawn, stroke},
    style::{GRID, HAIRLINE, INK, MUTED, SMALL, TEXT, width},
    ticks::Ticks,
};

/// About how many px lie between two ticks of the y axis.
pub(super) const ROW: f64 = 38.0;

/// One axis of a figure.
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
        Self::ticked(range, &ticks)
    }

    /// A linear axis with these ticks.
    pub fn ticked(range: Range<f64>, ticks: &Ticks) -> Self {
        let labels = ticks.at.iter().map(|x| (*x, ticks.label(*x))).collect();
        Self { range, log: false, ticks: labels }
    }

    /// A logarithmic axis labelled at the given places.
    pub fn log(range: Range<f64>, at: &[f64]) -> Self {
        Self { range, log: true, ticks: at.iter().map(|x| (*x, three_digits(*x))).collect() }
    }

    /// How far along the axis, from 0 to 1 within it.
    pub fn share(&self, x: f64) -> f64 {
        let place = |x: f64| if self.log { x.ln() } else { x };
        (place(x) - place(self.range.start)) / (place(self.range.end) - place(self.range.start))
    }
}

/// A number with three significant digits, and no zeros at its end that say nothing.
fn three_digits(x: f64) -> String {
    let decimals = (2.0 - x.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{x:.decimals$}");
    if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// The rectangle in px, and its axes.
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x: Scale,
    pub y: Scale,
}

impl Frame {
    /// A frame between left and right, top and bottom, with linear axes.
    pub fn linear((left, right): (f64, f64), (top, bottom): (f64, f64), x: Range<f64>, y: Range<f64>) -> Self {
        let (x, y) = (Scale::linear(x, 8.0), Scale::linear(y, (bottom - top) / ROW));
        Self { left, right, top, bottom, x, y }
    }

    /// Where a point lies, in px.
    pub fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (across, up) = (self.x.share(x), self.y.share(y));
        (self.left + (self.right - self.left) * across, self.bottom - (self.bottom - self.top) * up)
    }

    /// Pale lines at the ticks of x, to be drawn first.
    pub fn columns(&self, canvas: &Canvas<'_>) -> Drawn {
        self.x
            .ticks
            .iter()
            .map(|(x, _)| self.at((*x, self.y.range.start)).0)
            .try_for_each(|x| canvas.path(&[(x, self.top), (x, self.bottom)], stroke(GRID, HAIRLINE)))
    }

    /// Pale lines at the ticks of y, to be drawn first.
    pub fn rows(&self, canvas: &Canvas<'_>) -> Drawn {
        self.y
            .ticks
            .iter()
            .map(|(y, _)| self.at((self.x.range.start, *y)).1)
            .try_for_each(|y| canvas.path(&[(self.left, y), (self.right, y)], stroke(GRID, HAIRLINE)))
    }

    /// The axis below with its ticks, their labels and its name.
    pub fn x_axis(&self, canvas: &Canvas<'_>, name: &str) -> Drawn {
        self.floor(canvas)?;
        for (x, label) in &self.x.ticks {
            let (x, bottom) = (self.at((*x, self.y.range.start)).0, self.bottom);
            canvas.path(&[(x, bottom), (x, bottom + 4.0)], stroke(MUTED, HAIRLINE))?;
            canvas.text(label, (x - 0.5 * width(label, SMALL), bottom + 17.0), SMALL, INK)?;
        }
        canvas.text(name, (0.5 * (self.left + self.right - width(name, TEXT)), self.bottom + 38.0), TEXT, INK)
    }

    /// The line of the axis below, for a panel that shares its ticks with the one under it.
    pub fn floor(&self, canvas: &Canvas<'_>) -> Drawn {
        canvas.path(&[(self.left, self.bottom), (self.right, self.bottom)], stroke(MUTED, HAIRLINE))
    }

    /// The axis to the left with its ticks and their labels.
    pub fn y_axis(&self, canvas: &Canvas<'_>) -> Drawn {
        canvas.path(&[(self.left, self.top), (self.left, self.bottom)], stroke(MUTED, HAIRLINE))?;
        for (y, label) in &self.y.ticks {
            let (left, y) = (self.left, self.at((self.x.range.start, *y)).1);
            canvas.path(&[(left - 4.0, y), (left, y)], stroke(MUTED, HAIRLINE))?;
            canvas.text(label, (left - 8.0 - width(label, SMALL), y + 0.35 * SMALL), SMALL, INK)?;
        }
        Ok(())
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

/// Cuts a line, given as joined segments in px, into dashes: lengths of dash and of gap by turns,
/// from its beginning.
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
            // What rounding leaves of a dash is no dash: it may be too short to move on by.
            if left <= 1e-9 {
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

    fn frame() -> Frame {
        let (x, y) = (Scale::linear(0.0..2.0, 4.0), Scale::log(0.25..4.0, &[0.25, 1.0, 4.0]));
        Frame { left: 0.0, right: 100.0, top: 0.0, bottom: 50.0, x, y }
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
    fn ratios_are_labelled_in_three_digits() {
        let labels = [7.0 / 17.0, 1.0, 0.25, 120.0, 1200.0, 0.00123456].map(three_digits);
        assert_eq!(labels, ["0.412", "1", "0.25", "120", "1200", "0.00123"]);
    }

    #[test]
    fn dashes_cover_their_share_of_a_line() {
        let pieces = dashed(&[[(0.0, 0.0), (5.0, 0.0)], [(5.0, 0.0), (5.0, 17.0)]], &[7.0, 4.0]);
        let ink: f64 = pieces.iter().map(|[p, q]| (q.0 - p.0).hypot(q.1 - p.1)).sum();
        assert!((ink - 14.0).abs() < 1e-12, "{pieces:?}");
        // Planted bug: `left <= 0.0` for the end of a dash never ends on some of these, where
        // rounding leaves 1e-15.
        for n in 1..2000 {
            let bend = f64::from(n) * 0.1;
            let pieces =
                dashed(&[[(0.0, 0.0), (bend, 0.0)], [(bend, 0.0), (bend + 300.7, 0.0)]], &[9.1, 3.3, 2.1, 3.3]);
            let ink: f64 = pieces.iter().map(|[p, q]| q.0 - p.0).sum();
            assert!((ink / (bend + 300.7) - 11.2 / 17.8).abs() < 0.02, "{n}: {ink}");
        }
    }
}

//! One panel of a figure: axes, curves, markers and error bars.

use std::ops::Range;

use plotters::style::Color;

use super::{
    canvas::{Canvas, Drawn, stroke},
    data::{Line, pieces},
    frame::{Frame, ROW, Scale},
    style::{BAND, BAR, HAIRLINE, INK, LINE, MUTED, Marker, TEXT, look},
    ticks::Ticks,
};
use crate::curve::Method;

/// What all panels of a figure share: the axis of β and what is marked on it.
pub(super) struct BetaAxis {
    pub range: Range<f64>,
    pub ticks: Ticks,
    /// The model as it was given stands at β = 1, if that is on the axis.
    pub one: bool,
    /// Where the entropy falls, and by how many nats.
    pub band: Option<(Range<f64>, f64)>,
}

/// A panel before it is drawn.
pub(super) struct Panel {
    /// What is on the y axis, with its unit.
    pub heading: String,
    pub lines: Vec<Line>,
    pub y: Range<f64>,
    /// Whether y = 0 is the reference, and drawn.
    pub zero: bool,
    /// Height of the plotting area in px.
    pub height: f64,
}

/// How far above the plotting area the base line of its heading is, in px.
pub(super) const HEADING_BASE: f64 = 9.0;

/// Room in px left of the plotting area for labels, and right of it.
pub(super) const LEFT: f64 = 70.0;
pub(super) const RIGHT: f64 = 18.0;

/// Room for the labels of β below the last panel.
pub(super) const BELOW: f64 = 24.0;

impl Panel {
    /// Draws the panel with the top of its plotting area at `top` px, and labels of β below it if
    /// it is the `last`.
    pub fn draw(&self, canvas: &Canvas<'_>, beta: &BetaAxis, (width, top): (f64, f64), last: bool) -> Drawn {
        let bottom = top + self.height;
        let x = Scale::ticked(beta.range.clone(), &beta.ticks);
        let y = Scale::linear(self.y.clone(), self.height / ROW);
        let frame = Frame { left: LEFT, right: width - RIGHT, top, bottom, x, y };
        let column = |x: f64| frame.at((x, self.y.start)).0;

        if let Some((band, _)) = &beta.band {
            canvas.rectangle((column(band.start), top), (column(band.end), bottom), BAND)?;
        }
        frame.columns(canvas)?;
        frame.rows(canvas)?;
        frame.y_axis(canvas)?;
        if last {
            frame.x_axis(canvas, "β, inverse temperature")?
        } else {
            frame.floor(canvas)?
        }
        if self.zero && self.y.contains(&0.0) {
            let (_, y) = frame.at((beta.range.start, 0.0));
            canvas.path(&[(frame.left, y), (frame.right, y)], stroke(MUTED, HAIRLINE))?;
        }
        if beta.one {
            canvas.dashed(column(1.0), (top, bottom), stroke(MUTED, HAIRLINE))?;
        }
        canvas.text(&self.heading, (LEFT - 4.0, top - HEADING_BASE), TEXT, INK)?;

        // Approximations first and sampled curves last, so that what has error bars is never
        // hidden.
        let layer = |line: &&Line| (line.sampled, line.method == Method::Exact);
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by_key(layer);
        for line in lines {
            self.draw_line(canvas, line, &frame)?;
        }
        Ok(())
    }

    fn draw_line(&self, canvas: &Canvas<'_>, line: &Line, frame: &Frame) -> Drawn {
        let look = look(line.method);
        let ink = if line.sampled { look.color.mix(0.45) } else { look.color.to_rgba() };
        for piece in pieces(line, &self.y) {
            let path: Vec<(f64, f64)> = piece.into_iter().map(|point| frame.at(point)).collect();
            canvas.path(&path, stroke(ink, LINE))?;
        }
        for mark in line.marks.iter().flatten().filter(|m| self.y.contains(&m.y)) {
            if let Some(bar) = mark.bar {
                let end = |y: f64| frame.at((mark.x, y.clamp(self.y.start, self.y.end)));
                canvas.path(&[end(mark.y - bar), end(mark.y + bar)], stroke(look.color, BAR))?;
            }
            // The exact curve is a plain line, unless it is a single point.
            if look.marker == Marker::Dot && line.marks.len() > 1 {
                continue;
            }
            canvas.marker(look.marker, frame.at((mark.x, mark.y)), look.color, mark.solid)?;
        }
        Ok(())
    }

    /// How many hollow marks lie outside the panel.
    pub fn off_scale(&self) -> usize {
        self.lines.iter().flat_map(|l| l.marks.iter().flatten()).filter(|m| !m.solid && !self.y.contains(&m.y)).count()
    }
}

//! Plain axes for figures that are not over β.

use std::ops::Range;

use super::{
    canvas::{Canvas, Drawn, stroke},
    style::{GRID, HAIRLINE, INK, MUTED, SMALL, width},
    ticks::Ticks,
};

/// A plotting area in px with linear axes.
pub(super) struct Frame {
    /// Left and right, top and bottom, in px.
    pub across: Range<f64>,
    pub down: Range<f64>,
    pub x: Range<f64>,
    pub y: Range<f64>,
}

impl Frame {
    /// Where a point stands on the sheet.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |v: f64, range: &Range<f64>| (v - range.start) / (range.end - range.start);
        let (across, down) = (self.across.end - self.across.start, self.down.end - self.down.start);
        (self.across.start + across * share(x, &self.x), self.down.end - down * share(y, &self.y))
    }

    /// Ticks of x, with the lines of the grid and, if wanted, the labels below.
    pub fn draw_x(&self, canvas: &Canvas<'_>, labels: bool) -> Drawn {
        let ticks = Ticks::over(&self.x, 8.0);
        for x in &ticks.at {
            let column = self.at(*x, self.y.start).0;
            canvas.path(&[(column, self.down.start), (column, self.down.end)], stroke(GRID, HAIRLINE))?;
            if labels {
                let label = ticks.label(*x);
                let start = column - 0.5 * width(&label, SMALL);
                canvas.text(&label, (start, self.down.end + 1.5 * SMALL), SMALL, INK)?;
            }
        }
        self.path(canvas, &[(self.x.start, self.y.start), (self.x.end, self.y.start)])
    }

    /// Ticks of y with their labels to the left, and the lines of the grid.
    pub fn draw_y(&self, canvas: &Canvas<'_>) -> Drawn {
        let ticks = Ticks::over(&self.y, (self.down.end - self.down.start) / 38.0);
        for y in &ticks.at {
            let row = self.at(self.x.start, *y).1;
            canvas.path(&[(self.across.start, row), (self.across.end, row)], stroke(GRID, HAIRLINE))?;
            let label = ticks.label(*y);
            let start = self.across.start - width(&label, SMALL) - 6.0;
            canvas.text(&label, (start, row + 0.35 * SMALL), SMALL, INK)?;
        }
        self.path(canvas, &[(self.x.start, self.y.start), (self.x.start, self.y.end)])
    }

    fn path(&self, canvas: &Canvas<'_>, points: &[(f64, f64)]) -> Drawn {
        let points: Vec<(f64, f64)> = points.iter().map(|(x, y)| self.at(*x, *y)).collect();
        canvas.path(&points, stroke(MUTED, HAIRLINE))
    }
}

//! A family of curves: measured numbers with their bands, theory dashed, and collapse plots.

use plotters::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Figure,
    canvas::{Canvas, Drawn, fine, sheet, stroke},
    data::{extent, padded},
    figure::{Key, LEGEND_LINE, WIDTH, arrange},
    frame::{DASHES, Frame, dashed},
    panel::{LEFT, RIGHT},
    style::{BAR, INK, LINE, MUTED, SMALL, TEXT, TITLE, nth_look, width},
};
use crate::Error;

const HEIGHT: f64 = 330.0;
/// The top of the legend, and the room between it and the plotting area for the name of the y axis.
const LEGEND: f64 = 62.0;
const HEADING: f64 = 30.0;
/// A curve of more points than this has no markers: they would hide it.
const MARKED: usize = 45;

/// A point of a curve: x, y, and one standard error of y. One without a finite y is a gap.
pub type ChartPoint = (f64, Option<f64>, Option<f64>);

/// Curves over one parameter, as they are saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Of what model, how sampled.
    pub subtitle: String,
    /// How to read it, in a sentence or two.
    pub caption: String,
    /// What the axes are, with their units.
    pub labels: [String; 2],
    /// The curves, the first below the others.
    pub series: Vec<Series>,
    /// Values of x that are marked by a dashed line, with a label.
    #[serde(default)]
    pub vertical: Vec<(f64, String)>,
    /// Values of y likewise.
    #[serde(default)]
    pub horizontal: Vec<(f64, String)>,
}

/// One curve of a [`Chart`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it is, for the legend; an empty name is left out there.
    pub name: String,
    /// In the order in which they are joined.
    pub points: Vec<ChartPoint>,
    /// A dashed line without markers.
    pub theory: bool,
    /// Which colour and marker: a measured curve and its theory may share one.
    pub look: usize,
}

impl Series {
    /// Measured numbers, with markers and a band of one standard error.
    pub fn measured(name: impl Into<String>, look: usize, points: impl IntoIterator<Item = ChartPoint>) -> Self {
        Self { name: name.into(), points: points.into_iter().collect(), theory: false, look }
    }

    /// A line of theory.
    pub fn theory(name: impl Into<String>, look: usize, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let points = points.into_iter().map(|(x, y)| (x, Some(y), None)).collect();
        Self { name: name.into(), points, theory: true, look }
    }

    /// The same curve over another x. Curves that then lie on one another collapse.
    #[must_use]
    pub fn over(mut self, x: impl Fn(f64) -> f64) -> Self {
        self.points.iter_mut().for_each(|p| p.0 = x(p.0));
        self
    }

    /// The runs of points between gaps: x, y and the standard error.
    fn runs(&self) -> impl Iterator<Item = Vec<(f64, f64, Option<f64>)>> {
        let known = |p: &ChartPoint| Some((p.0, p.1?, p.2)).filter(|p| p.0.is_finite() && p.1.is_finite());
        let runs = self.points.split(move |p| known(p).is_none());
        runs.map(move |run| run.iter().filter_map(known).collect::<Vec<_>>()).filter(|run| !run.is_empty())
    }
}

/// Draws a chart as a figure called `name`. `None` if it has no finite point.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn chart(name: &str, chart: &Chart) -> Result<Option<Figure>, Error> {
    let points = || chart.series.iter().flat_map(Series::runs).flatten();
    if points().next().is_none() {
        return Ok(None);
    }
    let reach = |(_, y, error): (f64, f64, Option<f64>)| [y - error.unwrap_or(0.0), y + error.unwrap_or(0.0)];
    let x = extent(points().map(|p| p.0).chain(marks(&chart.vertical)));
    let y = extent(points().flat_map(reach).filter(|y| y.is_finite()).chain(marks(&chart.horizontal)));
    let (Some(x), Some(y)) = (x, y) else { return Ok(None) };
    let named: Vec<&Series> = chart.series.iter().filter(|series| !series.name.is_empty()).collect();
    let keys = arrange(named.iter().map(|series| series.name.clone()).collect());
    let rows = keys.last().map_or(0.0, |key| key.row + 1.0);
    let lift = if chart.vertical.is_empty() { 0.0 } else { SMALL + 6.0 };
    let top = LEGEND + rows * LEGEND_LINE + HEADING + lift;
    let frame = Frame::linear((LEFT, WIDTH - RIGHT), (top, top + HEIGHT), padded(&x, 0.02), padded(&y, 0.06));
    let svg = sheet(name, &chart.title, (WIDTH, frame.bottom + 52.0), |canvas| {
        canvas.bold(&chart.title, (LEFT - 4.0, 28.0), TITLE, INK)?;
        canvas.text(&chart.subtitle, (LEFT - 4.0, 46.0), SMALL, MUTED)?;
        keys.iter().zip(named).try_for_each(|(key, series)| series.draw_key(canvas, key))?;
        frame.columns(canvas)?;
        frame.rows(canvas)?;
        chart.draw_marks(canvas, &frame)?;
        chart.series.iter().try_for_each(|series| series.draw(canvas, &frame))?;
        frame.y_axis(canvas)?;
        frame.x_axis(canvas, &chart.labels[0])?;
        canvas.text(&chart.labels[1], (LEFT - 4.0, top - 9.0 - lift), TEXT, INK)
    })?;
    Ok(Some(Figure { name: name.into(), title: chart.title.clone(), caption: chart.caption.clone(), svg }))
}

fn marks(marked: &[(f64, String)]) -> impl Iterator<Item = f64> + '_ {
    marked.iter().map(|(value, _)| *value).filter(|value| value.is_finite())
}

impl Chart {
    fn draw_marks(&self, canvas: &Canvas<'_>, frame: &Frame) -> Drawn {
        let mut labels = Vec::new();
        for (value, label) in self.vertical.iter().filter(|(value, _)| value.is_finite()) {
            let (column, _) = frame.at((*value, frame.y.range.start));
            canvas.dashes((column, frame.top), (column, frame.bottom))?;
            labels.push((column - 0.5 * width(label, SMALL), label.clone()));
        }
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        canvas.row(&labels, frame.top - 6.0, frame.right, SMALL, MUTED)?;
        for (value, label) in self.horizontal.iter().filter(|(value, _)| value.is_finite()) {
            let (_, row) = frame.at((frame.x.range.start, *value));
            canvas.dashes((frame.left, row), (frame.right, row))?;
            canvas.text(label, (frame.right - width(label, SMALL), row - 4.0), SMALL, MUTED)?;
        }
        Ok(())
    }
}

impl Series {
    fn has_markers(&self) -> bool {
        !self.theory && self.points.len() <= MARKED
    }

    fn draw_key(&self, canvas: &Canvas<'_>, Key { x, row, text }: &Key) -> Drawn {
        let (y, look) = (LEGEND + LEGEND_LINE * (row + 0.5), nth_look(self.look));
        self.draw_line(canvas, &[[(*x, y), (x + 22.0, y)]])?;
        if self.has_markers() {
            canvas.marker(look.marker, (x + 11.0, y), look.color, true)?;
        }
        canvas.text(text, (x + 28.0, y + 0.35 * TEXT), TEXT, INK)
    }

    fn draw_line(&self, canvas: &Canvas<'_>, segments: &[[(f64, f64); 2]]) -> Drawn {
        let dashes = if self.theory { DASHES[1] } else { DASHES[0] };
        let style = stroke(nth_look(self.look).color, LINE);
        dashed(segments, dashes).iter().try_for_each(|piece| canvas.path(piece, style))
    }

    fn draw(&self, canvas: &Canvas<'_>, frame: &Frame) -> Drawn {
        let look = nth_look(self.look);
        for run in self.runs() {
            // Up along the upper ends of the band, and back along the lower ones.
            let ends = run.iter().filter_map(|(x, y, error)| error.map(|error| (*x, y + error, y - error)));
            let ends: Vec<(f64, f64, f64)> = ends.filter(|(_, a, b)| a.is_finite() && b.is_finite()).collect();
            let ring = ends.iter().map(|e| (e.0, e.1)).chain(ends.iter().rev().map(|e| (e.0, e.2)));
            let band: Vec<(i32, i32)> = ring.map(|p| frame.at(p)).map(|(x, y)| (fine(x), fine(y))).collect();
            if ends.len() > 1 {
                canvas.root.draw(&Polygon::new(band, look.color.mix(0.25).filled()))?;
            }
            // Beside the band, so that single points have an error too and wide bands show where
            // the points are.
            for (x, high, low) in ends.into_iter().filter(|_| self.has_markers()) {
                canvas.path(&[frame.at((x, low)), frame.at((x, high))], stroke(look.color, BAR))?;
            }
            let line: Vec<(f64, f64)> = run.iter().map(|(x, y, _)| (*x, *y)).collect();
            self.draw_line(canvas, &frame.clipped(&line))?;
            for at in line.into_iter().filter(|_| self.has_markers()) {
                canvas.marker(look.marker, frame.at(at), look.color, true)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family() -> Chart {
        let points =
            [(0.0, Some(1.0), None), (1.0, Some(2.0), Some(0.5)), (2.0, None, Some(1.0)), (3.0, Some(1.0), None)];
        Chart {
            title: "a < b".into(),
            subtitle: String::new(),
            caption: String::new(),
            labels: ["β".into(), "S".into()],
            series: vec![Series::measured("one & only", 1, points), Series::theory("law", 1, [(0.0, 1.0), (3.0, 1.0)])],
            vertical: vec![(1.5, "β_c".into()), (f64::INFINITY, "never".into())],
            horizontal: vec![(0.0, "zero".into())],
        }
    }

    #[test]
    fn every_finite_point_has_a_mark_theory_has_none_and_gaps_break_the_line() {
        let svg = chart("lines", &family()).unwrap().unwrap().svg;
        // Three points and the one in the legend, each a disc with its outline.
        assert_eq!(svg.matches("<circle").count(), 8);
        for text in ["a &lt; b", "one &amp; only", "law", "β_c", "zero"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains("never") && !svg.contains("NaN"));
        // Planted bug: a gap that is skipped instead of splitting the run joins the points on both
        // its sides.
        assert_eq!(family().series[0].runs().map(|run| run.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn bands_need_two_errors_side_by_side() {
        let mut chart = family();
        let bands = |chart: &Chart| super::chart("q", chart).unwrap().unwrap().svg.matches("<polygon").count();
        assert_eq!(bands(&chart), 0);
        chart.series[0].points[0].2 = Some(0.1);
        assert_eq!(bands(&chart), 1);
    }

    #[test]
    fn nothing_gives_no_figure_and_another_x_moves_nothing_else() {
        let empty = Chart { series: vec![Series::measured("none", 0, [(1.0, Some(f64::NAN), None)])], ..family() };
        assert_eq!(chart("q", &empty).unwrap(), None);
        let (before, after) = (family().series.remove(0), family().series.remove(0).over(|x| 2.0 * x));
        assert!(before.points.iter().zip(&after.points).all(|(b, a)| (a.0, a.1, a.2) == (2.0 * b.0, b.1, b.2)));
    }
}

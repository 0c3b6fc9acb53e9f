//! The figure of a family of curves: measured numbers with their error bands, lines of theory, and their collapse.

use serde::{Deserialize, Serialize};

use plotters::prelude::*;

use super::{
    Figure,
    canvas::{Canvas, Drawn, fine, sheet, stroke},
    data::{extent, padded},
    frame::{DASHES, Frame, Scale, dashed},
    style::{BAR, INK, LINE, MUTED, SMALL, TEXT, TITLE, nth_look, width},
};
use crate::Error;

const WIDTH: f64 = 820.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 24.0;
const HEIGHT: f64 = 340.0;
const LEGEND_LINE: f64 = 20.0;

/// Curves over one parameter, as they were saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Of what model, how sampled.
    pub subtitle: String,
    /// What the axes are.
    pub labels: [String; 2],
    /// The curves.
    pub series: Vec<Series>,
    /// Places on the x axis that are marked, with what they are.
    pub marks: Vec<(f64, String)>,
}

/// One curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it is, for the legend.
    pub name: String,
    /// x, y and one standard error; a point without a number breaks the line.
    pub points: Vec<(f64, Option<f64>, Option<f64>)>,
    /// A line without marks, dashed.
    pub theory: bool,
    /// Which colour: a measured curve and its theory may share one.
    pub look: usize,
}

impl Series {
    /// The same curve with x rescaled: two curves that then fall on one another collapse.
    #[must_use]
    pub fn rescaled(mut self, x: impl Fn(f64) -> f64) -> Self {
        self.points.iter_mut().for_each(|p| p.0 = x(p.0));
        self
    }
}

/// The chart as a figure called `name`: marks with bands of ± 1σ, theory dashed. `None` if there is no point.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn chart(name: &'static str, chart: &Chart) -> Result<Option<Figure>, Error> {
    let points = || chart.series.iter().flat_map(|s| &s.points).filter(|p| p.1.is_some_and(f64::is_finite));
    let ends = |p: &(f64, Option<f64>, Option<f64>)| {
        let (y, bar) = (p.1.unwrap_or(0.0), p.2.unwrap_or(0.0));
        [y - bar, y + bar]
    };
    let (Some(x), Some(y)) = (extent(points().map(|p| p.0)), extent(points().flat_map(ends))) else { return Ok(None) };
    let entries = legend(chart);
    let rows = entries.last().map_or(0.0, |e| e.1 + 1.0);
    let top = 62.0 + rows * LEGEND_LINE + 30.0;
    let (x, y) = (Scale::linear(padded(&x, 0.02), 8.0), Scale::linear(padded(&y, 0.06), 7.0));
    let frame = Frame { left: LEFT, right: WIDTH - RIGHT, top, bottom: top + HEIGHT, x, y };
    let svg = sheet(name, &chart.title, (WIDTH, top + HEIGHT + 52.0), |canvas| {
        canvas.bold(&chart.title, (LEFT - 50.0, 28.0), TITLE, INK)?;
        canvas.text(&chart.subtitle, (LEFT - 50.0, 46.0), SMALL, MUTED)?;
        for ((x, row), series) in entries.iter().zip(&chart.series) {
            let y = 62.0 + LEGEND_LINE * (row + 0.5);
            sample(canvas, series, (*x, y))?;
            canvas.text(&series.name, (x + 32.0, y + 0.35 * TEXT), TEXT, INK)?;
        }
        frame.grid(canvas)?;
        for (x, label) in &chart.marks {
            let (x, _) = frame.at((*x, frame.y.range.start));
            canvas.dashed(x, (frame.top, frame.bottom), stroke(MUTED, 1.0))?;
            canvas.text(label, (x + 4.0, frame.top + 14.0), SMALL, MUTED)?;
        }
        chart.series.iter().try_for_each(|series| draw(canvas, &frame, series))?;
        frame.axes(canvas, &chart.labels[0], &chart.labels[1])
    })?;
    let caption = format!("{} against {}.", chart.labels[1], chart.labels[0]);
    Ok(Some(Figure { name, title: chart.title.clone(), caption, svg }))
}

/// Where each entry of the legend stands: x in px, and the row.
fn legend(chart: &Chart) -> Vec<(f64, f64)> {
    let (mut x, mut row) = (LEFT - 50.0, 0.0);
    let place = |series: &Series| {
        let needed = 32.0 + width(&series.name, TEXT);
        if x + needed > WIDTH - RIGHT && x > LEFT {
            (x, row) = (LEFT - 50.0, row + 1.0);
        }
        let at = (x, row);
        x += needed + 16.0;
        at
    };
    chart.series.iter().map(place).collect()
}

fn sample(canvas: &Canvas<'_>, series: &Series, (x, y): (f64, f64)) -> Drawn {
    let look = nth_look(series.look);
    let line = [[(x, y), (x + 26.0, y)]];
    if series.theory {
        return dashed(&line, DASHES[1]).iter().try_for_each(|p| canvas.path(p, stroke(look.color, LINE)));
    }
    canvas.path(&line[0], stroke(look.color, LINE))?;
    canvas.marker(look.marker, (x + 13.0, y), look.color, true)
}

fn draw(canvas: &Canvas<'_>, frame: &Frame, series: &Series) -> Drawn {
    let look = nth_look(series.look);
    // Runs of points without a gap.
    for run in series.points.split(|p| !p.1.is_some_and(f64::is_finite)) {
        let line: Vec<(f64, f64)> = run.iter().filter_map(|p| p.1.map(|y| (p.0, y))).collect();
        let upper = run.iter().filter_map(|p| Some((p.0, p.1? + p.2?)));
        let lower = run.iter().filter_map(|p| Some((p.0, p.1? - p.2?)));
        let band: Vec<(i32, i32)> = upper
            .chain(lower.collect::<Vec<_>>().into_iter().rev())
            .map(|p| frame.at(p))
            .map(|(x, y)| (fine(x), fine(y)))
            .collect();
        if band.len() > 2 {
            canvas.root.draw(&Polygon::new(band, look.color.mix(0.22).filled()))?;
        }
        let dashes = if series.theory { DASHES[1] } else { DASHES[0] };
        for piece in dashed(&frame.clipped(&line), dashes) {
            canvas.path(&piece, stroke(look.color, LINE))?;
        }
        if series.theory {
            continue;
        }
        for (point, (x, y)) in run.iter().zip(line) {
            if let Some(bar) = point.2 {
                canvas.path(&[frame.at((x, y - bar)), frame.at((x, y + bar))], stroke(look.color, BAR))?;
            }
            canvas.marker(look.marker, frame.at((x, y)), look.color, true)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family() -> Chart {
        let series = |name: &str, theory| Series {
            name: name.into(),
            points: vec![
                (0.0, Some(0.0), Some(0.1)),
                (1.0, Some(1.0), Some(0.1)),
                (2.0, None, None),
                (3.0, Some(2.0), None),
            ],
            theory,
            look: 1,
        };
        Chart {
            title: "q".into(),
            subtitle: String::new(),
            labels: ["g".into(), "q".into()],
            series: vec![series("measured", false), series("theory", true)],
            marks: vec![(1.0, "g = 1".into())],
        }
    }

    #[test]
    fn measured_points_have_marks_and_bands_and_theory_has_none() {
        let svg = chart("q", &family()).unwrap().unwrap().svg;
        // Three points and the entry of the legend, each a disc with its outline; a band for each curve.
        assert_eq!(svg.matches("<circle").count(), 8);
        assert_eq!(svg.matches("<polygon").count(), 2);
        assert!(svg.contains("theory") && svg.contains("g = 1"));
        assert_eq!(chart("q", &Chart { series: vec![], ..family() }).unwrap(), None);
    }

    #[test]
    fn rescaling_moves_x_alone() {
        let before = family().series.remove(0);
        let after = before.clone().rescaled(|x| 2.0 * x);
        assert!(before.points.iter().zip(&after.points).all(|(b, a)| a.0 == 2.0 * b.0 && a.1 == b.1 && a.2 == b.2));
    }
}

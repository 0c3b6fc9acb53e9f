//! A figure of any numbers against any other: a family of lines with error bars.

use std::ops::Range;

use plotters::prelude::*;

use super::{
    Figure,
    canvas::{Canvas, Drawn, fine, font, px, sheet, stroke},
    data::{extent, padded},
    figure::{Key, LEGEND_LINE, WIDTH, arrange},
    panel::{BELOW, HEADING_BASE, LEFT, RIGHT},
    style::{BAR, GRID, HAIRLINE, INK, LINE, MUTED, SMALL, TEXT, TITLE, nth_look, width},
    ticks::{Axis, Ticks},
};
use crate::Error;

const HEIGHT: f64 = 320.0;
/// Room above the plotting area for its heading and the labels of the vertical marks.
const HEADING: f64 = 52.0;
/// A line of more points than this has no markers: they would hide it.
const MARKED: usize = 40;

/// One line of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedLine {
    /// What it is, for the legend.
    pub name: String,
    /// x, y, and one standard error of y if it has one; in the order in which they are joined.
    pub points: Vec<(f64, f64, Option<f64>)>,
}

/// What a figure of lines shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// Its name, without the ending `.svg`.
    pub name: &'static str,
    /// The title.
    pub title: String,
    /// A line below the title: the model, the number of samples.
    pub subtitle: String,
    /// How to read it, in a sentence or two.
    pub caption: String,
    /// What is on the x axis, with its unit.
    pub x: String,
    /// What is on the y axis, with its unit.
    pub y: String,
    /// The lines.
    pub lines: Vec<NamedLine>,
    /// Values of x that are marked by a dashed line, with a label.
    pub vertical: Vec<(f64, String)>,
    /// Values of y likewise.
    pub horizontal: Vec<(f64, String)>,
}

/// Draws lines with their error bars of one standard error. `None` if there is no point with finite numbers; points without are left
/// out.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn lines(sketch: &Lines) -> Result<Option<Figure>, Error> {
    let finite = |p: &(f64, f64, Option<f64>)| p.0.is_finite() && p.1.is_finite() && p.2.is_none_or(f64::is_finite);
    let shown: Vec<NamedLine> = (sketch.lines.iter())
        .map(|line| NamedLine { points: line.points.iter().copied().filter(finite).collect(), ..line.clone() })
        .filter(|line| !line.points.is_empty())
        .collect();
    let points = || shown.iter().flat_map(|line| &line.points);
    let reach = |p: &(f64, f64, Option<f64>)| [p.1 - p.2.unwrap_or(0.0), p.1 + p.2.unwrap_or(0.0)];
    let Some(x) = extent(points().map(|p| p.0).chain(marks(&sketch.vertical))) else { return Ok(None) };
    let Some(y) = extent(points().flat_map(reach).chain(marks(&sketch.horizontal))) else { return Ok(None) };
    if shown.is_empty() {
        return Ok(None);
    }
    let (x, y) = (padded(&x, 0.02), padded(&y, 0.06));
    let keys = arrange(shown.iter().map(|line| line.name.clone()).collect());
    let top = 62.0 + LEGEND_LINE * (keys.last().map_or(0.0, |key| key.row) + 1.0) + HEADING;
    let svg = sheet(sketch.name, &sketch.title, (WIDTH, top + HEIGHT + BELOW + 30.0), |canvas| {
        canvas.bold(&sketch.title, (LEFT - 4.0, 28.0), TITLE, INK)?;
        canvas.text(&sketch.subtitle, (LEFT - 4.0, 46.0), SMALL, MUTED)?;
        legend(canvas, &keys, &shown)?;
        canvas.text(&sketch.y, (LEFT - 4.0, top - HEADING_BASE - SMALL - 6.0), TEXT, INK)?;
        draw(canvas, sketch, &shown, (&x, &y), top)?;
        let middle = 0.5 * (LEFT + WIDTH - RIGHT - width(&sketch.x, TEXT));
        canvas.text(&sketch.x, (middle, top + HEIGHT + BELOW + 16.0), TEXT, INK)
    })?;
    Ok(Some(Figure { name: sketch.name, title: sketch.title.clone(), caption: sketch.caption.clone(), svg }))
}

fn marks(marked: &[(f64, String)]) -> impl Iterator<Item = f64> + '_ {
    marked.iter().map(|(value, _)| *value).filter(|value| value.is_finite())
}

fn legend(canvas: &Canvas<'_>, keys: &[Key], lines: &[NamedLine]) -> Drawn {
    for (k, (Key { x, row, text }, line)) in keys.iter().zip(lines).enumerate() {
        let (y, look) = (62.0 + LEGEND_LINE * (row + 0.5), nth_look(k + 1));
        canvas.path(&[(*x, y), (x + 22.0, y)], stroke(look.color, LINE))?;
        if line.points.len() <= MARKED {
            canvas.marker(look.marker, (x + 11.0, y), look.color, true)?;
        }
        canvas.text(text, (x + 28.0, y + 0.35 * TEXT), TEXT, INK)?;
    }
    Ok(())
}

fn draw(
    canvas: &Canvas<'_>,
    sketch: &Lines,
    lines: &[NamedLine],
    (x, y): (&Range<f64>, &Range<f64>),
    top: f64,
) -> Drawn {
    let area = canvas.root.clone().shrink((0, fine(top)), (fine(WIDTH - RIGHT), fine(HEIGHT + BELOW)));
    let (x_ticks, y_ticks) = (Ticks::over(x, 8.0), Ticks::over(y, HEIGHT / 38.0));
    let mut chart = ChartBuilder::on(&area)
        .set_label_area_size(LabelAreaPosition::Left, fine(LEFT))
        .set_label_area_size(LabelAreaPosition::Bottom, fine(BELOW))
        .build_cartesian_2d(Axis { range: x.clone(), ticks: &x_ticks }, Axis { range: y.clone(), ticks: &y_ticks })?;
    let plane = chart.plotting_area().clone();
    let at = |x: f64, y: f64| px(plane.map_coordinate(&(x, y)));
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(stroke(GRID, HAIRLINE))
        .axis_style(stroke(MUTED, HAIRLINE))
        .set_all_tick_mark_size(fine(4.0))
        .label_style(font(SMALL, INK))
        .draw()?;
    let mut labels = Vec::new();
    for (value, label) in sketch.vertical.iter().filter(|(value, _)| value.is_finite()) {
        let (column, _) = at(*value, y.start);
        canvas.dashes((column, top), (column, top + HEIGHT))?;
        labels.push((column - 0.5 * width(label, SMALL), label.clone()));
    }
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    canvas.row(&labels, top - 6.0, WIDTH - RIGHT, SMALL, MUTED)?;
    for (value, label) in sketch.horizontal.iter().filter(|(value, _)| value.is_finite()) {
        let (_, row) = at(x.start, *value);
        canvas.dashes((LEFT, row), (WIDTH - RIGHT, row))?;
        canvas.text(label, (WIDTH - RIGHT - width(label, SMALL), row - 4.0), SMALL, MUTED)?;
    }
    for (k, line) in lines.iter().enumerate() {
        let look = nth_look(k + 1);
        let path: Vec<(f64, f64)> = line.points.iter().map(|p| at(p.0, p.1)).collect();
        canvas.path(&path, stroke(look.color, LINE))?;
        for (x, y, error) in &line.points {
            if let Some(error) = error {
                canvas.path(&[at(*x, y - error), at(*x, y + error)], stroke(look.color, BAR))?;
            }
            if line.points.len() <= MARKED {
                canvas.marker(look.marker, at(*x, *y), look.color, true)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_point_is_drawn_and_nothing_gives_no_figure() {
        let points = vec![(0.0, 1.0, None), (1.0, 2.0, Some(0.5)), (2.0, f64::NAN, None), (3.0, 1.0, None)];
        let mut sketch = Lines {
            name: "lines",
            title: "a < b".into(),
            subtitle: String::new(),
            caption: String::new(),
            x: "β".into(),
            y: "S".into(),
            lines: vec![NamedLine { name: "one & only".into(), points }],
            vertical: vec![(1.5, "β_c".into()), (f64::INFINITY, "never".into())],
            horizontal: vec![(0.0, "zero".into())],
        };
        let svg = lines(&sketch).unwrap().unwrap().svg;
        // Three points and the one in the legend, each a disc with its outline.
        assert_eq!(svg.matches("<circle").count(), 8);
        for text in ["a &lt; b", "one &amp; only", "β_c", "zero"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains("never") && !svg.contains("NaN"));
        sketch.lines[0].points.truncate(0);
        assert_eq!(lines(&sketch).unwrap(), None);
        assert_eq!(lines(&Lines { vertical: Vec::new(), horizontal: Vec::new(), ..sketch }).unwrap(), None);
    }
}

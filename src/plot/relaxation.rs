//! The figure of relaxation times: ln τ against 1/T, and against 1/(T S_c).

use plotters::style::Color;

use super::{
    Figure,
    canvas::{Canvas, Drawn, sheet, stroke},
    data::{extent, padded},
    frame::{DASHES, Frame, dashed},
    panel::{BELOW, HEADING_BASE, LEFT, RIGHT},
    style::{BAR, INK, LINE, MUTED, SMALL, TEXT, TITLE, nth_look, width},
};
use crate::{
    Error,
    stats::Line,
    thermo::{Law, Relaxing},
};

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 250.0;
const LEGEND: f64 = 62.0;
const LEGEND_LINE: f64 = 20.0;
/// Room for the heading of a panel above it, and for the title of its axis below it.
const HEADING: f64 = 36.0;
const AXIS_TITLE: f64 = 24.0;

/// One system, or the average over many, at several temperatures.
#[derive(Debug, Clone, PartialEq)]
pub struct Relaxations {
    /// What it is, for the legend.
    pub name: String,
    /// ln τ and S_c at each temperature.
    pub points: Vec<Relaxing>,
    /// The standard error of ln τ at each, where it has one.
    pub std_errors: Vec<Option<f64>>,
}

/// ln τ against 1/T, where the law of Arrhenius is a straight line, and against 1/(T S_c), where
/// that of Adam and Gibbs is; each series with its straight line. Points without a configurational
/// entropy are missing in the second panel. `None` if there is nothing to draw.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn relaxation(title: &str, subtitle: &str, series: &[Relaxations]) -> Result<Option<Figure>, Error> {
    let panels = [
        ("1/T", "ln τ against 1/T: Arrhenius", Law::Arrhenius),
        ("1/(T S_c)", "ln τ against 1/(T S_c): Adam and Gibbs", Law::AdamGibbs),
    ];
    if !series.iter().any(|s| s.points.iter().any(|p| place(Law::Arrhenius, p).is_some())) {
        return Ok(None);
    }
    let top = LEGEND + LEGEND_LINE + HEADING;
    let step = HEIGHT + BELOW + AXIS_TITLE + HEADING;
    let svg = sheet("relaxation", title, (WIDTH, top + 2.0 * step - HEADING + 6.0), |canvas| {
        canvas.bold(title, (LEFT - 4.0, 28.0), TITLE, INK)?;
        canvas.text(subtitle, (LEFT - 4.0, 46.0), SMALL, MUTED)?;
        legend(canvas, series)?;
        for (k, (axis, heading, law)) in panels.iter().enumerate() {
            let top = top + step * k as f64;
            canvas.text(heading, (LEFT - 4.0, top - HEADING_BASE), TEXT, INK)?;
            panel(canvas, (*law, axis), series, top)?;
        }
        Ok(())
    })?;
    let caption = "The logarithm of the relaxation time; the law that holds is a straight line in its panel.".into();
    Ok(Some(Figure { name: "relaxation".into(), title: title.into(), caption, svg }))
}

fn legend(canvas: &Canvas<'_>, series: &[Relaxations]) -> Drawn {
    let (mut x, y) = (LEFT - 4.0, LEGEND + 0.5 * LEGEND_LINE);
    for (k, series) in series.iter().enumerate() {
        let look = nth_look(k + 1);
        canvas.marker(look.marker, (x + 8.0, y), look.color, true)?;
        canvas.text(&series.name, (x + 18.0, y + 0.35 * TEXT), TEXT, INK)?;
        x += 36.0 + width(&series.name, TEXT);
    }
    Ok(())
}

/// Where a point lies in the panel of a law, if it does.
fn place(law: Law, point: &Relaxing) -> Option<(f64, f64)> {
    let x = if law == Law::AdamGibbs { point.adam_gibbs() } else { point.temperature.recip() };
    (x.is_finite() && point.log_time.is_finite()).then_some((x, point.log_time))
}

fn panel(canvas: &Canvas<'_>, (law, axis): (Law, &str), series: &[Relaxations], top: f64) -> Drawn {
    let marks = |s: &Relaxations| -> Vec<((f64, f64), Option<f64>)> {
        let bars = s.std_errors.iter().copied().chain(std::iter::repeat(None));
        s.points.iter().zip(bars).filter_map(|(p, bar)| Some((place(law, p)?, bar))).collect()
    };
    let all: Vec<((f64, f64), Option<f64>)> = series.iter().flat_map(marks).collect();
    let xs = extent(all.iter().map(|(at, _)| at.0).chain([0.0]));
    let ys = extent(all.iter().flat_map(|(at, bar)| [at.1 - bar.unwrap_or(0.0), at.1 + bar.unwrap_or(0.0)]));
    let (Some(x), Some(y)) = (xs, ys) else { return Ok(()) };
    let (x, y) = (padded(&x, 0.015), padded(&y, 0.06));

    let frame = Frame::linear((LEFT, WIDTH - RIGHT), (top, top + HEIGHT), x, y.clone());
    frame.columns(canvas)?;
    frame.rows(canvas)?;
    frame.y_axis(canvas)?;
    frame.x_axis(canvas, axis)?;
    for (k, series) in series.iter().enumerate() {
        let (look, marks) = (nth_look(k + 1), marks(series));
        let points = || marks.iter().map(|(at, _)| *at);
        if let (Some(line), Some(span)) = (Line::fit(points()), extent(points().map(|(x, _)| x))) {
            let ends = [span.start, span.end].map(|x| (x, line.at(x)));
            let pieces = dashed(&frame.clipped(&ends), DASHES[1]);
            pieces.iter().try_for_each(|piece| canvas.path(piece, stroke(look.color.mix(0.6), LINE)))?;
        }
        for ((x, y), bar) in marks {
            if let Some(bar) = bar {
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

    #[test]
    fn every_point_is_drawn_in_both_panels_if_it_has_an_entropy() {
        let point = |t: f64, entropy: f64| Relaxing { temperature: t, log_time: 1.0 / t, entropy };
        let one = Relaxations {
            name: "a < b".into(),
            points: vec![point(1.0, 0.7), point(0.5, 0.4), point(0.25, 0.0)],
            std_errors: vec![Some(0.1)],
        };
        let svg = relaxation("ln τ", "", std::slice::from_ref(&one)).unwrap().unwrap().svg;
        // Three marks, two with an entropy, and that of the legend, each a disc with its outline.
        assert_eq!(svg.matches("<circle").count(), 12);
        assert!(svg.contains("a &lt; b"));
        assert_eq!(relaxation("", "", &[]).unwrap(), None);
        assert_eq!(relaxation("", "", &[Relaxations { points: Vec::new(), ..one }]).unwrap(), None);
    }
}

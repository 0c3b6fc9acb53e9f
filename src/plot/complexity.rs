//! The figure of the complexity: how many solutions there are at a free energy.

use std::ops::Range;

use super::{
    Figure,
    canvas::{Canvas, Drawn, sheet, stroke},
    data::{extent, padded},
    frame::Frame,
    panel::{BELOW, HEADING_BASE, LEFT, RIGHT},
    style::{INK, LINE, MUTED, SMALL, TEXT, TITLE, nth_look},
};
use crate::{Error, thermo::Level};

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 300.0;
const LEGEND_LINE: f64 = 20.0;
/// Room above the plotting area for its heading.
const HEADING: f64 = 40.0;

/// The solutions of one model at one β, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// What it is, for the legend.
    pub name: String,
    /// Σ against β(F − F₀) in nats, with F₀ the lowest free energy:
    /// [`thermo::complexity`](crate::thermo::complexity) of Φ₀ − Φ, for example.
    pub levels: Vec<Level>,
}

/// The complexity Σ of one or more spectra against the free energy above the lowest solution, in
/// units of the temperature, with the line Σ = β(F − F₀). `None` if there is nothing to draw.
///
/// A solution weighs e^{−βF}. Where a spectrum rises above the line, the many solutions there
/// outweigh the best one, and ln Z is not that of any single solution.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn complexity(title: &str, subtitle: &str, spectra: &[Spectrum]) -> Result<Option<Figure>, Error> {
    let spectra: Vec<&Spectrum> = spectra.iter().filter(|s| !s.levels.is_empty()).collect();
    let levels = || spectra.iter().flat_map(|s| &s.levels);
    let Some(x) = extent(levels().flat_map(|l| [l.from, l.to])) else { return Ok(None) };
    let x = x.start.min(0.0)..x.end;
    let y = extent(levels().map(|l| l.complexity).chain([0.0, 1.0])).unwrap_or(0.0..1.0);
    let (x, y) = (padded(&x, 0.015), padded(&y, 0.06));
    let top = 62.0 + LEGEND_LINE * (spectra.len() + 1).div_ceil(COLUMNS) as f64 + HEADING;
    let size = (WIDTH, top + HEIGHT + BELOW + 30.0);
    let svg = sheet("complexity", title, size, |canvas| {
        canvas.bold(title, (LEFT - 4.0, 28.0), TITLE, INK)?;
        canvas.text(subtitle, (LEFT - 4.0, 46.0), SMALL, MUTED)?;
        legend(canvas, &spectra)?;
        canvas.text("Σ = ln(number of solutions in an interval), nats", (LEFT - 4.0, top - HEADING_BASE), TEXT, INK)?;
        draw(canvas, &spectra, (&x, &y), top)
    })?;
    let caption =
        "The number of distinct solutions in intervals of free energy. Above the dashed line they outweigh the \
                   lowest one together."
            .into();
    Ok(Some(Figure { name: "complexity".into(), title: title.into(), caption, svg }))
}

/// Entries of the legend in a row.
const COLUMNS: usize = 3;

fn legend(canvas: &Canvas<'_>, spectra: &[&Spectrum]) -> Drawn {
    let column = (WIDTH - LEFT - RIGHT) / COLUMNS as f64;
    let place =
        |k: usize| (LEFT - 4.0 + column * (k % COLUMNS) as f64, 62.0 + LEGEND_LINE * ((k / COLUMNS) as f64 + 0.5));
    for (k, spectrum) in spectra.iter().enumerate() {
        let ((x, y), look) = (place(k), nth_look(k + 1));
        canvas.path(&[(x, y), (x + 22.0, y)], stroke(look.color, LINE))?;
        canvas.marker(look.marker, (x + 11.0, y), look.color, true)?;
        canvas.text(&spectrum.name, (x + 28.0, y + 0.35 * TEXT), TEXT, INK)?;
    }
    let (x, y) = place(spectra.len());
    canvas.dashes((x, y), (x + 22.0, y))?;
    canvas.text("Σ = β(F − F₀): equal weight", (x + 28.0, y + 0.35 * TEXT), TEXT, INK)
}

fn draw(canvas: &Canvas<'_>, spectra: &[&Spectrum], (x, y): (&Range<f64>, &Range<f64>), top: f64) -> Drawn {
    let frame = Frame::linear((LEFT, WIDTH - RIGHT), (top, top + HEIGHT), x.clone(), y.clone());
    frame.columns(canvas)?;
    frame.rows(canvas)?;
    frame.y_axis(canvas)?;
    frame.x_axis(canvas, "β(F − F₀), nats above the lowest solution")?;
    let end = x.end.min(y.end);
    canvas.dashes(frame.at((0.0, 0.0)), frame.at((end, end)))?;
    for (k, spectrum) in spectra.iter().enumerate() {
        let look = nth_look(k + 1);
        let middle = |l: &Level| frame.at((0.5 * (l.from + l.to), l.complexity));
        // A line through an empty interval would promise solutions that are not there.
        for pair in spectrum.levels.windows(2).filter(|pair| adjacent(&pair[0], &pair[1])) {
            canvas.path(&[middle(&pair[0]), middle(&pair[1])], stroke(look.color, LINE))?;
        }
        spectrum.levels.iter().try_for_each(|l| canvas.marker(look.marker, middle(l), look.color, true))?;
    }
    Ok(())
}

fn adjacent(a: &Level, b: &Level) -> bool {
    (b.from - a.to).abs() < 1e-6 * (a.to - a.from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermo;

    #[test]
    fn every_interval_has_its_mark_and_nothing_gives_no_figure() {
        let levels = thermo::complexity(&[0.0, 0.2, 1.1, 1.2, 1.3, 5.5], 1.0);
        let figure = |spectra: &[Spectrum]| complexity("Σ", "", spectra).unwrap();
        let one = Spectrum { name: "a < b".into(), levels };
        let svg = figure(std::slice::from_ref(&one)).unwrap().svg;
        // Three marks and that of the legend, each a disc with its outline.
        assert_eq!(svg.matches("<circle").count(), 8);
        assert!(svg.contains("a &lt; b"));
        assert_eq!(figure(&[]), None);
        assert_eq!(figure(&[Spectrum { levels: Vec::new(), ..one }]), None);
    }
}

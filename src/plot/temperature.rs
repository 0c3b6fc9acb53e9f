//! The figure of temperatures: every estimate of β side by side.

use std::ops::Range;

use plotters::style::RGBColor;

use super::{
    canvas::{Canvas, Drawn, sheet, stroke},
    data::{extent, padded},
    style::{BAR, GRID, HAIRLINE, INK, MUTED, Marker, SMALL, TEXT, TITLE, width},
    ticks::Ticks,
};
use crate::{
    Error,
    io::TemperatureFile,
    temperature::{Estimate, Scope},
};

const WIDTH: f64 = 820.0;
/// Room for the names of the estimators, and for their numbers.
const LEFT: f64 = 210.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 74.0;
const ROW: f64 = 26.0;

/// The colours of the scopes: of Okabe and Ito's palette.
fn color(scope: Scope) -> (RGBColor, Marker) {
    match scope {
        Scope::Global => (RGBColor(0x00, 0x72, 0xB2), Marker::Circle),
        Scope::Local => (RGBColor(0xD5, 0x5E, 0x00), Marker::Square),
        Scope::Weights => (RGBColor(0x00, 0x9E, 0x73), Marker::Diamond),
    }
}

/// One row for each estimate, with its error bar; hollow where there is no error control.
///
/// `None` if there is no estimate.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn temperatures(results: &TemperatureFile) -> Result<Option<String>, Error> {
    let bar = |e: &Estimate| e.beta.claim.std_error().unwrap_or(0.0);
    let ends = results.estimates.iter().flat_map(|e| [e.beta.value - bar(e), e.beta.value + bar(e)]);
    let Some(range) = extent(ends).map(|range| padded(&range, 0.06)) else { return Ok(None) };
    let bottom = TOP + ROW * results.estimates.len() as f64;
    let title = "Inverse temperature of the data under the model, by each estimator";
    let svg = sheet("temperature", title, (WIDTH, bottom + 52.0), |canvas| {
        canvas.bold(title, (20.0, 28.0), TITLE, INK)?;
        let model = &results.model;
        let subtitle = format!("{} ({} rows) under {}, {}", results.data, results.n_samples, model.source, model.shape);
        canvas.text(&subtitle, (20.0, 46.0), SMALL, MUTED)?;
        axis(canvas, &results.estimates, &range, bottom)?;
        for (k, estimate) in results.estimates.iter().enumerate() {
            row(canvas, estimate, &range, TOP + ROW * (k as f64 + 0.5))?;
        }
        Ok(())
    })?;
    Ok(Some(svg))
}

fn column(range: &Range<f64>, beta: f64) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * (beta - range.start) / (range.end - range.start)
}

fn axis(canvas: &Canvas<'_>, estimates: &[Estimate], range: &Range<f64>, bottom: f64) -> Drawn {
    let ticks = Ticks::over(range, 6.0);
    for &beta in &ticks.at {
        let (x, label) = (column(range, beta), ticks.label(beta));
        canvas.path(&[(x, TOP), (x, bottom)], stroke(GRID, HAIRLINE))?;
        canvas.text(&label, (x - 0.5 * width(&label, SMALL), bottom + 16.0), SMALL, INK)?;
    }
    canvas.path(&[(LEFT, bottom), (WIDTH - RIGHT, bottom)], stroke(MUTED, HAIRLINE))?;
    if range.contains(&1.0) {
        canvas.dashed(column(range, 1.0), (TOP, bottom), stroke(MUTED, HAIRLINE))?;
    }
    let mut x = LEFT;
    // A key explains what is there, and nothing else.
    for scope in [Scope::Global, Scope::Local, Scope::Weights] {
        if estimates.iter().all(|estimate| estimate.scope != scope) {
            continue;
        }
        let says = scope.name();
        let (color, marker) = color(scope);
        canvas.marker(marker, (x, 62.0), color, true)?;
        canvas.text(says, (x + 8.0, 66.0), SMALL, INK)?;
        x += 26.0 + width(says, SMALL);
    }
    let hollow = estimates.iter().any(|estimate| estimate.beta.claim.std_error().is_none());
    let bars = if hollow { "± 1σ; hollow: no error control" } else { "± 1σ" };
    canvas.text(bars, (x, 66.0), SMALL, MUTED)?;
    canvas.text("β, inverse temperature", (0.5 * (LEFT + WIDTH - RIGHT) - 70.0, bottom + 38.0), TEXT, INK)
}

fn row(canvas: &Canvas<'_>, estimate: &Estimate, range: &Range<f64>, y: f64) -> Drawn {
    let (color, marker) = color(estimate.scope);
    let name = match &estimate.variant {
        Some(variant) => format!("{} ({variant})", estimate.estimator),
        None => estimate.estimator.to_string(),
    };
    canvas.text(&name, (20.0, y + 0.35 * TEXT), TEXT, INK)?;
    let (beta, std_error) = (estimate.beta.value, estimate.beta.claim.std_error());
    let x = column(range, beta);
    if let Some(bar) = std_error {
        let [low, high] = [beta - bar, beta + bar].map(|end| column(range, end));
        canvas.path(&[(low, y), (high, y)], stroke(color, BAR))?;
        for end in [low, high] {
            canvas.path(&[(end, y - 4.0), (end, y + 4.0)], stroke(color, BAR))?;
        }
    }
    canvas.marker(marker, (x, y), color, std_error.is_some())?;
    let number = match std_error {
        Some(bar) => format!("{beta:.4} ± {bar:.4}"),
        None => format!("≈ {beta:.4}"),
    };
    canvas.text(&number, (WIDTH - RIGHT + 12.0, y + 0.35 * SMALL), SMALL, INK)
}

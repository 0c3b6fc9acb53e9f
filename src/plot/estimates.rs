//! Several estimates of one number, one below the other.

use super::{
    canvas::{Canvas, Drawn, sheet, stroke},
    data::{extent, padded},
    figures::Figure,
    frame::Frame,
    panel::RIGHT,
    style::{BAR, HAIRLINE, INK, LINE, MUTED, Marker, SMALL, TITLE, look, width},
};
use crate::{Error, curve::Method};

const WIDTH: f64 = 820.0;
const LEFT: f64 = 14.0;
/// Room for the names of the estimates, and the top of the plotting area.
const NAMES: f64 = 330.0;
const TOP: f64 = 84.0;
const ROW: f64 = 30.0;

/// One estimate of a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// How it was obtained.
    pub name: String,
    /// The method, which gives it its colour and its mark.
    pub method: Method,
    /// The number.
    pub value: f64,
    /// One standard error.
    pub std_error: f64,
    /// Whether its evidence is sound; drawn hollow if not.
    pub solid: bool,
}

/// Draws estimates of one number with their error bars of one standard error, and lines for numbers
/// from elsewhere, each with its name. An estimate of poor evidence may lie off the scale that the
/// others set, and says so.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn estimates_figure(
    title: &str,
    subtitle: &str,
    axis: &str,
    estimates: &[Estimate],
    claims: &[(String, f64)],
) -> Result<Figure, Error> {
    let name = "estimates";
    let bottom = TOP + ROW * estimates.len() as f64 + 12.0;
    let draw = |canvas: &Canvas<'_>| draw(canvas, (title, subtitle, axis), estimates, claims, bottom);
    let svg = sheet(name, title, (WIDTH, bottom + 52.0), draw)?;
    let caption =
        "Every estimate with its standard error; hollow: its evidence is poor. Dashed: numbers from elsewhere.".into();
    Ok(Figure { name: name.into(), title: title.into(), caption, svg })
}

fn draw(
    canvas: &Canvas<'_>,
    (title, subtitle, axis): (&str, &str, &str),
    estimates: &[Estimate],
    claims: &[(String, f64)],
    bottom: f64,
) -> Drawn {
    canvas.bold(title, (LEFT, 28.0), TITLE, INK)?;
    canvas.text(subtitle, (LEFT, 46.0), SMALL, MUTED)?;
    // The sound ones set the scale, so that one that failed does not squeeze them.
    let any_sound = estimates.iter().any(|e| e.solid);
    let reach = estimates.iter().filter(|e| e.solid || !any_sound);
    let reach = reach.flat_map(|e| [e.value - e.std_error, e.value + e.std_error]);
    let x = extent(reach.chain(claims.iter().map(|(_, value)| *value))).map_or(0.0..1.0, |x| padded(&x, 0.2));
    let frame = Frame::linear((NAMES, WIDTH - RIGHT), (TOP, bottom), x, 0.0..1.0);
    frame.columns(canvas)?;
    frame.x_axis(canvas, axis)?;
    let column = |x: f64| frame.at((x, 0.0)).0;
    for (_, value) in claims {
        canvas.dashed(column(*value), (TOP, bottom), stroke(INK, HAIRLINE))?;
    }
    let mut labels: Vec<(f64, String)> =
        claims.iter().map(|(name, value)| (column(*value) - 0.5 * width(name, SMALL), name.clone())).collect();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    canvas.row(&labels, TOP - 9.0, WIDTH - RIGHT, SMALL, MUTED)?;
    for (k, estimate) in estimates.iter().enumerate() {
        let y = TOP + ROW * (k as f64 + 0.7);
        let look = look(estimate.method);
        let off = if frame.x.range.contains(&estimate.value) { "" } else { ", off scale" };
        let text = format!("{}: {:.2} ± {:.2}{off}", estimate.name, estimate.value, estimate.std_error);
        canvas.text(&text, (LEFT, y + 0.35 * SMALL), SMALL, INK)?;
        if !off.is_empty() {
            continue;
        }
        let ends = [estimate.value - estimate.std_error, estimate.value + estimate.std_error];
        let ends = ends.map(|x| x.clamp(frame.x.range.start, frame.x.range.end));
        canvas.path(&ends.map(|x| (column(x), y)), stroke(look.color, BAR.max(LINE)))?;
        let shape = if look.marker == Marker::Dot { Marker::Circle } else { look.marker };
        canvas.marker(shape, (column(estimate.value), y), look.color, estimate.solid)?;
    }
    Ok(())
}

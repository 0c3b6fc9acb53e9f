//! Which figures there are, and what stands in them.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    data::{Baseline, Line, extent, full_range, lines, padded, reference, zoom_range},
    figure::Sketch,
    panel::{BetaAxis, Panel},
    style::label,
    ticks::Ticks,
};
use crate::{
    Error,
    curve::Method,
    findings::{entropy_drop, words},
    io::{Quantity, ResultFile, sealed_xml, write_atomically},
};

/// Heights of the plotting areas in px: the main panel, and the close-up below it.
const MAIN: f64 = 290.0;
const CLOSE_UP: f64 = 150.0;

/// A finished figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its name, without the ending `.svg`.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// How to read it, in a sentence or two.
    pub caption: String,
    /// The drawing.
    pub svg: String,
}

impl Figure {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.svg", self.name)
    }

    /// Writes it to the folder `dir` with a checksum; the path.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write(&self, dir: &Path) -> Result<PathBuf, Error> {
        let path = dir.join(self.file_name());
        write_atomically(&path, sealed_xml(&self.svg, None).as_bytes())?;
        Ok(path)
    }
}

/// Every figure that the results have numbers for.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn figures(results: &ResultFile) -> Result<Vec<Figure>, Error> {
    Quantity::ALL.into_iter().filter_map(|quantity| figure(results, quantity).transpose()).collect()
}

/// The symbol and the unit of a quantity.
fn symbol(quantity: Quantity) -> (&'static str, &'static str) {
    match quantity {
        Quantity::LogZ => ("ln Z", "nats"),
        Quantity::Energy => ("U", "the model's energy units"),
        Quantity::Entropy => ("S", "nats"),
        Quantity::HeatCapacity => ("C", "units of k_B"),
    }
}

fn figure(results: &ResultFile, quantity: Quantity) -> Result<Option<Figure>, Error> {
    let Some(reference) = reference(results) else { return Ok(None) };
    let (symbol, unit) = symbol(quantity);
    let difference = (results.curves.len() > 1).then(|| lines(results, quantity, &Baseline::Curve(reference)));
    let against = match reference.method {
        Method::Exact => "exact".into(),
        method => label(method),
    };
    let difference =
        difference.filter(|ls| ls.len() > 1 && (reference.method == Method::Exact || reference.is_sampled()));
    let zoomed = difference.clone().and_then(|ls| zoom_range(&ls).map(|y| (ls, y)));
    let zoom = zoomed.map(|(lines, y)| {
        let heading = format!("{symbol} − {symbol}({against}), {unit}: close-up on the scale of the error bars");
        Panel { heading, lines, y, zero: true, height: CLOSE_UP }
    });
    let units = results.model.shape.n_units().max(1) as f64;
    let (name, title, heading, lines, zero) = match (quantity, difference) {
        (Quantity::LogZ, Some(lines)) => {
            let title = match reference.method {
                Method::Exact => "Error of ln Z against exact enumeration".into(),
                _ => format!("ln Z relative to {against} (there is no exact value)"),
            };
            ("log_z_error", title, format!("ln Z − ln Z({against}), nats"), lines, true)
        }
        (Quantity::LogZ, None) => {
            let lines = lines(results, quantity, &Baseline::Zero(units));
            ("log_z_error", "ln Z for each unit".into(), "ln Z / n, nats a unit".into(), lines, false)
        }
        (Quantity::Energy, _) => {
            ("energy", "Energy".into(), format!("U = ⟨E⟩, {unit}"), plain(results, quantity), false)
        }
        (Quantity::Entropy, _) => {
            ("entropy", "Entropy".into(), "S = ln Z + βU, nats".into(), plain(results, quantity), true)
        }
        (Quantity::HeatCapacity, _) => {
            ("heat_capacity", "Heat capacity".into(), format!("C = β² Var E, {unit}"), plain(results, quantity), false)
        }
    };
    let Some(y) = full_range(&lines) else { return Ok(None) };
    // A close-up of differences next to the same differences on nearly the same scale would say
    // nothing new.
    let span = |range: &Range<f64>| range.end - range.start;
    let zoom = zoom.filter(|close| quantity != Quantity::LogZ || span(&y) > 3.0 * span(&close.y));
    let caption = caption(quantity, zero, zoom.is_some(), &against);
    let mut panels = vec![Panel { heading, lines, y, zero, height: MAIN }];
    panels.extend(zoom);
    let Some(beta) = beta_axis(results, &mut panels) else { return Ok(None) };
    let sketch = Sketch { name, title, subtitle: subtitle(results), beta, panels };
    let svg = sketch.svg()?;
    Ok(Some(Figure { name: name.into(), title: sketch.title, caption, svg }))
}

fn plain(results: &ResultFile, quantity: Quantity) -> Vec<Line> {
    lines(results, quantity, &Baseline::Zero(1.0))
}

/// The axis over all β of the first panel. A single β becomes a row of marks side by side.
fn beta_axis(results: &ResultFile, panels: &mut [Panel]) -> Option<BetaAxis> {
    let xs = extent(panels.first()?.lines.iter().flat_map(|l| l.marks.iter().flatten()).map(|m| m.x))?;
    if xs.start == xs.end {
        let methods: Vec<Method> = panels[0].lines.iter().map(|l| l.method).collect();
        for line in panels.iter_mut().flat_map(|p| &mut p.lines) {
            let place = methods.iter().position(|m| *m == line.method).unwrap_or(0) as f64;
            let aside = (place + 0.5) / methods.len() as f64 - 0.5;
            line.marks.iter_mut().flatten().for_each(|m| m.x += aside);
        }
        return Some(BetaAxis {
            range: xs.start - 0.6..xs.start + 0.6,
            ticks: Ticks::one(xs.start),
            one: false,
            band: None,
        });
    }
    let range = padded(&xs, 0.015);
    let ticks = Ticks::over(&xs, 8.0);
    let fall = reference(results).and_then(entropy_drop);
    let band = fall.map(|f| (f.from..f.to, f.nats())).filter(|(b, _)| b.start >= xs.start && b.end <= xs.end);
    Some(BetaAxis { one: range.contains(&1.0), range, ticks, band })
}

fn subtitle(results: &ResultFile) -> String {
    let model = &results.model;
    let values = match model.units.as_str() {
        "bit" => "units 0/1".into(),
        "spin" => "units ±1".into(),
        other => format!("units {other}"),
    };
    format!("{}: {}, {}, {values}", model.source, words::kind(&model.kind), model.shape)
}

fn caption(quantity: Quantity, difference: bool, zoom: bool, against: &str) -> String {
    let what = match quantity {
        Quantity::LogZ if difference => format!("ln Z of each method minus ln Z({against}), against β."),
        Quantity::LogZ => "ln Z divided by the number of units, against β.".into(),
        Quantity::Energy => "Mean energy U against β.".into(),
        Quantity::Entropy => "Entropy S against β; it starts at n ln 2, the logarithm of the number of states.".into(),
        Quantity::HeatCapacity => {
            "Heat capacity C = −∂S/∂ln β: its peak is where the entropy falls most steeply.".into()
        }
    };
    let close = if zoom {
        " Below: the difference from the reference, on the scale of the error bars (one standard error)."
    } else {
        ""
    };
    format!("{what}{close}")
}

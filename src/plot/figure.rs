//! A whole figure: title, legend, and one or two panels over the same axis of β.

use super::{
    canvas::{Canvas, Drawn, sheet, stroke},
    data::Line,
    panel::{BELOW, BetaAxis, HEADING_BASE, LEFT, Panel, RIGHT},
    style::{INK, LINE, MARK, MUTED, Marker, SMALL, TEXT, TITLE, label, look, width},
};
use crate::Error;

pub(super) const WIDTH: f64 = 820.0;
/// Room above the plotting area of each panel, for its heading.
const HEADING: f64 = 36.0;
/// Room above the first panel's heading for the labels of what is marked on the axis, if they do
/// not fit beside it.
const LABELS: f64 = 16.0;
pub(super) const LEGEND_LINE: f64 = 20.0;

/// A figure before it is drawn.
pub(super) struct Sketch {
    pub name: &'static str,
    pub title: String,
    /// The model, in a line.
    pub subtitle: String,
    pub beta: BetaAxis,
    /// From top to bottom.
    pub panels: Vec<Panel>,
}

/// One entry of the legend: a place in px, and what it says.
pub(super) struct Key {
    pub x: f64,
    pub row: f64,
    pub text: String,
}

impl Sketch {
    /// The figure as SVG.
    ///
    /// # Errors
    /// [`Error::Io`] if the backend fails.
    pub fn svg(&self) -> Result<String, Error> {
        let lines = self.legend_lines();
        let texts = lines.iter().map(|l| if l.sampled { format!("{} ± 1σ", label(l.method)) } else { label(l.method) });
        let texts: Vec<String> = texts.chain(self.footnote()).collect();
        let keys = arrange(texts);
        let legend = 62.0;
        let rows = keys.last().map_or(1.0, |k| k.row + 1.0);
        let labels = self.labels();
        let heading_end = LEFT + self.panels.first().map_or(0.0, |p| width(&p.heading, TEXT)) + TEXT;
        let lift = if labels.first().is_some_and(|l| l.0 < heading_end) { LABELS } else { 0.0 };
        let first = legend + rows * LEGEND_LINE + lift + HEADING;
        let mut tops = vec![first];
        for panel in &self.panels {
            tops.push(tops[tops.len() - 1] + panel.height + HEADING);
        }
        let bottom = tops[tops.len() - 1] - HEADING;
        sheet(self.name, &self.title, (WIDTH, bottom + BELOW + 30.0), |canvas| {
            canvas.bold(&self.title, (LEFT - 4.0, 28.0), TITLE, INK)?;
            canvas.text(&self.subtitle, (LEFT - 4.0, 46.0), SMALL, MUTED)?;
            self.draw_legend(canvas, &lines, &keys, legend)?;
            canvas.row(&labels, first - HEADING_BASE - lift, WIDTH - RIGHT, SMALL, MUTED)?;
            for (k, panel) in self.panels.iter().enumerate() {
                panel.draw(canvas, &self.beta, (WIDTH, tops[k]), k + 1 == self.panels.len())?;
            }
            Ok(())
        })
    }

    /// The lines named in the legend: those of the first panel.
    fn legend_lines(&self) -> Vec<&Line> {
        self.panels.first().map(|p| p.lines.iter().collect()).unwrap_or_default()
    }

    /// What hollow marks mean, if there are any.
    fn footnote(&self) -> Option<String> {
        let hollow = |l: &&Line| l.marks.iter().flatten().any(|m| !m.solid);
        let off = self.panels.first().map_or(0, Panel::off_scale);
        let more = if off > 0 { format!("; {off} off scale") } else { String::new() };
        let any = self.legend_lines().iter().any(hollow);
        any.then(|| format!("hollow: not converged, or not trustworthy{more}"))
    }

    fn draw_legend(&self, canvas: &Canvas<'_>, lines: &[&Line], keys: &[Key], top: f64) -> Drawn {
        for (k, Key { x, row, text }) in keys.iter().enumerate() {
            let y = top + LEGEND_LINE * (row + 0.5);
            match lines.get(k) {
                Some(line) => {
                    let look = look(line.method);
                    canvas.path(&[(*x, y), (x + 22.0, y)], stroke(look.color, LINE))?;
                    if line.sampled {
                        canvas.path(&[(x + 11.0, y - 7.0), (x + 11.0, y + 7.0)], stroke(look.color, LINE))?;
                    }
                    if look.marker != Marker::Dot {
                        canvas.marker(look.marker, (x + 11.0, y), look.color, true)?;
                    }
                }
                None => canvas.marker(Marker::Circle, (x + 22.0 - 2.0 * MARK, y), MUTED, false)?,
            }
            canvas.text(text, (x + 28.0, y + 0.35 * TEXT), TEXT, INK)?;
        }
        Ok(())
    }

    /// The labels of what is marked on the axis of β, with where each wants to start, from left to
    /// right.
    fn labels(&self) -> Vec<(f64, String)> {
        let range = &self.beta.range;
        let column = |b: f64| LEFT + (WIDTH - LEFT - RIGHT) * (b - range.start) / (range.end - range.start);
        let mut labels = Vec::new();
        if self.beta.one {
            let text = "β = 1".to_string();
            labels.push((column(1.0) - width(&text, SMALL) + 2.0, text));
        }
        if let Some((band, nats)) = &self.beta.band {
            // To the right of the line of β = 1 if the band contains it, so that both labels stay
            // where they belong.
            let start = if self.beta.one && band.contains(&1.0) { column(1.0) } else { column(band.start) };
            labels.push((start, format!("S falls by {nats:.0} nats")));
        }
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        labels
    }
}

/// Places the entries of the legend from left to right, in as many rows as they need.
pub(super) fn arrange(texts: Vec<String>) -> Vec<Key> {
    let (mut x, mut row) = (LEFT - 4.0, 0.0);
    let place = |text: String| {
        let needed = 28.0 + width(&text, TEXT);
        if x + needed > WIDTH - RIGHT && x > LEFT {
            (x, row) = (LEFT - 4.0, row + 1.0);
        }
        let key = Key { x, row, text };
        x += needed + 18.0;
        key
    };
    texts.into_iter().map(place).collect()
}

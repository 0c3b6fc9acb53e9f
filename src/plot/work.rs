//! The two distributions of work and the line of Crooks.

use plotters::style::{Color, RGBColor};

use super::{
    canvas::{Canvas, Drawn, sheet, stroke},
    data::{extent, padded},
    figures::Figure,
    frame::Frame,
    panel::{HEADING_BASE, LEFT, RIGHT},
    style::{BAND, BAR, HAIRLINE, INK, LINE, MUTED, Marker, SMALL, TEXT, TITLE, look, width},
};
use crate::{Error, curve::Method, stats::free_energy::WorkHistogram};

const WIDTH: f64 = 820.0;
/// Tops and bottoms of the two panels, in px.
const DENSITIES: (f64, f64) = (118.0, 338.0);
const RATIOS: (f64, f64) = (376.0, 546.0);

/// Work in both directions between the same two states, as histograms.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkFigure<'a> {
    /// What it is, in a line.
    pub title: &'a str,
    /// Of which model, in a line.
    pub subtitle: &'a str,
    /// The densities.
    pub histogram: &'a WorkHistogram,
    /// How many works there are forwards, and in reverse.
    pub counts: (usize, usize),
    /// Δf and its standard error.
    pub delta_f: (f64, f64),
    /// Δf exactly, where it is known.
    pub exact: Option<f64>,
}

/// Draws P_F(w) and P_R(−w) with Δf and its standard error, and below them ln \[P_F(w)/P_R(−w)\]
/// with the line w − Δf that Crooks' theorem says it is.
///
/// # Errors
/// [`Error::Io`] if the backend fails.
pub fn work_figure(figure: &WorkFigure<'_>) -> Result<Figure, Error> {
    let name = "work";
    let svg = sheet(name, figure.title, (WIDTH, RATIOS.1 + 52.0), |canvas| figure.draw(canvas))?;
    let caption =
        "Densities of the work up and of minus the work down, which cross at Δf; below, the logarithm of their \
                   ratio in each bin that both reach, with its standard error, and the line w − Δf."
            .into();
    Ok(Figure { name: name.into(), title: figure.title.into(), caption, svg })
}

impl WorkFigure<'_> {
    fn draw(&self, canvas: &Canvas<'_>) -> Drawn {
        let (up, down) = (look(Method::Ais).color, look(Method::ReverseAis).color);
        canvas.bold(self.title, (LEFT - 4.0, 28.0), TITLE, INK)?;
        canvas.text(self.subtitle, (LEFT - 4.0, 46.0), SMALL, MUTED)?;
        self.draw_legend(canvas, up, down)?;

        let edges = &self.histogram.edges;
        let x = edges[0]..edges[edges.len() - 1];
        let top = self.histogram.forward.iter().chain(&self.histogram.reverse).copied().fold(0.0, f64::max);
        let across = (LEFT, WIDTH - RIGHT);
        let frame = Frame::linear(across, DENSITIES, x.clone(), 0.0..1.06 * top.max(1e-300));
        self.draw_delta(canvas, &frame)?;
        frame.columns(canvas)?;
        frame.rows(canvas)?;
        frame.floor(canvas)?;
        frame.y_axis(canvas)?;
        canvas.text("density, 1/nat", (LEFT - 4.0, DENSITIES.0 - HEADING_BASE), TEXT, INK)?;
        for (density, color) in [(&self.histogram.forward, up), (&self.histogram.reverse, down)] {
            let stairs = density.iter().zip(edges.windows(2)).flat_map(|(d, e)| [(e[0], *d), (e[1], *d)]);
            let path: Vec<(f64, f64)> = stairs.map(|point| frame.at(point)).collect();
            canvas.path(&path, stroke(color, LINE))?;
        }

        let ratios = self.ratios();
        let reach = ratios.iter().flat_map(|(_, y, e)| [y - e, y + e]).chain([-1.0, 1.0]);
        let y = extent(reach).map_or(-1.0..1.0, |y| padded(&y, 0.06));
        let frame = Frame::linear(across, RATIOS, x, y);
        self.draw_delta(canvas, &frame)?;
        frame.columns(canvas)?;
        frame.rows(canvas)?;
        frame.x_axis(canvas, "w, work in nats")?;
        frame.y_axis(canvas)?;
        canvas.text("ln [P_F(w) / P_R(−w)]", (LEFT - 4.0, RATIOS.0 - HEADING_BASE), TEXT, INK)?;
        // The line of slope 1, where it is inside.
        let (x, y) = (&frame.x.range, &frame.y.range);
        let low = x.start.max(self.delta_f.0 + y.start);
        let high = x.end.min(self.delta_f.0 + y.end);
        if low < high {
            let ends = [low, high].map(|w| frame.at((w, w - self.delta_f.0)));
            canvas.path(&ends, stroke(MUTED, LINE))?;
        }
        for (w, ratio, error) in ratios {
            canvas.path(&[frame.at((w, ratio - error)), frame.at((w, ratio + error))], stroke(INK, BAR))?;
            canvas.marker(Marker::Circle, frame.at((w, ratio)), INK, true)?;
        }
        Ok(())
    }

    /// The band of Δf ± σ (at least a hairline) and the exact value.
    fn draw_delta(&self, canvas: &Canvas<'_>, frame: &Frame) -> Drawn {
        let (value, error) = self.delta_f;
        let column = |w: f64| frame.at((w.clamp(frame.x.range.start, frame.x.range.end), frame.y.range.start)).0;
        let (left, right) = (column(value - error), column(value + error));
        canvas.rectangle((left, frame.top), (right, frame.bottom), BAND)?;
        let middle = column(value);
        canvas.path(&[(middle, frame.top), (middle, frame.bottom)], stroke(look(Method::Bar).color, LINE))?;
        match self.exact.filter(|w| frame.x.range.contains(w)) {
            Some(exact) => canvas.dashed(column(exact), (frame.top, frame.bottom), stroke(INK, HAIRLINE)),
            None => Ok(()),
        }
    }

    /// ln P_F/P_R in the middle of each bin that both reach, and its standard error from the
    /// numbers in the bin.
    fn ratios(&self) -> Vec<(f64, f64, f64)> {
        let WorkHistogram { edges, forward, reverse } = self.histogram;
        let bin = |k: usize| {
            let (f, r, bin) = (forward[k], reverse[k], edges[k + 1] - edges[k]);
            let (in_f, in_r) = (f * bin * self.counts.0 as f64, r * bin * self.counts.1 as f64);
            let error = (1.0 / in_f + 1.0 / in_r).sqrt();
            (f > 0.0 && r > 0.0).then(|| (0.5 * (edges[k] + edges[k + 1]), (f / r).ln(), error))
        };
        (0..forward.len()).filter_map(bin).collect()
    }

    fn draw_legend(&self, canvas: &Canvas<'_>, up: RGBColor, down: RGBColor) -> Drawn {
        let (value, error) = self.delta_f;
        let delta = format!("Δf = {value:.3} ± {error:.3} (BAR)").replace('-', "−");
        let entries = [
            ("P_F(w), up".to_string(), up.to_rgba()),
            ("P_R(−w), down".to_string(), down.to_rgba()),
            (delta, look(Method::Bar).color.to_rgba()),
        ];
        let (mut x, y) = (LEFT - 4.0, 74.0);
        for (text, color) in entries {
            canvas.path(&[(x, y), (x + 22.0, y)], stroke(color, LINE))?;
            canvas.text(&text, (x + 28.0, y + 0.35 * TEXT), TEXT, INK)?;
            x += 46.0 + width(&text, TEXT);
        }
        match self.exact {
            Some(exact) => {
                let text = format!("dashed: exact, {exact:.3}").replace('-', "−");
                canvas.text(&text, (x, y + 0.35 * TEXT), TEXT, INK)
            }
            None => Ok(()),
        }
    }
}

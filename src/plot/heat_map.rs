//! The figure of a phase diagram: a number over two parameters.

use serde::{Deserialize, Serialize};

use super::{
    Figure,
    canvas::{Canvas, Drawn, sheet, stroke},
    colormap::viridis,
    contour::segments,
    data::extent,
    frame::{DASHES, Frame, Scale, dashed},
    style::{HAIRLINE, INK, MUTED, PAPER, SMALL, TEXT, TITLE, width},
    ticks::Ticks,
};
use crate::Error;
use plotters::style::RGBColor;

const WIDTH: f64 = 820.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 120.0;
const HEIGHT: f64 = 380.0;
const LEGEND_LINE: f64 = 20.0;
/// By how many px neighbours overlap, so that no paper shines through between them.
const SEAM: f64 = 0.4;
/// A cell without a value.
const BLANK: RGBColor = RGBColor(0xE4, 0xE4, 0xE4);
/// Under the samples of lines in the legend: they are white.
const SWATCH: RGBColor = RGBColor(0x31, 0x68, 0x8E);

/// A number over two parameters, as it was saved: what a heat map is drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeatMap {
    /// What it shows.
    pub title: String,
    /// Of what model, how sampled.
    pub subtitle: String,
    /// What the axes and the colour are.
    pub labels: [String; 3],
    /// The values of the first parameter, ascending.
    pub x: Vec<f64>,
    /// The values of the second, ascending.
    pub y: Vec<f64>,
    /// Whether equal ratios of the second parameter are equally far apart.
    pub log_y: bool,
    /// Row by row, x fastest; a missing one is hatched.
    pub values: Vec<Option<f64>>,
    /// Values that are joined by a thin line.
    pub contours: Vec<f64>,
    /// Lines of theory.
    pub overlays: Vec<Overlay>,
}

/// A line laid over a heat map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overlay {
    /// What it is, for the legend.
    pub label: String,
    /// Its points; what lies outside of the map is cut off.
    pub points: Vec<(f64, f64)>,
}

/// The heat map as a figure called `name`. `None` if it has no value at all.
///
/// # Errors
/// [`Error::Config`] if the values are not one for each cell, or the parameters do not ascend;
/// [`Error::Io`] if the backend fails.
pub fn heat_map(name: &str, map: &HeatMap) -> Result<Option<Figure>, Error> {
    map.check()?;
    let known = map.values.iter().flatten().copied().filter(|v| v.is_finite());
    let Some(range) = extent(known) else { return Ok(None) };
    // One colour for a constant, and no division by 0.
    let range = if range.end > range.start { range } else { range.start - 0.5..range.end + 0.5 };
    let entries = map.legend();
    let rows = entries.last().map_or(0.0, |e| e.row + 1.0);
    let top = 62.0 + rows * LEGEND_LINE + 26.0;
    let (x_edges, y_edges) = (edges(&map.x, false), edges(&map.y, map.log_y));
    let x = Scale::linear(x_edges[0]..x_edges[map.x.len()], 8.0);
    let y_range = y_edges[0]..y_edges[map.y.len()];
    let y = if map.log_y { Scale::log(y_range, &map.y) } else { Scale::linear(y_range, 6.0) };
    let frame = Frame { left: LEFT, right: WIDTH - RIGHT, top, bottom: top + HEIGHT, x, y };
    let share = |v: f64| (v - range.start) / (range.end - range.start);
    let svg = sheet(name, &map.title, (WIDTH, top + HEIGHT + 52.0), |canvas| {
        canvas.bold(&map.title, (LEFT - 50.0, 28.0), TITLE, INK)?;
        canvas.text(&map.subtitle, (LEFT - 50.0, 46.0), SMALL, MUTED)?;
        entries.iter().try_for_each(|entry| entry.draw(canvas))?;
        for (k, value) in map.values.iter().enumerate() {
            let (i, j) = (k % map.x.len(), k / map.x.len());
            let [(x0, y1), (x1, y0)] = [(i, j), (i + 1, j + 1)].map(|(i, j)| frame.at((x_edges[i], y_edges[j])));
            match value.filter(|v| v.is_finite()) {
                Some(value) => canvas.rectangle((x0, y0), (x1 + SEAM, y1 + SEAM), viridis(share(value)))?,
                None => hatched(canvas, (x0, y0), (x1, y1))?,
            }
        }
        for level in &map.contours {
            for [p, q] in segments(&map.x, &map.y, &map.values, *level) {
                canvas.path(&[frame.at(p), frame.at(q)], stroke(INK, 1.0))?;
            }
        }
        for (overlay, dashes) in map.overlays.iter().zip(DASHES.into_iter().cycle()) {
            line(canvas, &frame.clipped(&overlay.points), dashes)?;
        }
        frame.y_axis(canvas)?;
        frame.x_axis(canvas, &map.labels[0])?;
        canvas.path(&[(LEFT, top), (frame.right, top), (frame.right, frame.bottom)], stroke(MUTED, HAIRLINE))?;
        canvas.text(&map.labels[1], (LEFT, top - 9.0), TEXT, INK)?;
        colour_bar(canvas, &frame, &range, &map.labels[2], &map.contours)
    })?;
    let caption = format!("{} over {} and {}.", map.labels[2], map.labels[0], map.labels[1]);
    Ok(Some(Figure { name: name.into(), title: map.title.clone(), caption, svg }))
}

impl HeatMap {
    fn check(&self) -> Result<(), Error> {
        let ascending =
            |xs: &[f64]| !xs.is_empty() && xs.windows(2).all(|p| p[0] < p[1]) && xs.iter().all(|x| x.is_finite());
        if !ascending(&self.x) || !ascending(&self.y) || (self.log_y && self.y[0] <= 0.0) {
            let given = format!("{:?} × {:?}", self.x, self.y);
            return Err(Error::config("axes", given, "give ascending parameters, above 0 on a logarithmic axis"));
        }
        if self.values.len() != self.x.len() * self.y.len() {
            let wanted = format!("give {} × {}, row by row", self.y.len(), self.x.len());
            return Err(Error::config("values", self.values.len(), wanted));
        }
        Ok(())
    }

    /// Entries from left to right, in as many rows as they need.
    fn legend(&self) -> Vec<Entry> {
        let lines =
            self.overlays.iter().zip(DASHES.into_iter().cycle()).map(|(o, d)| (Sample::Line(d), o.label.clone()));
        let contour = (!self.contours.is_empty()).then(|| {
            let levels: Vec<String> = self.contours.iter().map(|c| format!("{c}").replace('-', "−")).collect();
            (Sample::Contour, format!("measured = {}", levels.join(", ")))
        });
        let missing = self.values.iter().any(Option::is_none).then(|| (Sample::Missing, "no value".into()));
        let (mut x, mut row) = (LEFT - 50.0, 0.0);
        let place = |(sample, text): (Sample, String)| {
            let needed = 40.0 + width(&text, TEXT);
            if x + needed > WIDTH - 20.0 && x > LEFT {
                (x, row) = (LEFT - 50.0, row + 1.0);
            }
            let entry = Entry { x, row, sample, text };
            x += needed + 14.0;
            entry
        };
        lines.chain(contour).chain(missing).map(place).collect()
    }
}

enum Sample {
    Line(&'static [f64]),
    Contour,
    Missing,
}

struct Entry {
    x: f64,
    row: f64,
    sample: Sample,
    text: String,
}

impl Entry {
    fn draw(&self, canvas: &Canvas<'_>) -> Drawn {
        let (x, y) = (self.x, 62.0 + LEGEND_LINE * (self.row + 0.5));
        let (from, to) = ((x, y - 7.0), (x + 34.0, y + 7.0));
        match self.sample {
            Sample::Line(dashes) => {
                canvas.rectangle(from, to, SWATCH)?;
                line(canvas, &[[(x + 2.0, y), (x + 32.0, y)]], dashes)?;
            }
            Sample::Contour => {
                canvas.rectangle(from, to, viridis(0.6))?;
                canvas.path(&[(x, y), (x + 34.0, y)], stroke(INK, 1.0))?;
            }
            Sample::Missing => hatched(canvas, from, to)?,
        }
        canvas.text(&self.text, (x + 40.0, y + 0.35 * TEXT), TEXT, INK)
    }
}

/// A white line with a dark rim, seen on every colour of the map.
fn line(canvas: &Canvas<'_>, segments: &[[(f64, f64); 2]], dashes: &[f64]) -> Drawn {
    let pieces = dashed(segments, dashes);
    pieces.iter().try_for_each(|piece| canvas.path(piece, stroke(INK, 3.6)))?;
    pieces.iter().try_for_each(|piece| canvas.path(piece, stroke(PAPER, 2.0)))
}

/// A grey rectangle with oblique lines: not a colour of the map.
fn hatched(canvas: &Canvas<'_>, (x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> Drawn {
    canvas.rectangle((x0, y0), (x1, y1), BLANK)?;
    let (w, h) = (x1 - x0, y1 - y0);
    let mut offset = 6.0;
    while offset < w + h {
        let (from, to) = ((offset.min(w), (offset - w).max(0.0)), ((offset - h).max(0.0), offset.min(h)));
        canvas.path(&[(x0 + from.0, y0 + from.1), (x0 + to.0, y0 + to.1)], stroke(MUTED, HAIRLINE))?;
        offset += 6.0;
    }
    Ok(())
}

fn colour_bar(
    canvas: &Canvas<'_>,
    frame: &Frame,
    range: &std::ops::Range<f64>,
    label: &str,
    contours: &[f64],
) -> Drawn {
    let (x0, x1) = (frame.right + 22.0, frame.right + 40.0);
    let height = frame.bottom - frame.top;
    let steps = 96;
    for k in 0..steps {
        let at = |k: i32| frame.bottom - height * f64::from(k) / f64::from(steps);
        canvas.rectangle((x0, at(k + 1)), (x1, at(k) + SEAM), viridis((f64::from(k) + 0.5) / f64::from(steps)))?;
    }
    let place = |v: f64| frame.bottom - height * (v - range.start) / (range.end - range.start);
    canvas.path(
        &[(x0, frame.top), (x1, frame.top), (x1, frame.bottom), (x0, frame.bottom), (x0, frame.top)],
        stroke(MUTED, HAIRLINE),
    )?;
    let ticks = Ticks::over(range, 6.0);
    for value in &ticks.at {
        let (y, label) = (place(*value), ticks.label(*value));
        canvas.path(&[(x1, y), (x1 + 4.0, y)], stroke(MUTED, HAIRLINE))?;
        canvas.text(&label, (x1 + 8.0, y + 0.35 * SMALL), SMALL, INK)?;
    }
    for level in contours.iter().filter(|level| range.contains(level)) {
        canvas.path(&[(x0, place(*level)), (x1, place(*level))], stroke(INK, 1.0))?;
    }
    canvas.text(label, ((WIDTH - 10.0 - width(label, TEXT)).min(x0), frame.top - 9.0), TEXT, INK)
}

/// The borders of cells around their centres: half way between neighbours, and as far beyond the
/// first and last.
fn edges(centres: &[f64], log: bool) -> Vec<f64> {
    let place = |x: f64| if log { x.ln() } else { x };
    let back = |x: f64| if log { x.exp() } else { x };
    let at: Vec<f64> = centres.iter().map(|x| place(*x)).collect();
    let n = at.len();
    let half = |a: f64, b: f64| 0.5 * (b - a);
    let (first, last) = if n > 1 { (half(at[0], at[1]), half(at[n - 2], at[n - 1])) } else { (0.5, 0.5) };
    let inner = at.windows(2).map(|p| 0.5 * (p[0] + p[1]));
    std::iter::once(at[0] - first).chain(inner).chain([at[n - 1] + last]).map(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> HeatMap {
        HeatMap {
            title: "q < 1".into(),
            subtitle: String::new(),
            labels: ["g".into(), "α".into(), "q".into()],
            x: vec![0.0, 1.0, 2.0],
            y: vec![0.25, 1.0],
            log_y: true,
            values: vec![Some(0.0), Some(0.4), Some(1.0), Some(0.0), None, Some(0.8)],
            contours: vec![0.5],
            overlays: vec![Overlay { label: "g = 1".into(), points: vec![(1.0, 0.01), (1.0, 100.0)] }],
        }
    }

    #[test]
    fn every_cell_is_seen_and_a_missing_one_is_not_a_colour() {
        let svg = heat_map("q", &map()).unwrap().unwrap().svg;
        let fills = |color: &str| svg.matches(&format!("fill=\"{color}\"")).count();
        assert!(fills("#440154") >= 2 && fills("#FDE725") >= 1, "both cells at 0, and that at 1");
        assert_eq!(fills("#E4E4E4"), 2, "the missing cell, and its entry in the legend");
        assert!(svg.contains("no value") && svg.contains("g = 1") && svg.contains("measured = 0.5"));
        assert!(svg.contains("q &lt; 1"));
        let close = |(a, b): (f64, f64)| (a / b - 1.0).abs() < 1e-14;
        assert!(edges(&[0.25, 1.0], true).into_iter().zip([0.125, 0.5, 2.0]).all(close));
    }

    #[test]
    fn maps_that_do_not_fit_are_refused_and_empty_ones_not_drawn() {
        assert_eq!(heat_map("q", &HeatMap { values: vec![None; 6], ..map() }).unwrap(), None);
        assert!(heat_map("q", &HeatMap { values: vec![None; 5], ..map() }).is_err());
        assert!(heat_map("q", &HeatMap { x: vec![0.0, 2.0, 1.0], ..map() }).is_err());
        assert!(heat_map("q", &HeatMap { y: vec![0.0, 1.0], ..map() }).is_err());
    }
}

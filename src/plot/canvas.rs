//! Drawing primitives in px on an SVG.

use std::io;

use plotters::{
    coord::Shift,
    drawing::DrawingAreaErrorKind,
    prelude::*,
    style::{
        FontStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::style::{FONT, HAIRLINE, MARK, MUTED, Marker, PAPER, width};
use crate::Error;

/// The backend draws on whole numbers. On a grid this much finer than a px a smooth curve stays
/// smooth.
const FINE: f64 = 10.0;

/// What the backend divides a font's size by.
const FONT_UNIT: f64 = 1.24;

/// The outcome of drawing something.
pub(super) type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<io::Error>>;

/// The finest-grid integer of a length in px.
pub(super) fn fine(px: f64) -> i32 {
    (px * FINE).round() as i32
}

/// A font of this size in px.
fn font(size: f64, color: RGBColor) -> TextStyle<'static> {
    (FONT, size * FINE * FONT_UNIT).into_font().color(&color)
}

/// A stroke of this width in px.
pub(super) fn stroke(color: impl Into<RGBAColor>, px: f64) -> ShapeStyle {
    ShapeStyle { color: color.into(), filled: false, stroke_width: fine(px).unsigned_abs() }
}

/// A sheet of a given size in px.
pub(super) struct Canvas<'a> {
    pub root: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws an SVG of `size` px through `paint`. `name` is for messages, `title` for readers that
/// cannot see.
pub(super) fn sheet(
    name: &str,
    title: &str,
    size: (f64, f64),
    paint: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, Error> {
    let grid = (fine(size.0).unsigned_abs(), fine(size.1).unsigned_abs());
    let mut svg = String::new();
    {
        let canvas = Canvas { root: SVGBackend::with_string(&mut svg, grid).into_drawing_area() };
        let draw = || {
            canvas.root.fill(&PAPER)?;
            paint(&canvas)?;
            canvas.root.present()
        };
        draw().map_err(|e| Error::io("draw", name)(io::Error::other(e.to_string())))?;
    }
    // The size in px goes into the root element; the view box keeps the fine grid.
    let fine_size = format!("width=\"{}\" height=\"{}\"", grid.0, grid.1);
    let size = format!("width=\"{}\" height=\"{}\" role=\"img\"", size.0, size.1);
    let svg = svg.replacen(&fine_size, &size, 1);
    Ok(match svg.split_once('\n') {
        Some((root, rest)) => format!("{root}\n<title>{}</title>\n{rest}", super::escape(title)),
        None => svg,
    })
}

impl Canvas<'_> {
    /// A straight or broken line through points in px.
    pub fn path(&self, points: &[(f64, f64)], style: ShapeStyle) -> Drawn {
        self.root.draw(&PathElement::new(grid(points), style))
    }

    /// A dashed vertical line.
    pub fn dashed(&self, x: f64, (top, bottom): (f64, f64), style: ShapeStyle) -> Drawn {
        let (dash, gap) = (4.0, 3.0);
        let mut y = top;
        while y < bottom {
            self.path(&[(x, y), (x, (y + dash).min(bottom))], style)?;
            y += dash + gap;
        }
        Ok(())
    }

    /// A dashed hairline between two points.
    pub fn dashes(&self, from: (f64, f64), to: (f64, f64)) -> Drawn {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let count = (dx.hypot(dy) / 7.0).ceil().max(1.0);
        let at = |t: f64| (from.0 + dx * t / count, from.1 + dy * t / count);
        (0..count as usize).try_for_each(|k| self.path(&[at(k as f64), at(k as f64 + 0.57)], stroke(MUTED, HAIRLINE)))
    }

    /// A filled rectangle.
    pub fn rectangle(&self, (x0, y0): (f64, f64), (x1, y1): (f64, f64), color: RGBColor) -> Drawn {
        self.root.draw(&Rectangle::new([(fine(x0), fine(y0)), (fine(x1), fine(y1))], color.filled()))
    }

    /// A text on the base line `y`.
    pub fn text(&self, text: &str, (x, y): (f64, f64), size: f64, color: RGBColor) -> Drawn {
        self.styled(text, (x, y), size, font(size, color))
    }

    /// A text in bold on the base line `y`.
    pub fn bold(&self, text: &str, (x, y): (f64, f64), size: f64, color: RGBColor) -> Drawn {
        let font = (FONT, size * FINE * FONT_UNIT, FontStyle::Bold).into_font().color(&color);
        self.styled(text, (x, y), size, font)
    }

    fn styled(&self, text: &str, (x, y): (f64, f64), size: f64, font: TextStyle<'_>) -> Drawn {
        // The backend lifts a text held at its bottom by half an x-height, about a quarter of the
        // size.
        let at = (fine(x), fine(y + 0.26 * size));
        // XML knows no other control characters, not even escaped; a file may have them in its name.
        let text: String = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
        self.root.draw(&Text::new(text, at, font.pos(Pos::new(HPos::Left, VPos::Bottom))))
    }

    /// Texts in a row from `x`, each moved right as far as it must not to touch the one before, and
    /// all moved left as far as they must to end at `end`.
    pub fn row(&self, texts: &[(f64, String)], y: f64, end: f64, size: f64, color: RGBColor) -> Drawn {
        let starts = spread(texts, end, size);
        texts.iter().zip(starts).try_for_each(|((_, text), x)| self.text(text, (x, y), size, color))
    }

    /// A marker: filled, or hollow with paper inside.
    pub fn marker(&self, shape: Marker, (x, y): (f64, f64), color: RGBColor, solid: bool) -> Drawn {
        let fill = if solid { color } else { PAPER };
        let outline = if solid { stroke(color, HAIRLINE * 0.5) } else { stroke(color, HAIRLINE * 1.4) };
        let polygon = |corners: &[(f64, f64)]| {
            let at: Vec<(f64, f64)> = corners.iter().map(|(dx, dy)| (x + MARK * dx, y + MARK * dy)).collect();
            self.root.draw(&Polygon::new(grid(&at), fill.filled()))?;
            let closed: Vec<(f64, f64)> = at.iter().chain(&at[..1]).copied().collect();
            self.path(&closed, outline)
        };
        let disc = |radius: f64| {
            let at = (fine(x), fine(y));
            self.root.draw(&Circle::new(at, fine(radius), fill.filled()))?;
            self.root.draw(&Circle::new(at, fine(radius), outline))
        };
        match shape {
            Marker::Dot => disc(0.6 * MARK),
            Marker::Circle => disc(MARK),
            Marker::Triangle => polygon(&[(-1.15, 0.9), (1.15, 0.9), (0.0, -1.2)]),
            Marker::Square => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
            Marker::Diamond => polygon(&[(-1.3, 0.0), (0.0, -1.3), (1.3, 0.0), (0.0, 1.3)]),
        }
    }
}

fn grid(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    points.iter().map(|&(x, y)| (fine(x), fine(y))).collect()
}

/// Where texts that want to start at given places start, so that none touches the next or passes
/// `end`.
fn spread(texts: &[(f64, String)], end: f64, size: f64) -> Vec<f64> {
    let gap = size;
    let mut starts = Vec::with_capacity(texts.len());
    let mut free = f64::MIN;
    for (x, text) in texts {
        let start = x.max(free);
        starts.push(start);
        free = start + width(text, size) + gap;
    }
    let mut limit = end;
    for (start, (_, text)) in starts.iter_mut().zip(texts).rev() {
        *start = start.min(limit - width(text, size));
        limit = *start - gap;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_a_row_never_touch_and_stay_inside() {
        let texts = [(90.0, "β = 1".to_string()), (92.0, "S falls by 105 nats".to_string())];
        let starts = spread(&texts, 200.0, 10.0);
        assert!(starts[0] + width(&texts[0].1, 10.0) < starts[1]);
        assert!(starts[1] + width(&texts[1].1, 10.0) <= 200.0);
        assert_eq!(spread(&texts[..1], 200.0, 10.0), [90.0]);
    }
}

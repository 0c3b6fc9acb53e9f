//! The one style of all figures.

use plotters::style::RGBColor;

use crate::curve::Method;

/// The palette of Okabe and Ito (2008), told apart by readers with any common colour blindness, and
/// in grey by the markers. Exact enumeration comes first and is black. Brown, indigo and wine are
/// added, which are further from all the others, under simulated colour blindness too, than these
/// are from each other; and olive, teal and red.
const PALETTE: [RGBColor; 13] = [
    RGBColor(0x1A, 0x1A, 0x1A),
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0x7A, 0x4B, 0x1E),
    RGBColor(0x33, 0x22, 0x88),
    RGBColor(0x88, 0x22, 0x55),
    RGBColor(0x99, 0x99, 0x33),
    RGBColor(0x11, 0x77, 0x77),
    RGBColor(0xB0, 0x20, 0x20),
];

const MARKERS: [Marker; 5] = [Marker::Dot, Marker::Circle, Marker::Triangle, Marker::Square, Marker::Diamond];

pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const MUTED: RGBColor = RGBColor(0x66, 0x66, 0x66);
pub(super) const GRID: RGBColor = RGBColor(0xE8, 0xE8, 0xE8);
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// The band where the entropy falls, drawn under everything else.
pub(super) const BAND: RGBColor = RGBColor(0xFB, 0xF0, 0xD2);

pub(super) const FONT: &str = "sans-serif";
pub(super) const TITLE: f64 = 16.0;
pub(super) const TEXT: f64 = 12.5;
pub(super) const SMALL: f64 = 11.5;

/// Line widths and the half-size of a marker, in px.
pub(super) const HAIRLINE: f64 = 0.8;
pub(super) const LINE: f64 = 1.5;
pub(super) const BAR: f64 = 1.1;
pub(super) const MARK: f64 = 2.7;

/// The shape of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// Small and round: for the exact curve, whose line says it all.
    Dot,
    Circle,
    Triangle,
    Square,
    Diamond,
}

/// How a method looks in every figure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub color: RGBColor,
    pub marker: Marker,
}

/// The look of a method: by its place in the list of methods, so that a new one has a look without
/// a change here.
pub(super) fn look(method: Method) -> Look {
    nth_look(Method::ALL.iter().position(|m| *m == method).unwrap_or(0))
}

/// The look of the entry at a place of a list.
pub(super) fn nth_look(place: usize) -> Look {
    Look { color: PALETTE[place % PALETTE.len()], marker: MARKERS[place % MARKERS.len()] }
}

/// A method's name for the reader of a figure; it always contains the name used in files.
pub(super) fn label(method: Method) -> String {
    match method.name() {
        "mf" => "mean field (mf)".into(),
        "mf-mixture" => "mixture of mean fields (mf-mixture)".into(),
        "tap2" => "TAP, order 2 (tap2)".into(),
        "tap3" => "TAP, order 3 (tap3)".into(),
        "bethe" => "Bethe (bethe)".into(),
        name => name.into(),
    }
}

/// The width of a text in px, roughly: figures have no access to the fonts of the reader.
pub(super) fn width(text: &str, size: f64) -> f64 {
    0.56 * size * text.chars().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_methods_have_the_same_colour() {
        let colours: std::collections::BTreeSet<_> =
            Method::ALL.map(|method| look(method).color).map(|c| (c.0, c.1, c.2)).into();
        assert_eq!(colours.len(), Method::ALL.len());
    }
}

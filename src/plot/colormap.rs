//! From a number to a colour.

use plotters::style::RGBColor;

/// The map "viridis" of S. van der Walt and N. Smith (2015, CC0) at ten equally spaced places:
/// perceptually uniform, with a lightness that grows from end to end, so that it survives print in
/// grey and every common colour blindness.
const VIRIDIS: [[u8; 3]; 10] = [
    [0x44, 0x01, 0x54],
    [0x48, 0x28, 0x78],
    [0x3E, 0x4A, 0x89],
    [0x31, 0x68, 0x8E],
    [0x26, 0x82, 0x8E],
    [0x1F, 0x9E, 0x89],
    [0x35, 0xB7, 0x79],
    [0x6D, 0xCD, 0x59],
    [0xB4, 0xDE, 0x2C],
    [0xFD, 0xE7, 0x25],
];

/// The colour at a share of the way from the lowest value (0) to the highest (1); beyond the ends,
/// that of the end.
pub(super) fn viridis(share: f64) -> RGBColor {
    let place = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let k = (place as usize).min(VIRIDIS.len() - 2);
    let mix = |c: usize| {
        let (a, b) = (f64::from(VIRIDIS[k][c]), f64::from(VIRIDIS[k + 1][c]));
        (a + (b - a) * (place - k as f64)).round() as u8
    };
    RGBColor(mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightness_grows_evenly_from_end_to_end() {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        // CIE L* of an sRGB colour.
        let lightness = |RGBColor(r, g, b): RGBColor| {
            let y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
            if y > 0.008856 { 116.0 * y.cbrt() - 16.0 } else { 903.3 * y }
        };
        let steps: Vec<f64> = (0..=27).map(|k| lightness(viridis(f64::from(k) / 27.0))).collect();
        let mean = (steps[27] - steps[0]) / 27.0;
        assert!(mean > 2.5, "{steps:?}");
        assert!(steps.windows(2).all(|s| (s[1] - s[0] - mean).abs() < 0.4 * mean), "{steps:?}");
        assert_eq!((viridis(-1.0), viridis(2.0)), (RGBColor(0x44, 0x01, 0x54), RGBColor(0xFD, 0xE7, 0x25)));
    }
}

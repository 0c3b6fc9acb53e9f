//! The figures of a training run: learning curves, norms, the spectrum of W, and images.

use std::{fmt, str::FromStr};

use super::{Chart, HeatMap, Series};
use crate::{Error, Rbm, data::Data, thermo::norms::Norms, train::LogRow};

/// Samples of the model in a figure, and as many rows of data above them.
pub const SAMPLES: usize = 12;

/// Images beside one another in a figure.
const ACROSS: usize = 6;

/// Height and width of a visible layer that is an image, written `28x28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageShape {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
}

impl ImageShape {
    /// The square of so many pixels, if there is one.
    #[must_use]
    pub fn square(pixels: usize) -> Option<Self> {
        let side = pixels.isqrt();
        (side * side == pixels && side > 1).then_some(Self { height: side, width: side })
    }

    /// The number of pixels.
    #[must_use]
    pub fn pixels(self) -> usize {
        self.height.saturating_mul(self.width)
    }
}

impl fmt::Display for ImageShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}

impl FromStr for ImageShape {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let side = |text: &str| text.parse().ok().filter(|side: &usize| *side > 0);
        let shape = text.split_once('x').and_then(|(h, w)| Some(Self { height: side(h)?, width: side(w)? }));
        shape.ok_or_else(|| Error::config("image-shape", text, "write it as HEIGHTxWIDTH, such as 28x28"))
    }
}

/// A number of a checkpoint and its standard error.
type Column<'a> = &'a dyn Fn(&LogRow) -> (Option<f64>, Option<f64>);

/// The charts of a run by name: `likelihood`, `norms`, `temperature`, `labels` if there are any,
/// and, of its last model, `spectrum`.
#[must_use]
pub fn training_charts(rows: &[LogRow], rbm: &Rbm) -> Vec<(&'static str, Chart)> {
    let subtitle = format!("RBM {}×{} on {} units", rbm.n_visible(), rbm.n_hidden(), rbm.visible_units());
    let chart = |title: &str, caption: &str, labels: [&str; 2], series: Vec<Series>, one: bool| Chart {
        title: title.into(),
        subtitle: subtitle.clone(),
        caption: caption.into(),
        labels: labels.map(String::from),
        series: series.into_iter().filter(|series| series.points.iter().any(|p| p.1.is_some())).collect(),
        vertical: Vec::new(),
        horizontal: if one { vec![(1.0, String::new())] } else { Vec::new() },
    };
    let line = |name: &str, look: usize, y: Column<'_>| {
        let point = |row: &LogRow| {
            let (value, error) = y(row);
            (row.epoch, value, error)
        };
        Series::measured(name, look, rows.iter().map(point))
    };
    let likelihood = vec![
        line("training rows", 1, &|r| (r.log_likelihood_train, r.log_likelihood_train_std_error)),
        line("held-out rows", 2, &|r| (r.log_likelihood_test, r.log_likelihood_test_std_error)),
    ];
    let norms = vec![
        line("‖W‖ (Frobenius)", 1, &|r| (Some(r.frobenius), None)),
        line("σ₁ (spectral)", 2, &|r| (Some(r.spectral), None)),
    ];
    let temperature = vec![
        line("training rows", 1, &|r| (r.beta_hat_train, None)),
        line("held-out rows", 2, &|r| (r.beta_hat_test, None)),
    ];
    let values = Norms::of(rbm.weights()).singular_values.into_iter().enumerate();
    let spectrum = vec![Series::measured("W", 1, values.map(|(k, s)| (k as f64 + 1.0, Some(s), None)))];
    let mut charts = vec![
        (
            "likelihood",
            chart(
                "Likelihood along training",
                "Mean ln p(v); the band is the standard error of ln Z.",
                ["epoch", "ln p(v) / nats"],
                likelihood,
                false,
            ),
        ),
        ("norms", chart("Norms of W along training", "After each checkpoint.", ["epoch", "norm"], norms, false)),
        (
            "temperature",
            chart(
                "Temperature of the data along training",
                "The β of maximum likelihood of the data under the model: 1 where the model is as warm as they are.",
                ["epoch", "β̂ of the data"],
                temperature,
                true,
            ),
        ),
        (
            "spectrum",
            chart("Singular values of W", "At the end of the run.", ["number", "singular value"], spectrum, false),
        ),
    ];
    let share = |of: Option<f64>| (of.map(|share| 100.0 * share), None);
    let labels = vec![
        line("training rows", 1, &|r| share(r.accuracy_train)),
        line("held-out rows", 2, &|r| share(r.accuracy_test)),
    ];
    charts.push((
        "labels",
        chart(
            "Labels along training",
            "The share of the rows whose most probable class is their own.",
            ["epoch", "labels right / %"],
            labels,
            false,
        ),
    ));
    charts.retain(|(_, chart)| !chart.series.is_empty());
    charts
}

/// The images of a run by name: `weights`, the columns of W of largest norm; `samples`, rows of
/// data above samples of the model.
#[must_use]
pub fn training_images(rbm: &Rbm, train: &Data, samples: &Data, shape: ImageShape) -> Vec<(&'static str, HeatMap)> {
    let mut units: Vec<usize> = (0..rbm.n_hidden()).collect();
    units.sort_by(|a, b| rbm.weights().column(*b).norm().total_cmp(&rbm.weights().column(*a).norm()));
    units.truncate(2 * SAMPLES);
    // Whole rows of images, if there is one.
    units.truncate((units.len() / ACROSS * ACROSS).max(units.len().min(ACROSS)));
    let weights: Vec<Vec<f64>> = units.iter().map(|j| rbm.weights().column(*j).iter().copied().collect()).collect();
    let count = SAMPLES.min(samples.n_samples());
    let picture = |row: &[u8]| row.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>();
    let pairs = train.rows().take(count).chain(samples.rows().take(count)).map(picture).collect::<Vec<_>>();
    let subtitle = format!("{} of {} hidden units, those of largest norm", weights.len(), rbm.n_hidden());
    let beside = format!("{count} rows of the training data, and below them {count} samples at β = 1");
    vec![
        ("weights", mosaic("Weights as images", subtitle, "W", &weights, shape)),
        ("samples", mosaic("Samples of the model below the data", beside, "v", &pairs, shape)),
    ]
}

/// Images side by side, from the top left.
fn mosaic(title: &str, subtitle: String, colour: &str, images: &[Vec<f64>], shape: ImageShape) -> HeatMap {
    let across = ACROSS.min(images.len().max(1));
    let down = images.len().div_ceil(across).max(1);
    let (width, height) = (across * shape.width, down * shape.height);
    let value = |x: usize, y: usize| {
        // Heat maps count from the bottom.
        let row = height - 1 - y;
        let image = images.get(row / shape.height * across + x / shape.width)?;
        image.get(row % shape.height * shape.width + x % shape.width).copied()
    };
    HeatMap {
        title: title.into(),
        subtitle,
        labels: ["pixel".into(), "pixel".into(), colour.into()],
        x: (0..width).map(|x| x as f64).collect(),
        y: (0..height).map(|y| y as f64).collect(),
        log_y: false,
        values: (0..height).flat_map(|y| (0..width).map(move |x| value(x, y))).collect(),
        contours: Vec::new(),
        overlays: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_stand_from_the_top_left() {
        let shape: ImageShape = "2x3".parse().unwrap();
        let images: Vec<Vec<f64>> = (0..7).map(|k| (0..6).map(|p| (10 * k + p) as f64).collect()).collect();
        let map = mosaic("", String::new(), "", &images, shape);
        assert_eq!((map.x.len(), map.y.len()), (18, 4));
        let at = |x: usize, y: usize| map.values[y * 18 + x];
        assert_eq!((at(0, 3), at(4, 2), at(0, 1), at(3, 1)), (Some(0.0), Some(14.0), Some(60.0), None));
    }

    #[test]
    fn shapes_are_read_and_squares_found() {
        assert_eq!(ImageShape::square(784).unwrap().to_string(), "28x28");
        assert_eq!(ImageShape::square(785), None);
        assert!(["28", "0x3", "axb"].iter().all(|text| text.parse::<ImageShape>().is_err()));
    }
}

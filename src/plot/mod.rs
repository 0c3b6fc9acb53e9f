//! Figures and the report, drawn from saved results.
//!
//! Nothing here computes physics: a folder of results gives the same figures, byte for byte,
//! whenever it is drawn.

mod canvas;
mod chart;
mod colormap;
mod complexity;
mod contour;
mod data;
mod estimates;
mod figure;
mod figure_file;
mod figures;
mod frame;
mod heat_map;
mod history;
mod output_folder;
mod panel;
mod relaxation;
pub mod report;
mod style;
mod sweep;
mod temperature;
mod ticks;
mod training;
mod work;

use std::path::{Path, PathBuf};

use crate::{
    Error,
    io::{self, ResultFile},
};

pub use chart::{Chart, ChartPoint, Series, chart};
pub use complexity::{Spectrum, complexity};
pub use estimates::{Estimate, estimates_figure};
pub use figure_file::FigureFile;
pub use figures::{Figure, figures};
pub use heat_map::{HeatMap, Overlay};
pub use history::history_charts;
pub use output_folder::{HISTORY, OutputFolder, RESULTS, TEMPERATURES};
pub use relaxation::{Relaxations, relaxation};
pub use sweep::sweep_figures;
pub use temperature::temperatures;
pub use training::{ImageShape, SAMPLES, training_charts, training_images};
pub use work::{WorkFigure, work_figure};

/// Draws every figure of `results` into the folder `dir` (made if there is none) and returns their
/// paths.
///
/// A figure whose quantity has no number in the results is not drawn and not in the list.
///
/// # Errors
/// [`Error::Io`] if a file cannot be written.
pub fn draw_all(results: &ResultFile, dir: &Path) -> Result<Vec<PathBuf>, Error> {
    io::make_folder(dir)?;
    figures(results)?.iter().map(|figure| figure.write(dir)).collect()
}

/// Text made safe for XML and HTML, in content and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML knows no other control characters, not even escaped.
            c if c.is_control() && c != '\n' && c != '\t' => safe.push('\u{FFFD}'),
            c => safe.push(c),
        }
    }
    safe
}

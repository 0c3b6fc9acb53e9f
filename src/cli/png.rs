//! PNG beside SVG, for those who ask for it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};
use resvg::{render, tiny_skia, usvg};

use crate::{Error, io};

/// px of the picture for each px of the figure: sharp on paper and on dense screens.
const SCALE: f32 = 2.0;

/// What is taken for "sans-serif", the first that is installed: all have the Greek letters and
/// signs of the figures.
const FAMILIES: [&str; 5] = ["DejaVu Sans", "Noto Sans", "Liberation Sans", "Arial", "Helvetica"];

/// Turns figures into pictures, with the fonts of this machine.
pub struct Painter(usvg::Options<'static>);

impl Painter {
    /// Looks for fonts. Without any, a picture would have no letters, and is refused.
    pub fn new() -> anyhow::Result<Self> {
        let mut options = usvg::Options::default();
        let fonts = options.fontdb_mut();
        fonts.load_system_fonts();
        let installed = |name: &str| fonts.faces().any(|face| face.families.iter().any(|(family, _)| family == name));
        let first = || fonts.faces().find_map(|face| face.families.first().map(|(family, _)| family.clone()));
        let Some(family) = FAMILIES.into_iter().find(|name| installed(name)).map(String::from).or_else(first) else {
            bail!("--png: no font is installed on this machine; install one (DejaVu Sans, say), or keep the SVG");
        };
        fonts.set_sans_serif_family(family.clone());
        options.font_family = family;
        Ok(Self(options))
    }

    /// Draws the SVG at a path as PNG beside it; the path.
    pub fn paint(&self, svg: &Path) -> anyhow::Result<PathBuf> {
        let path = svg.with_extension("png");
        let text = fs::read_to_string(svg).map_err(Error::io("read", svg))?;
        let tree = usvg::Tree::from_str(&text, &self.0).with_context(|| format!("`{}`", svg.display()))?;
        let size = tree.size().to_int_size().scale_by(SCALE);
        let pixels = size.and_then(|size| tiny_skia::Pixmap::new(size.width(), size.height()));
        let mut pixels = pixels.ok_or_else(|| anyhow!("`{}` has no size", svg.display()))?;
        render(&tree, tiny_skia::Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
        io::write_atomically(&path, &pixels.encode_png()?)?;
        Ok(path)
    }
}

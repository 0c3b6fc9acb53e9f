//! What stands for `png` in a program built without it: a refusal that says how to get it.

use std::path::{Path, PathBuf};

use anyhow::bail;

/// There is none.
pub enum Painter {}

impl Painter {
    /// Refuses.
    pub fn new() -> anyhow::Result<Self> {
        bail!(
            "--png: this program was built without it; build it with `--features png` (as in \
             `cargo install --path . --features png`), or keep the SVG"
        )
    }

    /// Never called, for there is no painter.
    pub fn paint(&self, _svg: &Path) -> anyhow::Result<PathBuf> {
        match *self {}
    }
}

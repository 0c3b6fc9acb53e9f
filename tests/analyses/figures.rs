//! The committed figures are those of the committed numbers.

use std::{fs, path::Path};

use plefka::plot::FigureFile;

#[test]
fn every_figure_with_saved_numbers_is_drawn_from_them() {
    let mut compared = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("analyses")).unwrap() {
        let folder = entry.unwrap().path();
        let saved = if folder.is_dir() { FigureFile::read_all(&folder).unwrap() } else { Vec::new() };
        for (name, numbers) in saved {
            let drawn = numbers.draw(&name).unwrap().expect("has numbers").svg;
            let path = folder.join(format!("{name}.svg"));
            let again = format!("draw `{}` again with `plefka plot {}`", path.display(), folder.display());
            let there = fs::read_to_string(path).expect(&again);
            // Behind the figure stands its checksum, in files that were written since there is one.
            let seal = there.strip_prefix(drawn.trim_end()).expect(&again);
            assert!(seal.trim().is_empty() || seal.starts_with("\n<!-- checksum "), "{again}");
            compared += 1;
        }
    }
    assert!(compared >= 14, "{compared} figures");
}

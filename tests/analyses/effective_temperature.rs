//! Temperatures of samples of a small model.

use plefka::io;

use crate::common;

#[path = "../../analyses/effective_temperature/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// The script of `effective_temperature` on fixture R: what is drawn from the model at β has that
/// temperature by every estimator, within 4 standard errors (15 numbers: a false alarm in one of a
/// thousand such tests, and the seed is fixed).
#[test]
fn effective_temperature_finds_the_beta_at_which_samples_were_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.npz");
    io::save_model(&common::fixture_r(), &path).unwrap();
    let model = io::load_model(path.to_str().unwrap()).unwrap();
    for beta in [0.5, 1.0, 2.0] {
        let file = analysis::of_samples(&model, beta, 5000).unwrap();
        let rows = analysis::rows("samples", Some(beta), &file);
        assert_eq!(rows.iter().filter(|row| row.z.is_some()).count(), 5, "{rows:?}");
        for row in &rows {
            assert!(row.z.is_none_or(|z| z.abs() < 4.0), "{row:?}");
        }
        // Twelve differences: a false alarm in ten thousand such tests.
        assert!(file.comparisons.iter().all(|c| c.difference.abs() < 4.5 * c.std_error), "{:?}", file.comparisons);
    }
}

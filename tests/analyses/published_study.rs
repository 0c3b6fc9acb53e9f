//! Published numbers beside fixed points and enumeration, on a small model.

use plefka::Ais;

use crate::common;

#[path = "../../analyses/published_study/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// The script of `published_study` on a model of twenty units; the models of the study are not at
/// hand.
#[test]
fn published_study_lays_every_estimate_beside_the_exact_one() {
    let ais = Ais { chains: 200, rungs: 100, ..Ais::default() };
    let rbm = common::twelve_by_eight(2.0).scaled_temperature(2.0).unwrap();
    let (rows, spectra) = analysis::study("h10", &rbm, 60, &ais).unwrap();
    let of = |method: &str, solution: &str| rows.iter().find(|r| r.method == method && r.solution == solution).unwrap();
    assert_eq!(rows.len(), 3 + 3 * 3);
    let exact = of("exact", "").log_z;
    let sampled = of("ais", "");
    // Five standard errors: false-alarm rate 6e−7, and the seed is fixed.
    assert!((sampled.log_z - exact).abs() < 5.0 * sampled.std_error.unwrap(), "{sampled:?}");
    assert_eq!((sampled.published_1, of("tap2", "best").published_2), (Some(226.05), Some(212.25)));
    assert_eq!(of("mf", "best").published_1, None);
    // To first order every solution is a lower bound, and several weigh more than one.
    let [first, best, sum] = ["uniform start", "best", "sum"].map(|solution| of("mf", solution).log_z);
    assert!(first <= best && best < sum && best < exact, "{rows:?}");
    assert!(of("mf", "best").solutions.unwrap() > 1 && of("mf", "best").residual.unwrap() <= 1e-10);
    let counted: usize = spectra[0].1.levels.iter().map(|level| level.solutions).sum();
    assert!(counted > 1 && counted <= of("mf", "best").solutions.unwrap());
}

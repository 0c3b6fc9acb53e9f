//! The entropy of weights given data, at one size.

use crate::common;

#[path = "../../analyses/weights_entropy/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// Without data nothing is known; with more of them less entropy is left (in the mean over all
/// data, since conditioning lowers an entropy; here over twenty sets), and never less than ln 2,
/// since ξ and −ξ cannot be told apart.
#[test]
fn weights_entropy_drops_from_n_ln_2_and_stays_above_ln_2() {
    let rows = analysis::study(&[(10, 20)]).unwrap();
    assert_eq!(rows.len(), 2 * 13);
    for row in &rows {
        assert!(row.entropy_per_weight * 10.0 >= 2f64.ln() - 1e-9, "{row:?}");
        if row.samples == 0 {
            common::assert_close("no data", row.entropy_per_weight, 2f64.ln(), 1e-12);
        }
    }
    for pair in rows.windows(2).filter(|pair| pair[0].beta == pair[1].beta) {
        let noise = 3.0 * pair[0].std_error.hypot(pair[1].std_error);
        assert!(pair[1].entropy_per_weight <= pair[0].entropy_per_weight + noise + 1e-12, "{pair:?}");
    }
}

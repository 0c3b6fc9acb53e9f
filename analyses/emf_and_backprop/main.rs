//! Do mean field and backpropagation do the same thing? Identities on a small model, and where
//! gradients point on digits.
//!
//! Writes `expected.csv` (cosines), `envelope.csv` and the figures to the folder given as an
//! argument, or to `plefka-out/emf_and_backprop`. `--quick` takes seconds.

use std::error::Error;

use plefka::plot::{Chart, FigureFile, Series};

#[path = "directions.rs"]
pub mod directions;
#[path = "envelope.rs"]
pub mod envelope;
#[path = "../shared.rs"]
mod shared;

use directions::{Direction, Plan};
use envelope::{Convergence, equilibrium_propagation, fixture_r, slope};

/// What a reader of the question wants to see, and in which look.
const SHOWN: [(&str, &str, &str); 6] = [
    ("EMF-2 from the batch", "autoencoder, n = 1", "EMF against backprop of an autoencoder"),
    ("EMF-1 weighted mixture", "likelihood", "EMF, weighted mixture, against the likelihood"),
    ("EMF-2 from the batch", "likelihood", "EMF from the batch against the likelihood"),
    ("autoencoder, n = 1", "likelihood", "autoencoder against the likelihood"),
    ("EMF-2 from the batch", "classifier, n = 1", "EMF against backprop of a classifier"),
    ("100 exact samples", "likelihood", "100 exact samples against the likelihood"),
];

/// The cosines along one training.
pub fn chart(rows: &[Direction], training: &str) -> Chart {
    let series = SHOWN.iter().enumerate().map(|(k, (gradient, versus, name))| {
        let of = rows.iter().filter(|r| r.training == training && r.gradient == *gradient && r.versus == *versus);
        Series::measured(*name, k + 1, of.map(|r| (r.epoch as f64, Some(r.cosine), Some(r.std_error))))
    });
    Chart {
        title: "Do mean field and backprop point the same way?".into(),
        subtitle: format!(
            "cosine between gradients of W (0: unrelated); 784×16 bits, digits, {training}; ± 1σ over three seeds"
        ),
        caption: "The cosine of the angle between two gradients of W, centred, along training: 1 is the same direction, 0 none in common."
            .into(),
        labels: ["epoch".into(), "cosine".into()],
        series: series.collect(),
        vertical: Vec::new(),
        // The line of 0 has no label: it would lie on the curve of the classifier.
        horizontal: vec![(1.0, "the same direction".into()), (0.0, String::new())],
    }
}

/// Errors of gradients against the distance from the solution.
pub fn convergence_chart(rows: &[Convergence]) -> Chart {
    let mut series = Vec::new();
    for (k, what) in ["explicit", "backprop"].into_iter().enumerate() {
        for order in [1, 2] {
            let of = rows.iter().filter(|r| r.what == what && r.order == order && r.error > 1e-13);
            let points = of.map(|r| (r.epsilon.log10(), Some(r.error.log10()), None));
            let name = format!("{what}, order {order}: slope {:.2}", slope(rows, what, order));
            series.push(Series::measured(name, 2 * k + order as usize, points));
        }
    }
    Chart {
        title: "The explicit gradient of F converges with the means, backprop twice as fast".into(),
        subtitle: "R (6×4 bits), n = 1 … 24 steps of mean field (order 1) and TAP (order 2) from free units".into(),
        caption: "The error of the gradient of the free energy after n steps against the distance of the means from the solution."
            .into(),
        labels: ["log₁₀ ε, distance of the means from the solution".into(), "log₁₀ |gradient − limit|".into()],
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, quick) = shared::arguments("emf_and_backprop")?;
    let mut identities = envelope::envelope(&fixture_r(1.0))?;
    FigureFile::from(convergence_chart(&identities)).save(&folder, "envelope")?;
    for order in [1, 2] {
        for what in ["explicit", "backprop"] {
            println!("- {what}, order {order}: slope {:.3}", slope(&identities, what, order));
        }
        for r in identities.iter().filter(|r| {
            r.what == "backprop" && r.order == order && r.error > envelope::ROUNDING && r.n.is_multiple_of(4)
        }) {
            println!("- order {order}, n = {}: error/(nε²) = {:.2}", r.n, r.error / (r.n as f64 * r.epsilon.powi(2)));
        }
    }
    identities.extend(equilibrium_propagation(&fixture_r(1.0))?);
    shared::save_csv(&folder.join("envelope.csv"), &identities)?;
    let plan = Plan::new(quick);
    let rows = plan.run()?;
    shared::save_csv(&folder.join("expected.csv"), &rows)?;
    for (k, training) in plan.trainings.iter().enumerate() {
        FigureFile::from(chart(&rows, training.name)).save(&folder, &format!("cosines_{}", k + 1))?;
    }
    Ok(())
}

//! The profiles, drawn.

use plefka::plot::{Chart, Series};

use super::Bin;

/// What is drawn, nats: rarer bins hold a handful of samples, and are in the table.
const HIGHEST: f64 = 7.0;

/// The name of a profile in a legend.
type Name<'a> = &'a dyn Fn(&Bin) -> String;

/// F by MBAR, and dashed F exactly, of each group of bins.
fn chart(bins: &[&Bin], name: Name<'_>, [title, x]: [&str; 2], subtitle: &str) -> Chart {
    let mut series = Vec::new();
    for (k, of) in bins.chunk_by(|a, b| name(a) == name(b)).enumerate() {
        let exact = of.iter().filter_map(|bin| Some((bin.at, bin.exact.filter(|f| *f < HIGHEST)?)));
        series.push(Series::theory("", k + 1, exact));
        series.push(Series::measured(
            name(of[0]),
            k + 1,
            of.iter().map(|bin| (bin.at, bin.free_energy.filter(|f| *f < HIGHEST), bin.std_error)),
        ));
    }
    Chart {
        title: title.into(),
        subtitle: subtitle.into(),
        caption: "F = −ln p of a bin relative to the most probable one, up to 7 nats, by MBAR over tempering ± 1σ; dashed: exactly."
            .into(),
        labels: [x.into(), "F = −ln p, nats above its minimum".into()],
        series,
        vertical: Vec::new(),
        horizontal: Vec::new(),
    }
}

/// The charts by name.
pub fn charts(bins: &[Bin]) -> Vec<(&'static str, Chart)> {
    let along = |coordinate: &str, beta: f64| {
        let wanted = move |bin: &&Bin| bin.model == "PCD" && bin.coordinate == coordinate && bin.beta == beta;
        bins.iter().filter(wanted).collect::<Vec<&Bin>>()
    };
    let by_update: Name<'_> = &|bin| if bin.update == 0 { "before".into() } else { format!("update {}", bin.update) };
    let by_beta: Name<'_> = &|bin| format!("β = {}", bin.beta);
    let subtitle = "β = 1, while an RBM learns digits; markers ± 1σ: MBAR over tempering, dashed: exact";
    let mut charts = vec![
        ("energy", chart(&along("energy", 1.0), by_update, ["The landscape along the energy", "E(v, h)"], subtitle)),
        (
            "overlap",
            chart(
                &along("overlap", 1.0),
                by_update,
                ["The landscape along the overlap with the nearest training digit", "overlap v·d/√(|v||d|)"],
                subtitle,
            ),
        ),
        (
            "entropy",
            chart(
                // Before training it is the same of all hidden states, to half a nat.
                &along("entropy", 1.0).into_iter().filter(|bin| bin.update > 0).collect::<Vec<_>>(),
                by_update,
                ["The landscape along the entropy of the visible units given the hidden ones", "H(v|h), nats"],
                subtitle,
            ),
        ),
    ];
    let last = bins.iter().filter(|bin| bin.model == "PCD").map(|bin| bin.update).max().unwrap_or(0);
    let trained = bins.iter().filter(|bin| bin.model == "PCD" && bin.coordinate == "overlap" && bin.update == last);
    let subtitle = format!("after {last} updates; markers ± 1σ: MBAR over tempering, dashed: exact");
    charts.push((
        "temperatures",
        chart(
            &trained.collect::<Vec<_>>(),
            by_beta,
            ["The landscape of the trained model at several temperatures", "overlap v·d/√(|v||d|)"],
            &subtitle,
        ),
    ));
    charts
}

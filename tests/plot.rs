//! Figures and the report: drawn from saved numbers, the same bytes every time.
#![cfg(feature = "plot")]

use std::fs;

use plefka::{
    Claim, Measured, Method, Status,
    curve::{BoundKind, Diagnostics},
    io::{CurveRecord, ModelInfo, Provenance, ResultFile, Shape},
    plot::{draw_all, figures, report},
    thermo::Point,
};

/// A smooth made-up curve with a collapse of the entropy at β = 1, `off` from the truth.
fn record(method: Method, claim: Claim, off: f64, betas: &[f64]) -> CurveRecord {
    let point = |&beta: &f64| {
        let number = |value: f64| Some(Measured { value, claim });
        let entropy = 200.0 / (1.0 + beta) + 100.0 / (1.0 + (25.0 * (beta - 1.0)).exp());
        let energy = 100.0 - 150.0 * beta;
        let heat = 1500.0 / (1.0 + (25.0 * (beta - 1.0)).powi(2));
        Point {
            beta,
            status: Status::Converged,
            log_z: number(entropy - beta * energy + off * beta),
            energy: number(energy + off),
            entropy: number(entropy - off),
            heat_capacity: number(heat + off),
            verdict: None,
            objections: Vec::new(),
        }
    };
    CurveRecord {
        method,
        status: Status::Converged,
        points: betas.iter().map(point).collect(),
        diagnostics: Diagnostics::default().number("ess", 100.0).text("kernel", "a<b"),
        warnings: vec!["beware of <b>this</b>".into()],
        seconds: 1.0,
    }
}

fn results(betas: &[f64]) -> ResultFile {
    let mut tap = record(Method::Tap2, Claim::Approximation, 12.0, betas);
    tap.points.iter_mut().skip(betas.len() / 2).for_each(|p| p.status = Status::NotConverged);
    let curves = vec![
        record(Method::Exact, Claim::Exact, 0.0, betas),
        record(Method::Ais, Claim::Estimate { std_error: 0.02 }, 0.01, betas),
        record(Method::MeanField, Claim::Bound { kind: BoundKind::Lower, std_error: None }, -40.0, betas),
        tap,
    ];
    let model = ModelInfo {
        kind: "rbm".into(),
        units: "bit".into(),
        shape: Shape::Layers { n_visible: 784, n_hidden: 20 },
        source: "<script>alert(1)</script> & \"more\".npz".into(),
        sha256: "ab".repeat(32),
    };
    let command = ["plefka", "compare", "my model.npz", "</pre>"].map(String::from).to_vec();
    ResultFile::new(
        model,
        curves,
        Provenance { version: "0.1.0".into(), seed: 7, threads: 2, command, ..Default::default() },
    )
}

fn grid() -> Vec<f64> {
    (0..=40).map(|k| f64::from(k) / 20.0).collect()
}

/// Whether tags and quotes balance: enough to catch text that was not escaped.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        if text.contains('>') {
            return Err(format!("a bare > in {text:?}"));
        }
        let end = tag.find('>').ok_or("a tag that does not end")?;
        let inside = &tag[1..end];
        let name = inside.trim_matches('/').split_whitespace().next().ok_or("a tag without a name")?;
        if inside.contains('<') || inside.matches('"').count() % 2 == 1 {
            return Err(format!("a broken tag {inside:?}"));
        }
        if inside.starts_with('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes nothing"));
            }
        } else if !inside.ends_with('/') {
            open.push(name);
        }
        rest = &tag[end + 1..];
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn every_figure_is_well_formed_and_names_every_method() {
    let results = results(&grid());
    let figures = figures(&results).unwrap();
    let names: Vec<&str> = figures.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["log_z_error", "energy", "entropy", "heat_capacity"]);
    for figure in figures {
        well_formed(&figure.svg).unwrap_or_else(|e| panic!("{}: {e}", figure.name));
        for curve in &results.curves {
            assert!(figure.svg.contains(curve.method.name()), "{} in {}", curve.method, figure.name);
        }
        for says in ["β = 1", "S falls by", "hollow", "close-up"] {
            assert!(figure.svg.contains(says), "{says} in {}", figure.name);
        }
        assert!(!figure.svg.contains("NaN") && !figure.svg.contains("<script"), "{}", figure.name);
    }
}

#[test]
fn figures_and_report_are_redrawn_byte_for_byte_from_the_saved_numbers() {
    let (results, dir) = (results(&grid()), tempfile::tempdir().unwrap());
    let draw = |results: &ResultFile| {
        let mut paths = draw_all(results, dir.path()).unwrap();
        paths.push(report::write(results, dir.path()).unwrap());
        paths.into_iter().map(|p| fs::read(p).unwrap()).collect::<Vec<_>>()
    };
    let first = draw(&results);
    assert_eq!(first.len(), 5);
    results.write(dir.path()).unwrap();
    assert!(draw(&ResultFile::read(dir.path()).unwrap()) == first);
}

#[test]
fn poor_results_are_drawn_as_far_as_they_go() {
    let one_method = ResultFile { curves: vec![results(&grid()).curves.remove(2)], ..results(&grid()) };
    let no_exact = ResultFile { curves: results(&grid()).curves.split_off(1), ..results(&grid()) };
    let mut gaps = results(&grid());
    for curve in &mut gaps.curves {
        curve.points.iter_mut().step_by(3).for_each(|p| (p.log_z, p.entropy, p.heat_capacity) = (None, None, None));
    }
    let mut wild = results(&grid());
    wild.curves[3].points[30].log_z = Some(Measured { value: 1e300, claim: Claim::Approximation });
    let zero = ResultFile { curves: vec![record(Method::Exact, Claim::Exact, 0.0, &[0.0])], ..results(&[0.0]) };
    for (what, results, count) in [
        ("one β", results(&[1.0]), 4),
        ("two β", results(&[0.5, 1.0]), 4),
        ("only β = 0", zero, 4),
        ("one method", one_method, 4),
        ("no exact", no_exact, 4),
        ("gaps", gaps, 4),
        ("a wild number", wild, 4),
        ("no curves", ResultFile { curves: Vec::new(), ..results(&[]) }, 0),
        ("no points", results(&[]), 0),
    ] {
        let figures = figures(&results).unwrap();
        assert_eq!(figures.len(), count, "{what}");
        for figure in figures {
            well_formed(&figure.svg).unwrap_or_else(|e| panic!("{what}, {}: {e}", figure.name));
        }
        assert!(report::render(&results).unwrap().ends_with("</html>\n"), "{what}");
    }
}

#[test]
fn a_quantity_that_was_not_computed_has_no_figure() {
    let mut results = results(&grid());
    results.curves.iter_mut().flat_map(|c| &mut c.points).for_each(|p| p.heat_capacity = None);
    let names: Vec<String> = figures(&results).unwrap().into_iter().map(|f| f.name).collect();
    assert_eq!(names, ["log_z_error", "energy", "entropy"]);
}

#[test]
fn the_report_stands_alone_and_trusts_no_text() {
    let html = report::render(&results(&grid())).unwrap();
    let body = html.split_once("</style>").unwrap().1.split_once("</head>").unwrap().1;
    well_formed(body.trim_end().trim_end_matches("</html>")).unwrap();
    assert!(!html.contains("<script") && !html.contains("<b>this") && html.contains("&lt;script&gt;alert(1)"));
    assert!(!html.contains("<link") && !html.contains("src=") && !html.contains("href="));
    for says in [
        "The entropy collapses between",
        "agrees with the exact ln Z at all 41 β",
        "off by up to",
        "a lower bound: the true ln Z is not below it",
        "nothing is known about its error",
        "All 41 β",
        "beware of &lt;b&gt;this",
        "compare &#39;my model.npz&#39; &#39;&lt;/pre&gt;&#39;",
        &"ab".repeat(32),
        "not converged",
    ] {
        assert!(html.contains(says), "no {says:?}");
    }
}

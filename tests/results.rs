//! Saved results: the JSON contract with scripts, the table, and the verdicts on what is saved.

use std::{fs, path::Path};

use plefka::{
    Betas, Claim, Curve, Measured, Method, Status, Verdict,
    curve::{BoundKind, Diagnostics, Reliability, Series},
    findings::{
        ExactComparison, Judgement, Tone, compare_with_exact, consensus, entropy_drop, judge, judged, judgements,
        key_findings,
    },
    io::{CurveRecord, ModelInfo, Provenance, Quantity, ResultFile, Shape, to_csv},
};
use serde_json::{Value, json};

const BETAS: [f64; 7] = [0.0, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0];
const ENTROPY: [f64; 7] = [557.3, 300.6, 217.1, 152.3, 76.1, 40.7, 28.9];

/// A curve with these entropies and ln Z = 250 + `offset` at each β.
fn curve(method: Method, log_z_claim: Claim, offset: f64, reached: usize) -> Curve {
    let mut values = Series::default();
    for k in 0..reached {
        let log_z = if k == 0 { ENTROPY[0] } else { 250.0 + offset };
        let energy = if k == 0 { 2000.0 } else { (ENTROPY[k] - log_z) / BETAS[k] };
        values.push(log_z, Some(energy), Some(10.0 + offset));
    }
    Curve {
        method,
        betas: Betas::new(BETAS).unwrap(),
        reached: vec![Status::Converged; reached],
        values,
        replicates: Vec::new(),
        log_z_claim,
        visited: Vec::new(),
        diagnostics: Diagnostics::default(),
        warnings: Vec::new(),
        seconds: 0.25,
    }
}

/// An annealed run whose ln Z is `offset` too high and whose bootstrap copies spread by one on
/// either side of that.
fn sampled(offset: f64) -> Curve {
    let mut curve = curve(Method::Ais, Claim::Approximation, offset, BETAS.len());
    let shifted = |by: f64| {
        let mut copy = curve.values.clone();
        copy.log_z.iter_mut().skip(1).for_each(|x| *x += by);
        copy
    };
    curve.replicates = vec![shifted(-1.0), shifted(0.0), shifted(1.0)];
    curve.diagnostics = Diagnostics::default().number("ess", 512.3).per_beta("ess_by_beta", vec![500.0; BETAS.len()]);
    curve
}

fn file(curves: &[Curve]) -> ResultFile {
    let model = ModelInfo {
        kind: "rbm".into(),
        units: "bit".into(),
        shape: Shape::Layers { n_visible: 784, n_hidden: 20 },
        source: "digits.npz".into(),
        sha256: "ab".repeat(32),
    };
    let provenance = Provenance {
        version: "0.1.0".into(),
        seed: 1,
        threads: 2,
        command: vec!["plefka".into(), "compare".into()],
        ..Provenance::default()
    };
    ResultFile::new(model, curves.iter().map(CurveRecord::from).collect(), provenance)
}

fn example() -> ResultFile {
    let mut bound =
        curve(Method::MeanField, Claim::Bound { kind: BoundKind::Lower, std_error: None }, -20.0, BETAS.len());
    bound.warnings.push("a warning, with a remedy".into());
    file(&[curve(Method::Exact, Claim::Exact, 0.0, BETAS.len()), sampled(0.5), bound])
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_json_keeps_every_name_of_the_contract() {
    let json: Value = serde_json::from_str(&example().to_json().unwrap()).unwrap();
    let has = |value: &Value, names: &[&str]| {
        for name in names {
            assert!(keys(value).contains(name), "no `{name}` in {value}");
        }
    };
    has(&json, &["schema", "model", "curves", "provenance"]);
    has(&json["model"], &["kind", "units", "n_visible", "n_hidden", "source", "sha256"]);
    has(&json["provenance"], &["version", "seed", "threads", "command"]);
    let ais = &json["curves"][1];
    has(ais, &["method", "status", "points", "diagnostics", "warnings", "seconds"]);
    has(&ais["points"][3], &["beta", "log_z", "energy", "entropy", "heat_capacity"]);
    assert_eq!((&json["schema"], &ais["method"], &ais["status"]), (&json!(1), &json!("ais"), &json!("converged")));
    assert_eq!(ais["points"][3]["log_z"], json!({"value": 250.5, "std_error": 1.0, "claim": "estimate"}));
    assert_eq!(ais["diagnostics"]["ess"], json!(512.3));
    let bound = &json["curves"][2]["points"][3];
    assert_eq!(bound["log_z"], json!({"value": 230.0, "std_error": null, "claim": "lower_bound"}));
    assert_eq!(bound["energy"]["claim"], json!("approximation"));
}

#[test]
fn what_is_written_is_read_back_to_the_last_bit() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new/folder");
    let mut results = example();
    results.curves[0].points[1].beta = 0.1 + 0.2;
    let path = results.write(&folder).unwrap();
    assert_eq!(path, folder.join("results.json"));
    assert_eq!(ResultFile::read(&folder).unwrap(), results);
    assert_eq!(ResultFile::read(&path).unwrap(), results);
    // Written again, it is the same bytes; and nothing temporary is left behind.
    let before = fs::read(&path).unwrap();
    ResultFile::read(&path).unwrap().write(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_number_that_does_not_exist_is_null_and_never_nan() {
    let mut broken = sampled(0.0);
    broken.values.energy_variance[3] = Some(f64::NAN);
    broken.replicates[0].energy[4] = Some(f64::INFINITY);
    broken.seconds = f64::NAN;
    let unreached = curve(Method::Exact, Claim::Exact, 0.0, 2);
    let json = file(&[broken, unreached]).to_json().unwrap();
    assert!(!json.contains("NaN") && !json.contains("inf"), "{json}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["curves"][0]["points"][3]["heat_capacity"], Value::Null);
    assert_eq!(json["curves"][0]["points"][4]["energy"], Value::Null);
    assert_eq!(json["curves"][1]["points"].as_array().unwrap().len(), BETAS.len());
    assert_eq!(json["curves"][1]["points"][2]["log_z"], Value::Null);
    assert_eq!(json["curves"][1]["status"], json!("cancelled"));
    // One put in by hand is refused by name.
    let mut results = example();
    results.curves[0].points[3].entropy = Some(Measured { value: f64::NAN, claim: Claim::Exact });
    let message = results.to_json().unwrap_err().to_string();
    assert!(message.contains("entropy at β = 1"), "{message}");
}

#[test]
fn fields_of_the_future_are_tolerated_and_everything_else_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.json");
    let mut good: Value = serde_json::from_str(&example().to_json().unwrap()).unwrap();
    // A document that is changed has no checksum that fits: tests/faults goes through those.
    good.as_object_mut().unwrap().remove("checksum").unwrap();
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        ResultFile::read(&path)
    };
    let mut future = good.clone();
    for place in ["", "/model", "/provenance", "/curves/0", "/curves/0/points/0", "/curves/0/points/0/log_z"] {
        future.pointer_mut(place).unwrap()["new"] = json!({"some": "thing"});
    }
    assert_eq!(read(&future.to_string()).unwrap(), example());

    let changed = |key: &str, value: Value| {
        let mut json = good.clone();
        json[key] = value;
        json.to_string()
    };
    for (text, says) in [
        ("not json".to_string(), "not JSON"),
        (good.to_string()[..200].to_string(), "not JSON"),
        ("[1, 2]".into(), "not a result file"),
        ("{\"a\": 1}".into(), "not a result file"),
        (changed("schema", json!(2)), "newer `plefka`"),
        (changed("schema", json!("one")), "schema \"one\""),
        (changed("curves", json!(3)), "not a whole result file"),
        (changed("curves", json!([{"method": "guess"}])), "unknown method `guess`"),
    ] {
        let message = read(&text).unwrap_err().to_string();
        assert!(message.contains(says) && message.contains("r.json"), "{message}");
    }
    let message = ResultFile::read(dir.path().join("nowhere")).unwrap_err().to_string();
    assert!(message.contains("no such file") && message.contains("plefka compare"), "{message}");
    assert!(ResultFile::read(Path::new("")).is_err());
}

#[test]
fn the_table_has_a_row_for_each_method_and_beta_and_its_numbers_round_trip() {
    let mut results = example();
    results.curves[1].points[4].heat_capacity = None;
    let text = to_csv(&results).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3 * BETAS.len());
    let mut k = 0;
    for curve in &results.curves {
        for point in &curve.points {
            let cell = |name: &str| &rows[k][column(name)];
            let number = |name: &str| cell(name).parse::<f64>().ok();
            assert_eq!((cell("method"), number("beta")), (curve.method.name(), Some(point.beta)));
            for quantity in Quantity::ALL {
                let m = quantity.of(point);
                let name = quantity.name();
                assert_eq!(number(name), m.map(|m| m.value), "{name}");
                assert_eq!(number(&format!("{name}_std_error")), m.and_then(|m| m.claim.std_error()), "{name}");
            }
            k += 1;
        }
    }
    let ais_at_1 = &rows[BETAS.len() + 3];
    assert_eq!(&ais_at_1[column("log_z_error_vs_exact")], "0.5");
    assert_eq!((&ais_at_1[column("log_z_claim")], &ais_at_1[column("status")]), ("estimate", "converged"));
    assert_eq!(&rows[BETAS.len() + 4][column("heat_capacity")], "");
    // Without an exact curve there is nothing to measure from.
    let alone = to_csv(&file(&[sampled(0.0)])).unwrap();
    assert!(alone.lines().nth(4).unwrap().contains("estimate,,"), "{alone}");
}

#[test]
fn a_comparison_follows_the_claim() {
    let value = |value, claim| Measured { value, claim };
    let estimate = |x, std_error| value(x, Claim::Estimate { std_error });
    let bound = |x, kind, std_error| value(x, Claim::Bound { kind, std_error });
    let (approximation, lower, upper) = (Claim::Approximation, BoundKind::Lower, BoundKind::Upper);
    for (number, expected) in [
        (estimate(103.0, 1.0), ExactComparison::Agrees { sigmas: 3.0 }),
        (estimate(95.0, 1.0), ExactComparison::Disagrees { sigmas: 5.0 }),
        // Exactly four is still agreement.
        (estimate(104.0, 1.0), ExactComparison::Agrees { sigmas: 4.0 }),
        // β = 0: no spread, and a difference that is only rounding. Planted bug: 0/0 or 1e-12/0.
        (estimate(100.0, 0.0), ExactComparison::Same),
        (estimate(100.0 + 1e-11, 0.0), ExactComparison::Same),
        (estimate(100.0 + 1e-11, 1e-13), ExactComparison::Same),
        (estimate(101.0, 0.0), ExactComparison::Contradicts { by: 1.0 }),
        (value(100.0, Claim::Exact), ExactComparison::Same),
        (value(99.0, Claim::Exact), ExactComparison::Contradicts { by: -1.0 }),
        (value(93.5, approximation), ExactComparison::Off { by: -6.5 }),
        (bound(90.0, lower, None), ExactComparison::Bounds { by: -10.0 }),
        (bound(101.0, lower, None), ExactComparison::Contradicts { by: 1.0 }),
        (bound(101.0, upper, None), ExactComparison::Bounds { by: 1.0 }),
        (bound(99.0, upper, None), ExactComparison::Contradicts { by: -1.0 }),
        (bound(101.0, lower, Some(1.0)), ExactComparison::Agrees { sigmas: 1.0 }),
        (bound(110.0, lower, Some(1.0)), ExactComparison::Disagrees { sigmas: 10.0 }),
    ] {
        assert_eq!(compare_with_exact(number, 100.0), expected, "{number:?}");
    }
}

#[test]
fn the_verdict_follows_the_claim_the_evidence_and_the_truth() {
    use Status::{Cancelled, Converged, NotConverged};
    let value = |value, claim| Some(Measured { value, claim });
    let estimate = |x, std_error| value(x, Claim::Estimate { std_error });
    let bound = |x, kind, std_error| value(x, Claim::Bound { kind, std_error });
    let rich = Reliability { ess: Some(100.0), largest_share: Some(0.05), ..Reliability::default() };
    let few = Reliability { ess: Some(19.9), ..rich };
    let heavy = Reliability { largest_share: Some(0.21), ..rich };
    let (apart, stalled) =
        (Reliability { overlap: Some(0.02), ..rich }, Reliability { round_trips: Some(9.0), ..rich });
    let drifting = Reliability { drift: Some(4.1), ..rich };
    let truth = Some(100.0);
    let (approximation, lower) = (Claim::Approximation, BoundKind::Lower);
    for (number, status, evidence, truth, expected) in [
        (estimate(103.0, 1.0), Converged, rich, truth, "checked (3.0σ)"),
        (estimate(95.0, 1.0), Converged, rich, truth, "untrustworthy: 5.0σ from the exact value"),
        (estimate(100.5, 1.0), Converged, apart, truth, "untrustworthy: an overlap of 2.0e-2"),
        (estimate(100.5, 1.0), Converged, stalled, truth, "untrustworthy: 9 round trips"),
        (estimate(100.5, 1.0), Converged, drifting, truth, "untrustworthy: two halves that differ by 4.1σ"),
        // Poor evidence spoils agreement; planted bug: testing agreement first calls these sound.
        (estimate(100.5, 1.0), Converged, few, truth, "untrustworthy: 19.9 effective chains"),
        (estimate(100.5, 1.0), Converged, heavy, truth, "untrustworthy: 21 % of the weight on one chain"),
        (estimate(100.5, 1.0), Converged, few, None, "untrustworthy: 19.9 effective chains"),
        // But nothing excuses disagreement; planted bug: testing the evidence first hides it.
        (estimate(95.0, 1.0), Converged, few, truth, "untrustworthy: 5.0σ from the exact value; 19.9 effective chains"),
        (estimate(95.0, 1.0), NotConverged, rich, truth, "untrustworthy: 5.0σ from the exact value"),
        (estimate(100.0, 0.0), Converged, rich, truth, "checked"),
        (value(100.0, Claim::Exact), Converged, rich, truth, "exact"),
        (value(99.0, Claim::Exact), Converged, rich, truth, "untrustworthy: wrong by −1.00"),
        (value(93.5, approximation), Converged, rich, truth, "approximation, off by −6.50"),
        (value(93.5, approximation), NotConverged, rich, truth, "not converged"),
        (bound(90.0, lower, None), Converged, rich, truth, "bound, off by −10.00"),
        (bound(101.0, lower, None), Converged, rich, truth, "untrustworthy: wrong by +1.00"),
        (bound(101.0, lower, Some(1.0)), Converged, rich, truth, "bound, 1.0σ from the exact value"),
        (bound(90.0, lower, None), Converged, rich, None, "bound"),
        (estimate(95.0, 1.0), Converged, rich, None, "unchecked"),
        (value(95.0, approximation), Converged, rich, None, "approximation"),
        (value(95.0, approximation), NotConverged, rich, None, "not converged"),
        (None, Cancelled, rich, truth, "cancelled"),
        (None, NotConverged, rich, truth, "not converged"),
        (None, Converged, rich, truth, "untrustworthy: there is no value"),
    ] {
        let judgement = judge(number, status, evidence, truth);
        assert_eq!(judgement.to_string(), expected, "{number:?} {status:?} {evidence:?} {truth:?}");
        // A number that is called untrustworthy comes with its reason, and a sound one without
        // objection.
        assert_eq!(judgement.objections.is_empty(), judgement.verdict != Verdict::Untrustworthy, "{judgement:?}");
    }
}

/// The judgement on each point of the `which`-th curve.
fn of(results: &ResultFile, which: usize) -> Vec<Judgement> {
    judgements(results, &results.curves[which])
}

#[test]
fn only_a_converged_exact_point_is_the_truth() {
    let mut results = example();
    assert!(of(&results, 0).iter().all(|j| j.verdict == Verdict::Exact && j.comparison.is_none()));
    assert_eq!(of(&results, 1)[3].comparison, Some(ExactComparison::Agrees { sigmas: 0.5 }));
    assert_eq!(of(&results, 1)[0].comparison, Some(ExactComparison::Same));
    assert_eq!(of(&results, 2)[3].comparison, Some(ExactComparison::Bounds { by: -20.0 }));
    // At β = 0 every method knows ln Z, and says so; that does not make it a reference.
    results.curves.remove(0);
    assert_eq!(results.exact(Quantity::LogZ, 0.0), None);
    assert_eq!((of(&results, 0)[0].verdict, of(&results, 0)[0].comparison), (Verdict::Exact, None));
    assert_eq!(of(&results, 0)[3].verdict, Verdict::Unchecked);
    // An exact curve that was stopped is the truth as far as it got.
    let stopped = file(&[curve(Method::Exact, Claim::Exact, 0.0, 4), sampled(0.0)]);
    let ais: Vec<Verdict> = of(&stopped, 1).iter().map(|j| j.verdict).collect();
    assert_eq!(ais[3..5], [Verdict::Checked, Verdict::Unchecked]);
    assert_eq!(of(&stopped, 0)[4].verdict, Verdict::Cancelled);
}

#[test]
fn without_an_exact_value_unlike_methods_check_each_other_and_bounds_refute() {
    let other = |method, offset| Curve { method, ..sampled(offset) };
    let lower = |offset| {
        let claim = Claim::Bound { kind: BoundKind::Lower, std_error: None };
        curve(Method::MeanField, claim, offset, BETAS.len())
    };
    let at_one = |curves: &[Curve]| -> Vec<String> {
        let results = file(curves);
        (0..curves.len()).map(|which| of(&results, which)[3].to_string()).collect()
    };
    assert_eq!(at_one(&[sampled(0.0)]), ["unchecked"]);
    assert_eq!(at_one(&[sampled(0.0), other(Method::Tempering, 1.0)]), ["checked", "checked"]);
    // Planted bug: two annealings along one path check each other, although they share their
    // mistakes.
    assert_eq!(at_one(&[sampled(0.0), other(Method::Bar, 1.0)]), ["unchecked", "unchecked"]);
    // Each has σ = 1: 9 nats are 9/√2 σ apart, and nothing says which is wrong.
    let apart = at_one(&[sampled(0.0), other(Method::Bar, 9.0)]);
    assert_eq!(apart, ["untrustworthy: bar is 6.4σ away", "untrustworthy: ais is 6.4σ away"]);
    // A certain bound refutes what lies below it, and is not refuted in turn; it does not check
    // what lies above.
    assert_eq!(at_one(&[sampled(0.0), lower(5.0)]), ["untrustworthy: the bound of mf is 5.0σ away", "bound"]);
    assert_eq!(at_one(&[sampled(0.0), lower(-5.0)]), ["unchecked", "bound"]);
}

#[test]
fn the_verdict_is_saved_and_a_saved_verdict_is_kept() {
    let results = judged(example());
    let json: Value = serde_json::from_str(&results.to_json().unwrap()).unwrap();
    let point = json.pointer("/curves/1/points/3").unwrap();
    assert_eq!((&point["verdict"], &point["objections"]), (&json!("checked"), &json!([])));
    let csv = to_csv(&results).unwrap();
    assert!(csv.lines().next().unwrap().ends_with(",verdict") && csv.lines().nth(11).unwrap().ends_with(",checked"));
    // What was said of a number when it was made is what is said when it is drawn again.
    let mut saved = results.clone();
    saved.curves[1].points[3].verdict = Some(Verdict::Untrustworthy);
    saved.curves[1].points[3].objections = vec!["a reason".into()];
    assert_eq!(of(&saved, 1)[3].to_string(), "untrustworthy: a reason");
}

#[test]
fn a_finding_names_the_evidence_against_a_number() {
    // Planted bug: every untrustworthy number has "too few effective chains".
    let trips = Diagnostics::default().per_beta("round_trips_by_beta", vec![3.0; BETAS.len()]);
    let results = file(&[Curve { method: Method::Tempering, diagnostics: trips, ..sampled(0.0) }]);
    let text = &key_findings(&results).into_iter().find(|f| f.method == Some(Method::Tempering)).unwrap().text;
    assert!(text.contains("not trustworthy at") && text.contains(": 3 round trips"), "{text}");
    assert!(!text.contains("effective chains"), "{text}");
}

#[test]
fn a_bound_is_not_said_to_agree() {
    // Planted bug: "exact and mf agree within 0.0σ", 20 nats apart.
    let exact = || curve(Method::Exact, Claim::Exact, 0.0, BETAS.len());
    let bound = || {
        let claim = Claim::Bound { kind: BoundKind::Lower, std_error: None };
        curve(Method::MeanField, claim, -20.0, BETAS.len())
    };
    let says = |curves: &[Curve]| consensus(&file(curves))[3].to_string();
    assert_eq!(says(&[exact(), bound()]), "exact; the bound of mf holds");
    assert_eq!(says(&[exact(), sampled(0.5), bound()]), "exact and ais agree within 0.5σ; the bound of mf holds");
    let alone = "ais alone, with no other estimate to check it against; the bound of mf holds";
    assert_eq!(says(&[sampled(0.5), bound()]), alone);
    assert_eq!(says(&[bound()]), "no estimate; the bound of mf holds");
    // An estimate that the exact value refutes is set aside; one that a bound refutes has a quarrel
    // with it.
    assert_eq!(says(&[exact(), sampled(9.0)]), "exact; ais is set aside: 9.0σ from the exact value");
    assert_eq!(says(&[sampled(-30.0), bound()]), "ais and mf disagree by 10.0σ");
}

#[test]
fn the_fall_of_the_entropy_is_where_the_heat_capacity_peaks() {
    let results = example();
    let fall = entropy_drop(&results.curves[0]).unwrap();
    // Per unit of β the steepest stretch is the first, 0 to 0.5, which is trivial: planted bug.
    assert_eq!((fall.from, fall.to), (0.9, 1.1));
    assert!((fall.nats() - (217.1 - 76.1)).abs() < 1e-9);
    let says = &key_findings(&results)[0];
    assert_eq!((says.tone, says.method), (Tone::Fact, None));
    assert!(says.text.contains("between β = 0.9 and 1.1: S falls by 141 nats"), "{}", says.text);
    // Free units have no fall; neither has a curve that is too short.
    let mut flat = results.curves[0].clone();
    flat.points.iter_mut().for_each(|p| p.entropy = Some(Measured { value: 557.3, claim: Claim::Exact }));
    assert_eq!(entropy_drop(&flat), None);
    flat.points.truncate(1);
    assert_eq!(entropy_drop(&flat), None);
}

#[test]
fn an_impossible_entropy_and_a_contradicted_estimate_are_headlines() {
    let mut results = file(&[curve(Method::Exact, Claim::Exact, 0.0, BETAS.len()), sampled(9.0)]);
    let mut tap = CurveRecord::from(&curve(Method::Tap2, Claim::Approximation, 1.0, BETAS.len()));
    tap.points[6].entropy = Some(Measured { value: -3.0, claim: Claim::Approximation });
    results.curves.push(tap);
    let bad: Vec<_> = key_findings(&results).into_iter().filter(|h| h.tone == Tone::Bad).collect();
    assert_eq!(bad.len(), 2, "{bad:?}");
    assert!(
        bad[0].text.contains("contradicted") && bad[0].text.contains("9.0σ from the exact value"),
        "{}",
        bad[0].text
    );
    assert!(bad[1].text.contains("negative entropy from β = 2"), "{}", bad[1].text);
}

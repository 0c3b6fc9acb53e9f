//! What runs reported, in a file: compared, or written anew.

use std::{fs, path::PathBuf};

use serde_json::{Map, Value};

/// What the last bits may do to a number: mathematical functions are those of the system, and a
/// processor adds up in the order that suits its vectors, in f32 where weights are. (The runs are
/// the same to this on AVX-512 and on NEON.)
const TOLERANCE: f64 = 1e-7;

/// Holds the records of a method against those of its file, or writes the file where
/// `PLEFKA_NEW_SEEDS` asks for it.
#[track_caller]
pub fn compare(method: &str, now: Map<String, Value>) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/seeds/{method}.json"));
    if std::env::var_os("PLEFKA_NEW_SEEDS").is_some() {
        // A line for a case.
        let lines: Vec<String> =
            now.iter().map(|(case, record)| format!("{}: {record}", Value::from(case.as_str()))).collect();
        fs::write(&file, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
        return;
    }
    let before: Map<String, Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let moved: Vec<String> = before
        .keys()
        .chain(now.keys().filter(|case| !before.contains_key(*case)))
        .filter_map(|case| {
            let difference =
                difference(before.get(case).unwrap_or(&Value::Null), now.get(case).unwrap_or(&Value::Null), "")?;
            Some(format!("{case}: {difference}"))
        })
        .collect();
    assert!(
        moved.is_empty(),
        "{method}: what a seed gives has moved. If that is meant, say so in CHANGELOG.md and write the numbers anew with \
         PLEFKA_NEW_SEEDS=1.\n{}",
        moved.join("\n")
    );
}

/// The first place at which two records differ by more than their last bits.
fn difference(before: &Value, now: &Value, place: &str) -> Option<String> {
    match (before, now) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(key, value)| difference(value, &b[key], &format!("{place}/{key}")))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..a.len()).find_map(|k| difference(&a[k], &b[k], &format!("{place}/{k}")))
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64()?, b.as_f64()?);
            ((a - b).abs() > TOLERANCE * a.abs().max(b.abs()).max(1.0)).then(|| format!("{place}: {a} before, {b} now"))
        }
        _ => (before != now).then(|| format!("{place}: {before} before, {now} now")),
    }
}

/// The comparison sees what it is there for.
#[test]
fn a_number_that_moves_is_seen() {
    let record = |log_z: f64| serde_json::json!({"points": [{"log_z": {"value": log_z, "std_error": 0.1}}], "warnings": ["slow"]});
    assert_eq!(difference(&record(12.0), &record(12.0 + 1e-7), ""), None);
    let moved = difference(&record(12.0), &record(12.000_01), "").unwrap();
    assert_eq!(moved, "/points/0/log_z/value: 12 before, 12.00001 now");
    let mut lacking = record(12.0);
    lacking["warnings"] = serde_json::json!([]);
    assert!(difference(&record(12.0), &lacking, "").is_some_and(|place| place.starts_with("/warnings")));
    assert!(difference(&Value::Null, &record(12.0), "").is_some());
}

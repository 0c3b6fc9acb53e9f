//! The library's words in terms of keywords, here and nowhere else.

use plefka::{Error, Method, computation::Refusal, estimator::MethodConfig};
use pyo3::{exceptions::PyValueError, prelude::*};

/// What the program says that is not a flag by itself, and how it is said in Python.
const PHRASES: [(&str, &str); 5] = [
    ("plefka convert IN OUT.npz --transposed", "plefka.load(path, transposed=True)"),
    ("plefka convert IN OUT.npz --name ", "plefka.load(path, name=…) with "),
    ("plefka compare MODEL --out DIR", "plefka.compare(model).save(folder)"),
    ("or `data` in a plan", "an array or the name of a file"),
    ("in the library: the field `data`", "an array or the name of a file"),
];

/// Flags that are true by standing there.
const SWITCHES: [&str; 3] = ["resume", "transposed", "strict"];

/// A text that names flags, `--exact-limit 30`, with keywords in their place, `exact_limit=30`.
#[pyfunction]
pub fn in_keywords(text: &str) -> String {
    let text = PHRASES.iter().fold(text.to_owned(), |text, (flags, keywords)| text.replace(flags, keywords));
    let mut parts = text.split("--");
    let mut words: String = parts.next().unwrap_or_default().into();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(part.len());
        let (flag, rest) = part.split_at(end);
        if flag.is_empty() {
            words.push_str("--");
            words.push_str(rest);
            continue;
        }
        let quoted = words.ends_with('`');
        words.push_str(&flag.replace('-', "_"));
        match rest.strip_prefix([' ', '=']).and_then(|rest| rest.split_once('`')).filter(|_| quoted) {
            Some((value, rest)) => words.push_str(&format!("={}`{rest}", literal(value))),
            None if quoted && SWITCHES.contains(&flag) => words.push_str(&format!("=True{rest}")),
            None => words.push_str(rest),
        }
    }
    words
}

/// A value as it is written in Python.
fn literal(value: &str) -> String {
    match value {
        "true" => "True".into(),
        "false" => "False".into(),
        number if number.parse::<f64>().is_ok() => number.into(),
        name => format!("\"{name}\""),
    }
}

/// An error of the library as a `ValueError`.
pub fn value_error(error: &Error) -> PyErr {
    PyValueError::new_err(in_keywords(&error.to_string()))
}

/// The same about a method: a field is known by the name of the setting that sets it.
pub fn method_error(Refusal { method, error }: &Refusal) -> PyErr {
    config_error(*method, error)
}

/// The same of an error about the settings of a method.
pub fn config_error(method: Method, error: &Error) -> PyErr {
    match error {
        Error::Config { field, value, remedy } => {
            let name = MethodConfig::setting_of(method, field);
            PyValueError::new_err(in_keywords(&format!("{name} = {value} cannot be used: {remedy}")))
        }
        error => value_error(error),
    }
}

/// A refusal in words of our own.
pub fn refuse(problem: impl Into<String>) -> PyErr {
    PyValueError::new_err(problem.into())
}

#[cfg(test)]
mod tests {
    use super::in_keywords;

    #[test]
    fn flags_become_keywords() {
        for (flags, keywords) in [
            ("raise the limit (`--exact-limit 30`) or use `ais`", "raise the limit (`exact_limit=30`) or use `ais`"),
            ("without `--start-from data`", "without `start_from=\"data\"`"),
            ("give --betas that reach further", "give betas that reach further"),
            ("go on with it (`--resume`)", "go on with it (`resume=True`)"),
            ("say so: `plefka convert IN OUT.npz --transposed` if", "say so: `plefka.load(path, transposed=True)` if"),
            ("and `--transposed=false` if", "and `transposed=False` if"),
            ("no flag -- at all", "no flag -- at all"),
        ] {
            assert_eq!(in_keywords(flags), keywords);
        }
    }
}

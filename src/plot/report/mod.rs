//! The report: one HTML file that explains itself, opens anywhere and prints.
//!
//! It needs no script, no network and no other file. Everything that comes from a result file is
//! escaped.

mod table;

use std::path::{Path, PathBuf};

use super::{Figure, escape, figures, style::label};
use crate::{
    Error,
    curve::{BoundKind, Claim, Diagnostic, Status},
    findings::{Finding, Tone, key_findings, words},
    io::{CurveRecord, ResultFile, Shape, make_folder, write_atomically},
    thresholds::{MAX_SIGMAS, MIN_ESS},
};

/// The name of the report in a results folder.
pub const FILE_NAME: &str = "report.html";

/// Writes the report into the folder `dir` and returns its path.
///
/// # Errors
/// [`Error::Io`] if it cannot be written.
pub fn write(results: &ResultFile, dir: &Path) -> Result<PathBuf, Error> {
    make_folder(dir)?;
    let path = dir.join(FILE_NAME);
    write_atomically(&path, render(results)?.as_bytes())?;
    Ok(path)
}

/// The report as HTML. It holds no date: the same results give the same bytes.
///
/// # Errors
/// [`Error::Io`] if a figure cannot be drawn.
pub fn render(results: &ResultFile) -> Result<String, Error> {
    let title = escape(&format!("ln Z, energy and entropy of {}", results.model.source));
    let figures: String = figures(results)?.iter().map(figure).collect();
    let body = [
        format!("<h1>{title}</h1>\n<p class=\"lede\">{}</p>\n", lede(results)),
        findings(results),
        section("Figures", &figures),
        section("Numbers", &table::numbers(results)),
        section("What each method claims", &claims(results)),
        section("Warnings", &warnings(results)),
        section("How to make this again", &provenance(results)),
    ];
    let css = include_str!("report.css");
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{css}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        body.concat()
    ))
}

fn section(heading: &str, content: &str) -> String {
    if content.is_empty() { String::new() } else { format!("<section>\n<h2>{heading}</h2>\n{content}</section>\n") }
}

/// The model and the run in a sentence.
fn lede(results: &ResultFile) -> String {
    let model = &results.model;
    let values = match model.units.as_str() {
        "bit" => "0/1",
        "spin" => "±1",
        other => other,
    };
    let betas = table::betas(results);
    let grid = match betas[..] {
        [] => "no β".into(),
        [only] => format!("at β = {}", words::beta(only)),
        [first, .., last] => format!("{} β from {} to {}", betas.len(), words::beta(first), words::beta(last)),
    };
    let methods: Vec<&str> = results.curves.iter().map(|c| c.method.name()).collect();
    let size = match model.shape {
        Shape::Layers { n_visible, n_hidden } => format!("{n_visible} visible and {n_hidden} hidden units"),
        Shape::Units { n_units } => format!("{n_units} units"),
    };
    let kind = words::kind(&model.kind);
    let text = format!("{kind} with {size} ({values}); {grid}; methods: {}.", methods.join(", "));
    escape(&text)
}

fn findings(results: &ResultFile) -> String {
    let item = |Finding { tone, method, text }: Finding| {
        let class = match tone {
            Tone::Fact => "fact",
            Tone::Good => "good",
            Tone::Caution => "caution",
            Tone::Bad => "bad",
        };
        let who = method.map(|m| format!("<strong>{}</strong>: ", escape(&label(m)))).unwrap_or_default();
        format!("<li class=\"{class}\">{who}{}</li>\n", escape(&text))
    };
    let items: String = key_findings(results).into_iter().map(item).collect();
    if items.is_empty() { items } else { format!("<ul class=\"findings\">\n{items}</ul>\n") }
}

fn figure(Figure { name, caption, svg, .. }: &Figure) -> String {
    let caption = escape(caption);
    format!(
        "<figure id=\"{name}\">\n{svg}<figcaption>{caption} File: <code>{name}.svg</code>.</figcaption>\n</figure>\n"
    )
}

/// What may be concluded from a number of this kind.
fn claim_in_words(claim: Claim) -> &'static str {
    match claim {
        Claim::Exact => "exact, up to rounding",
        Claim::Estimate { .. } => "an estimate; ± is one standard error",
        Claim::Bound { kind: BoundKind::Lower, std_error: None } => "a lower bound: the true ln Z is not below it",
        Claim::Bound { kind: BoundKind::Upper, std_error: None } => "an upper bound: the true ln Z is not above it",
        Claim::Bound { kind: BoundKind::Lower, .. } => "a lower bound in expectation; ± is one standard error",
        Claim::Bound { kind: BoundKind::Upper, .. } => "an upper bound in expectation; ± is one standard error",
        Claim::Approximation => "an approximation: nothing is known about its error",
    }
}

fn claims(results: &ResultFile) -> String {
    let row = |curve: &CurveRecord| {
        // At β = 0 every method is exact; the claim that matters is that of the last point.
        let claim = curve.points.iter().rev().find_map(|p| p.log_z).map_or("no ln Z", |m| claim_in_words(m.claim));
        let converged = curve.points.iter().filter(|p| p.status == Status::Converged).count();
        format!(
            "<tr class=\"first\"><td class=\"word\">{}</td><td class=\"word wide\">{claim}</td><td>{converged} of {}</td>\
             <td>{:.2}</td><td class=\"word wide\">{}</td></tr>\n",
            escape(&label(curve.method)),
            curve.points.len(),
            curve.seconds,
            escape(&evidence(curve))
        )
    };
    let rows: String = results.curves.iter().map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<div class=\"scroll\"><table>\n<thead><tr><th class=\"word\">method</th><th class=\"word\">its ln Z is</th>\
         <th>converged β</th><th>seconds</th><th class=\"word\">evidence</th></tr></thead>\n<tbody>\n{rows}</tbody>\n\
         </table></div>\n<p class=\"note\">All ln Z and S are totals in nats. Checked: independent evidence agrees, and \
         nothing speaks against the number. Unchecked: nothing speaks for or against it. Untrustworthy: the exact value, \
         another method or its own evidence speaks against it, as when fewer than {MIN_ESS:.0} chains carry its weight, or \
         when it is more than {MAX_SIGMAS:.0}σ from the exact value.</p>\n"
    )
}

/// The evidence that is one number or a few words.
fn evidence(curve: &CurveRecord) -> String {
    let short = |(name, value): (&str, &Diagnostic)| {
        let name = name.replace('_', " ");
        match value {
            Diagnostic::Number(x) if x.fract() == 0.0 && x.abs() < 1e15 => Some(format!("{name} {x}")),
            Diagnostic::Number(x) if x.abs() < 1e-3 || x.abs() >= 1e6 => Some(format!("{name} {x:.1e}")),
            Diagnostic::Number(x) => Some(format!("{name} {x:.3}")),
            Diagnostic::Text(text) => Some(format!("{name}: {text}")),
            Diagnostic::PerBeta(_) | Diagnostic::Sentences(_) => None,
        }
    };
    curve.diagnostics.iter().filter_map(short).collect::<Vec<_>>().join(", ")
}

fn warnings(results: &ResultFile) -> String {
    let item = |curve: &CurveRecord| {
        let name = escape(&label(curve.method));
        curve.warnings.iter().map(|w| format!("<li><strong>{name}</strong>: {}</li>\n", escape(w))).collect::<String>()
    };
    let items: String = results.curves.iter().map(item).collect();
    if items.is_empty() { items } else { format!("<ul>\n{items}</ul>\n") }
}

fn provenance(results: &ResultFile) -> String {
    let p = &results.provenance;
    let command = p.command.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ");
    let fact = |(name, value): (&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(&value));
    let facts: String = [
        ("plefka", p.version.clone()),
        ("seed", p.seed.to_string()),
        ("threads", format!("{} (they change no number but the seconds)", p.threads)),
        ("model", results.model.source.clone()),
        ("its SHA-256", results.model.sha256.clone()),
        ("format", format!("results.json, schema {}", results.schema)),
    ]
    .into_iter()
    .map(fact)
    .collect();
    let settings = match &p.settings {
        serde_json::Value::Null => String::new(),
        settings => {
            let text = escape(&format!("{settings:#}"));
            format!("<details><summary>Settings of the estimators</summary>\n<pre>{text}</pre>\n</details>\n")
        }
    };
    format!(
        "<pre>{}</pre>\n<dl>\n{facts}</dl>\n{settings}<p class=\"note\">The figures and this page are drawn from the \
         numbers in <code>results.json</code>; <code>plefka plot</code> draws them again.</p>\n",
        escape(&command)
    )
}

/// A word as a POSIX shell would need it.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

//! What two grids do not have in common, in words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Grid;

/// Longer values are cut: the reader has both plans at hand.
const MAX_CHARS: usize = 60;

/// Every difference, one a line: `axes.beta: [0.0,1.0] there, [0.0,2.0] here`. Empty if there is
/// none.
pub fn differences(there: &Grid, here: &Grid) -> Vec<String> {
    let (there, here) = (facts(there), facts(here));
    let keys: std::collections::BTreeSet<_> = there.keys().chain(here.keys()).collect();
    let value = |facts: &BTreeMap<String, String>, key| facts.get(key).map_or("nothing".into(), |value| short(value));
    let differing = keys.into_iter().filter(|key| there.get(*key) != here.get(*key));
    differing.map(|key| format!("{key}: {} there, {} here", value(&there, key), value(&here, key))).collect()
}

/// A grid as a flat list of names and values.
fn facts(grid: &Grid) -> BTreeMap<String, String> {
    let Grid { name, model, axes, methods, observables } = grid;
    let mut facts = BTreeMap::from([("name".into(), name.clone()), ("model.source".into(), model.source.clone())]);
    facts.extend(model.identity.iter().map(|(key, value)| (format!("model.{key}"), value.to_string())));
    facts.extend(axes.iter().map(|axis| (format!("axes.{}", axis.name), json(&axis.values))));
    for procedure in methods {
        facts.insert(format!("methods.{}", procedure.method), "listed".into());
        let fields = procedure.settings.iter();
        facts.extend(fields.map(|(key, value)| (format!("methods.{}.{key}", procedure.method), value.to_string())));
    }
    facts.insert("observables".into(), json(observables));
    facts.insert("order of the axes".into(), json(&axes.iter().map(|axis| &axis.name).collect::<Vec<_>>()));
    facts.insert("order of the methods".into(), json(&methods.iter().map(|m| m.method).collect::<Vec<_>>()));
    facts
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn short(value: &str) -> String {
    match value.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.into(),
    }
}

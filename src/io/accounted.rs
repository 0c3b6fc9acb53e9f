//! Nothing in a file is ignored in silence: what is not understood is refused, unless it is listed
//! here as harmless.

/// What files hold besides the numbers, and what does not change the meaning of these: notes about
/// how they came to be.
///
/// A temperature, a scale or a kind of unit is not among them: whoever writes it means another
/// model.
pub const HARMLESS: &[&str] = &[
    "batch_size",
    "chains",
    "comment",
    "date",
    "description",
    "epoch",
    "epochs",
    "error",
    "errors",
    "feature_names_in_",
    "h_samples_",
    "history",
    "iteration",
    "iterations",
    "learning_rate",
    "loss",
    "losses",
    "lr",
    "momentum",
    "n_features_in_",
    "n_hidden",
    "n_iter",
    "n_iter_",
    "n_visible",
    "name",
    "notes",
    "num_updates",
    "patterns",
    "persistent_chains",
    "random_state",
    "seconds",
    "seed",
    "step",
    "steps",
    "time",
    "update",
    "updates",
    "version",
    "weight_decay",
];

/// What the names of the arrays begin with from which a training run goes on: no part of the model.
pub const RESUME: &str = "resume_";

/// Names that mean a known one without resembling it.
const MEANT: &[(&str, &str)] = &[
    ("a", "vbias"),
    ("b", "hbias"),
    ("c", "hbias"),
    ("const", "constant"),
    ("data", "X"),
    ("fields", "field"),
    ("offset", "constant"),
    ("spin", "units"),
    ("spins", "units"),
    ("type", "units"),
    ("x", "X"),
    ("y", "labels"),
];

/// Whether a name needs no explanation.
pub fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name) || name.starts_with(RESUME)
}

/// The known name that was probably meant.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' ', '.'], "");
    let meant = MEANT.iter().find(|(alias, _)| *alias == name.to_lowercase()).map(|(_, known)| *known);
    if let Some(meant) = meant.and_then(|meant| known.iter().find(|name| **name == meant)) {
        return Some(meant);
    }
    let name = plain(name);
    let distance = |candidate: &str| edits(&name, &plain(candidate));
    // One letter of three may be wrong.
    let near = known.iter().copied().min_by_key(|candidate| distance(candidate))?;
    (3 * distance(near) <= name.chars().count().max(near.chars().count())).then_some(near)
}

/// How many letters must be put in, left out or changed.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What is to be said about a name that nobody knows: the fault and the remedy.
pub fn unknown(name: &str, known: &[&str]) -> (String, String) {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    let problem = format!("it holds `{shown}`, which is not understood here");
    let remedy = match nearest(name, known) {
        Some(near) => format!("name it `{near}` if that is what it is, or leave it out"),
        None => {
            let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            format!("leave it out; what is understood beside notes is {known}")
        }
    };
    (problem, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_recognised() {
        let known = ["W", "vbias", "hbias", "units", "constant"];
        for (name, meant) in [
            ("Units", "units"),
            ("unit", "units"),
            ("units_", "units"),
            ("spin", "units"),
            ("v_bias", "vbias"),
            ("w", "W"),
            ("offset", "constant"),
        ] {
            assert_eq!(nearest(name, &known), Some(meant), "{name}");
        }
        assert_eq!(nearest("temperature", &known), None);
        assert!(HARMLESS.is_sorted() && !is_harmless("beta"));
    }
}

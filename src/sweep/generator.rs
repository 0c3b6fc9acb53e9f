//! Random models, and the torus, made for each size and seed of a grid.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Axis, Cell, ModelId, Number,
    document::{Entry, Section},
};
use crate::{
    Error, Units,
    model::{AnyModel, random, torus},
};

/// Which family, and the parameters that are the same on the whole grid.
pub struct Generator {
    family: Family,
    fixed: BTreeMap<String, Number>,
    units: Units,
}

#[derive(Clone, Copy, PartialEq)]
enum Family {
    Sk,
    Hopfield,
    Rem,
    RbmGaussian,
    Torus,
}

const FAMILIES: [(&str, Family); 5] = [
    ("sk", Family::Sk),
    ("hopfield", Family::Hopfield),
    ("rem", Family::Rem),
    ("rbm-gaussian", Family::RbmGaussian),
    ("torus", Family::Torus),
];

impl Family {
    /// What must be known, in [model] or as an axis: exactly one name of each of these.
    fn needs(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Sk | Self::Rem => &[&["size"], &["seed"]],
            Self::Hopfield => &[&["size"], &["patterns", "alpha"], &["seed"]],
            Self::RbmGaussian => &[&["n_visible"], &["n_hidden", "alpha"], &["seed"]],
            Self::Torus => &[&["side"]],
        }
    }

    /// What may be known.
    fn takes(self) -> &'static [&'static str] {
        if self == Self::RbmGaussian { &["g"] } else { &[] }
    }

    fn knows(self, name: &str) -> bool {
        self.needs().iter().any(|names| names.contains(&name)) || self.takes().contains(&name)
    }
}

impl Generator {
    /// The names of all families.
    pub fn names() -> String {
        FAMILIES.map(|(name, _)| name).join(", ")
    }

    /// Reads what stands in `[model]` beside the name of the family.
    pub fn read(entry: &Entry<'_>, mut section: Section<'_>, axes: &[String]) -> Result<(Self, ModelId), Error> {
        let known = format!("the generators are {}", Self::names());
        let name = entry.text(&known)?;
        let Some((_, family)) = FAMILIES.into_iter().find(|(family, _)| *family == name) else {
            return Err(entry.refuse(format!("is `{name}`"), known));
        };
        let mut identity = BTreeMap::from([("generator".to_owned(), json!(name))]);
        let mut units = Units::Spin;
        if family == Family::RbmGaussian {
            if let Some(entry) = section.take("units") {
                let remedy = "write \"spin\", or \"bit\"";
                units = entry.text(remedy)?.parse().map_err(|_| entry.refuse("is no kind of unit", remedy))?;
            }
            identity.insert("units".into(), json!(units));
        }
        let mut fixed = BTreeMap::new();
        for entry in section.rest() {
            if !family.knows(&entry.name) {
                return Err(entry.refuse(format!("is no parameter of `{name}`"), family.wish()));
            }
            if axes.contains(&entry.name) {
                return Err(entry.refuse("is an axis, too", "keep one of the two"));
            }
            match Axis::read(&entry)?.values[..] {
                [value] if entry.value().as_array().is_none() => {
                    identity.insert(entry.name.clone(), json!(value));
                    fixed.insert(entry.name, value);
                }
                _ => return Err(entry.refuse("is a list", "move it to [axes]: here is what stays the same")),
            }
        }
        for names in family.needs() {
            let given = names.iter().filter(|name| fixed.contains_key(**name) || axes.iter().any(|axis| axis == *name));
            if given.count() != 1 {
                let problem = format!("`{name}` needs {} here or in [axes]", one_of(names));
                return Err(entry.refuse(problem, family.wish()));
            }
        }
        Ok((Self { family, fixed, units }, ModelId { source: name, identity }))
    }

    /// Why this axis would mean nothing here, if so.
    pub fn objection(&self, axis: &str) -> Option<(&'static str, &'static str)> {
        let own = ["size", "side", "n_visible", "n_hidden", "patterns", "alpha", "g"];
        match axis {
            "weight_scale" if self.family == Family::Rem => {
                Some(("means nothing for a list of levels", "use `temperature_scale`"))
            }
            axis if own.contains(&axis) && !self.family.knows(axis) => {
                Some(("is no parameter of this generator", "leave the axis out, or use another generator"))
            }
            _ => None,
        }
    }

    /// The model of a cell. Its seed is the disorder's and nothing else: at another strength it is
    /// the same disorder.
    pub fn generate(&self, cell: &Cell) -> Result<AnyModel, Error> {
        let value = |name: &str| cell.get(name).or_else(|| self.fixed.get(name).copied());
        let count = |name: &str| value(name).map_or(0, |number| number.whole() as usize);
        let share = |of: &str, part: &str| match value("alpha") {
            Some(alpha) => whole_share(alpha.real(), of, count(of), part),
            None => Ok(count(part)),
        };
        let seed = value("seed").map_or(0, Number::whole);
        Ok(match self.family {
            Family::Sk => random::sk(count("size"), seed)?.into(),
            Family::Rem => random::rem(count("size"), seed)?.into(),
            Family::Torus => torus::lattice(count("side"), count("side"))?.in_better_form(),
            Family::Hopfield => {
                random::Hopfield::random(count("size"), share("size", "patterns")?, seed)?.ising().clone().into()
            }
            Family::RbmGaussian => {
                let (n_visible, n_hidden) = (count("n_visible"), share("n_visible", "n_hidden")?);
                let g = value("g").map_or(1.0, Number::real);
                let make = if self.units == Units::Spin { random::bipartite_sk } else { random::bipartite_sk_on_bits };
                make(n_visible, n_hidden, g, seed)?.into()
            }
        })
    }
}

impl Family {
    /// All parameters, in words.
    fn wish(self) -> String {
        let units: &[&str] =
            if self == Self::RbmGaussian { &["g (default 1)", "units (default \"spin\")"] } else { &[] };
        let parts: Vec<String> = self.needs().iter().map(|names| one_of(names)).collect();
        format!(
            "its parameters are {}",
            [&parts[..], &units.iter().map(|s| (*s).into()).collect::<Vec<_>>()].concat().join(", ")
        )
    }
}

fn one_of(names: &[&str]) -> String {
    if names.len() == 1 { names[0].into() } else { format!("one of {}", names.join(" and ")) }
}

/// alpha × `of`, which must be whole: rounding it would put a point where it does not belong.
fn whole_share(alpha: f64, of: &str, count: usize, part: &str) -> Result<usize, Error> {
    let exact = alpha * count as f64;
    if exact.round() >= 1.0 && (exact - exact.round()).abs() < 1e-9 * exact {
        return Ok(exact.round() as usize);
    }
    let problem = format!("alpha = {alpha} at {of} = {count} asks for {part} = {exact}");
    Err(Error::model(problem, "choose values whose product is a whole number, at least 1"))
}

//! The parameters that adabmDCA writes, counted from 0: `J i j a b value` and `h i a value` of a
//! Potts model with the states a, b, which is one of spins where there are two of them; and `J i j
//! value` and `h i value` of its older Ising mode.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Error, Format, Reading, Source,
    text::{SpinsBuilder, lines, parse, text},
};
use crate::model::AnyModel;

/// A list of J and h.
pub struct AdabmDca;

impl Format for AdabmDca {
    fn recognises(&self, bytes: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        let Some((_, words)) = lines(text).next() else { return false };
        matches!(words[0], "J" | "h") && words.len() > 2 && words[1].parse::<u64>().is_ok()
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let text = text(source)?;
        let with_states = |words: &[&str]| matches!(words, ["J", _, _, _, _, _] | ["h", _, _, _]);
        match lines(text).next() {
            Some((_, words)) if with_states(&words) => read_potts(source, text),
            _ => read_ising(source, text),
        }
    }
}

fn read_ising(source: &Source<'_>, text: &str) -> Result<(AnyModel, Reading), Error> {
    let (mut pairs, mut fields) = (Vec::new(), Vec::new());
    for (line, words) in lines(text) {
        match words[..] {
            ["J", i, j, value] => {
                let (i, j): (usize, usize) = (parse(source, line, i)?, parse(source, line, j)?);
                pairs.push((i, j, parse::<f64>(source, line, value)?));
            }
            ["h", i, value] => fields.push((parse::<usize>(source, line, i)?, parse::<f64>(source, line, value)?)),
            _ => return Err(neither(source, line, "`J i j value` nor `h i value`")),
        }
    }
    let in_pairs = pairs.iter().map(|(i, j, _)| i.saturating_add(1).max(j.saturating_add(1)));
    let n = in_pairs.chain(fields.iter().map(|(i, _)| i.saturating_add(1))).max().unwrap_or(0);
    let mut spins = SpinsBuilder::new(source, n)?;
    pairs.into_iter().try_for_each(|(i, j, value)| spins.couple(i, j, value))?;
    fields.into_iter().try_for_each(|(i, value)| spins.add_field(i, value))?;
    let (model, told) = spins.finish()?;
    let mut reading = Reading::of("adabmDCA, Ising mode");
    reading.arrays.push(told);
    Ok((model, reading))
}

/// A Potts model of two states, as spins: with s = ±1 for the two, a term v for one of the four
/// states of a pair is v(1 ± sᵢ)(1 ± sⱼ)/4, and one for a state of a unit v(1 ± sᵢ)/2.
fn read_potts(source: &Source<'_>, text: &str) -> Result<(AnyModel, Reading), Error> {
    let states: BTreeSet<&str> = lines(text)
        .flat_map(|(_, words)| match words[..] {
            ["J", _, _, a, b, _] => vec![a, b],
            ["h", _, a, _] => vec![a],
            _ => Vec::new(),
        })
        .collect();
    let Some((lower, upper)) = states.first().zip(states.last()).filter(|(a, b)| states.len() == 2 && a != b) else {
        return Err(source.refuse(
            format!("it is a Potts model, whose units have {} states", states.len()),
            "only those of two states are spins, and those of its Ising mode (`J i j value`, `h i value`): Potts units are \
             not supported",
        ));
    };
    let sign = |state: &str| if state == *upper { 1.0 } else { -1.0 };
    let (mut couplings, mut fields, mut constant) = (BTreeMap::new(), BTreeMap::new(), 0.0);
    let mut seen = BTreeSet::new();
    for (line, words) in lines(text) {
        let index = |word: &str| parse::<usize>(source, line, word);
        let key = match words[..] {
            ["J", i, j, a, b, value] => {
                let (i, j, value) = (index(i)?, index(j)?, parse::<f64>(source, line, value)? / 4.0);
                *couplings.entry((i.min(j), i.max(j))).or_insert(0.0) += sign(a) * sign(b) * value;
                *fields.entry(i).or_insert(0.0) += sign(a) * value;
                *fields.entry(j).or_insert(0.0) += sign(b) * value;
                constant -= value;
                if i <= j { (i, Some(j), a, b) } else { (j, Some(i), b, a) }
            }
            ["h", i, a, value] => {
                let (i, value) = (index(i)?, parse::<f64>(source, line, value)? / 2.0);
                *fields.entry(i).or_insert(0.0) += sign(a) * value;
                constant -= value;
                (i, None, a, "")
            }
            _ => return Err(neither(source, line, "`J i j a b value` nor `h i a value`")),
        };
        if !seen.insert(key) {
            return Err(source.refuse(format!("line {line} gives a term that is there already"), "give each once"));
        }
    }
    let n = fields.last_key_value().map_or(0, |(i, _)| i.saturating_add(1));
    let mut spins = SpinsBuilder::new(source, n)?;
    couplings.into_iter().try_for_each(|((i, j), value)| spins.couple(i, j, value))?;
    fields.into_iter().try_for_each(|(i, value)| spins.add_field(i, value))?;
    spins.add_constant(constant);
    let (model, told) = spins.finish()?;
    let mut reading = Reading::of("adabmDCA, two states");
    reading.arrays.push(format!("{told}, constant energy {constant}"));
    reading
        .notes
        .push(format!("the two states are spins: s = −1 is `{lower}`, s = +1 is `{upper}`; the energies stay"));
    Ok((model, reading))
}

fn neither(source: &Source<'_>, line: usize, forms: &str) -> Error {
    source.refuse(format!("line {line} is neither {forms}"), "correct the line, or save it again")
}

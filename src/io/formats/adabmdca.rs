//! The parameters that adabmDCA writes for a model on two states: `J i j value` and `h i value`,
//! counted from 0.

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
        let (mut pairs, mut fields) = (Vec::new(), Vec::new());
        for (line, words) in lines(text(source)?) {
            match words[..] {
                ["J", i, j, value] => {
                    let (i, j): (usize, usize) = (parse(source, line, i)?, parse(source, line, j)?);
                    pairs.push((i, j, parse::<f64>(source, line, value)?));
                }
                ["h", i, value] => fields.push((parse::<usize>(source, line, i)?, parse::<f64>(source, line, value)?)),
                ["J", _, _, _, _, _] | ["h", _, _, _] => {
                    return Err(source.refuse(
                        format!("line {line} is of a Potts model, whose units have more than two states"),
                        "only its Ising mode (`J i j value`, `h i value`) can be read: Potts units are not supported",
                    ));
                }
                _ => {
                    let problem = format!("line {line} is neither `J i j value` nor `h i value`");
                    return Err(source.refuse(problem, "correct the line, or save it again"));
                }
            }
        }
        let in_pairs = pairs.iter().map(|(i, j, _)| i.max(j) + 1);
        let n = in_pairs.chain(fields.iter().map(|(i, _)| i + 1)).max().unwrap_or(0);
        let mut spins = SpinsBuilder::new(source, n)?;
        pairs.into_iter().try_for_each(|(i, j, value)| spins.couple(i, j, value))?;
        fields.into_iter().try_for_each(|(i, value)| spins.add_field(i, value))?;
        let (model, told) = spins.finish()?;
        let mut reading = Reading::of("adabmDCA, Ising mode");
        reading.arrays.push(told);
        Ok((model, reading))
    }
}

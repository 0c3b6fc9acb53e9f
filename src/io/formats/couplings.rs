//! Lists `i j value`, one pair a line: three formats that look alike and differ in sign.
//!
//! | ending | what it is | here |
//! |---|---|---|
//! | `.sg` | the spin-glass server's: an optional line `N M`, then `i j J`, counted from 1 | J |
//! | `.mc`, `.gset`, `.rud`, `.rudy`, or a name such as `G22` | max-cut, as of Gset and rudy: `N M`, then `i j w`, counted from 1 | J = −w |
//! | a comment `vartype=SPIN` or `BINARY` in the first line | dimod's coordinate format: `i j value` from 0, i = j is linear | J = −value, f = −value |
//!
//! Without any of these marks the sign cannot be known, and a wrong one is another model: refused.

use super::{
    Error, Format, Reading, Source,
    dimod::{Quadratic, Vartype},
    text::{SpinsBuilder, lines, parse, text},
};
use crate::model::AnyModel;

/// A list of pairs.
pub struct CouplingList;

impl Format for CouplingList {
    fn recognises(&self, bytes: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        if vartype(text).is_some() {
            return true;
        }
        let Some((_, words)) = lines(text).next() else { return false };
        let counts = words.iter().take(2).all(|word| word.parse::<u64>().is_ok());
        counts && (words.len() == 2 || words.len() == 3 && words[2].parse::<f64>().is_ok())
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let text = text(source)?;
        if let Some(vartype) = vartype(text) {
            return read_coo(source, text, vartype);
        }
        match sign_by_name(source) {
            Some(Sign::Coupling) => read_pairs(source, text, 1.0, "spin-glass couplings (.sg)", "J is taken as it stands"),
            Some(Sign::Cut) => read_pairs(
                source,
                text,
                -1.0,
                "max-cut weights",
                "the weights w of a cut become J = −w: the cut is (Σ w − E)/2, so that the ground state is the largest cut",
            ),
            None => Err(source.refuse(
                "this is a list of pairs, and it does not say whether a number is a coupling J, a weight of a cut (J = −w), or \
                 dimod's (J = −value)",
                "let the name end in .sg for couplings, in .mc for weights of a cut, or put `# vartype=SPIN` in the first line \
                 of a list of dimod",
            )),
        }
    }
}

/// What a number of a list of pairs means.
enum Sign {
    Coupling,
    Cut,
}

/// The one case in which a name counts.
fn sign_by_name(source: &Source<'_>) -> Option<Sign> {
    let ending = source.path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_lowercase();
    let name = source.path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let of_gset = name.strip_prefix('G').is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()));
    match &ending[..] {
        "sg" => Some(Sign::Coupling),
        "mc" | "gset" | "rud" | "rudy" => Some(Sign::Cut),
        "" if of_gset => Some(Sign::Cut),
        _ => None,
    }
}

fn read_pairs(
    source: &Source<'_>,
    text: &str,
    sign: f64,
    format: &str,
    note: &str,
) -> Result<(AnyModel, Reading), Error> {
    let mut all = lines(text).peekable();
    let header = match all.peek() {
        Some((line, words)) if words.len() == 2 => {
            Some([parse::<usize>(source, *line, words[0])?, parse(source, *line, words[1])?])
        }
        _ => None,
    };
    let mut pairs = Vec::new();
    for (line, words) in all.skip(usize::from(header.is_some())) {
        let [i, j, value] = words[..] else {
            let problem = format!("line {line} holds {} words, not `i j value`", words.len());
            return Err(source.refuse(problem, "correct the line, or save it again"));
        };
        let (i, j): (usize, usize) = (parse(source, line, i)?, parse(source, line, j)?);
        if i == 0 || j == 0 {
            let problem = format!("line {line} names spin 0, but this format counts from 1");
            return Err(source.refuse(problem, "count from 1"));
        }
        pairs.push((i - 1, j - 1, parse::<f64>(source, line, value)?));
    }
    let largest = pairs.iter().map(|(i, j, _)| i.max(j) + 1).max().unwrap_or(0);
    if let Some([_, m]) = header.filter(|[_, m]| *m != pairs.len()) {
        let problem = format!("the first line announces {m} pairs, but there are {}", pairs.len());
        return Err(source.refuse(problem, "the file is cut short, or its first line is wrong"));
    }
    let mut spins = SpinsBuilder::new(source, header.map_or(largest, |[n, _]| n))?;
    for (i, j, value) in pairs {
        spins.couple(i, j, sign * value)?;
    }
    let (model, told) = spins.finish()?;
    let mut reading = Reading::of(format);
    reading.arrays.push(told);
    reading.notes.push(note.into());
    Ok((model, reading))
}

/// Of dimod's coordinate format: what the first comment says.
fn vartype(text: &str) -> Option<Vartype> {
    let comment = text.lines().find(|line| !line.trim().is_empty())?.trim().strip_prefix('#')?;
    let value = comment.split_once("vartype")?.1.trim_start().strip_prefix(['=', ':'])?;
    Vartype::named(value.split_whitespace().next()?)
}

fn read_coo(source: &Source<'_>, text: &str, vartype: Vartype) -> Result<(AnyModel, Reading), Error> {
    let mut quadratic = Quadratic { vartype, offset: 0.0, linear: Vec::new(), pairs: Vec::new() };
    let mut entries = Vec::new();
    for (line, words) in lines(text) {
        let [i, j, value] = words[..] else {
            let problem = format!("line {line} holds {} words, not `i j value`", words.len());
            return Err(source.refuse(problem, "correct the line, or save it again"));
        };
        entries.push((parse::<usize>(source, line, i)?, parse::<usize>(source, line, j)?, parse(source, line, value)?));
    }
    let n = entries.iter().map(|(i, j, _)| i.max(j) + 1).max().unwrap_or(0);
    SpinsBuilder::check(source, n)?;
    quadratic.linear = vec![0.0; n];
    for (i, j, value) in entries {
        if i == j { quadratic.linear[i] += value } else { quadratic.pairs.push((i, j, value)) }
    }
    let mut reading = Reading::of("dimod coordinate list");
    reading.notes.push(
        "this format keeps neither the offset of a model nor variables without any bias, and six digits of each bias"
            .into(),
    );
    let model = quadratic.model(source, &mut reading)?;
    Ok((model, reading))
}

//! Dictionaries of tensors that PyTorch saved (`torch.save(model.state_dict(), path)`), since
//! version 1.6: a zip archive of a pickle and the tensors' bytes. Nothing in the pickle is run: see
//! [`pickle`](super::pickle).

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{
    super::{
        limits::checked_count,
        rbm_parts::Parts,
        tensor::{Tensor, brain, half},
        zip_layout,
    },
    Error, Format, Reading, Source,
    pickle::{self, Item, Node, Pickle, Refusal, TensorNode},
    state_dict::{Chosen, Listed, choose},
};
use crate::model::AnyModel;

/// A saved state_dict.
pub struct StateDict;

const FORMAT: &str = "PyTorch state_dict";

/// More tensors than this are in no RBM, nor are dictionaries nested deeper.
const MAX_TENSORS: usize = 10_000;
const MAX_DEPTH: usize = 16;
const MAX_NAME: usize = 400;

const SAVE_STATE: &str = "save the parameters alone: torch.save(model.state_dict(), \"m.pt\")";

impl Format for StateDict {
    fn recognises(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK") && prefix(bytes).is_some()
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let flaw = |flaw: String| source.refuse(format!("the archive {flaw}"), "copy or save it again");
        zip_layout::check(source.bytes).map_err(flaw)?;
        let prefix = prefix(source.bytes).ok_or_else(|| flaw("is damaged or cut short".into()))?;
        let archive = ZipArchive::new(Cursor::new(source.bytes)).map_err(|_| flaw("is damaged or cut short".into()))?;
        let mut archive = Archive { source, archive, prefix };
        if archive.has("constants.pkl") {
            return Err(source.refuse("this is a TorchScript program", SAVE_STATE));
        }
        let pickle = pickle::read(&archive.entry("data.pkl")?).map_err(|refusal| match refusal {
            Refusal::Foreign(name) => source.refuse(
                format!(
                    "it holds a Python object made by `{}`: a whole module, an array of NumPy or the like, which only Python \
                     can rebuild, and only by running what the file says",
                    name.chars().filter(|c| !c.is_control()).take(80).collect::<String>()
                ),
                SAVE_STATE,
            ),
            Refusal::Strange(why) => source.refuse(format!("its pickle {why}"), SAVE_STATE),
        })?;
        let tensors = tensors(&pickle).ok_or_else(|| source.refuse("it is not a dictionary of tensors", SAVE_STATE))?;
        let shapes = |t: &TensorNode| t.shape.iter().map(|n| usize::try_from(*n).ok()).collect::<Option<Vec<_>>>();
        let listed = tensors.iter().map(|(name, t)| Some(Listed { name: name.clone(), shape: shapes(t)? }));
        let listed: Option<Vec<Listed>> = listed.collect();
        let listed = listed.ok_or_else(|| source.refuse("a tensor has a negative length", SAVE_STATE))?;
        let Chosen { weights, orientation, visible_bias, hidden_bias } = choose(source.path, &listed, source.options)?;
        let little = !archive.has("byteorder") || archive.entry("byteorder")? == b"little";
        let mut load = |k: usize| archive.tensor(&listed[k], tensors[k].1, little);
        let parts = Parts {
            weights: load(weights)?,
            orientation,
            visible_bias: visible_bias.map(&mut load).transpose()?,
            hidden_bias: hidden_bias.map(&mut load).transpose()?,
        };
        let mut reading = Reading::of(FORMAT);
        let rbm = parts.rbm(source.path, source.options, &mut reading)?;
        Ok((rbm.into(), reading))
    }
}

/// The folder of the archive that holds the pickle. All entries of a file of PyTorch are in one
/// folder.
fn prefix(bytes: &[u8]) -> Option<String> {
    let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut found =
        archive.file_names_raw().filter_map(|name| std::str::from_utf8(name).ok()?.strip_suffix("data.pkl"));
    found.next().map(str::to_owned)
}

struct Archive<'a> {
    source: &'a Source<'a>,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    prefix: String,
}

impl Archive<'_> {
    fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(&format!("{}{name}", self.prefix)).is_some()
    }

    fn entry(&mut self, name: &str) -> Result<Vec<u8>, Error> {
        let damaged =
            || self.source.refuse(format!("its entry `{name}` is damaged or missing"), "copy or save it again");
        let entry = self.archive.by_name(&format!("{}{name}", self.prefix)).map_err(|_| damaged())?;
        let declared = entry.size();
        let mut bytes = Vec::new();
        entry.take(declared + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
        if bytes.len() as u64 == declared { Ok(bytes) } else { Err(damaged()) }
    }

    /// The values of a tensor, in the order of its shape.
    fn tensor(&mut self, listed: &Listed, node: &TensorNode, little: bool) -> Result<Tensor, Error> {
        let Listed { name, shape } = listed;
        let refuse = |problem: &str| self.source.refuse(format!("`{name}` {problem}"), "copy or save it again");
        let count =
            checked_count(shape, self.source.bytes.len()).ok_or_else(|| refuse("is larger than the file allows"))?;
        let outside = refuse("reaches beyond its storage");
        let bytes = self.entry(&format!("data/{}", node.key))?;
        let size = item_size(node.kind);
        let mut values = Vec::with_capacity(count);
        let mut index = vec![0usize; shape.len()];
        for _ in 0..count {
            let steps = index.iter().zip(&node.strides).map(|(i, stride)| (*i as i64).checked_mul(*stride));
            let at = steps.into_iter().try_fold(node.offset, |sum, step| sum.checked_add(step?));
            let at = at.and_then(|at| usize::try_from(at).ok()?.checked_mul(size));
            let Some(item) = at.and_then(|at| bytes.get(at..at.checked_add(size)?)) else { return Err(outside) };
            values.push(number(node.kind, item, little));
            for (i, n) in index.iter_mut().zip(shape).rev() {
                *i += 1;
                if *i < *n {
                    break;
                }
                *i = 0;
            }
        }
        Ok(Tensor::new(self.source.path, name, shape.clone(), values))
    }
}

fn item_size(kind: &str) -> usize {
    match kind {
        "DoubleStorage" | "LongStorage" => 8,
        "FloatStorage" | "IntStorage" => 4,
        "HalfStorage" | "BFloat16Storage" | "ShortStorage" => 2,
        _ => 1,
    }
}

/// One number of a storage, widened.
fn number(kind: &str, item: &[u8], little: bool) -> f64 {
    let mut bytes = [0; 8];
    bytes[..item.len()].copy_from_slice(item);
    if !little {
        bytes[..item.len()].reverse();
    }
    let short = u16::from_le_bytes([bytes[0], bytes[1]]);
    let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    match kind {
        "DoubleStorage" => f64::from_le_bytes(bytes),
        "FloatStorage" => f64::from(f32::from_bits(word)),
        "HalfStorage" => half(short),
        "BFloat16Storage" => brain(short),
        "LongStorage" => i64::from_le_bytes(bytes) as f64,
        "IntStorage" => f64::from(word as i32),
        "ShortStorage" => f64::from(short as i16),
        "CharStorage" => f64::from(bytes[0] as i8),
        _ => f64::from(bytes[0]),
    }
}

/// All tensors in nested dictionaries, their names joined by dots. `None` if the top is no
/// dictionary.
fn tensors(pickle: &Pickle) -> Option<Vec<(String, &TensorNode)>> {
    let Item::At(top) = pickle.top else { return None };
    let Node::Dict(_) = &pickle.arena[top] else { return None };
    let mut found = Vec::new();
    let mut open = vec![(String::new(), top, 0)];
    let mut visits = 0;
    while let Some((name, at, depth)) = open.pop() {
        visits += 1;
        match &pickle.arena[at] {
            Node::Tensor(tensor) => found.push((name, tensor)),
            // A pickle may refer to one dictionary many times, or to itself.
            Node::Dict(pairs) if depth < MAX_DEPTH && visits <= MAX_TENSORS => {
                for (key, value) in pairs {
                    if let (Some(key), Item::At(value)) = (text(pickle, *key), value) {
                        let name = if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
                        if name.len() > MAX_NAME {
                            return None;
                        }
                        open.push((name, *value, depth + 1));
                    }
                }
            }
            _ => {}
        }
        if found.len() > MAX_TENSORS || open.len() > MAX_TENSORS {
            return None;
        }
    }
    found.reverse();
    Some(found)
}

fn text(pickle: &Pickle, item: Item) -> Option<&str> {
    let Item::At(at) = item else { return None };
    if let Node::Text(text) = &pickle.arena[at] { Some(text) } else { None }
}

//! Which tensors of a dictionary are the three of an RBM: what PyTorch and safetensors files have
//! in common.

use std::path::Path;

use super::super::{
    accounted::is_harmless,
    rbm_parts::{Orientation, Role, role},
    reading::ReadOptions,
};
use crate::Error;

/// A tensor by its name and shape, before its values are looked at.
pub struct Listed {
    /// Its full name, parts joined by dots.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// The places of the tensors in the list.
#[derive(Debug)]
pub struct Chosen {
    /// W.
    pub weights: usize,
    /// Which of its axes comes first.
    pub orientation: Orientation,
    /// a.
    pub visible_bias: Option<usize>,
    /// b.
    pub hidden_bias: Option<usize>,
}

/// What training adds to a state, and what does not change the model.
const BESIDE: [&str; 2] = ["num_batches_tracked", "exp_avg"];

/// Finds the tensors of one RBM by their names, or by their shapes where nothing else is there.
pub fn choose(path: &Path, listed: &[Listed], options: &ReadOptions) -> Result<Chosen, Error> {
    let prefix = options.name.as_deref().unwrap_or("");
    let inside: Vec<usize> = (0..listed.len()).filter(|k| is_inside(&listed[*k].name, prefix)).collect();
    let names = |of: &[usize]| {
        let shown: Vec<String> =
            of.iter().take(12).map(|k| format!("`{}` {:?}", listed[*k].name, listed[*k].shape)).collect();
        if shown.is_empty() { "no tensors".into() } else { shown.join(", ") }
    };
    let with = |wanted: fn(Role) -> bool| -> Result<Option<usize>, Error> {
        match inside.iter().copied().filter(|k| role(leaf(&listed[*k].name)).is_some_and(wanted)).collect::<Vec<_>>()[..]
        {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            ref several => Err(Error::format(
                path,
                format!("several tensors may be the same part of an RBM: {}", names(several)),
                "say which model is meant: `plefka convert IN OUT.npz --name PREFIX`, with the beginning of its names",
            )),
        }
    };
    let named = with(|role| matches!(role, Role::Weights(_)))?;
    let matrices: Vec<usize> = inside.iter().copied().filter(|k| listed[*k].shape.len() == 2).collect();
    let weights = match (named, &matrices[..]) {
        (Some(weights), _) => weights,
        (None, [only]) => *only,
        (None, _) => {
            let problem =
                format!("there is no matrix of weights that is known by its name: it holds {}", names(&inside));
            let remedy = "save it as `W`, with `v_bias` and `h_bias`";
            return Err(Error::format(path, problem, remedy));
        }
    };
    // In a dictionary of PyTorch a `W` may be either way round; rbms' and scikit-learn's own names
    // say which.
    let orientation = match role(leaf(&listed[weights].name)) {
        Some(Role::Weights(orientation)) if leaf(&listed[weights].name) != "W" => orientation,
        _ => Orientation::Unknown,
    };
    let (visible_bias, hidden_bias) = (with(|r| r == Role::VisibleBias)?, with(|r| r == Role::HiddenBias)?);
    let used = [Some(weights), visible_bias, hidden_bias];
    let left = |k: &&usize| !used.contains(&Some(**k)) && !is_beside(leaf(&listed[**k].name));
    if let Some(k) = inside.iter().find(left) {
        return Err(Error::format(
            path,
            format!("it holds `{}` {:?}, which is not understood here", listed[*k].name, listed[*k].shape),
            "save W (`W`, `weight`), the visible bias (`v_bias`, `vbias`) and the hidden bias (`h_bias`, `hbias`) alone, or \
             say which model is meant with `plefka convert IN OUT.npz --name PREFIX`",
        ));
    }
    Ok(Chosen { weights, orientation, visible_bias, hidden_bias })
}

/// The last part of a name.
fn leaf(name: &str) -> &str {
    name.rsplit(['.', '/']).next().unwrap_or(name)
}

fn is_inside(name: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('.');
    match name.strip_prefix(prefix) {
        Some(rest) => prefix.is_empty() || rest.is_empty() || rest.starts_with('.'),
        None => false,
    }
}

fn is_beside(leaf: &str) -> bool {
    is_harmless(leaf) || BESIDE.contains(&leaf)
}

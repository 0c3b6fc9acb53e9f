//! safetensors: a JSON header and plain tensors. Nothing in it can be run.

use std::collections::HashMap;

use safetensors::{Dtype, SafeTensors as Tensors, serialize, tensor::TensorView};

use super::{
    super::{
        rbm_parts::{Parts, about},
        tensor::{Tensor, brain, half},
    },
    Error, Format, Reading, Source,
    state_dict::{Chosen, Listed, choose},
};
use crate::{Rbm, Units, model::AnyModel};

/// A file of named tensors.
pub struct SafeTensors;

const HOW: &str = "save it again with safetensors";

impl Format for SafeTensors {
    /// The length of the header, and the brace it begins with.
    fn recognises(&self, bytes: &[u8]) -> bool {
        let length = bytes.first_chunk().map(|eight| u64::from_le_bytes(*eight));
        length.is_some_and(|length| length <= bytes.len() as u64) && bytes.get(8) == Some(&b'{')
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let damaged = |error| source.refuse(format!("this safetensors file is damaged ({error})"), HOW);
        let (_, metadata) = Tensors::read_metadata(source.bytes).map_err(damaged)?;
        let tensors = Tensors::deserialize(source.bytes).map_err(damaged)?;
        let mut views: Vec<(String, TensorView<'_>)> = tensors.tensors();
        views.sort_by(|a, b| a.0.cmp(&b.0));
        let listed =
            |(name, view): &(String, TensorView<'_>)| Listed { name: name.clone(), shape: view.shape().to_vec() };
        let listed: Vec<Listed> = views.iter().map(listed).collect();
        let Chosen { weights, orientation, visible_bias, hidden_bias } = choose(source.path, &listed, source.options)?;
        let load = |k: usize| tensor(source, &views[k].0, &views[k].1);
        let parts = Parts {
            weights: load(weights)?,
            orientation,
            visible_bias: visible_bias.map(load).transpose()?,
            hidden_bias: hidden_bias.map(load).transpose()?,
        };
        let mut reading = Reading::of("safetensors");
        let rbm = parts.rbm(source.path, source.options, &mut reading)?;
        let rbm = with_metadata(source, rbm, metadata.metadata().as_ref())?;
        Ok((rbm.into(), reading))
    }
}

/// Units and constant energy, where our own files say them; what other programs note there is
/// notes.
fn with_metadata(source: &Source<'_>, rbm: Rbm, metadata: Option<&HashMap<String, String>>) -> Result<Rbm, Error> {
    let said = |key: &str| metadata.and_then(|metadata| metadata.get(key));
    let remedy = "write `bit` or `spin`, or `bit/spin` for two layers, and the energy as a number";
    let units = |name: &str| {
        let unknown =
            |_| source.refuse(format!("its `units` are `{}`", name.chars().take(40).collect::<String>()), remedy);
        name.parse::<Units>().map_err(unknown)
    };
    let rbm = match said("units").map(|text| text.split_once('/').unwrap_or((text, text))) {
        Some((visible, hidden)) => rbm.with_units(units(visible)?, units(hidden)?),
        None => rbm,
    };
    let Some(text) = said("constant") else { return Ok(rbm) };
    let constant = text.parse().map_err(|_| source.refuse("its `constant` is no number", remedy))?;
    rbm.with_constant(constant).map_err(|error| about(source.path, error))
}

fn tensor(source: &Source<'_>, name: &str, view: &TensorView<'_>) -> Result<Tensor, Error> {
    let data = view.data();
    let values: Vec<f64> = match view.dtype() {
        Dtype::F64 => data.chunks_exact(8).map(|x| f64::from_le_bytes(eight(x))).collect(),
        Dtype::F32 => data.chunks_exact(4).map(|x| f64::from(f32::from_le_bytes(four(x)))).collect(),
        Dtype::F16 => data.chunks_exact(2).map(|x| half(u16::from_le_bytes([x[0], x[1]]))).collect(),
        Dtype::BF16 => data.chunks_exact(2).map(|x| brain(u16::from_le_bytes([x[0], x[1]]))).collect(),
        Dtype::I64 => data.chunks_exact(8).map(|x| i64::from_le_bytes(eight(x)) as f64).collect(),
        Dtype::I32 => data.chunks_exact(4).map(|x| f64::from(i32::from_le_bytes(four(x)))).collect(),
        Dtype::I8 => data.iter().map(|x| f64::from(*x as i8)).collect(),
        Dtype::U8 | Dtype::BOOL => data.iter().map(|x| f64::from(*x)).collect(),
        other => {
            let problem = format!("`{name}` is of type {other:?}, and a number here is real, of 16 to 64 bits");
            return Err(source.refuse(problem, "convert it with .double() before saving"));
        }
    };
    if values.len() != view.shape().iter().product::<usize>() {
        return Err(source.refuse(format!("`{name}` is cut short"), HOW));
    }
    Ok(Tensor::new(source.path, name, view.shape().to_vec(), values))
}

fn eight(bytes: &[u8]) -> [u8; 8] {
    bytes.try_into().expect("a chunk of eight")
}

fn four(bytes: &[u8]) -> [u8; 4] {
    bytes.try_into().expect("a chunk of four")
}

/// The model as `weight_matrix` (n_visible, n_hidden), `vbias` and `hbias`, all f64; units and
/// constant energy in the metadata.
pub fn to_safetensors(rbm: &Rbm) -> Result<Vec<u8>, String> {
    let bytes = |values: &mut dyn Iterator<Item = f64>| values.flat_map(f64::to_le_bytes).collect::<Vec<u8>>();
    let (n_visible, n_hidden) = (rbm.n_visible(), rbm.n_hidden());
    let tensors = [
        ("weight_matrix", vec![n_visible, n_hidden], bytes(&mut rbm.weights().transpose().iter().copied())),
        ("vbias", vec![n_visible], bytes(&mut rbm.visible_bias().iter().copied())),
        ("hbias", vec![n_hidden], bytes(&mut rbm.hidden_bias().iter().copied())),
    ];
    let view = |(name, shape, data): &(&'static str, Vec<usize>, Vec<u8>)| {
        // Borrowed for as long as the array above lives.
        (*name, shape.clone(), data.clone())
    };
    let owned: Vec<_> = tensors.iter().map(view).collect();
    let views: Result<Vec<_>, _> = (owned.iter())
        .map(|(name, shape, data)| Ok((*name, TensorView::new(Dtype::F64, shape.clone(), data)?)))
        .collect();
    let units = match (rbm.visible_units(), rbm.hidden_units()) {
        (visible, hidden) if visible == hidden => visible.to_string(),
        (visible, hidden) => format!("{visible}/{hidden}"),
    };
    let mut metadata = HashMap::from([("units".to_owned(), units)]);
    if rbm.constant() != 0.0 {
        metadata.insert("constant".into(), format!("{:?}", rbm.constant()));
    }
    let views = views.map_err(|error: safetensors::SafeTensorError| error.to_string())?;
    serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

//! Where the model of a cell comes from.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use serde_json::json;

use super::{Cell, ModelId, document::Section, generator::Generator};
use crate::{
    Error,
    io::{self, BUILTIN},
    model::AnyModel,
    sample::Capabilities,
};

/// A model, or a family of them, of which a cell picks one.
pub enum Source {
    /// The same model everywhere, up to its scale.
    Given(AnyModel),
    /// A random model for each size and seed.
    Random(Generator),
}

impl Source {
    /// Reads the table `[model]`. A path is relative to `folder`, that of the plan; `axes` are the
    /// names of the axes.
    pub fn read(mut section: Section<'_>, folder: &Path, axes: &[String]) -> Result<(Self, ModelId), Error> {
        let remedy = "give a model file (.npz), or a built-in such as `builtin:mnist20`";
        if let Some(entry) = section.take("generator") {
            let (generator, id) = Generator::read(&entry, section, axes)?;
            return Ok((Self::Random(generator), id));
        }
        let Some(entry) = section.take("source") else {
            let remedy = format!("write `source = …`: {remedy}; or `generator = …`: one of {}", Generator::names());
            return Err(section.refuse("does not say which model", remedy));
        };
        let source = entry.text(remedy)?;
        section.finish("source alone, or generator and its parameters")?;
        let loaded = io::load_model(&relative(&source, folder))
            .map_err(|e| entry.refuse(format!("cannot be used: {e}"), remedy))?;
        let identity = BTreeMap::from([("sha256".to_owned(), json!(loaded.info.sha256))]);
        Ok((Self::Given(loaded.model), ModelId { source, identity }))
    }

    /// Why this axis would mean nothing here, if so.
    pub fn objection(&self, axis: &str) -> Option<(&'static str, &'static str)> {
        match (self, axis) {
            (Self::Random(generator), axis) => generator.objection(axis),
            (Self::Given(_), "size" | "n_visible" | "n_hidden" | "alpha" | "patterns") => {
                Some(("cannot vary: the model is given", "leave the axis out, or use a generator in [model]"))
            }
            (Self::Given(model), "g") if model.as_rbm().is_none() => {
                Some(("is defined for an RBM only", "use `temperature_scale`"))
            }
            (Self::Given(model), "weight_scale") if !model.concrete().has_couplings() => {
                Some(("means nothing for a list of levels", "use `temperature_scale`"))
            }
            _ => None,
        }
    }

    /// The axes that change the size of the model, and with it the limits and the cost of a method.
    pub const SHAPING: [&str; 5] = ["size", "n_visible", "n_hidden", "alpha", "patterns"];

    /// The model of a cell.
    pub fn instantiate(&self, cell: &Cell) -> Result<Cow<'_, AnyModel>, Error> {
        let scale = |axis| cell.get(axis).map(super::Number::real);
        let (model, weights) = match self {
            // A random model is made with its g.
            Self::Random(generator) => (Cow::Owned(generator.generate(cell)?), scale("weight_scale")),
            Self::Given(model) => match scale("g") {
                Some(g) => (Cow::Borrowed(model), Some(g / strength(model)?)),
                None => (Cow::Borrowed(model), scale("weight_scale")),
            },
        };
        match (weights, scale("temperature_scale")) {
            (None, None) => Ok(model),
            (weights, all) => model.concrete().scaled(weights.unwrap_or(1.0), all.unwrap_or(1.0)).map(Cow::Owned),
        }
    }
}

/// A built-in as it is, and a path relative to a folder.
pub fn relative(source: &str, folder: &Path) -> String {
    match source.starts_with(BUILTIN) {
        true => source.into(),
        false => folder.join(source).to_string_lossy().into_owned(),
    }
}

/// The control parameter g of an RBM at β = 1: ‖W‖_F/(n_visible n_hidden)^¼.
///
/// With iid couplings of variance w² this is w (n_visible n_hidden)^¼ up to their fluctuation, and
/// g = 1 is where the paramagnet of ±1 units without biases ends.
fn strength(model: &AnyModel) -> Result<f64, Error> {
    let g = model.as_rbm().map_or(0.0, |rbm| rbm.weights().norm() / (rbm.weights().len() as f64).powf(0.25));
    if g > 0.0 {
        Ok(g)
    } else {
        Err(Error::model("its weights are all zero, so that no factor gives them a strength `g`", "leave out `g`"))
    }
}

//! Where the model of a cell comes from.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use serde_json::json;

use super::{Cell, ModelId, document::Section};
use crate::{
    Error,
    io::{self, BUILTIN},
    model::{AnyModel, Ising, Levels},
};

/// A model, or a family of them, of which a cell picks one.
pub enum Source {
    /// The same model everywhere, up to its scale.
    Given(AnyModel),
}

impl Source {
    /// Reads the table `[model]`. A path is relative to `folder`, that of the plan.
    pub fn read(mut section: Section<'_>, folder: &Path) -> Result<(Self, ModelId), Error> {
        let remedy = "give a model file (.npz), or a built-in such as `builtin:mnist20`";
        let Some(entry) = section.take("source") else {
            return Err(section.refuse("does not say which model", format!("write `source = …`: {remedy}")));
        };
        let source = entry.text(remedy)?;
        section.finish("source")?;
        let name = match source.starts_with(BUILTIN) {
            true => source.clone(),
            false => folder.join(&source).to_string_lossy().into_owned(),
        };
        let loaded = io::load_model(&name).map_err(|e| entry.refuse(format!("cannot be used: {e}"), remedy))?;
        let identity = BTreeMap::from([("sha256".to_owned(), json!(loaded.info.sha256))]);
        Ok((Self::Given(loaded.model), ModelId { source, identity }))
    }

    /// Why this axis would mean nothing here, if so.
    pub fn objection(&self, axis: &str) -> Option<(&'static str, &'static str)> {
        match (self, axis) {
            (Self::Given(_), "size" | "n_visible" | "n_hidden" | "alpha") => {
                Some(("cannot vary: the model is given", "leave the axis out, or use a generator in [model]"))
            }
            (Self::Given(AnyModel::Ising(_) | AnyModel::Levels(_)), "g") => {
                Some(("is defined for an RBM only", "use `temperature_scale`"))
            }
            (Self::Given(AnyModel::Levels(_)), "weight_scale") => {
                Some(("means nothing for a list of levels", "use `temperature_scale`"))
            }
            _ => None,
        }
    }

    /// The axes that change the size of the model, and with it the limits and the cost of a method.
    pub const SHAPING: [&str; 4] = ["size", "n_visible", "n_hidden", "alpha"];

    /// The model of a cell.
    pub fn instantiate(&self, cell: &Cell) -> Result<Cow<'_, AnyModel>, Error> {
        let Self::Given(model) = self;
        let scale = |axis| cell.get(axis).map(super::Number::real);
        let weights = match scale("g") {
            Some(g) => Some(g / strength(model)?),
            None => scale("weight_scale"),
        };
        match (weights, scale("temperature_scale")) {
            (None, None) => Ok(Cow::Borrowed(model)),
            (weights, all) => scaled(model, weights.unwrap_or(1.0), all.unwrap_or(1.0)).map(Cow::Owned),
        }
    }
}

/// The control parameter g of an RBM at β = 1: ‖W‖_F/(n_visible n_hidden)^¼.
///
/// With iid couplings of variance w² this is w (n_visible n_hidden)^¼ up to their fluctuation, and g = 1 is where the
/// paramagnet of ±1 units without biases ends.
fn strength(model: &AnyModel) -> Result<f64, Error> {
    let g = model.as_rbm().map_or(0.0, |rbm| rbm.weights().norm() / (rbm.weights().len() as f64).powf(0.25));
    if g > 0.0 {
        Ok(g)
    } else {
        Err(Error::model("its weights are all zero, so that no factor gives them a strength `g`", "leave out `g`"))
    }
}

/// The model with its weights times `weights`, and then all parameters times `all`.
fn scaled(model: &AnyModel, weights: f64, all: f64) -> Result<AnyModel, Error> {
    match model {
        AnyModel::Rbm(rbm) => Ok(rbm.scaled_weights(weights)?.scaled_temperature(all)?.into()),
        AnyModel::Ising(ising) => Ok(Ising::new(ising.couplings() * weights * all, ising.field() * all)?.into()),
        AnyModel::Levels(levels) => Ok(Levels::new(levels.energies().iter().map(|e| e * all).collect())?.into()),
    }
}

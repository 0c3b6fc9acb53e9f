//! Boltzmann.jl: `{name}___weight`, on the disk (n_hidden, n_visible), `{name}___vbias`, and
//! `{name}___bias` for the hidden units; one file may hold several models.

use super::{Archive, Error, Orientation, Parts, Reading};
use crate::model::AnyModel;

/// What the weights' name ends in.
pub const WEIGHT: &str = "___weight";

/// Reads the model that was asked for, or the only one.
pub fn read(archive: &Archive<'_>) -> Result<(AnyModel, Reading), Error> {
    let source = archive.source;
    let names: Vec<&str> = archive.datasets.iter().filter_map(|name| name.strip_suffix(WEIGHT)).collect();
    let list = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let name = match (source.options.name.as_deref(), &names[..]) {
        (Some(name), names) if names.contains(&name) => name,
        (Some(name), _) => {
            return Err(source.refuse(format!("it holds no model `{name}`"), format!("it holds {}", list())));
        }
        (None, [only]) => only,
        (None, _) => {
            return Err(source.refuse(
                format!("it holds several models: {}", list()),
                "say which: `plefka convert IN OUT.npz --name NAME`",
            ));
        }
    };
    let parts = Parts {
        weights: archive.tensor(&format!("{name}{WEIGHT}"))?,
        orientation: Orientation::HiddenFirst,
        visible_bias: Some(archive.tensor(&format!("{name}___vbias"))?),
        hidden_bias: Some(archive.tensor(&format!("{name}___bias"))?),
    };
    let mut reading = Reading::of("HDF5 of Boltzmann.jl");
    let rbm = parts.rbm(source.path, source.options, &mut reading)?;
    Ok((rbm.into(), reading))
}

//! Archives of rbms (DsysDML): a whole training run, a group for each saved update.
//!
//! `update_N/params/{weight_matrix,vbias,hbias}`, W as (n_visible, n_hidden); `model_type` at the
//! root says which units. Before rbms, TorchRBM had the arrays in `update_N` itself, and in 2021
//! they stood at the root as `W{N}`, `vbias{N}`, `hbias{N}` with W as (n_hidden, n_visible).

use hdf5_pure::FileBuilder;

use super::{Archive, Error, Orientation, Parts, Reading};
use crate::{Rbm, Units, model::AnyModel, path::Checkpoint};

/// The updates that an archive holds, ascending, and how they are laid out.
pub struct Updates {
    numbers: Vec<u64>,
    at_root: bool,
}

/// `None` if it is no such archive.
pub fn updates(archive: &Archive<'_>) -> Option<Updates> {
    let numbered = |names: &[String], prefix: &str| -> Vec<u64> {
        let mut numbers: Vec<u64> = names.iter().filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    };
    let groups = numbered(&archive.groups, "update_");
    if !groups.is_empty() {
        return Some(Updates { numbers: groups, at_root: false });
    }
    let at_root = numbered(&archive.datasets, "vbias");
    (!at_root.is_empty()).then_some(Updates { numbers: at_root, at_root: true })
}

/// Reads the update that was asked for, or the last one.
pub fn read(archive: &Archive<'_>, updates: &Updates) -> Result<(AnyModel, Reading), Error> {
    let source = archive.source;
    let (first, last) = (updates.numbers[0], updates.numbers[updates.numbers.len() - 1]);
    let update = source.options.update.unwrap_or(last);
    if updates.numbers.binary_search(&update).is_err() {
        let below = updates.numbers.partition_point(|n| *n < update).saturating_sub(1);
        return Err(source.refuse(
            format!("it has no update {update}: there are {} from {first} to {last}", updates.numbers.len()),
            format!("the nearest below is {}", updates.numbers[below]),
        ));
    }
    let mut reading = Reading::of("HDF5 archive of rbms");
    if updates.numbers.len() > 1 {
        reading.notes.push(format!("update {update} of {} from {first} to {last}", updates.numbers.len()));
    }
    Ok((one(archive, updates, update, &mut reading)?.into(), reading))
}

/// Reads every update.
pub fn checkpoints(archive: &Archive<'_>, updates: &Updates) -> Result<Vec<Checkpoint>, Error> {
    let read = |update: &u64| {
        let rbm = one(archive, updates, *update, &mut Reading::default())?;
        Ok(Checkpoint { update: *update, rbm })
    };
    updates.numbers.iter().map(read).collect()
}

fn one(archive: &Archive<'_>, updates: &Updates, update: u64, reading: &mut Reading) -> Result<Rbm, Error> {
    let [visible, hidden] = units(archive)?;
    let parts = if updates.at_root { at_root(archive, update)? } else { in_group(archive, update)? };
    let rbm = parts.rbm(archive.source.path, archive.source.options, reading)?;
    Ok(rbm.with_units(visible, hidden))
}

/// The units, by the type of the model; files without one are older than any other type.
fn units(archive: &Archive<'_>) -> Result<[Units; 2], Error> {
    let Some(kind) = archive.text("model_type") else { return Ok([Units::Bit; 2]) };
    let why = match &kind[..] {
        "BBRBM" => return Ok([Units::Bit; 2]),
        "IIRBM" => return Ok([Units::Spin; 2]),
        "PBRBM" | "PBM" | "PIRBM" => "Potts units, of more than two states,",
        "BGRBM" | "IGRBM" => "Gaussian hidden units",
        _ => "units of this kind",
    };
    let shown: String = kind.chars().filter(|c| !c.is_control()).take(40).collect();
    Err(archive.source.refuse(
        format!("it is a model of type `{shown}`, and {why} are not supported"),
        "what can be read are BBRBM (bits) and IIRBM (spins)",
    ))
}

fn in_group(archive: &Archive<'_>, update: u64) -> Result<Parts, Error> {
    let group = format!("update_{update}");
    // Version 0.1 has the arrays a second time beside `params`, as links.
    let nested = archive.has_group(&format!("{group}/params"));
    let place = if nested { format!("{group}/params") } else { group };
    let known = ["weight_matrix", "vbias", "hbias"];
    if nested && let Some(other) = archive.members(&place)?.iter().find(|name| !known.contains(&&***name)) {
        let problem = format!("`{place}` holds `{other}`, which an RBM on bits or spins does not have");
        return Err(archive.source.refuse(problem, "what can be read are BBRBM (bits) and IIRBM (spins)"));
    }
    let tensor = |name: &str| archive.tensor(&format!("{place}/{name}"));
    let weights = tensor("weight_matrix")?;
    if weights.shape().len() == 3 {
        let problem = format!("has shape {}: it is of a Potts model", weights.shape_name());
        return Err(weights.refuse(problem, "Potts units are not supported: what can be read are bits and spins"));
    }
    Ok(Parts {
        weights,
        orientation: Orientation::VisibleFirst,
        visible_bias: Some(tensor("vbias")?),
        hidden_bias: Some(tensor("hbias")?),
    })
}

fn at_root(archive: &Archive<'_>, update: u64) -> Result<Parts, Error> {
    Ok(Parts {
        weights: archive.tensor(&format!("W{update}"))?,
        orientation: Orientation::HiddenFirst,
        visible_bias: Some(archive.tensor(&format!("vbias{update}"))?),
        hidden_bias: Some(archive.tensor(&format!("hbias{update}"))?),
    })
}

/// The model as an archive of one update that rbms loads, the numbers as f64. What has no place in
/// one is said.
pub fn to_hdf5(rbm: &Rbm) -> Result<Vec<u8>, String> {
    let kind = match (rbm.visible_units(), rbm.hidden_units()) {
        (Units::Bit, Units::Bit) => "BBRBM",
        (Units::Spin, Units::Spin) => "IIRBM",
        _ => return Err("rbms has no model with units of both kinds".into()),
    };
    if rbm.constant() != 0.0 {
        return Err("rbms has no place for a constant energy".into());
    }
    let (n_visible, n_hidden) = (rbm.n_visible() as u64, rbm.n_hidden() as u64);
    let by_rows: Vec<f64> = rbm.weights().transpose().iter().copied().collect();
    let mut builder = FileBuilder::new();
    builder.create_dataset("model_type").with_vlen_strings(&[kind]).with_shape(&[]);
    let mut update = builder.create_group("update_1");
    let mut params = update.create_group("params");
    params.create_dataset("weight_matrix").with_f64_data(&by_rows).with_shape(&[n_visible, n_hidden]);
    params.create_dataset("vbias").with_f64_data(rbm.visible_bias().as_slice()).with_shape(&[n_visible]);
    params.create_dataset("hbias").with_f64_data(rbm.hidden_bias().as_slice()).with_shape(&[n_hidden]);
    update.add_group(params.finish());
    builder.add_group(update.finish());
    builder.finish().map_err(|error| error.to_string())
}

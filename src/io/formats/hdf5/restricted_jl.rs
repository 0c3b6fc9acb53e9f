//! RestrictedBoltzmannMachines.jl: plain, centred and standardized RBMs.
//!
//! Julia's first axis is the last on the disk: `weights` is (n_hidden, n_visible) and `*_par` has
//! its parameter axis last. A standardized RBM has E = −θᵥ·v − θₕ·h − Σ wᵢⱼ (vᵢ − oᵢ)(hⱼ −
//! oⱼ)/(sᵢsⱼ): a plain one with W = w/(s ⊗ s), a = θᵥ − W oₕ, b = θₕ − Wᵀ oᵥ **and the constant
//! energy −oᵥᵀ W oₕ**. A centred one is the same with s = 1.

use nalgebra::{DMatrix, DVector};

use super::{Archive, Error, Reading};
use crate::{Rbm, Units, io::rbm_parts::about, model::AnyModel};

/// What such a file is known by.
pub const VERSION: &str = "rbm_hdf5_file_format_version";

/// What every such file holds.
const KNOWN: [&str; 7] = [VERSION, "rbm_type", "weights", "visible_par", "hidden_par", "visible_type", "hidden_type"];

/// Reads one.
pub fn read(archive: &Archive<'_>) -> Result<(AnyModel, Reading), Error> {
    let source = archive.source;
    let kind = archive.text("rbm_type").unwrap_or_default();
    let (centred, standardized) = match &kind[..] {
        "RBM" => (false, false),
        "CenteredRBM" => (true, false),
        "StandardizedRBM" => (true, true),
        other => {
            let shown: String = other.chars().filter(|c| !c.is_control()).take(40).collect();
            let problem = format!("it is a model of type `{shown}`, which is not supported");
            return Err(source.refuse(problem, "what can be read are RBM, CenteredRBM and StandardizedRBM"));
        }
    };
    let shifts = ["offset_v", "offset_h", "scale_v", "scale_h"];
    let shifts = &shifts[..if standardized {
        4
    } else if centred {
        2
    } else {
        0
    }];
    if let Some(other) = archive.datasets.iter().find(|name| !KNOWN.contains(&&***name) && !shifts.contains(&&***name))
    {
        let problem = format!("it holds `{other}`, which a {kind} does not have");
        return Err(source.refuse(problem, "save the model again, or leave it out"));
    }
    let (visible, hidden) = (units(archive, "visible")?, units(archive, "hidden")?);
    let a = vector(archive, "visible_par")?;
    let b = vector(archive, "hidden_par")?;
    let weights = archive.tensor("weights")?;
    if weights.values().len() != a.len() * b.len() || a.is_empty() || b.is_empty() {
        let problem = format!(
            "has shape {}, but there are {} visible and {} hidden biases",
            weights.shape_name(),
            a.len(),
            b.len()
        );
        return Err(weights.refuse(problem, "save the model again"));
    }
    weights.finite()?;
    // On the disk hidden units come first: by columns that is (n_visible, n_hidden).
    let w = DMatrix::from_column_slice(a.len(), b.len(), weights.values());
    let mut reading = Reading::of(format!("HDF5 of RestrictedBoltzmannMachines.jl, {kind}"));
    reading.arrays.push(format!("W from `weights` {}, transposed", weights.shape_name()));
    reading.arrays.push("biases from `visible_par` and `hidden_par`".into());
    let [ones_v, ones_h] = [&a, &b].map(|x| DVector::repeat(x.len(), 1.0));
    let [zeros_v, zeros_h] = [&a, &b].map(|x| DVector::zeros(x.len()));
    let or =
        |read: bool, name, default: DVector<f64>| if read { sized(archive, name, default.len()) } else { Ok(default) };
    let (o_v, o_h) = (or(centred, "offset_v", zeros_v)?, or(centred, "offset_h", zeros_h)?);
    let (s_v, s_h) = (or(standardized, "scale_v", ones_v)?, or(standardized, "scale_h", ones_h)?);
    let w = w.component_div(&(&s_v * s_h.transpose()));
    let constant = -(o_v.transpose() * &w * &o_h)[0];
    if centred {
        reading.arrays.push(format!("offsets (and scales) folded into W, biases and the constant energy {constant}"));
    }
    let rbm = Rbm::new(w.clone(), a - &w * &o_h, b - w.tr_mul(&o_v))
        .and_then(|rbm| rbm.with_units(visible, hidden).with_constant(constant))
        .map_err(|error| about(source.path, error))?;
    Ok((rbm.into(), reading))
}

fn units(archive: &Archive<'_>, layer: &str) -> Result<Units, Error> {
    let kind = archive.text(&format!("{layer}_type")).unwrap_or_default();
    match &kind[..] {
        "Binary" => Ok(Units::Bit),
        "Spin" => Ok(Units::Spin),
        other => {
            let shown: String = other.chars().filter(|c| !c.is_control()).take(40).collect();
            let problem = format!("its {layer} layer is of type `{shown}`, which is not supported");
            Err(archive.source.refuse(problem, "what can be read are layers Binary (0/1) and Spin (±1)"))
        }
    }
}

fn vector(archive: &Archive<'_>, name: &str) -> Result<DVector<f64>, Error> {
    let tensor = archive.tensor(name)?;
    if tensor.shape().last() != Some(&1) {
        let problem =
            format!("has shape {}, but a layer of two-state units has one parameter a unit", tensor.shape_name());
        return Err(tensor.refuse(problem, "what can be read are layers Binary and Spin"));
    }
    tensor.finite()?;
    Ok(DVector::from_column_slice(tensor.values()))
}

fn sized(archive: &Archive<'_>, name: &str, n: usize) -> Result<DVector<f64>, Error> {
    let tensor = archive.tensor(name)?;
    if tensor.values().len() != n {
        let problem = format!("has shape {}, but the layer has {n} units", tensor.shape_name());
        return Err(tensor.refuse(problem, "save the model again"));
    }
    tensor.finite()?;
    Ok(DVector::from_column_slice(tensor.values()))
}

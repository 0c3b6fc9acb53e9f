//! HDF5, as three programs use it: rbms, RestrictedBoltzmannMachines.jl and Boltzmann.jl; and
//! MATLAB 7.3.

mod boltzmann_jl;
mod rbms;
mod restricted_jl;

use hdf5_pure::{DType, File};

pub use rbms::to_hdf5;

use super::{
    super::{
        limits::checked_count,
        rbm_parts::{Orientation, Parts},
        tensor::Tensor,
    },
    Error, Format, Reading, Source,
};
use crate::{model::AnyModel, path::Checkpoint};

/// An HDF5 file.
pub struct Hdf5;

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

impl Format for Hdf5 {
    /// At the beginning, or behind a block of the user's, as MATLAB has one.
    fn recognises(&self, bytes: &[u8]) -> bool {
        [0, 512, 1024, 2048].iter().any(|at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(SIGNATURE)))
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let archive = Archive::open(source)?;
        if archive.datasets.iter().any(|name| name == restricted_jl::VERSION) {
            return restricted_jl::read(&archive);
        }
        if archive.datasets.iter().any(|name| name.ends_with(boltzmann_jl::WEIGHT)) {
            return boltzmann_jl::read(&archive);
        }
        if let Some(updates) = rbms::updates(&archive) {
            return rbms::read(&archive, &updates);
        }
        if archive.datasets.iter().any(|name| name == "vishid") {
            return read_matlab(&archive);
        }
        let found: Vec<&str> = archive.groups.iter().chain(&archive.datasets).take(12).map(|name| &**name).collect();
        Err(source.refuse(
            format!("this HDF5 file is not of a program that is known here: it holds {}", found.join(", ")),
            "what can be read are archives of rbms (`update_N/params`), RestrictedBoltzmannMachines.jl and Boltzmann.jl; save \
             W, vbias and hbias with numpy.savez otherwise",
        ))
    }
}

/// Every update of an archive of rbms; none if it is no such archive.
pub fn checkpoints(source: &Source<'_>) -> Result<Vec<Checkpoint>, Error> {
    let archive = Archive::open(source)?;
    rbms::updates(&archive).map_or(Ok(Vec::new()), |updates| rbms::checkpoints(&archive, &updates))
}

/// An open file and what is at its root.
struct Archive<'a> {
    source: &'a Source<'a>,
    file: File,
    groups: Vec<String>,
    datasets: Vec<String>,
}

impl<'a> Archive<'a> {
    fn open(source: &'a Source<'a>) -> Result<Self, Error> {
        let damaged =
            |error| source.refuse(format!("this HDF5 file cannot be read ({error})"), "copy or save it again");
        let file = File::from_bytes(source.bytes.to_vec()).map_err(damaged)?;
        let root = file.root();
        let (groups, datasets) = (root.groups().map_err(damaged)?, root.datasets().map_err(damaged)?);
        Ok(Self { source, file, groups, datasets })
    }

    /// The names of the datasets in a group.
    fn members(&self, group: &str) -> Result<Vec<String>, Error> {
        self.file.group(group).and_then(|group| group.datasets()).map_err(|error| self.damaged(group, error))
    }

    /// Whether there is a group at this path. (Listing its parent would fail on a link to nowhere.)
    fn has_group(&self, path: &str) -> bool {
        self.file.group(path).is_ok()
    }

    /// A dataset of numbers.
    fn tensor(&self, path: &str) -> Result<Tensor, Error> {
        let dataset = self.file.dataset(path).map_err(|error| self.damaged(path, error))?;
        let shape = dataset.shape().map_err(|error| self.damaged(path, error))?;
        let shape: Option<Vec<usize>> = shape.into_iter().map(|n| usize::try_from(n).ok()).collect();
        let too_large = || {
            let problem = format!("`{path}` declares more values than a file of this size may hold");
            self.source.refuse(problem, "the file is damaged: copy or save it again")
        };
        let shape =
            shape.filter(|shape| checked_count(shape, self.source.bytes.len()).is_some()).ok_or_else(too_large)?;
        match dataset.dtype().map_err(|error| self.damaged(path, error))? {
            DType::Compound(_) => {
                let problem = format!("`{path}` is complex or a compound, but a number here is real");
                return Err(self.source.refuse(problem, "save the real part, if the imaginary parts are all zero"));
            }
            DType::String | DType::VariableLengthString => {
                return Err(self.source.refuse(format!("`{path}` is text, not numbers"), "save it again as an array"));
            }
            _ => {}
        }
        let values = dataset.read_f64().map_err(|error| self.damaged(path, error))?;
        if values.len() != shape.iter().product::<usize>() {
            return Err(self.source.refuse(format!("`{path}` is cut short"), "copy or save it again"));
        }
        Ok(Tensor::new(self.source.path, path, shape, values))
    }

    /// A dataset that is one string, if there is one of this name at the root.
    fn text(&self, path: &str) -> Option<String> {
        let dataset = self.file.dataset(path).ok()?;
        let shape = dataset.shape().ok()?;
        if shape.iter().product::<u64>() > 1 {
            return None;
        }
        dataset.read_string().ok()?.into_iter().next()
    }

    fn damaged(&self, path: &str, error: hdf5_pure::Error) -> Error {
        self.source.refuse(format!("`{path}` cannot be read ({error})"), "copy or save the file again")
    }
}

/// MATLAB 7.3: arrays as in Hinton's code, stored with their axes turned round.
fn read_matlab(archive: &Archive<'_>) -> Result<(AnyModel, Reading), Error> {
    let known = ["vishid", "visbiases", "hidbiases", "hidrecbiases"];
    if let Some(other) = archive.datasets.iter().find(|name| !known.contains(&&***name)) {
        return Err(archive.source.refuse(format!("it holds `{other}`, which is not understood here"), "leave it out"));
    }
    let first_of = |names: &[&str]| {
        let name = names.iter().find(|name| archive.datasets.iter().any(|dataset| dataset == *name));
        name.map(|name| archive.tensor(name)).transpose()
    };
    let parts = Parts {
        weights: archive.tensor("vishid")?,
        orientation: Orientation::HiddenFirst,
        visible_bias: first_of(&["visbiases"])?,
        hidden_bias: first_of(&["hidbiases", "hidrecbiases"])?,
    };
    let mut reading = Reading::of("MATLAB 7.3 (HDF5)");
    let rbm = parts.rbm(archive.source.path, archive.source.options, &mut reading)?;
    Ok((rbm.into(), reading))
}

//! Files: models and data, results as JSON and CSV, and the writing of whole files.
//!
//! Models are read from NumPy `.npz` archives, from PyTorch state_dicts and, with the feature
//! `formats`, from safetensors, HDF5 (rbms, RestrictedBoltzmannMachines.jl, Boltzmann.jl) and
//! MATLAB files; couplings of spins from dimod, `.sg`, max-cut and adabmDCA files. The keys of an
//! archive:
//!
//! | what | keys |
//! |---|---|
//! | RBM | `W` (n_visible, n_hidden), `vbias` (n_visible), `hbias` (n_hidden); optional `units`, `constant` |
//! | RBM of scikit-learn | `components_` (n_hidden, n_visible), `intercept_visible_`, `intercept_hidden_`; optional `units`, `constant` |
//! | spins | `J` (N, N), symmetric with a zero diagonal, or J as `scipy.sparse.save_npz` writes it; optional `field` or `h` (N), `constant` |
//! | levels | `energies` (2^N): that of state k is the energy of the units whose values are the bits of k, unit 0 the lowest |
//! | data | `X` (n_samples, n_visible) of 0/1 or ±1, or `bits` as `numpy.packbits` packs the rows; optional `n`, `labels` |
//!
//! `units` is `"bit"` (the default) or `"spin"`, or an array of the two names `[visible, hidden]`;
//! `constant` is a constant energy. Data may also be a single `.npy` array or a sparse matrix of
//! SciPy.
//!
//! A file is never trusted: what it declares is checked against what it holds before anything is
//! allocated for it, nothing in it is ever run, and what is not understood in it is refused and not
//! ignored.

mod accounted;
mod atomic;
pub(crate) mod builtin;
mod checkpoint_file;
mod convert;
mod data_file;
mod folder;
mod formats;
mod history_file;
mod ising_file;
mod json;
mod levels_file;
mod likelihood_file;
mod limits;
mod lock;
mod model_file;
mod model_info;
mod names;
mod npy;
mod npz;
mod rbm_file;
mod rbm_parts;
mod reading;
mod results;
mod run_name;
mod samples_file;
mod seal;
mod source;
mod sparse;
mod table;
mod temperature_file;
mod temporary;
mod tensor;
mod trajectory_file;
#[cfg(feature = "plot")]
mod transaction;
mod zip_layout;

pub use atomic::write_atomically;
pub use convert::{Written, convert};
pub use data_file::{load_data, read_data, save_data};
pub use history_file::{HistoryEstimate, HistoryFile, HistoryRow};
pub use likelihood_file::{LikelihoodFile, LogLikelihood, LogZ, Pseudo};
pub use lock::Locking;
pub use model_file::{LoadedModel, Save, load_model, load_model_with, read_model, save_model};
pub use model_info::{ModelInfo, Shape};

pub use names::claim_name;
pub(crate) use names::status_name;
pub use reading::{ReadOptions, Reading};
pub use results::{CurveRecord, Provenance, Quantity, ResultFile};
pub use samples_file::{DataInfo, SamplesFile, SamplesHeader};
pub use seal::{Seal, json_seal, table_seal, toml_seal, xml_seal};
pub use table::{to_csv, write_csv};
pub use temperature_file::TemperatureFile;
pub use trajectory_file::{is_run, load_trajectory};

#[cfg(feature = "cli")]
pub(crate) use atomic::check_link;
pub(crate) use atomic::write_atomically_with;
#[cfg(feature = "cli")]
pub(crate) use checkpoint_file::check_archive;
pub(crate) use checkpoint_file::{load_checkpoint, save_checkpoint};
pub(crate) use folder::{keep_name, make_folder};
pub(crate) use lock::{FolderLock, is_unused, refuse_read, refuse_written};
pub(crate) use run_name::{LAST_MODEL, checkpoint_file, update_of_file};
#[cfg(feature = "plot")]
pub(crate) use seal::sealed_xml;
pub(crate) use seal::{CHECKSUM_COLUMN, sealed_json, sealed_table, sealed_toml};
pub(crate) use source::{BUILTIN, read_text};
#[cfg(feature = "plot")]
pub(crate) use transaction::Transaction;

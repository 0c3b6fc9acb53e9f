//! Files: models and data as NumPy `.npz` archives, results as JSON and CSV, and the writing of
//! whole files.
//!
//! | what | keys of the archive |
//! |---|---|
//! | RBM | `W` (n_visible, n_hidden), `vbias` (n_visible), `hbias` (n_hidden), f32 or f64; optional `units` |
//! | RBM of scikit-learn | `components_` (n_hidden, n_visible), `intercept_visible_`, `intercept_hidden_`; optional `units` |
//! | spins | `J` (N, N), symmetric with a zero diagonal; optional `field` (N) |
//! | levels | `energies` (2^N): that of state k is the energy of the units whose values are the bits of k, unit 0 the lowest |
//! | data | `X` (n_samples, n_visible) of 0/1, or `bits` as `numpy.packbits` packs the rows; optional `n`, `labels` |
//!
//! `units` is `"bit"` (the default) or `"spin"`, or an array of the two names `[visible, hidden]`.
//!
//! A file is never trusted: what it declares is checked against what it holds before anything is
//! allocated for it.

mod atomic;
pub(crate) mod builtin;
mod checkpoint_file;
mod data_file;
mod ising_file;
mod json;
mod levels_file;
mod likelihood_file;
mod model_file;
mod model_info;
mod names;
mod npy;
mod npz;
mod rbm_file;
mod results;
mod run_name;
mod source;
mod table;
mod temperature_file;

pub use atomic::write_atomically;
pub use data_file::{load_data, save_data};
pub use likelihood_file::{LikelihoodFile, LogLikelihood, LogZ, Pseudo};
pub use model_file::{LoadedModel, Save, load_model, save_model};
pub use model_info::{ModelInfo, Shape};

pub use names::{claim_name, status_name};
pub use results::{CurveRecord, Provenance, Quantity, ResultFile};
pub use table::{to_csv, write_csv};
pub use temperature_file::TemperatureFile;

pub(crate) use atomic::write_atomically_with;
pub(crate) use checkpoint_file::{load_checkpoint, save_checkpoint};
pub(crate) use run_name::{LAST_MODEL, checkpoint_file, update_of_file};
pub(crate) use source::BUILTIN;

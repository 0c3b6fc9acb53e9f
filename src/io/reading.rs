//! How a file of another program is to be read, and what was found in it.

/// What a file leaves open and its reader must be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Of an archive of a training run: the update to read; the last one if not said. (`RUN.h5@N`
    /// says the same.)
    pub update: Option<u64>,
    /// Of a file that holds several models: the name of one, or the prefix of its arrays.
    pub name: Option<String>,
    /// Whether W is stored as (n_hidden, n_visible); if not said, as the format, the name or the
    /// biases tell.
    pub transposed: Option<bool>,
}

/// What was read from where.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reading {
    /// The format, such as `NumPy .npz`.
    pub format: String,
    /// What was taken for what, such as ``W from `components_` (20, 784), transposed``.
    pub arrays: Vec<String>,
    /// What a user should know: what was assumed, or left out.
    pub notes: Vec<String>,
}

impl Reading {
    /// Nothing read yet, of a file in this format.
    pub(super) fn of(format: impl Into<String>) -> Self {
        Self { format: format.into(), ..Self::default() }
    }
}

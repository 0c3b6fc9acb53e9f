//! The result file: what `estimate --format json` prints and a results folder keeps.
//!
//! Everything downstream (tables, figures, the report, the verdicts) reads these records and
//! nothing else, so a folder of results can be redrawn years later without computing anything.
//! Field names are a contract with scripts: fields may be added, and reading tolerates fields it
//! does not know, but none is renamed or removed.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{ModelInfo, Seal, json, json_seal, make_folder, read_text, write_atomically};
use crate::{
    Error,
    curve::{Claim, Curve, Diagnostics, Measured, Method, Status},
    thermo::{self, Point},
};

/// The version of the format.
pub const SCHEMA: u32 = 1;

/// The name of the result file in a results folder.
pub const FILE_NAME: &str = "results.json";

/// The curves of one model by one or more methods, and how they came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultFile {
    /// The version of the format.
    pub schema: u32,
    /// The model.
    pub model: ModelInfo,
    /// One curve for each method, in the order asked for.
    pub curves: Vec<CurveRecord>,
    /// How to make them again.
    pub provenance: Provenance,
}

/// One method's curve, as saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurveRecord {
    /// Which estimator.
    pub method: Method,
    /// How the run ended as a whole.
    pub status: Status,
    /// The requested β, in their order and to the last bit, with all quantities at each.
    pub points: Vec<Point>,
    /// The evidence.
    #[serde(default)]
    pub diagnostics: Diagnostics,
    /// What the reader should know, each with a remedy.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Wall-clock time of the estimation in seconds, without loading the model.
    pub seconds: f64,
}

/// How a result was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of this crate.
    pub version: String,
    /// The root of all randomness.
    pub seed: u64,
    /// The number of threads; it changes no number but the seconds.
    pub threads: usize,
    /// The command line, word by word.
    pub command: Vec<String>,
    /// The settings of the estimators after defaults were filled in, as they would be read back.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub settings: serde_json::Value,
}

impl Provenance {
    /// The provenance of the running process. The program is named without its folder, which is
    /// nobody's business.
    #[must_use]
    pub fn of_this_process(seed: u64, threads: usize) -> Self {
        let words = std::env::args_os().enumerate().map(|(k, word)| {
            let word = if k == 0 { Path::new(&word).file_stem().unwrap_or(&word).to_owned() } else { word };
            word.to_string_lossy().into_owned()
        });
        let version = env!("CARGO_PKG_VERSION").into();
        Self { version, seed, threads, command: words.collect(), settings: serde_json::Value::Null }
    }
}

/// The four quantities of a [`Point`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// ln Z.
    LogZ,
    /// U = ⟨E⟩.
    Energy,
    /// S = ln Z + βU.
    Entropy,
    /// C = β² Var E.
    HeatCapacity,
}

impl Quantity {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 4] = [Self::LogZ, Self::Energy, Self::Entropy, Self::HeatCapacity];

    /// The name used in files: `log_z`, `energy`, `entropy`, `heat_capacity`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LogZ => "log_z",
            Self::Energy => "energy",
            Self::Entropy => "entropy",
            Self::HeatCapacity => "heat_capacity",
        }
    }

    /// Its value at a point, if there is one.
    #[must_use]
    pub fn of(self, point: &Point) -> Option<Measured> {
        match self {
            Self::LogZ => point.log_z,
            Self::Energy => point.energy,
            Self::Entropy => point.entropy,
            Self::HeatCapacity => point.heat_capacity,
        }
    }
}

impl From<&Curve> for CurveRecord {
    fn from(curve: &Curve) -> Self {
        // A number that is not finite does not exist; JSON has no word for it.
        let finite = |m: &Measured| m.value.is_finite() && m.claim.std_error().is_none_or(f64::is_finite);
        let clean = |p: Point| Point {
            log_z: p.log_z.filter(finite),
            energy: p.energy.filter(finite),
            entropy: p.entropy.filter(finite),
            heat_capacity: p.heat_capacity.filter(finite),
            ..p
        };
        Self {
            method: curve.method,
            status: curve.status(),
            points: thermo::points(curve).into_iter().map(clean).collect(),
            diagnostics: curve.diagnostics.clone(),
            warnings: curve.warnings.clone(),
            seconds: if curve.seconds.is_finite() { curve.seconds } else { 0.0 },
        }
    }
}

impl CurveRecord {
    /// The point at exactly this β. (Points stand in the order of their β.)
    #[must_use]
    pub fn at(&self, beta: f64) -> Option<&Point> {
        self.index_of(beta).map(|k| &self.points[k])
    }

    /// Which point is at exactly this β.
    #[must_use]
    pub fn index_of(&self, beta: f64) -> Option<usize> {
        self.points.binary_search_by(|p| p.beta.total_cmp(&beta)).ok()
    }

    /// The value of exact enumeration at exactly this β, if this is its curve and it got there.
    #[must_use]
    pub fn exact(&self, quantity: Quantity, beta: f64) -> Option<f64> {
        let point = self.at(beta).filter(|p| self.method == Method::Exact && p.status == Status::Converged)?;
        quantity.of(point).filter(|m| m.claim == Claim::Exact).map(|m| m.value)
    }

    /// Whether the method samples: some number carries a standard error.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        let sampled = |p: &Point| Quantity::ALL.iter().filter_map(|q| q.of(p)).any(|m| m.claim.std_error().is_some());
        self.points.iter().any(sampled)
    }
}

impl ResultFile {
    /// A file in the current format.
    #[must_use]
    pub fn new(model: ModelInfo, curves: Vec<CurveRecord>, provenance: Provenance) -> Self {
        Self { schema: SCHEMA, model, curves, provenance }
    }

    /// The true value at exactly this β, if exact enumeration reached it.
    #[must_use]
    pub fn exact(&self, quantity: Quantity, beta: f64) -> Option<f64> {
        self.curves.iter().find_map(|curve| curve.exact(quantity, beta))
    }

    /// The file as JSON: indented, with each point on one line.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if a number is infinite or not a number. Records made from a [`Curve`]
    /// never hold one.
    pub fn to_json(&self) -> Result<String, Error> {
        for point in self.curves.iter().flat_map(|c| &c.points) {
            for quantity in Quantity::ALL {
                let finite = |m: Measured| m.value.is_finite() && m.claim.std_error().is_none_or(f64::is_finite);
                if !quantity.of(point).is_none_or(finite) {
                    return Err(Error::NotFinite { quantity: quantity.name(), beta: point.beta });
                }
            }
        }
        json::sealed(self).map_err(|e| Error::format(FILE_NAME, e.to_string(), "please report this as a bug"))
    }

    /// Writes `results.json` into the folder `path` (made if there is none), or the file `path` if
    /// it ends in `.json`. The file appears whole or not at all. Returns where it is.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`to_json`](Self::to_json).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<PathBuf, Error> {
        let path = locate(path.as_ref());
        let json = self.to_json()?;
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        write_atomically(&path, json.as_bytes())?;
        Ok(path)
    }

    /// Reads what [`write`](Self::write) wrote: from a folder, or from a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`], naming the file and the remedy, if it
    /// is not there, is not JSON, is of another version of the format, or lacks a field.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        read_versioned(&locate(path.as_ref()), "make one with `plefka compare MODEL --out DIR`")
    }
}

/// Reads a file of numbers that carries the version of its format; `remedy` says how to make one.
pub(super) fn read_versioned<T: serde::de::DeserializeOwned>(path: &Path, remedy: &str) -> Result<T, Error> {
    let refuse = |problem: String, remedy: &str| Error::format(path, problem, remedy);
    let text = read_text(path).map_err(|error| match error {
        Error::Io { source, .. } if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            refuse("there is no such file".into(), remedy)
        }
        error => error,
    })?;
    if json_seal(&text) == Seal::Broken {
        let problem = "its checksum does not fit: it was damaged, or changed after it was written".into();
        return Err(refuse(problem, "restore it, or make the results again"));
    }
    // The version first: a file of another version would fail below with words that do not help.
    let value: serde_json::Value = serde_json::from_str(&text)
        .map_err(|e| refuse(format!("it is not JSON ({e})"), "give a file that `plefka` wrote, whole"))?;
    match value.get("schema").map(|s| (s, s.as_u64())) {
        Some((_, Some(version))) if version == u64::from(SCHEMA) => {}
        Some((_, Some(version))) if version > u64::from(SCHEMA) => {
            let problem = format!("it has schema {version}, and this program reads schema {SCHEMA}");
            return Err(refuse(problem, "use a newer `plefka`"));
        }
        Some((version, _)) => {
            let problem = format!("it has schema {version}, and this program reads schema {SCHEMA}");
            return Err(refuse(problem, "make the results again"));
        }
        None => {
            let problem = "it is JSON but not a result file (no `schema`)".into();
            return Err(refuse(problem, "give a file that `plefka` wrote"));
        }
    }
    // From the text and not from `value`, so that a message has its line and column.
    serde_json::from_str(&text)
        .map_err(|e| refuse(format!("it is not a whole result file ({e})"), "make the results again"))
}

/// The result file meant by a path to a folder or to a file.
fn locate(path: &Path) -> PathBuf {
    let is_file = path.is_file() || (!path.is_dir() && path.extension().is_some_and(|e| e == "json"));
    if is_file { path.into() } else { path.join(FILE_NAME) }
}

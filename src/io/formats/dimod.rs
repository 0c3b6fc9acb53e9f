//! Quadratic models of dimod (D-Wave), as JSON: E(x) = offset + Σ lᵢxᵢ + Σ qᵢⱼxᵢxⱼ, to be made
//! small.

use serde::{Deserialize, Serialize};

use super::{Error, Format, Reading, Source, text::SpinsBuilder};
use crate::{
    Units,
    model::{AnyModel, PairCoupled},
};

/// The variables of a quadratic model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vartype {
    /// ±1
    Spin,
    /// 0/1
    Binary,
}

impl Vartype {
    /// By dimod's name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "SPIN" => Some(Self::Spin),
            "BINARY" => Some(Self::Binary),
            _ => None,
        }
    }
}

/// A quadratic model in dimod's terms.
pub struct Quadratic {
    /// Its variables.
    pub vartype: Vartype,
    /// The constant.
    pub offset: f64,
    /// lᵢ
    pub linear: Vec<f64>,
    /// qᵢⱼ, each pair once.
    pub pairs: Vec<(usize, usize, f64)>,
}

impl Quadratic {
    /// The model on spins, with the signs of E = c − ½ sᵀJs − f·s: J = −q and f = −l. Bits are x =
    /// (1 + s)/2, which adds to fields and constant.
    pub fn model(self, source: &Source<'_>, reading: &mut Reading) -> Result<AnyModel, Error> {
        let Self { vartype, offset, linear, pairs } = self;
        let mut spins = SpinsBuilder::new(source, linear.len())?;
        spins.add_constant(offset);
        let (half, quarter) = match vartype {
            Vartype::Spin => (1.0, 1.0),
            Vartype::Binary => (0.5, 0.25),
        };
        for (i, l) in linear.into_iter().enumerate() {
            spins.add_field(i, -half * l)?;
            if vartype == Vartype::Binary {
                spins.add_constant(half * l);
            }
        }
        for (i, j, q) in pairs {
            spins.couple(i, j, -quarter * q)?;
            if vartype == Vartype::Binary {
                spins.add_field(i, -quarter * q)?;
                spins.add_field(j, -quarter * q)?;
                spins.add_constant(quarter * q);
            }
        }
        let constant = spins.constant();
        let (model, told) = spins.finish()?;
        reading.arrays.push(format!("{told}, constant energy {constant}"));
        reading
            .notes
            .push("dimod's biases are energies: J = −quadratic, field = −linear, so that E is dimod's energy".into());
        if vartype == Vartype::Binary {
            reading.notes.push(
                "the variables 0/1 are written as spins x = (1 + s)/2: the same energies, state for state".into(),
            );
        }
        Ok(model)
    }
}

/// The JSON of `bqm.to_serializable()`.
pub struct DimodJson;

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    use_bytes: bool,
    variable_type: String,
    #[serde(default)]
    offset: f64,
    linear_biases: serde_json::Value,
    quadratic_biases: serde_json::Value,
    quadratic_head: serde_json::Value,
    quadratic_tail: serde_json::Value,
    #[serde(default)]
    variable_labels: Vec<serde_json::Value>,
}

impl Format for DimodJson {
    fn recognises(&self, bytes: &[u8]) -> bool {
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace());
        start.is_some_and(|start| bytes[start] == b'{')
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let how = "save it with json.dump(bqm.to_serializable(), file)";
        let document: Document = serde_json::from_slice(source.bytes)
            .map_err(|error| source.refuse(format!("this JSON is no quadratic model of dimod ({error})"), how))?;
        if document.kind != "BinaryQuadraticModel" {
            let shown: String = document.kind.chars().take(60).collect();
            return Err(source.refuse(format!("it is a `{shown}` of dimod, and no BinaryQuadraticModel"), how));
        }
        if document.use_bytes {
            return Err(
                source.refuse("its biases are packed as bytes", "save it with to_serializable(use_bytes=False)")
            );
        }
        let Some(vartype) = Vartype::named(&document.variable_type) else {
            return Err(source.refuse("its variables are neither SPIN nor BINARY", how));
        };
        let damaged = |name: &str| source.refuse(format!("`{name}` is not a list of numbers"), how);
        let numbers = |value, name| serde_json::from_value::<Vec<f64>>(value).map_err(|_| damaged(name));
        let indices = |value, name| serde_json::from_value::<Vec<usize>>(value).map_err(|_| damaged(name));
        let linear = numbers(document.linear_biases, "linear_biases")?;
        let biases = numbers(document.quadratic_biases, "quadratic_biases")?;
        let head = indices(document.quadratic_head, "quadratic_head")?;
        let tail = indices(document.quadratic_tail, "quadratic_tail")?;
        if head.len() != biases.len() || tail.len() != biases.len() {
            return Err(source.refuse("its quadratic lists are not of one length", how));
        }
        let mut reading = Reading::of("dimod JSON");
        note_labels(&document.variable_labels, &mut reading);
        let pairs = head.into_iter().zip(tail).zip(biases).map(|((i, j), q)| (i, j, q)).collect();
        let model = Quadratic { vartype, offset: document.offset, linear, pairs }.model(source, &mut reading)?;
        Ok((model, reading))
    }
}

/// Labels are not kept: a unit is known by its place.
pub fn note_labels(labels: &[serde_json::Value], reading: &mut Reading) {
    if labels.iter().enumerate().any(|(k, label)| label.as_u64() != Some(k as u64)) {
        let shown: Vec<String> =
            labels.iter().take(6).map(|label| label.to_string().chars().take(30).collect()).collect();
        let more = if labels.len() > 6 { ", …" } else { "" };
        reading.notes.push(format!("variables are known by their place: unit 0, 1, … are {}{more}", shown.join(", ")));
    }
}

#[derive(Serialize)]
struct Written {
    #[serde(rename = "type")]
    kind: &'static str,
    version: Version,
    use_bytes: bool,
    index_type: &'static str,
    bias_type: &'static str,
    num_variables: usize,
    num_interactions: usize,
    variable_labels: Vec<usize>,
    variable_type: &'static str,
    offset: f64,
    info: serde_json::Map<String, serde_json::Value>,
    linear_biases: Vec<f64>,
    quadratic_biases: Vec<f64>,
    quadratic_head: Vec<usize>,
    quadratic_tail: Vec<usize>,
}

#[derive(Serialize)]
struct Version {
    bqm_schema: &'static str,
}

/// A model as dimod reads it (`dimod.BQM.from_serializable(json.load(file))`): an Ising model, or
/// an RBM with all its units, the visible ones first. `None` if it is a list of levels, or an RBM
/// with units of both kinds.
pub fn to_json(model: &AnyModel) -> Option<String> {
    let quadratic = match model {
        AnyModel::Ising(ising) => of_spins(ising),
        AnyModel::SparseIsing(ising) => of_spins(ising),
        AnyModel::Rbm(rbm) => {
            let vartype = match (rbm.visible_units(), rbm.hidden_units()) {
                (Units::Spin, Units::Spin) => Vartype::Spin,
                (Units::Bit, Units::Bit) => Vartype::Binary,
                _ => return None,
            };
            let n = rbm.n_visible();
            let linear = rbm.visible_bias().iter().chain(rbm.hidden_bias().iter()).map(|x| -x).collect();
            let (rows, columns) = rbm.weights().shape();
            let pair = |i: usize, j: usize| (i, n + j, -rbm.weights()[(i, j)]);
            let pairs = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))).map(|(i, j)| pair(i, j));
            Quadratic { vartype, offset: rbm.constant(), linear, pairs: pairs.collect() }
        }
        AnyModel::Levels(_) => return None,
    };
    let Quadratic { vartype, offset, linear, pairs } = quadratic;
    let written = Written {
        kind: "BinaryQuadraticModel",
        version: Version { bqm_schema: "3.0.0" },
        use_bytes: false,
        index_type: "int64",
        bias_type: "float64",
        num_variables: linear.len(),
        num_interactions: pairs.len(),
        variable_labels: (0..linear.len()).collect(),
        variable_type: if vartype == Vartype::Spin { "SPIN" } else { "BINARY" },
        offset,
        info: serde_json::Map::new(),
        linear_biases: linear,
        quadratic_biases: pairs.iter().map(|(_, _, q)| *q).collect(),
        quadratic_head: pairs.iter().map(|(i, ..)| *i).collect(),
        quadratic_tail: pairs.iter().map(|(_, j, _)| *j).collect(),
    };
    serde_json::to_string(&written).ok()
}

fn of_spins(spins: &dyn PairCoupled) -> Quadratic {
    let spins = spins.neighbour_lists();
    Quadratic {
        vartype: Vartype::Spin,
        offset: spins.constant(),
        linear: spins.field().iter().map(|x| -x).collect(),
        pairs: spins.bonds().map(|(i, j, strength)| (i, j, -strength)).collect(),
    }
}

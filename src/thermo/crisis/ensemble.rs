//! Samples of the disorder at one size, their means, and error bars by resampling them.

use super::participation;
use crate::{
    Error,
    curve::{Claim, Curve, Measured},
    stats::{resample_counts, std_dev},
    streams::Purpose,
};

/// Of how many replicates a statistic may fail to exist before it has no error bar: one in this
/// many.
const FAILURES: usize = 10;

/// Means over the disorder at one size, against β.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanCurve {
    /// N.
    pub n_units: usize,
    /// The β, ascending.
    pub betas: Vec<f64>,
    /// ⟨S⟩ at each β, nats, a total over the system.
    pub entropy: Vec<f64>,
    /// Y₂ = ⟨Σp²⟩ at each β, where it is known.
    pub participation: Vec<Option<f64>>,
}

/// The curves of several samples of the disorder, all of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    n_units: usize,
    betas: Vec<f64>,
    /// S of each sample at each β: [sample][β].
    entropy: Vec<Vec<f64>>,
    /// Y₂ likewise.
    participation: Vec<Vec<Option<f64>>>,
}

impl Ensemble {
    /// The samples of a model of `n_units` units, by any estimator of ln Z and U. Y₂ is known at
    /// those β of the grid whose double is on it too, exactly.
    ///
    /// The mean over the disorder is that of the estimates: what biases each of them, such as
    /// chains that miss a valley, biases it as well.
    ///
    /// # Errors
    /// [`Error::Samples`] if there are fewer than two, or they are not complete curves with
    /// energies on one grid.
    pub fn of(n_units: usize, curves: &[Curve]) -> Result<Self, Error> {
        let [first, _, ..] = curves else {
            return Err(unusable(
                format!("{} samples of the disorder have no spread", curves.len()),
                "draw two or more",
            ));
        };
        if n_units == 0 {
            return Err(unusable("they are of 0 units".into(), "give the number of units of the model"));
        }
        let betas = first.betas.to_vec();
        let twice: Vec<Option<usize>> =
            betas.iter().map(|beta| betas.iter().position(|other| *other == 2.0 * beta)).collect();
        let mut ensemble = Self { n_units, betas, entropy: Vec::new(), participation: Vec::new() };
        for (sample, curve) in curves.iter().enumerate() {
            let values = &curve.values;
            let energies: Option<Vec<f64>> = values.energy.iter().copied().collect();
            let complete =
                energies.filter(|u| u.len() == ensemble.betas.len() && curve.betas[..] == ensemble.betas[..]);
            let Some(energies) = complete else {
                let problem = format!("the curve of sample {sample} does not have U at each β of the first one");
                return Err(unusable(problem, "give complete curves on one grid"));
            };
            let terms = ensemble.betas.iter().zip(&values.log_z).zip(energies);
            ensemble.entropy.push(terms.map(|((beta, log_z), energy)| log_z + beta * energy).collect());
            let y2 =
                |(k, twice): (usize, &Option<usize>)| twice.map(|t| participation(values.log_z[k], values.log_z[t]));
            ensemble.participation.push(twice.iter().enumerate().map(y2).collect());
        }
        Ok(ensemble)
    }

    /// The means over all samples.
    #[must_use]
    pub fn mean(&self) -> MeanCurve {
        self.weighted(&vec![1; self.entropy.len()])
    }

    /// The means over the samples as often as `counts` says.
    fn weighted(&self, counts: &[u32]) -> MeanCurve {
        let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        let mean = |value: &dyn Fn(usize) -> f64| {
            let drawn = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            drawn.map(|(sample, count)| f64::from(*count) * value(sample)).sum::<f64>() / total
        };
        let entropy = (0..self.betas.len()).map(|k| mean(&|sample| self.entropy[sample][k])).collect();
        let y2 = |k: usize| {
            self.participation[0][k]
                .map(|_| mean(&|sample| self.participation[sample][k].expect("known at the same β")))
        };
        let participation = (0..self.betas.len()).map(y2).collect();
        MeanCurve { n_units: self.n_units, betas: self.betas.clone(), entropy, participation }
    }
}

/// A function of the means of one or more independent ensembles, with a bootstrap standard error:
/// in each replicate the samples of every ensemble are drawn anew with replacement (Efron, Ann.
/// Stat. 7, 1 (1979)). Whole samples, so that the correlation between the β of one sample is kept.
///
/// # Errors
/// [`Error::Samples`] if `statistic` does not exist for the means, or fails to exist in more than a
/// tenth of the replicates, and [`Error::Config`] for fewer than two replicates.
pub fn bootstrap(
    ensembles: &[&Ensemble],
    replicates: usize,
    seed: u64,
    statistic: impl Fn(&[MeanCurve]) -> Option<f64>,
) -> Result<Measured, Error> {
    if replicates < 2 {
        return Err(Error::config("replicates", replicates, "take at least 2"));
    }
    let means: Vec<MeanCurve> = ensembles.iter().map(|ensemble| ensemble.mean()).collect();
    let remedy = "take more samples of the disorder, or a grid of β that reaches further";
    let Some(value) = statistic(&means) else {
        return Err(unusable("the estimate does not exist for their means".into(), remedy));
    };
    let mut rng = Purpose::Bootstrap.generator(seed);
    let mut replicate = || {
        let drawn = ensembles.iter().map(|e| e.weighted(&resample_counts(e.entropy.len(), &mut rng)));
        statistic(&drawn.collect::<Vec<_>>())
    };
    let spread: Vec<f64> = (0..replicates).filter_map(|_| replicate()).collect();
    let failed = replicates - spread.len();
    if failed * FAILURES > replicates || spread.len() < 2 {
        return Err(unusable(format!("the estimate does not exist in {failed} of {replicates} replicates"), remedy));
    }
    Ok(Measured { value, claim: Claim::Estimate { std_error: std_dev(&spread) } })
}

fn unusable(problem: String, remedy: &str) -> Error {
    Error::Samples { problem, remedy: remedy.into() }
}

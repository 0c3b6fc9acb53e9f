//! Where annealing starts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::balance::{Broad, Solution, balanced};
use crate::{
    Error, MeanField, Run,
    data::Data,
    estimator::{MeanFieldMixture, MixtureBound},
    model::{Order, Units},
    path::Path,
    run::Quiet,
    sample::{Base, Kernel, MixtureBase, Sample},
};

/// The independent units that a path begins with.
///
/// A start close to the model shortens the path (Krause, Fischer & Igel, Artif. Intell. 278, 103195
/// (2020); Mazzanti & Romero 2020). Among all independent units those with the means of a
/// distribution are the closest to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseChoice {
    /// The uniform distribution, β = 0: every rung is a physical temperature, and one run gives the
    /// whole curve.
    #[default]
    Uniform,
    /// The means of data, the hidden units given the visible ones at the β asked for. Each β has a
    /// run of its own.
    Data,
    /// The means of the naive mean-field solution of lowest free energy at the β asked for. Each β
    /// has a run of its own.
    MeanField,
    /// The model without its couplings, at the β asked for: along the path W grows at fixed biases.
    /// Each β has a run of its own.
    Biases,
    /// Many naive mean-field solutions at once, and their common means, or those of the data, as a
    /// broad component beside them, each with weights that keep its share of the states along the
    /// path. Each β has a run of its own. For an RBM, which moves by block Gibbs.
    Mixture,
}

impl BaseChoice {
    /// The names in settings, each with what it means.
    pub(crate) const CHOICES: &[(&'static str, &'static str)] = &[
        ("uniform", "β = 0: every rung is a physical temperature"),
        ("data", "independent units with the means of the data"),
        ("mean-field", "independent units with the means of the naive mean-field solution"),
        ("biases", "the model without its couplings"),
        ("mixture", "many mean-field solutions at once, for an RBM"),
    ];
}

/// Random starts of the search for a mean-field solution.
const MEAN_FIELD_STARTS: usize = 16;

/// Starts of the search for the solutions of a mixture.
const MIXTURE_STARTS: usize = 512;
/// Solutions in a mixture: each costs every chain two scalar products with its state a sweep.
const MIXTURE_COMPONENTS: usize = 64;

impl BaseChoice {
    /// Whether [`path`](Self::path) can be had.
    pub(in crate::estimator) fn check<M: Sample + ?Sized>(
        self,
        model: &M,
        data: Option<&Data>,
        kernel: Kernel,
    ) -> Result<(), Error> {
        model.check_kernel(kernel)?;
        match self {
            Self::Uniform => Ok(()),
            Self::Data => {
                self.units_of(model)?;
                self.given(data).and_then(|data| model.check_data(data))
            }
            Self::MeanField | Self::Biases => self.units_of(model).map(|_| ()),
            Self::Mixture if !model.starts_from_mixtures() => Err(self.only_rbm()),
            Self::Mixture if kernel == Kernel::Collapsed => {
                let remedy = "chains from a mixture move by block Gibbs: use the kernel `auto` or `block`";
                Err(Error::config("kernel", "collapsed", remedy))
            }
            Self::Mixture => {
                model.check_kernel(Kernel::Block)?;
                data.map_or(Ok(()), |data| model.check_data(data))
            }
        }
    }

    /// Whether data have an influence on it.
    pub(in crate::estimator) fn reads_data(self) -> bool {
        matches!(self, Self::Data | Self::Mixture)
    }

    /// The path from the base to the model at `beta`; a search for the base draws from part
    /// `search_part` of the run.
    pub(in crate::estimator) fn path<M: Sample + ?Sized>(
        self,
        model: &M,
        data: Option<&Arc<Data>>,
        kernel: Kernel,
        beta: f64,
        search_part: usize,
        run: &Run<'_>,
    ) -> Result<Path, Error> {
        let base = match self {
            Self::Uniform => Base::uniform(model.n_units()),
            Self::Data => {
                Base::with_means(&self.data_means(model, data.map(Arc::as_ref), beta)?, &self.units_of(model)?)
            }
            Self::MeanField => {
                Base::with_means(&self.mean_field_means(model, beta, search_part, run)?, &self.units_of(model)?)
            }
            Self::Biases => Base::with_fields(self.biases_of(model)?.iter().map(|bias| beta * bias).collect()),
            Self::Mixture => {
                let base = self.mixture(model, data, beta, search_part, run)?;
                return Path::from_mixture(model, &base, beta).ok_or_else(|| self.only_rbm());
            }
        };
        Ok(Path::from_base(model, &base, kernel, beta))
    }

    /// Mean-field solutions, and a broad component.
    fn mixture<M: Sample + ?Sized>(
        self,
        model: &M,
        data: Option<&Arc<Data>>,
        beta: f64,
        part: usize,
        run: &Run<'_>,
    ) -> Result<MixtureBase, Error> {
        let expansion = model.expansion().ok_or_else(|| self.only_rbm())?;
        let search = MeanFieldMixture { starts: MIXTURE_STARTS, data: data.cloned(), ..MeanFieldMixture::default() };
        let modes = search.modes_in_part(expansion, beta, part, &Run { progress: &Quiet, ..*run })?;
        let modes = modes.ok_or_else(|| self.refuse("the search for mean-field solutions was cancelled"))?;
        let units = self.units_of(model)?;
        let MixtureBound { log_z, weights } = modes.bound();
        let mut heaviest: Vec<usize> = (0..weights.len()).filter(|k| weights[*k] > 0.0).collect();
        heaviest.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]));
        heaviest.truncate(MIXTURE_COMPONENTS);
        let total: f64 = heaviest.iter().map(|k| weights[*k]).sum();
        let broad = match data {
            Some(_) => Self::Data.data_means(model, data.map(Arc::as_ref), beta)?,
            None => (0..units.len())
                .map(|i| heaviest.iter().map(|k| weights[*k] / total * modes.list()[*k].means[i]).sum())
                .collect(),
        };
        let solution = |k: &usize| Solution {
            base: Base::with_means(&modes.list()[*k].means, &units),
            log_weight: log_z + weights[*k].ln(),
        };
        let solutions = heaviest.iter().map(solution).collect();
        let broad = Broad { base: Base::with_means(&broad, &units), is_of_data: data.is_some() };
        Ok(balanced(model, &units, solutions, broad, beta, part, run))
    }

    /// The bias of each unit.
    fn biases_of<M: Sample + ?Sized>(self, model: &M) -> Result<Vec<f64>, Error> {
        let expansion = model.expansion().ok_or_else(|| self.no_units())?;
        Ok((0..expansion.layers().len()).flat_map(|layer| expansion.biases(layer)).copied().collect())
    }

    /// The means of the data, shrunk towards the middle as if one more sample had been undecided.
    fn data_means<M: Sample + ?Sized>(self, model: &M, data: Option<&Data>, beta: f64) -> Result<Vec<f64>, Error> {
        let data = self.given(data)?;
        let (means, units) = (model.means_of_data(data, beta)?, self.units_of(model)?);
        let n = data.n_samples() as f64;
        let shrunk = |(m, units): (f64, &Units)| (n * m + units.uniform_mean()) / (n + 1.0);
        Ok(means.into_iter().zip(&units).map(shrunk).collect())
    }

    fn given(self, data: Option<&Data>) -> Result<&Data, Error> {
        data.ok_or_else(|| self.refuse("give data whose means it starts from (`--data`, or `data` in a plan)"))
    }

    /// The means of the first-order solution of lowest free energy.
    fn mean_field_means<M: Sample + ?Sized>(
        self,
        model: &M,
        beta: f64,
        part: usize,
        run: &Run<'_>,
    ) -> Result<Vec<f64>, Error> {
        let expansion = model.expansion().ok_or_else(|| self.refuse("this model has no mean-field expansion"))?;
        let search = MeanField {
            order: Order::First,
            starts: MEAN_FIELD_STARTS,
            // Only a place to start from.
            tolerance: 1e-6,
            ..MeanField::default()
        };
        let found = search.landscape_in_part(expansion, beta, part, &Run { progress: &Quiet, ..*run })?;
        let best = found.and_then(|found| found.best().or(found.attempt.as_ref()).map(|best| best.means.clone()));
        best.ok_or_else(|| self.refuse("no mean-field solution was found; use `uniform`"))
    }

    /// The kind of each unit, where a model has independent units.
    fn units_of<M: Sample + ?Sized>(self, model: &M) -> Result<Vec<Units>, Error> {
        let layers = model.expansion().map(|expansion| expansion.layers());
        let layers = layers.ok_or_else(|| self.no_units())?;
        Ok(layers.into_iter().flat_map(|(range, units)| range.map(move |_| units)).collect())
    }

    fn only_rbm(self) -> Error {
        self.refuse("only an RBM can start from a mixture; use `uniform`")
    }

    fn no_units(self) -> Error {
        self.refuse("this model has no independent units; use `uniform`")
    }

    fn refuse(self, remedy: &str) -> Error {
        Error::config("base", self.name(), remedy)
    }

    /// As in settings.
    pub(in crate::estimator) fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Data => "data",
            Self::MeanField => "mean-field",
            Self::Biases => "biases",
            Self::Mixture => "mixture",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rbm;

    /// Three rows of two visible units, and a hidden one that is on in three of four cases whatever
    /// they are: (3m + ½)/4.
    #[test]
    fn means_of_data_are_those_of_one_more_undecided_sample() {
        let rbm = Rbm::from_rows(&[[0.0], [0.0]], &[0.3, -0.2], &[3f64.ln()]).unwrap();
        let data = Data::new(2, vec![1, 0, 1, 1, 1, 0], None).unwrap();
        let means = BaseChoice::Data.data_means(&rbm, Some(&data), 1.0).unwrap();
        for (found, expected) in means.iter().zip([0.875, 0.375, 0.6875]) {
            assert!((found - expected).abs() < 1e-15, "{means:?}");
        }
        assert_eq!(means.len(), 3);
        let refusal = BaseChoice::Data.data_means(&rbm, None, 1.0).unwrap_err().to_string();
        assert!(refusal.contains("`--data`"), "{refusal}");
    }

    #[test]
    fn a_base_is_called_what_settings_call_it() {
        let choices = ["uniform", "data", "mean-field", "biases", "mixture"];
        for (name, (listed, _)) in choices.into_iter().zip(BaseChoice::CHOICES) {
            let choice: BaseChoice = serde_json::from_value(name.into()).unwrap();
            assert_eq!((choice.name(), *listed), (name, name));
        }
    }
}

//! The settings of all estimators, and the two tables: which methods a capability gives, which capabilities a model has.

use std::sync::Arc;

use super::{
    Ais, Bar, BaseChoice, Bethe, Bound, DataBound, Estimator, Exact, Integration, MeanField, ReverseAis, Start,
    StartFrom, Tempering,
};
use crate::{
    Error, Rbm,
    curve::Method,
    data::Data,
    model::{AnyModel, Enumerate, Expand, Ising, Levels, Model, Order},
    sample::Sample,
};

/// The settings of every estimator, by kind.
///
/// # Examples
/// ```
/// use plefka::{Betas, Method, Run, estimator::Settings, model::{AnyModel, Levels}};
/// let model = AnyModel::from(Levels::new(vec![0.0, 1.0])?);
/// let curve = Settings::default().bind(&model, Method::Exact)?.curve(&Betas::one(2.0)?, &Run::quiet(0))?;
/// assert!((curve.values.log_z[0] - (1.0 + (-2f64).exp()).ln()).abs() < 1e-15);
/// let refusal = Settings::default().bind(&model, Method::Tap2).map(drop).unwrap_err();
/// assert_eq!(
///     refusal.to_string(),
///     "method `tap2` is not available for a model of kind `levels`; use `exact`, `ais`, `reverse-ais`, `bar`, `tempering`, `ti`"
/// );
/// # Ok::<(), plefka::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// For `exact`.
    pub exact: Exact,
    /// For `ais`; its chains, ladder and base are those of `reverse-ais` too.
    pub ais: Ais,
    /// For `reverse-ais`, whose annealing is that of `ais` and whose tempering is that of `tempering`.
    pub reverse_ais: ReverseAis,
    /// For `bar`, likewise.
    pub bar: Bar,
    /// For `tempering`, and for `ti`, which integrates over the same ladders.
    pub tempering: Tempering,
    /// For `data-bound`.
    pub data_bound: DataBound,
    /// For `mf`, `tap2` and `tap3`, whose order overrides the one in here.
    pub mean_field: MeanField,
    /// For `bethe`.
    pub bethe: Bethe,
}

/// What a model can do, as a function from the name of a method to its estimator, `None` for all other methods.
pub type Capability<M> = fn(&Settings, Method) -> Option<Box<dyn Estimator<M>>>;

/// What the methods that need a capability are: the one place where names become estimators.
impl Settings {
    /// The methods for all models with [`Enumerate`].
    #[must_use]
    pub fn enumerating<M: Enumerate>(&self, method: Method) -> Option<Box<dyn Estimator<M>>> {
        match method {
            Method::Exact => Some(Box::new(self.exact.clone())),
            _ => None,
        }
    }

    /// The methods for all models with [`Sample`].
    #[must_use]
    pub fn sampling<M: Sample>(&self, method: Method) -> Option<Box<dyn Estimator<M>>> {
        match method {
            Method::Ais => Some(Box::new(self.ais.clone())),
            Method::ReverseAis => Some(Box::new(ReverseAis {
                annealing: self.ais.clone(),
                tempering: self.tempering.clone(),
                ..self.reverse_ais.clone()
            })),
            Method::Bar => Some(Box::new(Bar {
                annealing: self.ais.clone(),
                tempering: self.tempering.clone(),
                ..self.bar.clone()
            })),
            Method::Tempering => Some(Box::new(self.tempering.clone())),
            Method::Integration => Some(Box::new(Integration { tempering: self.tempering.clone() })),
            _ => None,
        }
    }

    /// The methods for RBMs alone.
    #[must_use]
    pub fn layered(&self, method: Method) -> Option<Box<dyn Estimator<Rbm>>> {
        match method {
            Method::DataBound => Some(Box::new(self.data_bound.clone())),
            Method::Bethe => Some(Box::new(self.bethe.clone())),
            _ => None,
        }
    }

    /// The methods for all models with [`Expand`].
    #[must_use]
    pub fn expanding<M: Expand>(&self, method: Method) -> Option<Box<dyn Estimator<M>>> {
        let order = match method {
            Method::MeanField => Order::First,
            Method::Tap2 => Order::Second,
            Method::Tap3 => Order::Third,
            _ => return None,
        };
        Some(Box::new(MeanField { order, ..self.mean_field.clone() }))
    }
}

/// A model whose methods are known by name.
pub trait Methods: Model + Sized + 'static {
    /// What it can do.
    const CAPABILITIES: &'static [Capability<Self>];
}

impl Methods for Rbm {
    const CAPABILITIES: &'static [Capability<Self>] =
        &[Settings::enumerating, Settings::sampling, Settings::layered, Settings::expanding];
}

impl Methods for Ising {
    const CAPABILITIES: &'static [Capability<Self>] = &[Settings::enumerating, Settings::sampling, Settings::expanding];
}

impl Methods for Levels {
    const CAPABILITIES: &'static [Capability<Self>] = &[Settings::enumerating, Settings::sampling];
}

impl Settings {
    /// Gives the same data to every method that may want them.
    pub fn give_data(&mut self, data: Option<Arc<Data>>) {
        self.ais.data.clone_from(&data);
        self.tempering.data.clone_from(&data);
        self.mean_field.data.clone_from(&data);
        self.data_bound.data = data;
    }

    /// Whether a method with these settings does anything with data.
    #[must_use]
    pub fn reads_data(&self, method: Method) -> bool {
        match method {
            Method::Exact | Method::Bethe => false,
            Method::DataBound => true,
            Method::Ais => self.ais.base == BaseChoice::Data,
            Method::ReverseAis => self.ais.base == BaseChoice::Data || self.reverse_ais.start != Start::Exact,
            Method::Bar => self.ais.base == BaseChoice::Data || self.bar.start != Start::Exact,
            Method::Tempering | Method::Integration => self.tempering.base == BaseChoice::Data,
            Method::MeanField | Method::Tap2 | Method::Tap3 => self.mean_field.start_from == StartFrom::Data,
        }
    }

    /// The estimator called `method`, if the model has what it needs.
    #[must_use]
    pub fn estimator<M: Methods>(&self, method: Method) -> Option<Box<dyn Estimator<M>>> {
        M::CAPABILITIES.iter().find_map(|capability| capability(self, method))
    }

    /// The estimator called `method`, bound to a model of any kind.
    ///
    /// # Errors
    /// [`Error::NoSuchMethod`] if the model does not have what the method needs; it lists the methods that remain.
    pub fn bind<'m>(&self, model: &'m AnyModel, method: Method) -> Result<Box<dyn Bound + 'm>, Error> {
        self.bound(model, method).ok_or_else(|| Error::NoSuchMethod {
            method,
            kind: model.kind(),
            available: self.methods(model),
        })
    }

    /// The methods that `model` has what they need for, in the order in which reports list them.
    #[must_use]
    pub fn methods(&self, model: &AnyModel) -> Vec<Method> {
        Method::ALL.into_iter().filter(|method| self.bound(model, *method).is_some()).collect()
    }

    fn bound<'m>(&self, model: &'m AnyModel, method: Method) -> Option<Box<dyn Bound + 'm>> {
        match model {
            AnyModel::Rbm(model) => self.join(model, method),
            AnyModel::Ising(model) => self.join(model, method),
            AnyModel::Levels(model) => self.join(model, method),
        }
    }

    fn join<'m, M: Methods>(&self, model: &'m M, method: Method) -> Option<Box<dyn Bound + 'm>> {
        Some(Box::new((model, self.estimator::<M>(method)?)))
    }
}

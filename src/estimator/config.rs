//! One configuration a method: the estimators' own structs, by the names of the list.

use std::{fmt::Debug, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Prepared,
    setting::{self, Setting},
};
use crate::{Error, curve::Method, data::Data, path::Trajectory, sample::Capabilities};

/// An estimator as a configuration: what it can be asked, and what it asks of a model.
pub trait Configure: Debug + Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// Every setting, in the order in which help lists them.
    fn settings() -> Vec<Setting>;

    /// The default for a method, where one configuration serves several.
    #[must_use]
    fn default_for(method: Method) -> Self {
        let _ = method;
        Self::default()
    }

    /// The estimator joined to a model. `None` if the model does not have what it needs.
    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>>;

    /// Whether it does anything with data.
    fn reads_data(&self) -> bool {
        false
    }

    /// Gives it data.
    fn give_data(&mut self, data: &Arc<Data>) {
        let _ = data;
    }

    /// Whether its path may lead through the checkpoints of a training run.
    fn follows_trajectory(&self) -> bool {
        false
    }

    /// Gives it the checkpoints of a training run that lead to the model.
    fn give_trajectory(&mut self, trajectory: &Arc<Trajectory>) {
        let _ = trajectory;
    }

    /// A setting that has no effect beside the others, and why.
    fn remark(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

macro_rules! configs {
    ($($(#[$doc:meta])+ $variant:ident $name:literal $module:ident::$config:ident;)+) => {
        /// The configuration of one method.
        ///
        /// # Examples
        /// ```
        /// use plefka::{Betas, Method, Run, estimator::MethodConfig, model::Levels};
        /// let model = Levels::new(vec![0.0, 1.0])?;
        /// let exact = MethodConfig::of(Method::Exact);
        /// let curve = exact.prepare(&model)?.curve(&Betas::one(2.0)?, &Run::quiet(0))?;
        /// assert!((curve.values.log_z[0] - (1.0 + (-2f64).exp()).ln()).abs() < 1e-15);
        /// let refusal = MethodConfig::of(Method::Tap2).prepare(&model).map(drop).unwrap_err();
        /// let start = "method `tap2` is not available for a model of kind `levels`; use `exact`, `ais`";
        /// assert!(refusal.to_string().starts_with(start));
        /// # Ok::<(), plefka::Error>(())
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum MethodConfig {
            $($(#[$doc])+ $variant(super::$module::$config),)+
        }

        /// Does the same with the configuration, whichever it is.
        macro_rules! with {
            ($self:expr, $it:ident => $what:expr) => {
                match $self {
                    $(MethodConfig::$variant($it) => $what,)+
                }
            };
        }

        impl MethodConfig {
            /// The defaults of a method.
            #[must_use]
            pub fn of(method: Method) -> Self {
                match method {
                    $(Method::$variant => Self::$variant(Configure::default_for(method)),)+
                }
            }

            /// The method.
            #[must_use]
            pub fn method(&self) -> Method {
                match self {
                    $(Self::$variant(_) => Method::$variant,)+
                }
            }

            /// Every setting of a method.
            #[must_use]
            pub fn settings(method: Method) -> Vec<Setting> {
                match method {
                    $(Method::$variant => <super::$module::$config as Configure>::settings(),)+
                }
            }
        }
    };
}

methods!(configs);

impl MethodConfig {
    /// Every setting of a method as its default is written in JSON.
    #[must_use]
    pub fn default_of(method: Method, setting: &Setting) -> Option<Value> {
        setting::get(&Self::of(method).fields(), setting.fields.first()?).cloned()
    }

    /// The name of the setting of a method that sets a field, or that of the field itself: by which
    /// name a user knows what is refused.
    #[must_use]
    pub fn setting_of(method: Method, field: &'static str) -> &'static str {
        let setting = Self::settings(method).into_iter().find(|setting| setting.sets(field));
        setting.map_or(field, |setting| setting.name)
    }

    /// The methods that have a setting of this name.
    #[must_use]
    pub fn methods_with(setting: &str) -> Vec<Method> {
        let has = |method: &Method| Self::settings(*method).iter().any(|declared| declared.name == setting);
        Method::ALL.into_iter().filter(has).collect()
    }

    /// All fields as JSON: what identifies the configuration, and makes it again.
    #[must_use]
    pub fn fields(&self) -> Value {
        with!(self, config => setting::written(config))
    }

    /// The value of a setting, if the method has it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value> {
        let setting = Self::settings(self.method()).into_iter().find(|setting| setting.name == name)?;
        setting::get(&self.fields(), setting.fields.first()?).cloned()
    }

    /// Takes the values of settings by name, in the order of their declaration; those that the
    /// method does not have are left alone. The number of those that it has.
    ///
    /// # Errors
    /// [`Error::Config`] for a value that is not of the setting's kind.
    pub fn set(&mut self, given: &[(&str, Value)]) -> Result<usize, Error> {
        let mut taken = 0;
        for declared in Self::settings(self.method()) {
            for (_, value) in given.iter().filter(|(name, _)| *name == declared.name) {
                declared.check(value)?;
                let mut fields = self.fields();
                declared.write(value, &mut fields);
                with!(self, config => *config = setting::read(fields, declared.name, value)?);
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// Takes the value of one field of the configuration itself, such as the table of an inner one.
    ///
    /// # Errors
    /// The words of the reader of the configuration.
    pub fn set_field(&mut self, field: &str, value: Value) -> Result<(), String> {
        let mut fields = self.fields();
        fields[field] = value;
        with!(self, config => *config = serde_json::from_value(fields).map_err(|problem| problem.to_string())?);
        Ok(())
    }

    /// The configuration of a method whose fields these are, as [`fields`](Self::fields) gives them.
    ///
    /// # Errors
    /// The words of the reader of the configuration.
    pub fn of_fields(method: &str, fields: Value) -> Result<Self, String> {
        let known = Method::ALL.into_iter().find(|known| known.name() == method);
        let mut config = Self::of(known.ok_or_else(|| format!("there is no method `{method}`"))?);
        with!(&mut config, config => *config = serde_json::from_value(fields).map_err(|problem| problem.to_string())?);
        Ok(config)
    }

    /// The estimator joined to a model of any kind.
    ///
    /// # Errors
    /// [`Error::NoSuchMethod`] if the model does not have what the method needs; it lists the
    /// methods that remain.
    pub fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Result<Box<dyn Prepared + 'm>, Error> {
        let prepared = with!(self, config => config.prepare(model));
        prepared.ok_or_else(|| Error::NoSuchMethod {
            method: self.method().name(),
            kind: model.kind(),
            available: Self::methods(model).into_iter().map(Method::name).collect(),
        })
    }

    /// The methods that a model has what they need for, in the order in which reports list them.
    #[must_use]
    pub fn methods(model: &dyn Capabilities) -> Vec<Method> {
        let fits = |method: &Method| with!(&Self::of(*method), config => config.prepare(model)).is_some();
        Method::ALL.into_iter().filter(fits).collect()
    }

    /// Whether it does anything with data.
    #[must_use]
    pub fn reads_data(&self) -> bool {
        with!(self, config => config.reads_data())
    }

    /// Gives it data, for what it may do with them.
    pub fn give_data(&mut self, data: &Arc<Data>) {
        with!(self, config => config.give_data(data));
    }

    /// Whether its path may lead through the checkpoints of a training run.
    #[must_use]
    pub fn follows_trajectory(&self) -> bool {
        with!(self, config => config.follows_trajectory())
    }

    /// Gives it the checkpoints of a training run that lead to the model.
    pub fn give_trajectory(&mut self, trajectory: &Arc<Trajectory>) {
        with!(self, config => config.give_trajectory(trajectory));
    }

    /// A setting that has no effect beside the others, by its name, and why.
    #[must_use]
    pub fn remark(&self) -> Option<(&'static str, &'static str)> {
        with!(self, config => config.remark())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Rbm,
        estimator::{Ais, Bar, BaseChoice, MeanField, PathChoice, ReverseAis, Start, StartFrom, Tempering},
        path::Checkpoint,
    };

    fn data() -> Arc<Data> {
        Arc::new(Data::new(1, vec![0, 1], None).unwrap())
    }

    fn trajectory() -> Arc<Trajectory> {
        let rbm = Rbm::from_rows(&[[1.0]], &[0.0], &[0.0]).unwrap();
        Arc::new(Trajectory::new(vec![Checkpoint { update: 1, rbm }]).unwrap())
    }

    /// Each with settings of an inner table that alone decide.
    #[test]
    fn a_method_reads_data_where_one_of_its_settings_asks_for_them() {
        let of_data = || Ais { base: BaseChoice::Data, ..Ais::default() };
        let (exact, auto) = (Start::Exact, Start::Auto);
        let down =
            |annealing, start| MethodConfig::ReverseAis(ReverseAis { annealing, start, ..ReverseAis::default() });
        let both = |annealing, start| MethodConfig::Bar(Bar { annealing, start, ..Bar::default() });
        let mean_field = |start_from| MethodConfig::Tap2(MeanField { start_from, ..MeanField::default() });
        for (config, reads) in [
            (MethodConfig::Ais(Ais::default()), false),
            (MethodConfig::Ais(of_data()), true),
            (down(Ais::default(), exact), false),
            (down(of_data(), exact), true),
            (down(Ais::default(), auto), true),
            (both(Ais::default(), exact), false),
            (both(of_data(), exact), true),
            (both(Ais::default(), auto), true),
            (MethodConfig::of(Method::Tempering), false),
            (MethodConfig::Tempering(Tempering { base: BaseChoice::Data, ..Tempering::default() }), true),
            (MethodConfig::of(Method::Integration), false),
            (mean_field(StartFrom::Data), true),
            (MethodConfig::of(Method::Tap2), false),
            (MethodConfig::of(Method::Exact), false),
            (MethodConfig::of(Method::Bethe), false),
            (MethodConfig::of(Method::DataBound), true),
            (MethodConfig::of(Method::Mixture), true),
            (MethodConfig::of(Method::Auto), true),
        ] {
            assert_eq!(config.reads_data(), reads, "{config:?}");
        }
    }

    #[test]
    fn a_method_follows_checkpoints_where_one_of_its_paths_does() {
        let along = || Ais { path: PathChoice::Trajectory, ..Ais::default() };
        let ladders = || Tempering { path: PathChoice::Trajectory, ..Tempering::default() };
        for (config, follows) in [
            (MethodConfig::Ais(along()), true),
            (MethodConfig::Tempering(ladders()), true),
            (MethodConfig::ReverseAis(ReverseAis { annealing: along(), ..ReverseAis::default() }), true),
            (MethodConfig::ReverseAis(ReverseAis { tempering: ladders(), ..ReverseAis::default() }), true),
            (MethodConfig::Bar(Bar { annealing: along(), ..Bar::default() }), true),
            (MethodConfig::Bar(Bar { tempering: ladders(), ..Bar::default() }), true),
        ] {
            assert_eq!(config.follows_trajectory(), follows, "{config:?}");
        }
        for method in Method::ALL {
            assert_eq!(MethodConfig::of(method).follows_trajectory(), method == Method::Auto, "{method}");
        }
    }

    #[test]
    fn data_and_checkpoints_arrive_in_every_table_that_uses_them() {
        let (data, trajectory) = (data(), trajectory());
        for method in Method::ALL {
            let mut config = MethodConfig::of(method);
            config.give_data(&data);
            config.give_trajectory(&trajectory);
            let given = |data: &Option<Arc<Data>>| data.is_some();
            let (data, checkpoints) = match &config {
                MethodConfig::Exact(_) | MethodConfig::Bethe(_) => continue,
                MethodConfig::Ais(ais) => (given(&ais.data), ais.trajectory.is_some()),
                MethodConfig::ReverseAis(ReverseAis { annealing, tempering, .. })
                | MethodConfig::Bar(Bar { annealing, tempering, .. }) => (
                    given(&annealing.data) && given(&tempering.data),
                    annealing.trajectory.is_some() && tempering.trajectory.is_some(),
                ),
                MethodConfig::Tempering(tempering) => (given(&tempering.data), tempering.trajectory.is_some()),
                // Those below have no path.
                MethodConfig::Integration(integration) => (given(&integration.tempering.data), true),
                MethodConfig::DataBound(bound) => (given(&bound.data), true),
                MethodConfig::MeanField(config) | MethodConfig::Tap2(config) | MethodConfig::Tap3(config) => {
                    (given(&config.data), true)
                }
                MethodConfig::Mixture(mixture) => (given(&mixture.data), true),
                MethodConfig::Auto(auto) => (given(&auto.data), auto.trajectory.is_some()),
            };
            assert!(data && checkpoints, "{method}");
        }
    }
}

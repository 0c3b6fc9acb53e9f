//! Five hundred hidden units: too many to enumerate, and too many modes for a list.

use std::sync::Arc;

use plefka::{
    Ais, Betas, Estimator, Run,
    data::Data,
    estimator::{Auto, BaseChoice, MeanFieldMixture, MethodConfig},
    model::AnyModel,
    train::{Train, Trainer},
};

use super::{Plan, Row, known_models::Known, row};

/// The standard error that the reference is to have, nats.
const ERROR: f64 = 0.03;

impl Plan {
    /// Bounds from more and more starts, with data, and annealing from their solutions, on a model whose ln Z
    /// is a number of `auto` with the standard error `exact_error`.
    pub fn wide(&self) -> Result<Vec<Row>, plefka::Error> {
        let (images, run, one) = (Arc::new(self.images()?), Run::quiet(1), Betas::one(1.0)?);
        let hidden = if self.quick { 30 } else { 500 };
        // Longer than the others, as long as it takes for the modes to be many.
        let training = Train { hidden, rate: 0.1, updates: Some(5 * self.updates), ..Train::default() };
        let mut trainer = Trainer::new(&training, &images)?;
        trainer.finish(&run)?;
        let rbm = trainer.rbm().clone();
        let auto = MethodConfig::Auto(Auto { error: ERROR, exact_factors: 1.0, ..Auto::default() });
        let reference = auto.prepare(&AnyModel::from(rbm.clone()))?.curve(&one, &run)?;
        let number = reference.log_z()[0].expect("nobody cancels");
        let known = Known { name: format!("pcd, {hidden} hidden units"), rbm, log_z: number.value };
        let mut rows = vec![row(&known, "auto", &reference)];
        let starts = |starts: usize, data: Option<&Arc<Data>>| MeanFieldMixture {
            starts,
            data: data.cloned(),
            ..MeanFieldMixture::default()
        };
        for factor in [1, 4, 16] {
            let count = factor * self.starts;
            for (words, data) in [("starts", None), ("starts and rows", Some(&images))] {
                let curve = starts(count, data).curve(&known.rbm, &one, &run)?;
                let solutions = curve.diagnostics.at("solutions_by_beta", 0).map(|n| n as usize);
                rows.push(Row { solutions, ..row(&known, &format!("bound, {count} {words}"), &curve) });
            }
        }
        let ais = Ais { chains: self.chains, rungs: self.rungs, base: BaseChoice::Mixture, ..Ais::default() };
        rows.push(row(&known, "ais, mixture", &ais.curve(&known.rbm, &one, &run)?));
        let exact_error = number.claim.std_error();
        Ok(rows.into_iter().map(|row| Row { exact_error, ..row }).collect())
    }
}

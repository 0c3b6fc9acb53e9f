//! Naive mean field and TAP: stationary points of the Plefka expansion, each with its certificate.

mod choices;
mod config;
mod solutions;
mod solve;

pub use choices::{Report, Solver, StartFrom};
pub use config::MeanField;
pub use solutions::{Certificate, Landscape, Solution};

use std::{sync::Arc, time::Instant};

use rayon::prelude::*;

use self::solutions::{Along, Branch, explore, follow, scouts, starts};
use super::{Configure, Estimator, Prepared, Setting, prepared::joined};
use crate::{
    Error, Units,
    curve::{Betas, Curve, Method},
    data::Data,
    model::{Expand, Order},
    run::Run,
    sample::Capabilities,
};

impl Configure for MeanField {
    fn settings() -> Vec<Setting> {
        vec![
            Setting::count("starts", "searches for each β, the first from free units"),
            Setting::choice("start_from", StartFrom::CHOICES, "where the other searches start; `data` needs data"),
            Setting::choice("report", Report::CHOICES, "what to report where there are several solutions"),
            Setting::choice("solver", Solver::CHOICES, "how solutions are looked for"),
            Setting::real(
                "damping",
                "weight of the old means in each update of the damped and anderson solvers, from 0 up to but excluding 1",
            ),
            Setting::real("tolerance", "largest residual of the equations at which a solution is one"),
            Setting::count("max_iterations", "updates after which a search is given up"),
        ]
    }

    fn default_for(method: Method) -> Self {
        let order = match method {
            Method::MeanField => Order::First,
            Method::Tap3 => Order::Third,
            _ => Order::Second,
        };
        Self { order, ..Self::default() }
    }

    fn prepare<'m>(&self, model: &'m dyn Capabilities) -> Option<Box<dyn Prepared + 'm>> {
        Some(joined(self, model.expandable()?))
    }

    fn reads_data(&self) -> bool {
        self.start_from == StartFrom::Data
    }

    fn give_data(&mut self, data: &Arc<Data>) {
        self.data = Some(Arc::clone(data));
    }

    fn remark(&self) -> Option<(&'static str, &'static str)> {
        let why = "has no effect on a single start, which is from free units; ask for more `starts`";
        (self.start_from != StartFrom::Random && self.starts == 1).then_some(("start_from", why))
    }
}

/// A million starts hold the memory of a machine, and outlast anyone's patience.
const MAX_STARTS: usize = 1_000_000;

impl<M: Expand + ?Sized> Estimator<M> for MeanField {
    fn method(&self) -> Method {
        match self.order {
            Order::First => Method::MeanField,
            Order::Second => Method::Tap2,
            Order::Third => Method::Tap3,
        }
    }

    fn check(&self, model: &M) -> Result<(), Error> {
        if self.order > model.highest_order() {
            let remedy = "this model has triangles of couplings, which third order here leaves out: choose first or second order";
            return Err(Error::config("order", "third", remedy));
        }
        if !(1..=MAX_STARTS).contains(&self.starts) {
            return Err(Error::config("starts", self.starts, format!("choose a number from 1 to {MAX_STARTS}")));
        }
        if !(0.0..1.0).contains(&self.damping) {
            return Err(Error::config("damping", self.damping, "choose a value in [0, 1), such as 0.5"));
        }
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            return Err(Error::config("tolerance", self.tolerance, "choose a value in (0, 1), such as 1e-10"));
        }
        if self.max_iterations == 0 {
            return Err(Error::config("max_iterations", 0, "allow at least one iteration"));
        }
        let layers = model.layers();
        let ranges_over = |units: Units, m: f64| (units.values()[0]..=units.values()[1]).contains(&m);
        let fits = |means: &[f64]| {
            let mut layers = layers.iter();
            means.len() == model.n_units()
                && layers.all(|(range, units)| means[range.clone()].iter().all(|m| ranges_over(*units, *m)))
        };
        if let Some(bad) = self.given.iter().find(|means| !fits(means)) {
            let remedy = format!("give {} means within the range of the units", model.n_units());
            return Err(Error::config("given", format!("{} means", bad.len()), remedy));
        }
        solutions::check(self, model)
    }

    fn curve(&self, model: &M, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error> {
        self.check(model)?;
        let clock = Instant::now();
        run.progress.begin(Estimator::<M>::method(self).name(), betas.len() as u64);
        let starts = starts(self, model, 0, run);
        let landscapes = self.landscapes(model, betas, &starts, run);
        run.progress.end();
        let method = Estimator::<M>::method(self);
        solutions::curve(self, method, betas, &landscapes, model.log_z_at_zero(), clock.elapsed().as_secs_f64())
            .checked()
    }
}

impl MeanField {
    /// All solutions that the starts lead to at one β, with their certificates. `None` if the run
    /// was cancelled.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting out of range.
    pub fn landscape<M: Expand + ?Sized>(
        &self,
        model: &M,
        beta: f64,
        run: &Run<'_>,
    ) -> Result<Option<Landscape>, Error> {
        self.landscape_in_part(model, beta, 0, run)
    }

    /// The same with the random numbers of another part of the run.
    pub(super) fn landscape_in_part<M: Expand + ?Sized>(
        &self,
        model: &M,
        beta: f64,
        part: usize,
        run: &Run<'_>,
    ) -> Result<Option<Landscape>, Error> {
        self.check(model)?;
        let starts = starts(self, model, part, run);
        Ok(self.landscapes(model, &Betas::one(beta)?, &starts, run).pop())
    }

    /// The landscape at each β, as far as the run was not cancelled.
    fn landscapes<M: Expand + ?Sized>(
        &self,
        model: &M,
        betas: &Betas,
        starts: &[Vec<f64>],
        run: &Run<'_>,
    ) -> Vec<Landscape> {
        if self.report == Report::Annealed {
            return self.annealed(model, betas, starts, run);
        }
        // `auto` also looks where the solution of free units leads as β grows, which may have left
        // every start's reach; on a large model, where short chains lead, which costs less and finds
        // more.
        let scouted = scouts::are_sent(self, model);
        let mut branches: Vec<Branch> = Vec::new();
        if self.solver == Solver::Auto && !scouted {
            let free = Branch::free(model);
            for &beta in betas.iter() {
                let before = branches.last().unwrap_or(&free);
                let Some(next) = follow(self, model, beta, before, &starts[0], run) else { break };
                branches.push(next);
            }
        }
        let explore = |(k, beta): (usize, &f64)| {
            let alone = if scouted { Along::Scout } else { Along::Nothing };
            let along = branches.get(k).map_or(alone, Along::Join);
            let found = explore(self, model, *beta, starts, along, run);
            run.progress.advance(1);
            found
        };
        let found: Vec<_> = betas.par_iter().enumerate().map(explore).collect();
        found.into_iter().map_while(|found| Some(found?.0)).collect()
    }

    /// The landscape at each β with the first search continuing from the β before.
    fn annealed<M: Expand + ?Sized>(
        &self,
        model: &M,
        betas: &Betas,
        starts: &[Vec<f64>],
        run: &Run<'_>,
    ) -> Vec<Landscape> {
        let mut found = Vec::with_capacity(betas.len());
        let mut branch = Branch::free(model);
        for &beta in betas.iter() {
            let Some((landscape, next)) = explore(self, model, beta, starts, Along::Continue(&branch), run) else {
                break;
            };
            found.push(landscape);
            branch = next;
            run.progress.advance(1);
        }
        found
    }
}

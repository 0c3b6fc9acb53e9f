//! From starts to solutions, at one β.

use rayon::prelude::*;

use super::{
    super::{
        choices::StartFrom,
        config::MeanField,
        solve::{
            SearchEnd, anneal,
            ascent::Ascent,
            equations::Equations,
            factor::Factor,
            find,
            search::{Budget, Search},
        },
    },
    Certificate, Landscape, Solution,
    certificate::{hessian_eigenvalue, plefka_number},
    creep,
    landscape::DISTINCT_TOLERANCE,
    response::energy_variance,
    scouts, starts,
};
use crate::{
    Run,
    model::{Expand, Order},
};

/// A solution that is followed through the β of a curve.
pub(in crate::estimator::mean_field) struct Branch {
    beta: f64,
    logits: Vec<f64>,
}

impl Branch {
    /// Its beginning: free units at β = 0.
    pub(in crate::estimator::mean_field) fn free<M: Expand + ?Sized>(model: &M) -> Self {
        Self { beta: 0.0, logits: vec![0.0; model.n_units()] }
    }
}

/// The end of the search that continues `before`, without a certificate. `None` if the run was
/// cancelled.
pub(in crate::estimator::mean_field) fn follow<M: Expand + ?Sized>(
    config: &MeanField,
    model: &M,
    beta: f64,
    before: &Branch,
    start: &[f64],
    run: &Run<'_>,
) -> Option<Branch> {
    let (mut equations, mut budget) =
        (Equations::new(model, config.order, beta), Budget::new(config.max_iterations, run));
    resume(&mut equations, before, start, &mut budget);
    find(config.solver, config.damping, config.tolerance, &mut equations, &mut budget);
    (!run.cancelled()).then_some(Branch { beta, logits: equations.logits })
}

/// Takes a branch to the β of the equations, or begins at `start` if it has not begun before.
fn resume<M: Expand + ?Sized>(
    equations: &mut Equations<'_, M>,
    branch: &Branch,
    start: &[f64],
    budget: &mut Budget<'_>,
) {
    if branch.beta < equations.beta {
        equations.move_to(&branch.logits);
        anneal::follow(equations, branch.beta, 1e-4, budget);
    } else {
        equations.move_to_means(start);
    }
}

/// Where one search has ended.
struct End {
    outcome: SearchEnd,
    iterations: usize,
    logits: Vec<f64>,
    means: Vec<f64>,
}

impl End {
    /// That of the search from where the equations stand.
    fn of<M: Expand + ?Sized>(config: &MeanField, mut equations: Equations<'_, M>, mut budget: Budget<'_>) -> Self {
        let outcome = find(config.solver, config.damping, config.tolerance, &mut equations, &mut budget);
        Self { outcome, iterations: budget.spent, logits: equations.logits, means: equations.means }
    }

    fn is_solution(&self, config: &MeanField) -> bool {
        self.outcome.residual <= config.tolerance
    }
}

/// Where a search begins that does not begin at one of the starts.
#[derive(Clone, Copy)]
pub(in crate::estimator::mean_field) enum Along<'a> {
    /// Nowhere: there are only the starts.
    Nothing,
    /// The first search continues this branch, which ends at a smaller β, instead of its own start.
    Continue(&'a Branch),
    /// One more search begins at this branch, which has been followed to the same β.
    Join(&'a Branch),
    /// One more search begins where the best of some scouts stands.
    Scout,
}

/// Searches from every start, in parallel.
///
/// Returns the landscape and the end of the first search; `None` if the run was cancelled.
pub(in crate::estimator::mean_field) fn explore<M: Expand + ?Sized>(
    config: &MeanField,
    model: &M,
    beta: f64,
    starts: &[Vec<f64>],
    along: Along<'_>,
    run: &Run<'_>,
) -> Option<(Landscape, Branch)> {
    let starts = starts::at(config, model, beta, starts, run);
    let search = |k: usize| {
        // Even a search that may spend nothing computes its residual, which is long for many starts.
        if run.cancelled() {
            return None;
        }
        let mut equations = Equations::new(model, config.order, beta);
        let mut budget = Budget::new(config.max_iterations, run);
        match along {
            Along::Join(branch) if k == starts.len() => equations.move_to(&branch.logits),
            Along::Continue(branch) if k == 0 => resume(&mut equations, branch, &starts[0], &mut budget),
            _ => equations.move_to_means(&starts[k]),
        }
        let random = config.start_from == StartFrom::Random && (config.given.len() + 1..starts.len()).contains(&k);
        if random && config.order > Order::First {
            relax(&mut equations, &mut budget);
        }
        Some(End::of(config, equations, budget))
    };
    let searches = starts.len() + usize::from(matches!(along, Along::Join(_)));
    let from_starts = || (0..searches).into_par_iter().map(search).collect::<Option<Vec<End>>>();
    let (ends, scout) = match along {
        Along::Scout => rayon::join(from_starts, || scouts::best(config, model, beta, run)),
        _ => (from_starts(), None),
    };
    let mut ends = ends?;
    let left = scout.and_then(|means| from_scout(config, model, beta, &means, &mut ends, run));
    if run.cancelled() {
        return None;
    }
    let mut landscape = sorted_out(config, model, beta, &ends);
    // What leads to a maximum that is known can be left there; a saddle point is passed.
    if let Some((equations, budget)) = left.filter(|_| landscape.stable().next().is_none()) {
        ends.push(End::of(config, equations, budget));
        landscape = sorted_out(config, model, beta, &ends);
    }
    let branch = Branch { beta, logits: ends.into_iter().next()?.logits };
    Some((landscape, branch))
}

/// The search from where the best of some scouts stands, which adds its end to those that there are,
/// or is given back if it is left on the hill of one of them.
fn from_scout<'a, M: Expand + ?Sized>(
    config: &MeanField,
    model: &'a M,
    beta: f64,
    means: &[f64],
    ends: &mut Vec<End>,
    run: &'a Run<'_>,
) -> Option<(Equations<'a, M>, Budget<'a>)> {
    let mut equations = Equations::new(model, config.order, beta);
    let mut budget = Budget::new(config.max_iterations, run);
    equations.move_to_means(means);
    let solutions = ends.iter().filter(|end| end.is_solution(config)).map(|end| &end.means[..]);
    if creep::leads_to(solutions, &mut equations, &mut budget) {
        return Some((equations, budget));
    }
    ends.push(End::of(config, equations, budget));
    None
}

/// What the ends of all searches are.
fn sorted_out<M: Expand + ?Sized>(config: &MeanField, model: &M, beta: f64, ends: &[End]) -> Landscape {
    let mut distinct = certified_solutions(config, model, beta, ends);
    distinct.sort_by(|a, b| b.log_z.total_cmp(&a.log_z));
    let converged = ends.iter().filter(|end| end.is_solution(config)).count();
    let is_first = |solution: &Solution| solution.is(&ends[0].means);
    let first = ends[0].is_solution(config).then(|| distinct.iter().position(is_first)).flatten();
    let attempt = ends.iter().min_by(|a, b| a.outcome.residual.total_cmp(&b.outcome.residual));
    let attempt = attempt.filter(|_| converged == 0).map(|end| certified(config, model, beta, end, 0));
    Landscape { beta, distinct, starts: ends.len(), converged, first, attempt }
}

/// The solutions among some ends, with their certificates.
fn certified_solutions<M: Expand + ?Sized>(config: &MeanField, model: &M, beta: f64, ends: &[End]) -> Vec<Solution> {
    // The first of its kind represents a solution.
    let mut kinds: Vec<(&End, usize)> = Vec::new();
    for end in ends.iter().filter(|end| end.is_solution(config)) {
        let same = |(kind, _): &&mut (&End, usize)| close(&kind.means, &end.means);
        match kinds.iter_mut().find(same) {
            Some((_, hits)) => *hits += 1,
            None => kinds.push((end, 1)),
        }
    }
    kinds.par_iter().map(|(end, hits)| certified(config, model, beta, end, *hits)).collect()
}

/// Moves to the first-order solution next to the point.
///
/// Where the couplings are strong, the terms of higher order draw every fuzzy state to a solution
/// of large variances, at which the expansion does not even converge. The solutions where it does
/// are near those of first order.
fn relax<M: Expand + ?Sized>(equations: &mut Equations<'_, M>, budget: &mut Budget<'_>) {
    let mut first = Equations::new(equations.model, Order::First, equations.beta);
    first.move_to(&equations.logits);
    Ascent.search(&mut first, 1e-4, budget);
    equations.move_to(&first.logits);
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= DISTINCT_TOLERANCE)
}

/// The values at the end of a search, with the certificate.
fn certified<M: Expand + ?Sized>(config: &MeanField, model: &M, beta: f64, end: &End, hits: usize) -> Solution {
    let mut equations = Equations::new(model, config.order, beta);
    equations.move_to(&end.logits);
    let residual = equations.residual();
    let terms = equations.terms();
    // The variance of E is a response of the solution to β, and has no meaning off a stationary
    // point.
    let stationary = residual <= config.tolerance;
    let factor = Factor::new(&equations);
    Solution {
        log_z: terms.log_z(beta),
        energy: terms.mean_energy(beta),
        energy_variance: stationary.then(|| energy_variance(&equations, factor.as_ref(), &terms)).flatten(),
        certificate: Certificate {
            residual,
            iterations: end.iterations,
            solver: end.outcome.solver,
            polished: end.outcome.polished,
            smallest_eigenvalue: hessian_eigenvalue(&equations, factor.as_ref()),
            plefka: plefka_number(&equations),
        },
        means: equations.means,
        hits,
    }
}

//! From the states of all rungs to the curve.

use nalgebra::DMatrix;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Tempering, pt_diagnostics::PtDiagnostics, samples::TemperedSamples, solved::solve};
use crate::{
    Error,
    curve::{Betas, Claim, Curve, Diagnostics, Method, Series, Status, Visited},
    estimator::batches,
    stats::std_dev,
};

/// The curve and its evidence, as far as they have come.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) values: Series,
    pub(super) replicates: Vec<Series>,
    ess: Vec<f64>,
    share: Vec<f64>,
    trust: PtDiagnostics,
    visited: Vec<Visited>,
    connected: bool,
    /// By how much ladders differ more than their samples say, where there are enough of them.
    inflations: Vec<f64>,
}

/// Samples of all rungs of a run, as the multistate acceptance ratio takes them.
///
/// States are the rungs, and after them the β asked for, of which there are no samples. ln Z(β) =
/// `log_z_base` − f of its state, with f = 0 at the base.
#[derive(Debug, Clone, PartialEq)]
pub struct Multistate {
    /// uₖₙ = −ln f of sample n in state k, less that at the base: (states, samples), the samples in
    /// the order of their rungs, then of their ladders, then of time.
    pub potentials: DMatrix<f64>,
    /// How many samples are of each state.
    pub counts: Vec<usize>,
    /// The units that the chains keep, of each sample: of an RBM its smaller layer
    /// ([`KeptLayer::smaller`](crate::model::KeptLayer::smaller)), for the other one is summed out in
    /// f; else all of them.
    pub kept: Vec<Vec<bool>>,
    /// ln Z of the base, nats.
    pub log_z_base: f64,
    /// The last states.
    pub betas: Betas,
}

impl Multistate {
    pub(super) fn of(betas: &Betas, samples: &TemperedSamples) -> Self {
        let (potentials, counts) = samples.tempered.potentials(betas.len());
        let ladders = &samples.tempered.ladders;
        let state = |(rung, ladder, time): (usize, usize, usize)| ladders[ladder].samples.kept(rung, time);
        let kept = samples.tempered.samples().into_iter().filter_map(state).map(<[bool]>::to_vec).collect();
        Self { potentials, counts, kept, log_z_base: samples.log_z_base, betas: betas.clone() }
    }
}

impl Joined {
    pub(super) fn new(replicates: usize) -> Self {
        Self { replicates: vec![Series::default(); replicates], connected: true, ..Self::default() }
    }

    /// Appends the points that one run of the ladders gives.
    pub(super) fn add(
        &mut self,
        config: &Tempering,
        samples: &TemperedSamples,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<(), Error> {
        let TemperedSamples { targets, tempered, .. } = samples;
        let solved = solve(samples, self.replicates.len(), rng)?;
        let first = self.values.log_z.len();
        self.values.append(&solved.values);
        self.replicates.iter_mut().zip(&solved.replicates).for_each(|(all, new)| all.append(new));
        self.trust.add(config, targets, tempered);
        let tau = tempered.slowest.tau;
        for (k, target) in targets.iter().enumerate() {
            let place = first + k;
            let each = &solved.each[k];
            if !each.is_empty() {
                self.inflations.push(batches::widen_to(each, &self.values, &mut self.replicates, place));
            }
            let std_error = std_dev(&self.replicates.iter().map(|series| series.log_z[place]).collect::<Vec<_>>());
            self.trust.add_halves(target.beta, solved.halves.each_ref().map(|half| half[k]), std_error);
            self.ess.push(solved.ess[k] / (2.0 * tau).max(1.0));
            self.share.push(solved.share[k]);
        }
        // The states of the last rung are those of the last target.
        self.visited.resize(self.values.log_z.len() - 1, Visited::default());
        let top: Vec<Vec<bool>> =
            tempered.ladders.iter().flat_map(|ladder| ladder.samples.top.iter().cloned()).collect();
        let taken = (tempered.ladders.len() * tempered.times()) as f64;
        let independent = (taken / (2.0 * tau).max(1.0)).min(top.len() as f64);
        self.visited.push(Visited::equally(top, Some(independent)));
        self.connected &= solved.connected;
        Ok(())
    }

    /// What is known of one target alone.
    pub(super) fn of_target(&self, k: usize) -> Self {
        Self {
            values: self.values.point(k),
            replicates: self.replicates.iter().map(|series| series.point(k)).collect(),
            ess: vec![self.ess[k]],
            share: vec![self.share[k]],
            trust: self.trust.of_target(k),
            visited: vec![self.visited[k].clone()],
            connected: self.connected,
            inflations: self.inflations.get(k).copied().into_iter().collect(),
        }
    }

    pub(super) fn into_curve(self, config: &Tempering, betas: &Betas, seconds: f64) -> Curve {
        let unconnected = "neighbouring temperatures have too few states in common, and the equations that join them say nothing \
                           across that gap; try more temperatures";
        let warnings = (!self.connected).then(|| unconnected.into()).into_iter().chain(self.trust.warnings(betas));
        let status = if self.connected { Status::Converged } else { Status::NotConverged };
        let least = self.ess.iter().copied().fold(f64::INFINITY, f64::min);
        let weights = Diagnostics::default().number("ess", least).evidence(self.ess, self.share);
        Curve {
            method: Method::Tempering,
            betas: betas.clone(),
            reached: vec![status; self.values.log_z.len()],
            values: self.values,
            replicates: self.replicates,
            log_z_claim: Claim::Approximation, // never used: the replicates make it an estimate
            warnings: warnings.collect(),
            visited: self.visited,
            diagnostics: self.trust.diagnostics(config, weights).batch_spread(self.inflations),
            seconds,
        }
    }
}

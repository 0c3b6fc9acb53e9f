//! What is climbed in one go.

use super::{
    BaseChoice, Knot, Schedule,
    climb::{climb, descend},
    ladder::Ladder,
    path::Path,
    pilot::pilot,
};
use crate::{Ais, Error, Run, curve::Betas, sample::Sample, streams::part_streams};

/// A ladder from a base to one or more of the β asked for, and the kernel for it.
pub(in crate::estimator) struct Leg {
    pub(in crate::estimator) path: Path,
    pub(in crate::estimator) ladder: Ladder,
    /// The β that it has as knots.
    pub(in crate::estimator) betas: Betas,
    /// Which leg of a run it is, of how many.
    number: usize,
    legs: usize,
}

/// What a leg draws random numbers for, each independently of the others.
#[derive(Clone, Copy)]
pub(in crate::estimator) enum Purpose {
    Climb,
    Pilot,
    Start,
    Descend,
}

impl Leg {
    /// The streams for a purpose: their numbers begin after this.
    pub(in crate::estimator) fn streams(&self, purpose: Purpose) -> u64 {
        streams(self.number, purpose)
    }

    /// The first of three parts of a run that nothing else of the run draws from.
    pub(in crate::estimator) fn spare_part(&self) -> usize {
        part(self.legs, Purpose::Climb) + 3 * self.number
    }

    /// Runs chains up from the base. The knots that all of them reached.
    pub(in crate::estimator) fn climb(&self, chains: usize, run: &Run<'_>) -> Vec<Knot> {
        let chains = climb(self.path.sampler.as_ref(), &self.ladder, chains, self.streams(Purpose::Climb), run);
        let reached = chains.first().map_or(0, Vec::len);
        (0..reached).map(|k| Knot::new(self.path.log_z_base, chains.iter().map(|chain| chain[k]))).collect()
    }

    /// Runs chains from these states of the kept units, in equilibrium at the last β, down to the base. `None` if the run
    /// was cancelled.
    pub(in crate::estimator) fn descend(&self, kept: &[Vec<bool>], run: &Run<'_>) -> Option<Knot> {
        let chains = descend(self.path.sampler.as_ref(), kept, &self.ladder, self.streams(Purpose::Descend), run)?;
        Some(Knot::new(self.path.log_z_base, chains.into_iter()))
    }
}

fn streams(leg: usize, purpose: Purpose) -> u64 {
    part_streams(part(leg, purpose))
}

fn part(leg: usize, purpose: Purpose) -> usize {
    4 * leg + purpose as usize
}

/// What is to be climbed for a curve. From the uniform base, where every rung is a physical temperature, a single leg
/// passes all β; any other base, and a climb that must end at each β (`apart`), takes a leg for each.
pub(in crate::estimator) fn legs<M: Sample + ?Sized>(
    config: &Ais,
    model: &M,
    betas: &Betas,
    apart: bool,
    run: &Run<'_>,
) -> Result<Vec<Leg>, Error> {
    let together = config.base == BaseChoice::Uniform && !apart;
    let parts: Vec<Betas> =
        if together { vec![betas.clone()] } else { betas.iter().map(|b| Betas::one(*b)).collect::<Result<_, _>>()? };
    let legs = parts.len();
    let leg = |(number, betas): (usize, Betas)| {
        let top = betas.max();
        let path = Path::new(model, config.base, config.data.as_deref(), config.kernel, top, run)?;
        let profile = match config.schedule {
            Schedule::Adaptive => pilot(&path, streams(number, Purpose::Pilot), run),
            given => given.profile(),
        };
        let ladder = match path.is_physical {
            true => Ladder::through_temperatures(&betas, config.rungs, &profile),
            false => Ladder::from_base(top, config.rungs, &profile),
        };
        Ok(Leg { path, ladder, betas, number, legs })
    };
    parts.into_iter().enumerate().map(leg).collect()
}

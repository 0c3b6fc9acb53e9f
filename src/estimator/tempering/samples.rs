//! What the ladders of a share have sampled, as it is pooled and as a file holds it.

use super::ladders::{Ladder, Tempered};
use crate::{
    estimator::arrays::{Arrays, get, get_rows, put},
    sample::{Rung, exchange::Log},
};

/// The ladders of one run on a path.
#[derive(Debug)]
pub(in crate::estimator) struct TemperedSamples {
    /// ln Z of the base, nats.
    pub(super) log_z_base: f64,
    /// What is asked for.
    pub(super) targets: Vec<Rung>,
    pub(super) tempered: Tempered,
}

impl TemperedSamples {
    /// What two neighbouring shares have sampled. `None` if they do not belong to one run.
    pub(in crate::estimator) fn join(mut self, next: Self) -> Option<Self> {
        let mut ladders = self.tempered.ladders;
        let follows = next.tempered.ladders.first()?.memory.ladder == ladders.last()?.memory.ladder + 1;
        let fits = self.log_z_base == next.log_z_base
            && self.targets == next.targets
            && self.tempered.rungs == next.tempered.rungs;
        ladders.extend(next.tempered.ladders);
        self.tempered = Tempered::new(self.tempered.rungs, ladders);
        (fits && follows).then_some(self)
    }

    /// Adds the arrays of one run.
    pub(in crate::estimator) fn put(&self, arrays: &mut Arrays, prefix: &str) {
        put(arrays, prefix, "log_z_base", &[vec![self.log_z_base]]);
        put(arrays, prefix, "targets", &rows_of(&self.targets));
        put(arrays, prefix, "rungs", &rows_of(&self.tempered.rungs));
        let numbers: Vec<Vec<f64>> =
            self.tempered.ladders.iter().map(|ladder| vec![ladder.memory.ladder as f64]).collect();
        put(arrays, prefix, "ladders", &numbers);
        for ladder in &self.tempered.ladders {
            let prefix = format!("{prefix}{}.", ladder.memory.ladder);
            ladder.samples.put(arrays, &prefix);
            let Log { accepted, tried, round_trips } = &ladder.log;
            put(arrays, &prefix, "accepted", std::slice::from_ref(accepted));
            put(arrays, &prefix, "tried", std::slice::from_ref(tried));
            put(arrays, &prefix, "round_trips", std::slice::from_ref(round_trips));
        }
    }

    /// The arrays of one run, as they were put; `None` if some are missing or of another shape.
    pub(in crate::estimator) fn get(arrays: &Arrays, prefix: &str) -> Option<Self> {
        let &[[log_z_base]] = get_rows(arrays, prefix, "log_z_base")?.as_slice() else { return None };
        let (targets, rungs) = (rungs_of(arrays, prefix, "targets")?, rungs_of(arrays, prefix, "rungs")?);
        let ladder = |[number]: [f64; 1]| {
            let prefix = format!("{prefix}{number}.");
            let of_pairs = |name| get(arrays, &prefix, name)?.pop().filter(|row| row.len() + 1 == rungs.len());
            let log = Log {
                accepted: of_pairs("accepted")?,
                tried: of_pairs("tried")?,
                round_trips: get(arrays, &prefix, "round_trips")?.pop().filter(|row| row.len() == rungs.len())?,
            };
            let samples = super::record::LadderSamples::get(arrays, &prefix, &rungs, &targets)?;
            Some(Ladder::new(number as usize, samples, log))
        };
        let ladders: Vec<Ladder> =
            get_rows(arrays, prefix, "ladders")?.into_iter().map(ladder).collect::<Option<_>>()?;
        (!ladders.is_empty()).then(|| Self { log_z_base, targets, tempered: Tempered::new(rungs, ladders) })
    }
}

fn rows_of(rungs: &[Rung]) -> Vec<Vec<f64>> {
    rungs.iter().map(|rung| vec![rung.beta, rung.base, rung.segment as f64]).collect()
}

fn rungs_of(arrays: &Arrays, prefix: &str, name: &str) -> Option<Vec<Rung>> {
    let rung = |[beta, base, segment]: [f64; 3]| Rung { beta, base, segment: segment as usize };
    Some(get_rows(arrays, prefix, name)?.into_iter().map(rung).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::tempering::record::{Keep, LadderSamples};

    fn rungs(betas: &[f64]) -> Vec<Rung> {
        betas.iter().map(|beta| Rung::at(*beta)).collect()
    }

    fn share(log_z_base: f64, targets: &[f64], betas: &[f64], numbers: &[usize]) -> TemperedSamples {
        let (targets, rungs) = (rungs(targets), rungs(betas));
        let ladder = |number: &usize| {
            let mut samples = LadderSamples::new(&rungs, &targets, 10, Keep::Tops(1));
            samples.here.iter_mut().for_each(|here| here.resize(10, crate::sample::ConditionalEnergy::default()));
            Ladder::new(*number, samples, Log::empty(rungs.len()))
        };
        let ladders = numbers.iter().map(ladder).collect();
        TemperedSamples { log_z_base, targets, tempered: Tempered::new(rungs, ladders) }
    }

    /// The base, what is asked for, the rungs, and the numbers of the ladders must fit, each of
    /// them.
    #[test]
    fn shares_that_differ_in_one_respect_are_of_two_runs() {
        let one = || share(1.0, &[1.0], &[0.0, 0.5, 1.0], &[0, 1]);
        let joined = one().join(share(1.0, &[1.0], &[0.0, 0.5, 1.0], &[2])).expect("two shares of one run");
        let numbers: Vec<usize> = joined.tempered.ladders.iter().map(|ladder| ladder.memory.ladder).collect();
        assert_eq!(numbers, [0, 1, 2]);
        for other in [
            share(1.5, &[1.0], &[0.0, 0.5, 1.0], &[2]),
            share(1.0, &[0.9], &[0.0, 0.5, 1.0], &[2]),
            share(1.0, &[1.0], &[0.0, 0.4, 1.0], &[2]),
            share(1.0, &[1.0], &[0.0, 0.5, 1.0], &[1, 2]),
            share(1.0, &[1.0], &[0.0, 0.5, 1.0], &[3]),
        ] {
            assert!(one().join(other).is_none());
        }
    }
}

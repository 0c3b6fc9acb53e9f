//! Runs whose work is dealt out in shares, on several machines, and pooled afterwards.

use std::time::Instant;

use super::{
    Estimator, Share,
    annealing::Collected,
    arrays::{Arrays, get_rows, put},
    tempering::TemperedSamples,
};
use crate::{
    Error,
    curve::{Betas, Curve},
    model::Model,
    run::Run,
};

/// An estimator whose work is independent batches, each on random streams of its own: blocks of
/// chains, or ladders.
///
/// The samples of all shares, joined in their order, give the very numbers of one whole run.
pub trait Pooled<M: Model + ?Sized>: Estimator<M> {
    /// How many batches there are to deal out.
    fn batches(&self) -> usize;

    /// The samples of a share. Where the run was cancelled they end before the last β.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    fn samples(&self, model: &M, betas: &Betas, share: Share, run: &Run<'_>) -> Result<Samples, Error>;

    /// The curve that the samples of all shares give. It has not taken any seconds.
    ///
    /// # Errors
    /// Those of [`Estimator::curve`].
    fn pool(&self, samples: Samples, betas: &Betas, run: &Run<'_>) -> Result<Curve, Error>;
}

/// The curve of one whole run: all samples, pooled.
pub(super) fn whole_curve<M: Model + ?Sized>(
    estimator: &dyn Pooled<M>,
    model: &M,
    betas: &Betas,
    run: &Run<'_>,
) -> Result<Curve, Error> {
    let clock = Instant::now();
    let samples = estimator.samples(model, betas, Share::WHOLE, run)?;
    let curve = estimator.pool(samples, betas, run)?;
    Ok(Curve { seconds: clock.elapsed().as_secs_f64(), ..curve })
}

/// What a share of a run has sampled.
#[derive(Debug)]
pub struct Samples(pub(super) Drawn);

/// By what kind of run.
#[derive(Debug)]
pub(super) enum Drawn {
    /// At each β.
    Annealed(Vec<Collected>),
    /// For all β together, or for each.
    Tempered(Vec<TemperedSamples>),
}

impl Samples {
    /// What two neighbouring shares have sampled. `None` if they do not belong to one run.
    #[must_use]
    pub fn join(self, next: Self) -> Option<Self> {
        match (self.0, next.0) {
            (Drawn::Annealed(one), Drawn::Annealed(other)) => {
                join_each(one, other, Collected::join).map(|all| Self(Drawn::Annealed(all)))
            }
            (Drawn::Tempered(one), Drawn::Tempered(other)) => {
                join_each(one, other, TemperedSamples::join).map(|all| Self(Drawn::Tempered(all)))
            }
            _ => None,
        }
    }

    /// As arrays of a file: for each β, or for each run of the ladders, its own.
    #[must_use]
    pub fn arrays(&self) -> Arrays {
        let mut arrays = Arrays::new();
        match &self.0 {
            Drawn::Annealed(points) => {
                put(&mut arrays, "", ANNEALED, &[vec![points.len() as f64]]);
                points.iter().enumerate().for_each(|(k, point)| point.put(&mut arrays, &prefix(k)));
            }
            Drawn::Tempered(runs) => {
                put(&mut arrays, "", TEMPERED, &[vec![runs.len() as f64]]);
                runs.iter().enumerate().for_each(|(k, run)| run.put(&mut arrays, &prefix(k)));
            }
        }
        arrays
    }

    /// The samples that [`arrays`](Self::arrays) came from. `None` if something is missing or of
    /// another shape.
    #[must_use]
    pub fn of_arrays(arrays: &Arrays) -> Option<Self> {
        let count = |name: &str| get_rows::<1>(arrays, "", name)?.first().map(|[count]| *count as usize);
        match (count(ANNEALED), count(TEMPERED)) {
            (Some(n), None) => {
                let points: Option<_> = (0..n).map(|k| Collected::get(arrays, &prefix(k))).collect();
                Some(Self(Drawn::Annealed(points?)))
            }
            (None, Some(n)) => {
                let runs: Option<_> = (0..n).map(|k| TemperedSamples::get(arrays, &prefix(k))).collect();
                Some(Self(Drawn::Tempered(runs?)))
            }
            _ => None,
        }
    }

    /// Those of annealing.
    ///
    /// # Errors
    /// [`Error::Config`] if they are of another kind.
    pub(super) fn annealed(self) -> Result<Vec<Collected>, Error> {
        match self.0 {
            Drawn::Annealed(points) => Ok(points),
            Drawn::Tempered(_) => Err(of_another_method()),
        }
    }

    /// Those of tempering.
    ///
    /// # Errors
    /// [`Error::Config`] if they are of another kind.
    pub(super) fn tempered(self) -> Result<Vec<TemperedSamples>, Error> {
        match self.0 {
            Drawn::Tempered(runs) => Ok(runs),
            Drawn::Annealed(_) => Err(of_another_method()),
        }
    }
}

const ANNEALED: &str = "annealed_betas";
const TEMPERED: &str = "tempered_runs";

fn prefix(k: usize) -> String {
    format!("{k}.")
}

fn join_each<T>(one: Vec<T>, other: Vec<T>, join: fn(T, T) -> Option<T>) -> Option<Vec<T>> {
    if one.len() != other.len() {
        return None;
    }
    one.into_iter().zip(other).map(|(one, other)| join(one, other)).collect()
}

pub(super) fn of_another_method() -> Error {
    Error::config("samples", "these", "pool them by the method that drew them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Ais, Rbm,
        estimator::{Bar, BaseChoice, ReverseAis, Start, Tempering},
    };
    use nalgebra::{DMatrix, DVector};

    fn model() -> Rbm {
        let weights = DMatrix::from_fn(5, 3, |i, j| (0.9 * i as f64 - 1.3 * j as f64).sin());
        Rbm::new(weights, DVector::from_element(5, 0.2), DVector::from_element(3, -0.4)).unwrap()
    }

    fn betas() -> Betas {
        "0.5:1:2".parse().unwrap()
    }

    /// Every kind of samples: three blocks of chains or three ladders.
    fn estimators() -> Vec<Box<dyn Estimator<Rbm>>> {
        let annealing = Ais { chains: 160, rungs: 6, replicates: 5, ..Ais::default() };
        let ladders = Tempering {
            ladders: 3,
            temperatures: 4,
            sweeps: 60,
            burn_in: 10,
            records: 20,
            replicates: 5,
            ..Tempering::default()
        };
        let down = |start| ReverseAis { annealing: annealing.clone(), start, burn_in: 5, tempering: ladders.clone() };
        let both = |start| Bar { annealing: annealing.clone(), start, burn_in: 5, tempering: ladders.clone() };
        vec![
            Box::new(annealing.clone()),
            Box::new(down(Start::Exact)),
            Box::new(both(Start::Gibbs)),
            Box::new(both(Start::Tempering)),
            Box::new(ladders.clone()),
            Box::new(Tempering { base: BaseChoice::Biases, ..ladders.clone() }),
        ]
    }

    fn share(estimator: &dyn Estimator<Rbm>, number: usize, of: usize) -> Samples {
        let run = Run::quiet(4);
        let pooled = estimator.pooled().expect("its work can be dealt out");
        assert_eq!(pooled.batches(), 3);
        pooled.samples(&model(), &betas(), Share::new(number, of).unwrap(), &run).unwrap()
    }

    #[test]
    fn shares_that_went_through_arrays_give_the_numbers_of_one_run() {
        for estimator in estimators() {
            let estimator = estimator.as_ref();
            let part = |number| Samples::of_arrays(&share(estimator, number, 3).arrays()).unwrap();
            let joined = part(1).join(part(2)).unwrap().join(part(3)).unwrap();
            let pooled = estimator.pooled().unwrap().pool(joined, &betas(), &Run::quiet(4)).unwrap();
            let whole = estimator.curve(&model(), &betas(), &Run::quiet(4)).unwrap();
            let said = |curve: Curve| format!("{:?}", Curve { seconds: 0.0, ..curve });
            assert_eq!(said(pooled), said(whole));
        }
    }

    #[test]
    fn what_does_not_belong_to_one_run_is_not_joined() {
        let all = estimators();
        let whole = |k: usize| share(all[k].as_ref(), 1, 1);
        // Chains and ladders; up and down; up, and both ways; three ladders after one of them.
        for (one, other) in [(0, 4), (4, 0), (0, 1), (1, 0), (2, 0), (0, 2), (2, 3), (4, 5), (5, 4)] {
            assert!(whole(one).join(whole(other)).is_none(), "{one} and {other}");
        }
        assert!(share(all[4].as_ref(), 2, 3).join(share(all[4].as_ref(), 1, 3)).is_none());
        assert!(share(all[4].as_ref(), 1, 3).join(share(all[4].as_ref(), 3, 3)).is_none());
        // Another ladder, and another number of β.
        let longer = Ais { chains: 160, rungs: 7, replicates: 5, ..Ais::default() };
        assert!(whole(0).join(share(&longer, 1, 1)).is_none());
        let one =
            Pooled::<Rbm>::samples(&longer, &model(), &Betas::one(1.0).unwrap(), Share::WHOLE, &Run::quiet(4)).unwrap();
        assert!(share(&longer, 1, 1).join(one).is_none());
        // Pooled by the other method.
        for (drawn, by) in [(0, 4), (4, 0)] {
            let refusal = all[by].pooled().unwrap().pool(whole(drawn), &betas(), &Run::quiet(4)).unwrap_err();
            assert!(refusal.to_string().contains("the method that drew them"), "{refusal}");
        }
    }

    #[test]
    fn arrays_that_are_not_whole_are_no_samples() {
        for estimator in estimators() {
            let arrays = share(estimator.as_ref(), 1, 1).arrays();
            assert!(Samples::of_arrays(&arrays).is_some());
            for (name, matrix) in &arrays {
                let with = |changed: Option<DMatrix<f64>>| {
                    let mut arrays = arrays.clone();
                    match changed {
                        Some(changed) => arrays.insert(name.clone(), changed),
                        None => arrays.remove(name),
                    };
                    Samples::of_arrays(&arrays)
                };
                // Without its weights a direction was not run.
                assert!(name.ends_with("log_w") || with(None).is_none(), "without {name}");
                let (rows, columns) = matrix.shape();
                // How many ladders a share has run, and how many states at the top it has kept, is told by
                // these alone.
                let fewer = with(Some(matrix.columns(0, columns - 1).into_owned()));
                let tells = name.ends_with("ladders") || name.ends_with(".top");
                assert!(fewer.is_none() || tells, "one row fewer of {name}");
                let units = name.ends_with("kept") || name.ends_with(".top");
                let shorter = with(Some(matrix.rows(0, rows - 1).into_owned()));
                assert!(shorter.is_none() || units, "shorter rows of {name}");
            }
            let mut both = arrays.clone();
            both.insert(ANNEALED.into(), DMatrix::from_element(1, 1, 0.0));
            both.insert(TEMPERED.into(), DMatrix::from_element(1, 1, 0.0));
            assert!(Samples::of_arrays(&both).is_none());
        }
        assert!(Samples::of_arrays(&Arrays::new()).is_none());
    }
}

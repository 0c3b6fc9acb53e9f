//! One big run shared out: the samples of a share, and the result of all shares together.

use std::path::PathBuf;

use super::{Computation, Computed, Refusal, Watch};
use crate::{
    Error, Run,
    estimator::{MethodConfig, Samples, Share},
    io::{DataInfo, Provenance, SamplesFile, SamplesHeader},
};

impl Computation {
    /// The samples of a share of the run of its one method, as a file holds them; `data` is the name
    /// by which the data were loaded.
    ///
    /// # Errors
    /// The [`Refusal`] of the method, if its work cannot be dealt out or it was cancelled.
    ///
    /// # Panics
    /// If there is not exactly one method.
    pub fn sample(&self, share: Share, data: Option<&str>, run: &Run<'_>) -> Result<SamplesFile, Refusal> {
        let [config] = self.configs() else { panic!("samples are those of one method") };
        let refusal = |error| Refusal { method: config.method(), error };
        let clock = std::time::Instant::now();
        let prepared = config.prepare(&self.model().model).map_err(refusal)?;
        let samples = prepared.samples(self.betas(), share, run).map_err(refusal)?;
        if run.cancelled() {
            let remedy = "run the share again: a part of its samples is of no use";
            return Err(refusal(Error::samples("the run was stopped before all of them were drawn", remedy)));
        }
        let data =
            self.data().zip(data).map(|(data, source)| DataInfo { source: source.into(), sha256: data.sha256() });
        let header = SamplesHeader {
            version: env!("CARGO_PKG_VERSION").into(),
            method: config.method().name().into(),
            settings: config.fields(),
            betas: self.betas().to_vec(),
            seed: run.seed,
            model: self.model().info.clone(),
            data,
            share: [share.number(), share.shares()],
            seconds: clock.elapsed().as_secs_f64(),
        };
        Ok(SamplesFile { header, arrays: samples.arrays() })
    }

    /// What the pooled samples of all shares come to, judged as those of one whole run are.
    ///
    /// # Errors
    /// The [`Refusal`] of the method.
    ///
    /// # Panics
    /// If there is not exactly one method.
    pub fn pool(
        &self,
        pooled: Shares,
        run: &Run<'_>,
        provenance: Provenance,
        watch: &mut dyn Watch,
    ) -> Result<Computed, Refusal> {
        let [config] = self.configs() else { panic!("samples are those of one method") };
        let refusal = |error| Refusal { method: config.method(), error };
        let prepared = config.prepare(&self.model().model).map_err(refusal)?;
        let mut curve = prepared.pool(pooled.samples, self.betas(), run).map_err(refusal)?;
        curve.seconds = pooled.header.seconds;
        Ok(self.judged(vec![curve], Vec::new(), run, provenance, watch))
    }
}

/// The samples of all shares of a run, in their order.
#[derive(Debug)]
pub struct Shares {
    /// What they are of, as one share and with the seconds of all.
    pub header: SamplesHeader,
    samples: Samples,
}

impl Shares {
    /// Joins the files of all shares, given in any order.
    ///
    /// # Errors
    /// [`Error::Format`] that names the file, if one is missing, there twice, or of another run.
    pub fn join(mut files: Vec<(PathBuf, SamplesFile)>) -> Result<Self, Error> {
        files.sort_by_key(|(_, file)| file.header.share);
        let Some((first, SamplesFile { header, .. })) = files.first() else {
            return Err(Error::samples("there is no file of samples", "give those of all shares"));
        };
        let (first, mut header) = (first.clone(), header.clone());
        for (path, file) in &files {
            if let Some(what) = difference(&header, &file.header) {
                let problem = format!("is of another run than `{}`: {what}", first.display());
                return Err(Error::format(path, problem, "combine the shares of one run"));
            }
        }
        complete(&files)?;
        header.seconds = files.iter().map(|(_, file)| file.header.seconds).sum();
        header.share = [1, 1];
        let mut samples: Option<Samples> = None;
        for (path, file) in &files {
            let remedy = "draw the samples of this share again";
            let damaged = || Error::format(path, "does not hold all arrays of its samples", remedy);
            let next = Samples::of_arrays(&file.arrays).ok_or_else(damaged)?;
            samples = Some(match samples {
                None => next,
                Some(before) => before.join(next).ok_or_else(|| {
                    Error::format(path, "its samples do not go on where those of the share before end", remedy)
                })?,
            });
        }
        samples.map(|samples| Self { header, samples }).ok_or_else(|| Error::samples("there are none", "give some"))
    }

    /// The configuration of the method that drew them.
    ///
    /// # Errors
    /// [`Error::Samples`] if this version does not know the method or its settings.
    pub fn config(&self) -> Result<MethodConfig, Error> {
        let SamplesHeader { method, settings, version, .. } = &self.header;
        MethodConfig::of_fields(method, settings.clone()).map_err(|problem| {
            let problem =
                format!("version {version} drew them by `{method}` with settings that are unknown here: {problem}");
            Error::samples(problem, "combine them with that version")
        })
    }
}

/// What two headers of one run may not differ in, in words.
fn difference(one: &SamplesHeader, other: &SamplesHeader) -> Option<String> {
    let text = |what: &str, one: &dyn ToString, other: &dyn ToString| {
        let (one, other) = (one.to_string(), other.to_string());
        (one != other).then(|| format!("{what} {other} and not {one}"))
    };
    let list = |betas: &[f64]| betas.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let data = |header: &SamplesHeader| header.data.as_ref().map_or("none".into(), |data| data.sha256.clone());
    text("the version", &one.version, &other.version)
        .or_else(|| text("the method", &one.method, &other.method))
        .or_else(|| text("the seed", &one.seed, &other.seed))
        .or_else(|| text("the model", &one.model.sha256, &other.model.sha256))
        .or_else(|| text("β", &list(&one.betas), &list(&other.betas)))
        .or_else(|| text("the data", &data(one), &data(other)))
        .or_else(|| text("the number of shares", &one.share[1], &other.share[1]))
        .or_else(|| text("the settings", &one.settings, &other.settings))
}

/// Whether every share is there once. The files are in their order.
fn complete(files: &[(PathBuf, SamplesFile)]) -> Result<(), Error> {
    let shares = files[0].1.header.share[1];
    for pair in files.windows(2) {
        let [(one, a), (other, b)] = pair else { continue };
        if a.header.share == b.header.share {
            let problem = format!("is share {}/{shares}, as `{}` is", b.header.share[0], one.display());
            return Err(Error::format(other, problem, "give each share once"));
        }
    }
    let there = |number: &usize| files.iter().any(|(_, file)| file.header.share[0] == *number);
    let missing: Vec<String> =
        (1..=shares).filter(|number| !there(number)).map(|number| format!("{number}/{shares}")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let problem = format!("those of share {} are missing", missing.join(", "));
    Err(Error::samples(
        problem,
        "run `plefka estimate … --batches i/n --save-samples FILE` for each, and give all files",
    ))
}

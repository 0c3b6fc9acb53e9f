//! ln p(v) of data, from the results of one method.

use super::Computed;
use crate::{
    Error, Run,
    data::Data,
    findings,
    io::{LikelihoodFile, LoadedModel, LogZ},
    likelihood::Likelihood,
    sample::Capabilities,
};

impl Computed {
    /// The likelihood of `data` under the model at the first β, with the ln Z of the first curve.
    /// `name` is how the data are called. `None` if the run was cancelled.
    ///
    /// # Errors
    /// [`Error::Config`] if the data do not fit the model.
    pub fn likelihood(
        &self,
        model: &LoadedModel,
        data: &Data,
        name: &str,
        run: &Run<'_>,
    ) -> Result<Option<LikelihoodFile>, Error> {
        let results = &self.results;
        let Some(curve) = results.curves.first() else { return Ok(None) };
        let Some((point, number)) = curve.points.first().and_then(|point| Some((point, point.log_z?))) else {
            return Ok(None);
        };
        let Some(judgement) = findings::judgements(results, curve).into_iter().next() else { return Ok(None) };
        let weighs = model.model.weighs_data();
        let Some(found) = Likelihood::within(weighs, data, point.beta, number, run)? else { return Ok(None) };
        let (verdict, objections) = (judgement.verdict, judgement.objections);
        let log_z = LogZ { number, method: curve.method, verdict, objections };
        let (info, provenance) = (results.model.clone(), results.provenance.clone());
        Ok(Some(LikelihoodFile::new(info, name.into(), point.beta, found, log_z, provenance)))
    }
}

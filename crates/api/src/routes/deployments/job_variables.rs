//! Job variables against the template of the work pool.

use std::collections::HashMap;

use sluice_parameters::{JobVariables, JobVariablesError, check_job_variables};
use sluice_wire::deployments::JsonObject;
use sluice_wire::work_pools::WorkPool;

use crate::ApiError;

/// Checks the job variables of a deployment that is created or changed. More may come with the run, so nothing is
/// missed. 422 with the reason.
pub(crate) fn check_of_deployment(
    pool: &WorkPool,
    job_variables: Option<&JsonObject>,
    doing: &str,
) -> Result<(), ApiError> {
    match job_variables {
        Some(job_variables) if !job_variables.is_empty() => {
            check(pool, &[job_variables], true).map_err(|error| refused(&error, doing))
        }
        _ => Ok(()),
    }
}

/// Checks all job variables of a run: the deployment's, then the run's, which win.
pub(crate) fn check_of_run(pool: &WorkPool, layers: &[&JsonObject]) -> Result<(), JobVariablesError> {
    check(pool, layers, false)
}

fn check(pool: &WorkPool, layers: &[&JsonObject], ignores_required: bool) -> Result<(), JobVariablesError> {
    let Ok(base_job_template) = pool.base_job_template.parse::<JsonObject>() else { return Ok(()) };
    let variables = JobVariables {
        base_job_template: &base_job_template,
        layers,
        ignores_required,
        ignores_invalid_defaults: true,
    };
    // No block can be stored yet, so a reference to one finds none.
    check_job_variables(variables, &HashMap::new())
}

/// 422 with the reason, which `doing` begins; 404 for a block.
pub(crate) fn refused(error: &JobVariablesError, doing: &str) -> ApiError {
    match error {
        JobVariablesError::BlockNotFound => ApiError::not_found(error.to_string()),
        JobVariablesError::Schema(_) => ApiError::unprocessable(error.to_string()),
        JobVariablesError::Invalid(failure) => ApiError::unprocessable(format!("{doing}: {failure}")),
    }
}

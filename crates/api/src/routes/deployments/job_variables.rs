//! Job variables against the template of the work pool.

use sluice_parameters::{JobVariables, JobVariablesError, check_job_variables};
use sluice_secrets::KeyRing;
use sluice_store::{StoreError, Tx};
use sluice_wire::deployments::JsonObject;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::work_pools::WorkPool;

use crate::ApiError;
use crate::routes::work_pools::template_blocks;

/// Checks the job variables of a deployment that is created or changed. More may come with the run, so nothing is
/// missed. 422 with the reason.
pub(crate) async fn check_of_deployment(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    pool: &WorkPool,
    job_variables: Option<&JsonObject>,
    doing: &str,
) -> Result<(), ApiError> {
    match job_variables {
        Some(job_variables) if !job_variables.is_empty() => {
            let checked = check(tx, workspace, keys, pool, &[job_variables], true).await?;
            checked.map_err(|error| refused(&error, doing))
        }
        _ => Ok(()),
    }
}

/// Checks all job variables of a run: the deployment's, then the run's, which win.
pub(crate) async fn check_of_run(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    pool: &WorkPool,
    layers: &[&JsonObject],
) -> Result<Result<(), JobVariablesError>, StoreError> {
    check(tx, workspace, keys, pool, layers, false).await
}

async fn check(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    pool: &WorkPool,
    layers: &[&JsonObject],
    ignores_required: bool,
) -> Result<Result<(), JobVariablesError>, StoreError> {
    let Ok(base_job_template) = pool.base_job_template.parse::<JsonObject>() else { return Ok(Ok(())) };
    let blocks = template_blocks::read(tx, workspace, keys, &base_job_template).await?;
    let variables = JobVariables {
        base_job_template: &base_job_template,
        layers,
        ignores_required,
        ignores_invalid_defaults: true,
    };
    Ok(check_job_variables(variables, &blocks))
}

/// 422 with the reason, which `doing` begins; 404 for a block.
pub(crate) fn refused(error: &JobVariablesError, doing: &str) -> ApiError {
    match error {
        JobVariablesError::BlockNotFound => ApiError::not_found(error.to_string()),
        JobVariablesError::Schema(_) => ApiError::unprocessable(error.to_string()),
        JobVariablesError::Invalid(failure) => ApiError::unprocessable(format!("{doing}: {failure}")),
    }
}

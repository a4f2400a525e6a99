//! Job variables against the template of the work pool.

use sluice_operations::check_of_changed_deployment;
use sluice_parameters::JobVariablesError;
use sluice_secrets::KeyRing;
use sluice_store::Tx;
use sluice_wire::deployments::JsonObject;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::work_pools::WorkPool;

use crate::ApiError;

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
            let checked = check_of_changed_deployment(tx, workspace, keys, pool, job_variables).await?;
            checked.map_err(|error| refused(&error, doing))
        }
        _ => Ok(()),
    }
}

/// 422 with the reason, which `doing` begins; 404 for a block.
pub(crate) fn refused(error: &JobVariablesError, doing: &str) -> ApiError {
    match error {
        JobVariablesError::BlockNotFound => ApiError::not_found(error.to_string()),
        JobVariablesError::Schema(_) => ApiError::unprocessable(error.to_string()),
        JobVariablesError::Invalid(failure) => ApiError::unprocessable(format!("{doing}: {failure}")),
    }
}

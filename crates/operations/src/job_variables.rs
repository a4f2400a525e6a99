//! Job variables against the template of the work pool.

use sluice_parameters::{JobVariables, JobVariablesError, check_job_variables};
use sluice_secrets::KeyRing;
use sluice_store::{StoreError, Tx};
use sluice_wire::deployments::JsonObject;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::work_pools::WorkPool;

use crate::template_blocks;

/// Checks the job variables of a deployment that is created or changed. More may come with the run, so nothing is
/// missed.
pub async fn check_of_changed_deployment(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    pool: &WorkPool,
    job_variables: &JsonObject,
) -> Result<Result<(), JobVariablesError>, StoreError> {
    check(tx, workspace, keys, pool, &[job_variables], true).await
}

/// Checks all job variables of a run: the deployment's, then the run's, which win.
pub async fn check_of_run(
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
    let blocks = template_blocks(tx, workspace, keys, &base_job_template).await?;
    let variables = JobVariables {
        base_job_template: &base_job_template,
        layers,
        ignores_required,
        ignores_invalid_defaults: true,
    };
    Ok(check_job_variables(variables, &blocks))
}

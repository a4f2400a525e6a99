//! Schedules of a deployment.

mod create;
mod delete;
mod read;
mod update;

pub use create::create;
pub use delete::delete;
pub use read::read;
pub use update::update;

use serde_json::Value;
use sluice_store::{Tx, deployments};
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::schedules::Schedule;
use sluice_wire::time::Timestamp;

use crate::ApiError;

/// Makes of a schedule that was sent the one to store; 422 at `path` when it is none.
pub(super) fn complete(schedule: &mut Schedule, path: &[&str], now: Timestamp) -> Result<(), ApiError> {
    match sluice_schedules::complete(schedule.clone(), now) {
        Ok(completed) => {
            *schedule = completed;
            Ok(())
        }
        Err(error) => {
            let input = serde_json::to_value(&*schedule).unwrap_or(Value::Null);
            Err(ApiError::invalid_field(path, "value_error", format!("Value error, {error}"), input))
        }
    }
}

/// 404 when the deployment does not exist.
async fn deployment_must_exist(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
) -> Result<(), ApiError> {
    match deployments::read(tx, workspace, id).await? {
        Some(_) => Ok(()),
        None => Err(ApiError::not_found("Deployment not found.")),
    }
}

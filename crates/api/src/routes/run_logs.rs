//! The logs of runs that were deleted. They are in the other database, so they go after the run's commit.

use sluice_store::{Database, run_logs};
use sluice_wire::ids::{FlowRunId, TaskRunId, WorkspaceId};

use crate::App;

/// Deletes the logs of flow runs. A failure is logged: the runs are gone already, and retention takes the rest.
pub(crate) async fn delete_of_flow_runs(app: &App, workspace: WorkspaceId, runs: Vec<FlowRunId>) {
    if runs.is_empty() {
        return;
    }
    let outcome = app
        .store
        .write_to(Database::Telemetry, (workspace, runs), |tx, (workspace, runs)| {
            Box::pin(run_logs::delete_of_flow_runs(tx, *workspace, runs))
        })
        .await;
    if let Err(error) = outcome {
        tracing::error!(%error, "the logs of deleted flow runs stay until retention takes them");
    }
}

/// As [`delete_of_flow_runs`], of one task run.
pub(crate) async fn delete_of_task_run(app: &App, workspace: WorkspaceId, run: TaskRunId) {
    let outcome = app
        .store
        .write_to(Database::Telemetry, (workspace, run), |tx, (workspace, run)| {
            Box::pin(run_logs::delete_of_task_run(tx, *workspace, *run))
        })
        .await;
    if let Err(error) = outcome {
        tracing::error!(%error, "the logs of a deleted task run stay until retention takes them");
    }
}

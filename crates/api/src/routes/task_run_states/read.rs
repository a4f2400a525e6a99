use axum::Json;
use axum::extract::State;
use sluice_store::task_runs;
use sluice_wire::ids::StateId;
use sluice_wire::json::RawJson;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /task_run_states/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<StateId>,
) -> Result<Json<RawJson>, ApiError> {
    let state = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(task_runs::read_state(tx, *workspace, *id)))
        .await?;
    state.map(Json).ok_or_else(|| ApiError::not_found("Flow run state not found"))
}

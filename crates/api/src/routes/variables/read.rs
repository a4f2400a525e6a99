use axum::Json;
use axum::extract::State;
use sluice_store::variables;
use sluice_wire::ids::VariableId;
use sluice_wire::variables::Variable;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /variables/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<VariableId>,
) -> Result<Json<Variable>, ApiError> {
    let variable = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(variables::read(tx, *workspace, *id)))
        .await?;
    variable.map(Json).ok_or_else(|| ApiError::not_found("Variable not found."))
}

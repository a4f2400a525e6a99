use axum::Json;
use axum::extract::State;
use sluice_store::variables;
use sluice_wire::variables::Variable;

use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /variables/name/{name}`
pub async fn read_by_name(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
) -> Result<Json<Variable>, ApiError> {
    let variable = app
        .store
        .read((workspace, name), |tx, (workspace, name)| {
            Box::pin(variables::read_by_name(tx, *workspace, name))
        })
        .await?;
    variable.map(Json).ok_or_else(|| ApiError::not_found("Variable not found."))
}

use axum::extract::State;
use axum::response::Response;
use sluice_store::variables;
use sluice_wire::variables::VariableCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /variables/`: 201 with the new variable, 409 when the name is taken.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(variable): Body<VariableCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let name = variable.name.as_str().to_owned();
    let variable = app
        .store
        .write((workspace, variable, now), |tx, (workspace, variable, now)| {
            Box::pin(variables::create(tx, *workspace, variable, *now))
        })
        .await?;
    let taken = || ApiError::conflict(format!("A variable with the name '{name}' already exists."));
    variable.map(created).ok_or_else(taken)
}

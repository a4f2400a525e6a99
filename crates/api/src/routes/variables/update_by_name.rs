use axum::extract::State;
use axum::response::Response;
use sluice_store::variables;
use sluice_wire::variables::VariableUpdate;

use super::update::refuse_nulls;
use crate::extract::{Body, PathText, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /variables/name/{name}`
pub async fn update_by_name(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
    Body(update): Body<VariableUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, name, update, now), |tx, (workspace, name, update, now)| {
            Box::pin(async move {
                let variable = variables::read_by_name(tx, *workspace, name).await?;
                let variable = variable.ok_or_else(|| ApiError::not_found("Variable not found."))?;
                refuse_nulls(update)?;
                Ok::<_, ApiError>(variables::update(tx, *workspace, variable, update, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}

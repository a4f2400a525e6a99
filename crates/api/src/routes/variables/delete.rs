use axum::extract::State;
use axum::response::Response;
use sluice_store::variables;
use sluice_wire::ids::VariableId;

use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /variables/{id}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<VariableId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(async move {
                let variable = variables::read(tx, *workspace, *id).await?;
                let variable = variable.ok_or_else(|| ApiError::not_found("Variable not found."))?;
                Ok::<_, ApiError>(variables::delete(tx, *workspace, &variable, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}

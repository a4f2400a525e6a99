use axum::extract::State;
use axum::response::Response;
use sluice_store::variables;

use crate::extract::{PathText, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /variables/name/{name}`
pub async fn delete_by_name(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, name, now), |tx, (workspace, name, now)| {
            Box::pin(async move {
                let variable = variables::read_by_name(tx, *workspace, name).await?;
                let variable = variable.ok_or_else(|| ApiError::not_found("Variable not found."))?;
                Ok::<_, ApiError>(variables::delete(tx, *workspace, &variable, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}

use axum::extract::State;
use axum::response::Response;
use sluice_store::variables;
use sluice_wire::ids::VariableId;
use sluice_wire::patch::Patch;
use sluice_wire::variables::VariableUpdate;

use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /variables/{id}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<VariableId>,
    Body(update): Body<VariableUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(async move {
                let variable = variables::read(tx, *workspace, *id).await?;
                let variable = variable.ok_or_else(|| ApiError::not_found("Variable not found."))?;
                refuse_nulls(update)?;
                Ok::<_, ApiError>(variables::update(tx, *workspace, variable, update, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}

/// Name and tags cannot be null; the reference learns it from its database.
pub(super) fn refuse_nulls(update: &VariableUpdate) -> Result<(), ApiError> {
    if update.name == Patch::Null || update.tags == Patch::Null {
        return Err(ApiError::integrity_conflict());
    }
    Ok(())
}

use axum::extract::State;
use axum::response::Response;
use sluice_store::block_schemas::{self, Refusal};
use sluice_wire::blocks::BlockSchemaCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /block_schemas/`: 201 with the new schema, 200 with the one that has this checksum and version already.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(schema): Body<BlockSchemaCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let created = app
        .store
        .write((workspace, schema, now), |tx, (workspace, schema, now)| {
            Box::pin(async move {
                block_schemas::create(tx, *workspace, schema, *now).await.map_err(ApiError::from)
            })
        })
        .await?;
    Ok(created_or_existing(created.is_new, created.schema))
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::MissingType(_) => Self::not_found(refusal.to_string()),
            Refusal::MissingNestedType(_) => Self::conflict(refusal.to_string()),
            Refusal::Problem(_) | Refusal::TooMany => Self::unprocessable(refusal.to_string()),
        }
    }
}

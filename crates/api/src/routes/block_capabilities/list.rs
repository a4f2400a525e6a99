use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use sluice_store::block_schemas;

use crate::extract::Workspace;
use crate::{ApiError, App};

/// `GET /block_capabilities/`: what blocks can do, such as `write-path`.
pub async fn list(
    State(app): State<App>,
    Workspace(workspace): Workspace,
) -> Result<Json<BTreeSet<String>>, ApiError> {
    let capabilities = app
        .store
        .read(workspace, |tx, workspace| Box::pin(block_schemas::capabilities(tx, *workspace)))
        .await?;
    Ok(Json(capabilities))
}

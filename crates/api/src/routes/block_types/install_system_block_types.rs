use axum::Json;
use axum::extract::State;
use sluice_store::block_types;

use crate::extract::Workspace;
use crate::{ApiError, App};

/// `POST /block_types/install_system_block_types`: brings back the protected types.
pub async fn install_system_block_types(
    State(app): State<App>,
    Workspace(workspace): Workspace,
) -> Result<Json<()>, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, now), |tx, (workspace, now)| {
            Box::pin(block_types::install_protected(tx, *workspace, *now))
        })
        .await?;
    Ok(Json(()))
}

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use sluice_wire::logs::LogCreate;

use crate::extract::{Body, Workspace};
use crate::{ApiError, App, responses};

/// `POST /logs/`: stores log lines; 201 when they are on disk, also for none.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(logs): Body<Vec<LogCreate>>,
) -> Result<Response, ApiError> {
    app.events.store_logs(workspace, logs).await?;
    Ok(responses::created(Value::Null))
}

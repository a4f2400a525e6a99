use axum::Json;
use axum::extract::State;
use sluice_store::concurrency_limits::LimitRow;
use sluice_wire::concurrency_limits::{Increment, MinimalConcurrencyLimit};

use super::acquire::acquire;
use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /v2/concurrency_limits/increment`: takes slots; 423 with `Retry-After` when a limit is full.
pub async fn increment(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<Increment>,
) -> Result<Json<Vec<MinimalConcurrencyLimit>>, ApiError> {
    let now = app.clock.now();
    let arguments = (workspace, request, app.settings.slots, rand::random::<f64>(), now);
    let acquired = app
        .store
        .write(arguments, |tx, (workspace, request, settings, uniform, now)| {
            Box::pin(acquire(tx, *workspace, request, settings, *uniform, *now))
        })
        .await?;
    Ok(Json(acquired.into_limits()?.iter().map(LimitRow::minimal).collect()))
}

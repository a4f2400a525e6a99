use axum::Json;
use axum::extract::State;
use sluice_orchestration::slots;
use sluice_store::concurrency_limits::{self, LimitRow};
use sluice_wire::concurrency_limits::{Decrement, MinimalConcurrencyLimit};

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /v2/concurrency_limits/decrement`: gives slots back, never below zero.
pub async fn decrement(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<Decrement>,
) -> Result<Json<Vec<MinimalConcurrencyLimit>>, ApiError> {
    let now = app.clock.now();
    let arguments = (workspace, request, app.settings.slots, now);
    let rows = app
        .store
        .write(arguments, |tx, (workspace, request, settings, now)| {
            Box::pin(async move {
                let rows = concurrency_limits::by_names_for_update(tx, *workspace, &request.names.0).await?;
                let occupancy = request.occupancy_seconds.map(|seconds| seconds.0);
                for row in &rows {
                    let counters = slots::release(&row.limit, request.slots.get(), occupancy, *now, settings);
                    if let Some(counters) = counters {
                        concurrency_limits::write_counters(tx, *workspace, row.limit.id, &counters).await?;
                    }
                }
                Ok::<_, ApiError>(rows)
            })
        })
        .await?;
    Ok(Json(rows.iter().map(LimitRow::minimal).collect()))
}

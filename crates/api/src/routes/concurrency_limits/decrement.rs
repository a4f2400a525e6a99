use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use sluice_store::concurrency_limits::LimitRow;
use sluice_store::{concurrency_leases, concurrency_limits};
use sluice_wire::concurrency_limits::{MinimalConcurrencyLimit, TagSlots};

use super::view::TAG_PREFIX;
use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /concurrency_limits/decrement`: gives back what the task run holds of these tags.
pub async fn decrement(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<TagSlots>,
) -> Result<Json<Vec<MinimalConcurrencyLimit>>, ApiError> {
    let now = app.clock.now();
    let arguments = (workspace, request, app.settings.slots, now);
    let rows = app
        .store
        .write(arguments, |tx, (workspace, request, settings, now)| {
            Box::pin(async move {
                let names: Vec<String> =
                    request.names.iter().map(|tag| format!("{TAG_PREFIX}{tag}")).collect();
                let rows = concurrency_limits::by_names_for_update(tx, *workspace, &names).await?;
                let mut leases = BTreeSet::new();
                for row in &rows {
                    let holders = concurrency_leases::holders(tx, *workspace, row.limit.id, *now).await?;
                    let is_held = |holder: &_| *holder == request.task_run_id.0;
                    leases.extend(
                        holders.into_iter().filter(|(_, holder)| is_held(holder)).map(|(lease, _)| lease),
                    );
                }
                for lease in leases {
                    concurrency_leases::release(tx, *workspace, lease, false, settings, *now).await?;
                }
                Ok::<_, ApiError>(rows)
            })
        })
        .await?;
    Ok(Json(rows.iter().map(LimitRow::minimal).collect()))
}

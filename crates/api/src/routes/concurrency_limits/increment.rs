use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_orchestration::slots::{self, ConcurrencyLimit, SlotSettings};
use sluice_store::concurrency_leases::{self, NewLease};
use sluice_store::{Tx, concurrency_limits};
use sluice_wire::concurrency_limits::{LeaseHolder, LeaseHolderType, MinimalConcurrencyLimit, TagSlots};
use sluice_wire::ids::{LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::view::{LEASE, TAG_PREFIX};
use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /concurrency_limits/increment`: takes one slot of every tag for the task run, or 423.
pub async fn increment(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<TagSlots>,
) -> Result<Json<Vec<MinimalConcurrencyLimit>>, ApiError> {
    let now = app.clock.now();
    let arguments = (workspace, request, app.settings.slots, now);
    let taken = app
        .store
        .write(arguments, |tx, (workspace, request, settings, now)| {
            Box::pin(take(tx, *workspace, request, settings, *now))
        })
        .await?;
    Ok(Json(taken))
}

async fn take(
    tx: &mut Tx,
    workspace: WorkspaceId,
    request: &TagSlots,
    settings: &SlotSettings,
    now: Timestamp,
) -> Result<Vec<MinimalConcurrencyLimit>, ApiError> {
    let names: Vec<String> = request.names.iter().map(|tag| format!("{TAG_PREFIX}{tag}")).collect();
    let rows = concurrency_limits::by_names_for_update(tx, workspace, &names).await?;
    let tag_of = |limit: &ConcurrencyLimit| limit.name.trim_start_matches(TAG_PREFIX).to_owned();
    let locked =
        |detail: String| ApiError::retry_later(StatusCode::LOCKED, detail, settings.tag_wait_seconds);
    if let Some(row) = rows.iter().find(|row| row.limit.limit == 0) {
        let tag = tag_of(&row.limit);
        return Err(ApiError::detail(
            StatusCode::LOCKED,
            format!(
                "The concurrency limit on tag \"{tag}\" is 0 and will deadlock if the task tries to run again."
            ),
        ));
    }
    let active: Vec<&ConcurrencyLimit> =
        rows.iter().map(|row| &row.limit).filter(|limit| limit.active).collect();
    if active.is_empty() {
        return Ok(Vec::new());
    }
    let Some(counters) = slots::acquire(&active, 1, now, settings) else {
        let is_full = |name: &&String| {
            let limit = active.iter().find(|limit| limit.name == **name);
            limit.is_some_and(|limit| slots::acquire(&[*limit], 1, now, settings).is_none())
        };
        let full = names.iter().find(is_full).map_or("", |name| name.trim_start_matches(TAG_PREFIX));
        return Err(locked(format!("Concurrency limit for the {full} tag has been reached")));
    };
    for (limit, counters) in active.iter().zip(&counters) {
        concurrency_limits::write_counters(tx, workspace, limit.id, counters).await?;
    }
    let lease = NewLease {
        id: LeaseId::random(),
        limits: active.iter().map(|limit| limit.id).collect(),
        slots: 1,
        holder: Some(LeaseHolder { r#type: LeaseHolderType::TaskRun, id: request.task_run_id.0 }),
        expires: now + LEASE,
    };
    concurrency_leases::create(tx, workspace, &lease, now).await?;
    let minimal = |limit: &&ConcurrencyLimit| MinimalConcurrencyLimit {
        id: limit.id,
        name: tag_of(limit),
        limit: limit.limit,
    };
    Ok(active.iter().map(minimal).collect())
}

use axum::Json;
use axum::extract::State;
use serde_json::Value;
use sluice_orchestration::slots::SlotCounters;
use sluice_store::concurrency_leases::{self, NewLease};
use sluice_store::concurrency_limits;
use sluice_wire::concurrency_limits::{LeaseHolder, LeaseHolderType, ResetConcurrencyLimit};
use sluice_wire::ids::LeaseId;

use super::view::{LEASE, key_of, not_found};
use crate::extract::{OptionalBody, PathText, Workspace};
use crate::{ApiError, App};

/// `POST /concurrency_limits/tag/{tag}/reset`: takes every slot back, or gives the slots to the task runs of
/// `slot_override`.
pub async fn reset(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(tag): PathText<String>,
    OptionalBody(request): OptionalBody<ResetConcurrencyLimit>,
) -> Result<Json<Value>, ApiError> {
    let now = app.clock.now();
    let holders = request.slot_override.unwrap_or_default();
    app.store
        .write((workspace, tag, holders, now), |tx, (workspace, tag, holders, now)| {
            Box::pin(async move {
                let row = concurrency_limits::read_for_update(tx, *workspace, &key_of(tag)).await?;
                let limit = row.ok_or_else(not_found)?.limit;
                concurrency_leases::release_all(tx, *workspace, limit.id).await?;
                let active_slots = i64::try_from(holders.len()).unwrap_or(i64::MAX);
                let counters = SlotCounters { active_slots, updated: *now, ..limit.counters };
                concurrency_limits::write_counters(tx, *workspace, limit.id, &counters).await?;
                for holder in holders {
                    let lease = NewLease {
                        id: LeaseId::random(),
                        limits: vec![limit.id],
                        slots: 1,
                        holder: Some(LeaseHolder { r#type: LeaseHolderType::TaskRun, id: *holder }),
                        expires: *now + LEASE,
                    };
                    concurrency_leases::create(tx, *workspace, &lease, *now).await?;
                }
                Ok::<_, ApiError>(())
            })
        })
        .await?;
    Ok(Json(Value::Null))
}

use axum::Json;
use axum::extract::State;
use sluice_store::concurrency_leases::{self, NewLease};
use sluice_store::concurrency_limits::LimitRow;
use sluice_wire::concurrency_limits::{Increment, IncrementedWithLease};
use sluice_wire::ids::LeaseId;
use sluice_wire::time::TimeDelta;

use super::acquire::{Acquired, acquire};
use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /v2/concurrency_limits/increment-with-lease`: takes slots under a lease that gives them back when it is
/// not renewed; 423 with `Retry-After` when a limit is full.
pub async fn increment_with_lease(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<Increment>,
) -> Result<Json<IncrementedWithLease>, ApiError> {
    let now = app.clock.now();
    let lease_id = LeaseId::random();
    let arguments = (workspace, request, app.settings.slots, rand::random::<f64>(), lease_id, now);
    let acquired = app
        .store
        .write(arguments, |tx, (workspace, request, settings, uniform, lease_id, now)| {
            Box::pin(async move {
                let acquired = acquire(tx, *workspace, request, settings, *uniform, *now).await?;
                if let Acquired::Yes(limits) = &acquired {
                    let lease = NewLease {
                        id: *lease_id,
                        limits: limits.iter().map(|row| row.limit.id).collect(),
                        slots: request.slots.get(),
                        holder: request.holder,
                        expires: *now + TimeDelta::from_secs_f64(request.lease_duration.as_secs_f64()),
                    };
                    concurrency_leases::create(tx, *workspace, &lease, *now).await?;
                }
                Ok::<_, ApiError>(acquired)
            })
        })
        .await?;
    let limits = acquired.into_limits()?.iter().map(LimitRow::minimal).collect();
    Ok(Json(IncrementedWithLease { lease_id, limits }))
}

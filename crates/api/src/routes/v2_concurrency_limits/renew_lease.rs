use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::concurrency_leases;
use sluice_wire::concurrency_limits::RenewLease;
use sluice_wire::ids::LeaseId;
use sluice_wire::time::TimeDelta;

use crate::extract::{CheckedId, OptionalBody, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `POST /v2/concurrency_limits/leases/{lease_id}/renew`: 410 when the lease is gone.
pub async fn renew_lease(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    CheckedId(lease): CheckedId<LeaseId>,
    OptionalBody(request): OptionalBody<RenewLease>,
) -> Result<Response, ApiError> {
    let expires = app.clock.now() + TimeDelta::from_secs_f64(request.lease_duration.as_secs_f64());
    let exists = app
        .store
        .write((workspace, lease, expires), |tx, (workspace, lease, expires)| {
            Box::pin(concurrency_leases::renew(tx, *workspace, *lease, *expires))
        })
        .await?;
    if exists {
        Ok(no_content())
    } else {
        Err(ApiError::detail(StatusCode::GONE, "Lease not found - it may have expired or been revoked"))
    }
}

use axum::extract::State;
use axum::response::Response;
use sluice_store::concurrency_leases;
use sluice_wire::concurrency_limits::DecrementWithLease;

use crate::extract::{OptionalBody, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `POST /v2/concurrency_limits/decrement-with-lease`: ends the lease and gives its slots back; an unknown lease
/// is one that gave them back already.
pub async fn decrement_with_lease(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<DecrementWithLease>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let arguments = (workspace, request.lease_id, app.settings.slots, now);
    app.store
        .write(arguments, |tx, (workspace, lease, settings, now)| {
            Box::pin(concurrency_leases::release(tx, *workspace, *lease, true, settings, *now))
        })
        .await?;
    Ok(no_content())
}

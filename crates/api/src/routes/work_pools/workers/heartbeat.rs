use axum::extract::State;
use axum::response::Response;
use sluice_store::workers;
use sluice_wire::workers::Heartbeat;

use crate::extract::{OptionalBody, PathText, Workspace};
use crate::responses::no_content;
use crate::routes::work_pools::lookup;
use crate::{ApiError, App};

/// `POST /work_pools/{work_pool_name}/workers/heartbeat`: the worker is ONLINE, its pool READY.
pub async fn heartbeat(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(pool_name): PathText<String>,
    OptionalBody(heartbeat): OptionalBody<Heartbeat>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, pool_name, heartbeat, now), |tx, (workspace, pool_name, heartbeat, now)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, pool_name).await?;
                let interval = heartbeat.heartbeat_interval_seconds;
                workers::heartbeat(tx, *workspace, &pool, &heartbeat.name, interval, *now).await?;
                Ok::<_, ApiError>(())
            })
        })
        .await?;
    Ok(no_content())
}

//! The worker channel: shows the server that the worker lives, hears of changes of the pool, and of runs that are due
//! where the server says so. While there is no channel, heartbeats go over REST. What the server asks to be torn down is
//! the business of `cleanup`.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use sluice_client::WorkerHeartbeatBody;
use sluice_client::streams::{StreamError, WorkerChannel};
use sluice_wire::work_pools::WorkPool;
use sluice_wire::worker_channel::{CLEANUP_DELIVERY, CleanupKind, SCHEDULED_RUNS};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};
use uuid::Uuid;

use crate::cleanup::{self, Operation};
use crate::shared::Shared;

const RECONNECT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Frame {
    r#type: String,
    payload: Value,
}

/// Keeps the channel open until the worker stops.
pub(crate) async fn keep(shared: Arc<Shared>) {
    let consumer = Uuid::new_v4();
    loop {
        if let Err(error) = serve(&shared, consumer).await {
            tracing::debug!(%error, "the worker channel ended");
        }
        // Nobody says that runs are due while the channel is away.
        shared.is_told.send_replace(Some(false));
        beat(&shared).await;
        sleep(RECONNECT.min(shared.options.heartbeat_interval)).await;
    }
}

/// Says over REST that the worker lives, and reads what has become of the pool.
pub(crate) async fn beat(shared: &Shared) {
    let options = &shared.options;
    let body = WorkerHeartbeatBody {
        name: options.name.clone(),
        heartbeat_interval_seconds: options.heartbeat_interval.as_secs().max(1),
    };
    if let Err(error) = shared.client.worker_heartbeat(&options.pool, &body).await {
        tracing::warn!(%error, "cannot tell the server that this worker lives");
        return;
    }
    match shared.client.work_pool(&options.pool).await {
        Ok(Some(pool)) => shared.set_pool(pool),
        Ok(None) => tracing::warn!(pool = options.pool, "the work pool is gone"),
        Err(error) => tracing::warn!(%error, "cannot read the work pool"),
    }
}

async fn serve(shared: &Arc<Shared>, consumer: Uuid) -> Result<(), StreamError> {
    let options = &shared.options;
    let mut channel = WorkerChannel::open(shared.client.target(), &options.pool).await?;
    let seconds = options.heartbeat_interval.as_secs().max(1);
    let hello = json!({
        "consumer_id": consumer,
        "worker_name": options.name,
        "worker_type": shared.launcher.pool_type(),
        "heartbeat_interval_seconds": seconds,
        "supported_channel_versions": ["work_pool_worker_channel.v1"],
        "requested_capabilities":
            ["worker_heartbeat.v1", "work_pool_snapshot.v1", CLEANUP_DELIVERY, SCHEDULED_RUNS],
        "work_queue_names": options.queues,
        "handled_cleanup_kinds": [CleanupKind::CancellingTimeoutTeardown],
        "max_cleanup_concurrency": cleanup::MOST_AT_ONCE,
        "create_pool_if_not_found": false,
    });
    channel.send(&frame(shared, "worker.hello.v1", &hello)).await?;
    let ready: Frame = channel.receive().await?;
    let accepted = ready.payload["accepted_capabilities"].as_array().into_iter().flatten();
    let is_told = accepted.into_iter().any(|capability| capability == SCHEDULED_RUNS);
    take_pool(shared, &ready.payload["initial_snapshot"]);
    shared.is_told.send_replace(Some(is_told));
    // A run may have become due before.
    shared.wake.notify_one();
    tracing::debug!(is_told, "the worker channel is open");
    let heartbeat = json!({
        "consumer_id": consumer, "worker_name": options.name, "heartbeat_interval_seconds": seconds,
    });
    let mut beats = interval(options.heartbeat_interval);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats.reset();
    let (operation, mut operations) = mpsc::channel::<Operation>(cleanup::MOST_AT_ONCE);
    // Gone with the channel: what was not acknowledged comes again.
    let mut teardowns = JoinSet::new();
    loop {
        tokio::select! {
            _ = beats.tick() => channel.send(&frame(shared, "worker.heartbeat.v1", &heartbeat)).await?,
            Some(Operation { r#type, payload }) = operations.recv() => {
                channel.send(&frame(shared, r#type, &payload)).await?;
            }
            Some(_) = teardowns.join_next() => {}
            received = channel.receive::<Frame>() => {
                let Frame { r#type, payload } = received?;
                match r#type.as_str() {
                    "cleanup.message.v1" => {
                        teardowns.spawn(cleanup::handle(Arc::clone(shared), payload, operation.clone()));
                    }
                    "cleanup.operation_result.v1" if payload["status"] != "accepted" => {
                        tracing::debug!(%payload, "the server refused an answer to a cleanup message");
                    }
                    "scheduled_runs.due.v1" => shared.wake.notify_one(),
                    "work_pool.snapshot.v1" => {
                        take_pool(shared, &payload);
                        shared.wake.notify_one();
                    }
                    _ => {}
                }
            }
        }
    }
}

fn frame(shared: &Shared, r#type: &str, payload: &Value) -> Value {
    json!({ "type": r#type, "id": Uuid::new_v4(), "sent_at": shared.now(), "payload": payload })
}

fn take_pool(shared: &Shared, snapshot: &Value) {
    match serde_json::from_value::<WorkPool>(snapshot["work_pool"].clone()) {
        Ok(pool) => shared.set_pool(pool),
        Err(error) => {
            tracing::warn!(%error, "the server describes the work pool in a way that makes no sense")
        }
    }
}

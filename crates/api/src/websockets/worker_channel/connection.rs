//! The channel after `worker.ready.v1`.

use std::pin::pin;
use std::time::Duration;

use axum::extract::ws::{Utf8Bytes, close_code};
use sluice_store::cleanup_messages::{self, Reservation, ReserveFor, Settlement};
use sluice_store::{ScheduledRuns, StoreError, work_pools, workers};
use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::work_pools::WorkPool;
use sluice_wire::worker_channel::{
    CleanupMessage, CleanupOperation, CleanupReference, CleanupResult, CleanupStatus, CloseReason, RunsDue,
    ServerFrame, WorkPoolSnapshot, WorkerFrame, WorkerHeartbeat, WorkerHello,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::close;
use super::due_runs::DueRuns;
use crate::App;
use crate::websockets::handshake::Socket;

/// Changes of the pool that follow each other this closely are told as one.
const COALESCE: Duration = Duration::from_millis(50);
/// How often the queue of cleanup messages is looked at when nothing wakes the connection.
const CLEANUP_POLL: Duration = Duration::from_secs(1);

/// The channel of one worker.
pub(super) struct Connection {
    app: App,
    workspace: WorkspaceId,
    hello: WorkerHello,
    /// As the worker knows it.
    pool: WorkPool,
    last_sequence: i64,
    /// None: the worker does not take cleanup messages.
    cleanup: Option<ReserveFor>,
    due_runs: DueRuns,
    socket: Socket,
}

/// Why a connection ends.
enum End {
    /// The worker is gone.
    Gone,
    /// The server closes it.
    Close(CloseReason),
}

enum Wake {
    Frame(Option<Utf8Bytes>),
    PoolsChanged,
    SnapshotDue,
    CleanupDue,
    RunScheduled(Option<WorkQueueId>),
    RunsDue,
    Stopping,
}

impl Connection {
    pub(super) fn new(
        app: App,
        workspace: WorkspaceId,
        hello: WorkerHello,
        pool: WorkPool,
        queues: Vec<WorkQueueId>,
        socket: Socket,
    ) -> Self {
        let cleanup = hello.requests_cleanup().then(|| ReserveFor {
            work_pool_id: pool.id,
            work_queue_ids: queues,
            kinds: hello.handled_cleanup_kinds.clone(),
            consumer: format!("{}:{}", hello.consumer_id, hello.worker_name),
            max_concurrency: hello.max_cleanup_concurrency(),
        });
        let due_runs = DueRuns::new(&hello, &pool);
        Self { app, workspace, hello, pool, last_sequence: 1, cleanup, due_runs, socket }
    }

    /// Serves the worker until it goes away, the pool is gone, or the server stops.
    pub(super) async fn run(
        mut self,
        mut pool_changes: watch::Receiver<u64>,
        mut cleanup_changes: watch::Receiver<u64>,
        mut scheduled: ScheduledRuns,
    ) {
        let mut stopping = pin!(self.app.events.stopping());
        let mut snapshot_due: Option<(Instant, &'static str)> = None;
        let mut cleanup_due = self.cleanup.as_ref().map(|_| Instant::now());
        loop {
            let wake = tokio::select! {
                // A change is seen before a heartbeat that came after it.
                biased;
                () = &mut stopping => Wake::Stopping,
                Ok(()) = pool_changes.changed() => Wake::PoolsChanged,
                () = at(snapshot_due.map(|(due, _)| due)) => Wake::SnapshotDue,
                text = self.socket.receive_text() => Wake::Frame(text),
                Ok(()) = cleanup_changes.changed(), if cleanup_due.is_some() => Wake::CleanupDue,
                () = at(cleanup_due) => Wake::CleanupDue,
                queue = scheduled.next(), if self.due_runs.are_wanted() => Wake::RunScheduled(queue),
                () = at(self.due_runs.look_at()) => Wake::RunsDue,
            };
            let done = match wake {
                Wake::Frame(Some(text)) => self.answer(&text).await.map(|is_outdated| {
                    if is_outdated {
                        snapshot_due = Some(coalesced(snapshot_due, "heartbeat_reconciliation"));
                    }
                }),
                Wake::Frame(None) => Err(End::Gone),
                Wake::PoolsChanged => {
                    snapshot_due = Some(coalesced(snapshot_due, "work_pool_updated"));
                    self.due_runs.pool_has_changed();
                    Ok(())
                }
                Wake::SnapshotDue => match snapshot_due.take() {
                    Some((_, reason)) => self.tell_of_changes(reason).await,
                    None => Ok(()),
                },
                Wake::CleanupDue => {
                    cleanup_due = Some(Instant::now() + CLEANUP_POLL);
                    self.deliver_cleanup().await
                }
                Wake::RunScheduled(queue) => {
                    self.due_runs.are_scheduled_in(queue);
                    Ok(())
                }
                Wake::RunsDue => self.tell_of_due_runs().await,
                Wake::Stopping => {
                    return self.socket.close(close_code::AWAY, "the server is stopping").await;
                }
            };
            match done {
                Ok(()) => {}
                Err(End::Gone) => return,
                Err(End::Close(reason)) => return close(self.socket, reason).await,
            }
        }
    }

    /// Returns whether the pool is another than the worker knows.
    async fn answer(&mut self, text: &str) -> Result<bool, End> {
        match WorkerFrame::parse(text) {
            Some(WorkerFrame::Heartbeat(heartbeat)) => self.note_heartbeat(&heartbeat).await,
            Some(WorkerFrame::Cleanup { frame, operation, message }) => {
                self.settle_cleanup(frame, operation, message).await.map(|()| false)
            }
            Some(WorkerFrame::Hello(_)) | None => Err(End::Close(CloseReason::ProtocolError)),
        }
    }

    async fn note_heartbeat(&mut self, heartbeat: &WorkerHeartbeat) -> Result<bool, End> {
        if heartbeat.consumer_id != self.hello.consumer_id || heartbeat.worker_name != self.hello.worker_name
        {
            return Err(End::Close(CloseReason::ProtocolError));
        }
        let interval = heartbeat.heartbeat_interval_seconds.get();
        let arguments =
            (self.workspace, self.pool.id, heartbeat.worker_name.clone(), interval, self.app.clock.now());
        let noted: Result<Option<WorkPool>, StoreError> = self
            .app
            .store
            .write(arguments, |tx, (workspace, pool, worker, interval, now)| {
                Box::pin(async move {
                    let Some(pool) = work_pools::read(tx, *workspace, *pool).await? else { return Ok(None) };
                    workers::heartbeat(tx, *workspace, &pool, worker, Some(*interval), *now).await?;
                    Ok(Some(pool))
                })
            })
            .await;
        match noted {
            // Changes are told when they are made; this finds those of which nobody heard.
            Ok(Some(pool)) => Ok(pool.updated != self.pool.updated),
            Ok(None) => Err(End::Close(CloseReason::HeartbeatPersistenceFailed)),
            Err(error) => {
                tracing::error!(%error, "cannot store the heartbeat of a worker");
                Err(End::Close(CloseReason::HeartbeatPersistenceFailed))
            }
        }
    }

    /// Sends the pool if something changed that workers go by.
    async fn tell_of_changes(&mut self, reason: &'static str) -> Result<(), End> {
        let read = self
            .app
            .store
            .read((self.workspace, self.pool.id), |tx, (workspace, pool): &(WorkspaceId, WorkPoolId)| {
                Box::pin(work_pools::read(tx, *workspace, *pool))
            })
            .await;
        let pool = match read {
            Ok(Some(pool)) => pool,
            Ok(None) => return Err(End::Close(CloseReason::AuthorizationFailed)),
            Err(error) => return Err(transient(&error)),
        };
        let is_news = pool.base_job_template != self.pool.base_job_template
            || pool.concurrency_limit != self.pool.concurrency_limit
            || pool.is_paused != self.pool.is_paused
            || pool.storage_configuration != self.pool.storage_configuration;
        self.pool = pool;
        if !is_news {
            return Ok(());
        }
        self.last_sequence += 1;
        let snapshot =
            WorkPoolSnapshot { snapshot_sequence: self.last_sequence, reason, work_pool: self.pool.clone() };
        self.send(&ServerFrame::snapshot(self.app.clock.now(), snapshot)).await
    }

    async fn tell_of_due_runs(&mut self) -> Result<(), End> {
        match self.due_runs.look(&self.app, self.workspace).await {
            Ok(true) => {
                let due = RunsDue { work_pool_id: self.pool.id };
                self.send(&ServerFrame::runs_due(self.app.clock.now(), due)).await
            }
            Ok(false) => Ok(()),
            Err(error) => Err(transient(&error)),
        }
    }

    /// Hands out cleanup messages while some wait and the worker takes more.
    async fn deliver_cleanup(&mut self) -> Result<(), End> {
        while let Some(reservation) = self.reserve().await.map_err(|error| transient(&error))? {
            let message = CleanupReference {
                message_id: reservation.message_id,
                reservation_token: reservation.token.to_string(),
            };
            if let Err(end) = self.send(&message_frame(&self.app, reservation)).await {
                // It need not wait for the end of the lease.
                if let Err(error) = self.settle(CleanupOperation::Release, message).await {
                    tracing::warn!(%error, "cannot give a cleanup message back");
                }
                return Err(end);
            }
        }
        Ok(())
    }

    async fn reserve(&mut self) -> Result<Option<Reservation>, StoreError> {
        let Some(worker) = self.cleanup.clone() else { return Ok(None) };
        let now = self.app.clock.now();
        let arguments = (worker.work_pool_id, now);
        let is_any_waiting: bool = self
            .app
            .store
            .read(arguments, |tx, (pool, now)| Box::pin(cleanup_messages::any_waiting(tx, *pool, *now)))
            .await?;
        if !is_any_waiting {
            return Ok(None);
        }
        self.app
            .store
            .write((self.workspace, worker, now), |tx, (workspace, worker, now)| {
                Box::pin(cleanup_messages::reserve(tx, *workspace, worker, *now))
            })
            .await
    }

    async fn settle_cleanup(
        &mut self,
        frame: Uuid,
        operation: CleanupOperation,
        message: CleanupReference,
    ) -> Result<(), End> {
        let message_id = message.message_id;
        let (status, reason, lease_expires_at) = if self.cleanup.is_none() {
            (CleanupStatus::Unauthorized, Some("cleanup_delivery_not_accepted"), None)
        } else {
            match self.settle(operation, message).await {
                Ok(settlement) => (settlement.status, settlement.reason, settlement.lease_expires),
                Err(error) => {
                    tracing::error!(%error, "cannot store what a worker says about a cleanup message");
                    (CleanupStatus::Error, Some("cleanup_queue_operation_failed"), None)
                }
            }
        };
        let result = CleanupResult {
            request_frame_id: frame,
            message_id,
            operation,
            status,
            lease_expires_at,
            reason,
            detail: None,
        };
        self.send(&ServerFrame::cleanup_result(self.app.clock.now(), result)).await?;
        self.deliver_cleanup().await
    }

    async fn settle(
        &mut self,
        operation: CleanupOperation,
        message: CleanupReference,
    ) -> Result<Settlement, StoreError> {
        let arguments = (self.workspace, self.pool.id, operation, message, self.app.clock.now());
        self.app
            .store
            .write(arguments, |tx, (workspace, pool, operation, message, now)| {
                Box::pin(cleanup_messages::settle(tx, *workspace, *pool, *operation, message, *now))
            })
            .await
    }

    async fn send<P: serde::Serialize + Sync>(&mut self, frame: &ServerFrame<P>) -> Result<(), End> {
        if self.socket.send_json(frame).await { Ok(()) } else { Err(End::Gone) }
    }
}

/// When to tell of the pool, and why: after the first of several reasons, and the last one is told.
fn coalesced(due: Option<(Instant, &'static str)>, reason: &'static str) -> (Instant, &'static str) {
    (due.map_or_else(|| Instant::now() + COALESCE, |(due, _)| due), reason)
}

/// Waits for the time; for ever when there is none.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

fn transient(error: &StoreError) -> End {
    tracing::error!(%error, "the channel of a worker failed; the worker connects again");
    End::Close(CloseReason::TransientServerError)
}

fn message_frame(app: &App, reservation: Reservation) -> ServerFrame<CleanupMessage> {
    ServerFrame::cleanup_message(
        app.clock.now(),
        CleanupMessage {
            message_id: reservation.message_id,
            kind: reservation.kind,
            reservation_token: reservation.token.to_string(),
            lease_expires_at: reservation.lease_expires,
            delivery_count: reservation.delivery_count,
            work_queue_id: reservation.work_queue_id,
            target: reservation.target,
            data: RawJson::empty_object(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_reasons_the_first_says_when_and_the_last_says_why() {
        let first = coalesced(None, "work_pool_updated");
        let second = coalesced(Some(first), "heartbeat_reconciliation");
        assert_eq!(second, (first.0, "heartbeat_reconciliation"));
        assert_eq!(coalesced(Some(second), "work_pool_updated"), first);
    }
}

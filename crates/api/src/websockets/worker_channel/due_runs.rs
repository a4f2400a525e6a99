//! When the runs of a worker's queues are looked at: right after one may have become due, and at the time of the next
//! one that waits. Between those nothing is asked of the database.

use std::time::Duration;

use sluice_store::{StoreError, work_pools, work_queues};
use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::work_pools::WorkPool;
use sluice_wire::worker_channel::WorkerHello;
use tokio::time::Instant;

use crate::App;

/// Changes that follow each other this closely are looked at together.
const COALESCE: Duration = Duration::from_millis(10);
/// The next run may be due in a year; nobody sleeps for so long.
const LONGEST_SLEEP: Duration = Duration::from_secs(3_600);

/// When the runs of a worker's queues are looked at.
pub(super) struct DueRuns {
    are_wanted: bool,
    pool: WorkPoolId,
    /// None means all queues of the pool, also those that are yet to come.
    queue_names: Vec<String>,
    last_look: Option<Instant>,
    next_look: Option<Instant>,
}

impl DueRuns {
    /// Nothing is looked at for a worker that does not ask for it.
    pub(super) fn new(hello: &WorkerHello, pool: &WorkPool) -> Self {
        let are_wanted = hello.requests_scheduled_runs();
        Self {
            are_wanted,
            pool: pool.id,
            queue_names: hello.work_queue_names.clone(),
            last_look: None,
            next_look: are_wanted.then(Instant::now),
        }
    }

    pub(super) fn are_wanted(&self) -> bool {
        self.are_wanted
    }

    /// When to look next.
    pub(super) fn look_at(&self) -> Option<Instant> {
        self.next_look
    }

    /// Some run may have become due.
    pub(super) fn have_changed(&mut self) {
        if self.are_wanted {
            let soon = self.last_look.map_or_else(Instant::now, |last| last + COALESCE);
            self.next_look = Some(self.next_look.map_or(soon, |next| next.min(soon)));
        }
    }

    /// Whether a run is due now.
    pub(super) async fn look(&mut self, app: &App, workspace: WorkspaceId) -> Result<bool, StoreError> {
        self.last_look = Some(Instant::now());
        self.next_look = None;
        let now = app.clock.now();
        let arguments = (workspace, self.pool, self.queue_names.clone(), now);
        let found = app
            .store
            .read(arguments, |tx, (workspace, pool, names, now)| {
                Box::pin(async move {
                    let queues = work_queues::of_pool(tx, *workspace, *pool).await?;
                    let counts = |name: &String| names.is_empty() || names.contains(name);
                    let queues: Vec<WorkQueueId> = queues
                        .into_iter()
                        .filter(|queue| counts(&queue.name) && !queue.is_paused)
                        .map(|queue| queue.id)
                        .collect();
                    work_pools::due_runs(tx, *workspace, &queues, *now).await
                })
            })
            .await?;
        if let Some(next) = found.next {
            let micros = u64::try_from(next.since(now).as_micros()).unwrap_or(0);
            self.next_look = Some(Instant::now() + Duration::from_micros(micros).min(LONGEST_SLEEP));
        }
        Ok(found.is_any_due)
    }
}

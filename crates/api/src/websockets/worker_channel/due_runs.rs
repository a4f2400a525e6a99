//! When the runs of a worker's queues are looked at: right after one may have become due, and at the time of the next
//! one that waits. Between those nothing is asked of the database.

use std::collections::HashSet;
use std::time::Duration;

use sluice_store::{StoreError, work_pools, work_queues};
use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::work_pools::WorkPool;
use sluice_wire::work_queues::WorkQueue;
use sluice_wire::worker_channel::WorkerHello;
use tokio::time::Instant;

use crate::App;

/// Changes that follow each other this closely are looked at together.
const COALESCE: Duration = Duration::from_millis(10);
/// More queues of others are not remembered.
const MOST_FOREIGN: usize = 10_000;
/// The next run may be due in a year; nobody sleeps for so long.
const LONGEST_SLEEP: Duration = Duration::from_secs(3_600);

/// When the runs of a worker's queues are looked at.
pub(super) struct DueRuns {
    are_wanted: bool,
    pool: WorkPoolId,
    /// None means all queues of the pool, also those that are yet to come.
    queue_names: Vec<String>,
    queues: Queues,
    last_look: Option<Instant>,
    next_look: Option<Instant>,
}

/// Which queues are the worker's, as far as they have been seen. With many workers connected, each hears of every run
/// that is scheduled, and only those that it concerns look.
#[derive(Debug, Default)]
struct Queues {
    own: HashSet<WorkQueueId>,
    /// Those of others.
    foreign: HashSet<WorkQueueId>,
    /// Those of which was heard since the last look.
    unknown: HashSet<WorkQueueId>,
}

impl Queues {
    /// Whether a run that was scheduled in this queue may be for the worker.
    fn may_be_own(&mut self, queue: WorkQueueId) -> bool {
        if self.foreign.contains(&queue) {
            return false;
        }
        if !self.own.contains(&queue) {
            self.unknown.insert(queue);
        }
        true
    }

    /// These are the worker's.
    fn are(&mut self, own: HashSet<WorkQueueId>) {
        if self.foreign.len() > MOST_FOREIGN {
            self.foreign.clear();
        }
        self.foreign.extend(self.unknown.drain().filter(|queue| !own.contains(queue)));
        self.own = own;
    }

    /// A queue was created, renamed or deleted.
    fn have_changed(&mut self) {
        self.foreign.clear();
    }
}

impl DueRuns {
    /// Nothing is looked at for a worker that does not ask for it.
    pub(super) fn new(hello: &WorkerHello, pool: &WorkPool) -> Self {
        let are_wanted = hello.requests_scheduled_runs();
        Self {
            are_wanted,
            pool: pool.id,
            queue_names: hello.work_queue_names.clone(),
            queues: Queues::default(),
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

    /// The pool or its queues were changed: a pause may have ended.
    pub(super) fn pool_has_changed(&mut self) {
        self.queues.have_changed();
        self.have_changed();
    }

    /// A run was scheduled, in this queue or in any.
    pub(super) fn are_scheduled_in(&mut self, queue: Option<WorkQueueId>) {
        if queue.is_none_or(|queue| self.queues.may_be_own(queue)) {
            self.have_changed();
        }
    }

    fn have_changed(&mut self) {
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
        let (found, own) = app
            .store
            .read(arguments, |tx, (workspace, pool, names, now)| {
                Box::pin(async move {
                    let queues = work_queues::of_pool(tx, *workspace, *pool).await?;
                    let counts = |name: &String| names.is_empty() || names.contains(name);
                    let queues = queues.into_iter().filter(|queue| counts(&queue.name));
                    let (paused, open): (Vec<_>, Vec<_>) = queues.partition(|queue| queue.is_paused);
                    let ids = |queues: Vec<WorkQueue>| -> Vec<WorkQueueId> {
                        queues.into_iter().map(|queue| queue.id).collect()
                    };
                    let open = ids(open);
                    let found = work_pools::due_runs(tx, *workspace, &open, *now).await?;
                    let own: HashSet<WorkQueueId> = open.into_iter().chain(ids(paused)).collect();
                    Ok::<_, StoreError>((found, own))
                })
            })
            .await?;
        self.queues.are(own);
        if let Some(next) = found.next {
            let micros = u64::try_from(next.since(now).as_micros()).unwrap_or(0);
            self.next_look = Some(Instant::now() + Duration::from_micros(micros).min(LONGEST_SLEEP));
        }
        Ok(found.is_any_due)
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::WorkQueueId;
    use uuid::Uuid;

    use super::Queues;

    #[test]
    fn a_queue_of_others_is_looked_at_once() {
        let queue = |number: u128| WorkQueueId::from(Uuid::from_u128(number));
        let (own, foreign, late) = (queue(1), queue(2), queue(3));
        let mut queues = Queues::default();
        for queue in [own, foreign, late] {
            assert!(queues.may_be_own(queue), "nothing is known yet");
        }
        queues.are([own].into());
        assert!(queues.may_be_own(own));
        assert!(!queues.may_be_own(foreign));
        // It becomes the worker's by another name, or by one that is created anew.
        assert!(!queues.may_be_own(late));
        queues.have_changed();
        assert!(queues.may_be_own(late));
        queues.are([own, late].into());
        assert!(queues.may_be_own(late));
        // Of this one was not heard since.
        assert!(queues.may_be_own(foreign));
    }
}

//! What wakes the parts of the server that wait for new rows.

use sluice_wire::ids::WorkQueueId;
use tokio::sync::{broadcast, watch};

/// Something that was committed and that somebody may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Events wait in the outbox.
    Outbox,
    /// A schedule was created or changed.
    Schedules,
    /// A background task run was queued.
    TaskQueue,
    /// A work pool was changed.
    WorkPools,
    /// A worker-channel cleanup message was queued.
    Cleanup,
    /// Events were stored.
    Events,
    /// Log lines were stored (PostgreSQL).
    Logs,
    /// Runs were scheduled, in which queues nobody says.
    Runs,
    /// An automation was changed.
    Automations,
    /// An automation fired.
    Actions,
}

impl Topic {
    pub(crate) const ALL: [Self; 10] = [
        Self::Outbox,
        Self::Schedules,
        Self::TaskQueue,
        Self::WorkPools,
        Self::Cleanup,
        Self::Events,
        Self::Logs,
        Self::Runs,
        Self::Automations,
        Self::Actions,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Schedules => "schedules",
            Self::TaskQueue => "task_queue",
            Self::WorkPools => "work_pools",
            Self::Cleanup => "cleanup",
            Self::Events => "events",
            Self::Logs => "logs",
            Self::Runs => "runs",
            Self::Automations => "automations",
            Self::Actions => "actions",
        }
    }
}

/// How many notices of scheduled runs a listener may be behind before it has to take any queue for concerned.
const MOST_BEHIND: usize = 1_024;
/// A transaction that schedules runs in more queues than this does not name them.
const MOST_NAMED: usize = 16;

/// Whom a transaction wakes when it is committed.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    topics: Vec<Topic>,
    queues: Vec<WorkQueueId>,
}

impl Notices {
    pub(crate) fn add(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }

    /// A run was scheduled in this queue.
    pub(crate) fn add_scheduled(&mut self, queue: WorkQueueId) {
        if self.queues.len() >= MOST_NAMED {
            self.add(Topic::Runs);
        } else if !self.queues.contains(&queue) {
            self.queues.push(queue);
        }
    }

    /// What replicas tell each other; [`Signals::raise_named`] reads it.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let topics = self.topics.iter().map(|topic| topic.name().to_owned());
        topics.chain(self.queues.iter().map(|queue| format!("{SCHEDULED_IN}{queue}")))
    }
}

const SCHEDULED_IN: &str = "runs:";

/// One watch a topic: its number grows with every commit that concerned it. And the queues in which runs are scheduled.
#[derive(Debug)]
pub(crate) struct Signals {
    topics: Vec<watch::Sender<u64>>,
    scheduled: broadcast::Sender<Option<WorkQueueId>>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        let topics = Topic::ALL.iter().map(|_| watch::channel(0).0).collect();
        Self { topics, scheduled: broadcast::channel(MOST_BEHIND).0 }
    }

    pub(crate) fn raise(&self, topic: Topic) {
        self.topics[topic as usize].send_modify(|count| *count += 1);
        if topic == Topic::Runs {
            self.raise_scheduled(None);
        }
    }

    pub(crate) fn raise_all(&self) {
        Topic::ALL.into_iter().for_each(|topic| self.raise(topic));
    }

    pub(crate) fn tell(&self, notices: &Notices) {
        notices.topics.iter().for_each(|topic| self.raise(*topic));
        notices.queues.iter().for_each(|queue| self.raise_scheduled(Some(*queue)));
    }

    /// What another replica told; what it means there is nothing here for is left out.
    pub(crate) fn raise_named(&self, name: &str) {
        if let Some(queue) = name.strip_prefix(SCHEDULED_IN) {
            self.raise_scheduled(queue.parse().ok());
        } else if let Some(topic) = Topic::ALL.into_iter().find(|topic| topic.name() == name) {
            self.raise(topic);
        }
    }

    pub(crate) fn subscribe(&self, topic: Topic) -> watch::Receiver<u64> {
        self.topics[topic as usize].subscribe()
    }

    pub(crate) fn subscribe_scheduled(&self) -> ScheduledRuns {
        ScheduledRuns(self.scheduled.subscribe())
    }

    fn raise_scheduled(&self, queue: Option<WorkQueueId>) {
        // Nobody listens where no worker is connected.
        let _ = self.scheduled.send(queue);
    }
}

/// Hears in which queues runs are scheduled, by any replica.
#[derive(Debug)]
pub struct ScheduledRuns(broadcast::Receiver<Option<WorkQueueId>>);

impl ScheduledRuns {
    /// The next queue; `None` when it may be any.
    pub async fn next(&mut self) -> Option<WorkQueueId> {
        match self.0.recv().await {
            Ok(queue) => queue,
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_one_replica_tells_another_hears() {
        let (here, there) = (Signals::new(), Signals::new());
        let mut scheduled = [here.subscribe_scheduled(), there.subscribe_scheduled()];
        let queue: WorkQueueId = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let mut notices = Notices::default();
        notices.add_scheduled(queue);
        notices.add_scheduled(queue);
        notices.add(Topic::Cleanup);
        here.tell(&notices);
        notices.names().for_each(|name| there.raise_named(&name));
        there.raise_named("of another version");
        there.raise(Topic::Runs);
        here.raise(Topic::Runs);
        for (signals, scheduled) in [&here, &there].into_iter().zip(&mut scheduled) {
            assert_eq!(scheduled.next().await, Some(queue));
            // Once, and then what may be any.
            assert_eq!(scheduled.next().await, None);
            assert_eq!(*signals.subscribe(Topic::Cleanup).borrow(), 1);
            assert_eq!(*signals.subscribe(Topic::Schedules).borrow(), 0);
        }
    }

    #[tokio::test]
    async fn who_is_told_of_too_much_looks_at_everything() {
        let signals = Signals::new();
        let mut scheduled = signals.subscribe_scheduled();
        let mut notices = Notices::default();
        let queue = |number: u128| WorkQueueId::from(uuid::Uuid::from_u128(number));
        (0..=MOST_NAMED as u128).for_each(|number| notices.add_scheduled(queue(number)));
        signals.tell(&notices);
        assert_eq!(scheduled.next().await, None);
        (0..=MOST_BEHIND as u128).for_each(|number| signals.raise_scheduled(Some(queue(number))));
        assert_eq!(scheduled.next().await, None);
    }
}

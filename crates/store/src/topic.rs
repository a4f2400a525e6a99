//! What wakes the parts of the server that wait for new rows.

use tokio::sync::watch;

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
    /// A run became due or was cancelled.
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

/// One watch a topic: its number grows with every commit that concerned it.
#[derive(Debug)]
pub(crate) struct Signals(Vec<watch::Sender<u64>>);

impl Signals {
    pub(crate) fn new() -> Self {
        Self(Topic::ALL.iter().map(|_| watch::channel(0).0).collect())
    }

    pub(crate) fn raise(&self, topic: Topic) {
        self.0[topic as usize].send_modify(|count| *count += 1);
    }

    pub(crate) fn raise_all(&self, topics: &[Topic]) {
        topics.iter().for_each(|topic| self.raise(*topic));
    }

    pub(crate) fn subscribe(&self, topic: Topic) -> watch::Receiver<u64> {
        self.0[topic as usize].subscribe()
    }
}

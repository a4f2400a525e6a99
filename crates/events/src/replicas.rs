//! Hands on what the other replicas stored (PostgreSQL): every event and every log line once, none left out.
//!
//! Transactions begin in one order and end in another, so there is no last event to read on from. What is known
//! is a horizon before which every transaction is over. Each round reads everything from the last horizon on,
//! leaves out what it has handed on already, and remembers that only for what lies beyond the new horizon.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use sluice_store::commits::{CommitHorizon, commit_horizon};
use sluice_store::{StoreError, Topic, events, logs};
use sluice_wire::ids::{EventId, LogId, WorkspaceId};
use sluice_wire::logs::Log;
use tokio::sync::watch;

use crate::LiveLogs;
use crate::events::Inner;

/// How often to look when nothing is heard, in case the listening connection was lost.
const PERIOD: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_secs(1);

/// Follows the events of the other replicas until the server stops.
pub(crate) async fn follow_events(inner: Arc<Inner>) {
    let mut position = Position::default();
    let mut rounds = Rounds::new(&inner, Topic::Events);
    while rounds.begin() {
        let outcome = events_round(&inner, &mut position).await;
        rounds.rest(outcome).await;
    }
}

async fn events_round(inner: &Inner, position: &mut Position<EventId>) -> Result<(), StoreError> {
    let horizon = inner.store.read((), |tx, ()| Box::pin(commit_horizon(tx))).await?;
    if let Some(since) = position.since
        && inner.bus.has_listeners()
    {
        let seen = position.handed_on.clone();
        let stored = inner
            .store
            .read((since, inner.origin, seen), |tx, (since, origin, seen)| {
                Box::pin(async move {
                    events::committed_by_others(tx, *since, *origin, |id| seen.contains_key(&id)).await
                })
            })
            .await?;
        let mut received = Vec::with_capacity(stored.len());
        for (commit, workspace, event) in stored {
            position.handed_on.insert(event.id, commit);
            received.push((workspace, event.into_received()?));
        }
        inner.hand_on(received);
    }
    position.advance(horizon);
    Ok(())
}

/// Follows the log lines of the other replicas until the server stops.
pub(crate) async fn follow_logs(inner: Arc<Inner>) {
    let mut position = Position::default();
    let mut rounds = Rounds::new(&inner, Topic::Logs);
    while rounds.begin() {
        let outcome = logs_round(&inner, &mut position).await;
        rounds.rest(outcome).await;
    }
}

async fn logs_round(inner: &Inner, position: &mut Position<LogId>) -> Result<(), StoreError> {
    let horizon = inner.store.read((), |tx, ()| Box::pin(commit_horizon(tx))).await?;
    if let Some(since) = position.since
        && inner.log_bus.has_listeners()
    {
        let stored = inner
            .store
            .read((since, inner.origin), |tx, (since, origin)| {
                Box::pin(logs::committed_by_others(tx, *since, *origin))
            })
            .await?;
        let mut batches: HashMap<WorkspaceId, Vec<Log>> = HashMap::new();
        for (commit, workspace, log) in stored {
            if position.handed_on.insert(log.id, commit).is_none() {
                batches.entry(workspace).or_default().push(log);
            }
        }
        let live = batches.into_iter().map(|(workspace, logs)| Arc::new(LiveLogs { workspace, logs }));
        inner.log_bus.hand_on(live.collect());
    }
    position.advance(horizon);
    Ok(())
}

/// How far a follower has read.
struct Position<Id> {
    since: Option<CommitHorizon>,
    /// What it has handed on of transactions that may be read again.
    handed_on: HashMap<Id, CommitHorizon>,
}

impl<Id> Default for Position<Id> {
    fn default() -> Self {
        Self { since: None, handed_on: HashMap::new() }
    }
}

impl<Id: Eq + Hash> Position<Id> {
    fn advance(&mut self, horizon: Option<CommitHorizon>) {
        let Some(horizon) = horizon else { return };
        self.handed_on.retain(|_, commit| *commit >= horizon);
        self.since = Some(horizon);
    }
}

/// A round whenever something of a topic was committed, and now and then.
struct Rounds {
    stored: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
}

impl Rounds {
    fn new(inner: &Inner, topic: Topic) -> Self {
        Self { stored: inner.store.subscribe(topic), stopping: inner.stopping.subscribe() }
    }

    /// Whether there is to be another round.
    fn begin(&mut self) -> bool {
        self.stored.mark_unchanged();
        !*self.stopping.borrow()
    }

    /// Waits until there is a reason for another one.
    async fn rest(&mut self, outcome: Result<(), StoreError>) {
        let wait = match outcome {
            Ok(()) => PERIOD,
            Err(error) => {
                tracing::warn!(%error, "cannot read what other replicas stored; trying again");
                RETRY
            }
        };
        tokio::select! {
            // The store lives as long as this task.
            _ = self.stored.changed() => {}
            () = tokio::time::sleep(wait) => {}
            _ = self.stopping.wait_for(|stop| *stop) => {}
        }
    }
}

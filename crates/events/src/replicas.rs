//! Hands on what the other replicas stored (PostgreSQL): every event once, none left out.
//!
//! Transactions begin in one order and end in another, so there is no last event to read on from. What is known
//! is a horizon before which every transaction is over. Each round reads everything from the last horizon on,
//! leaves out what it has handed on already, and remembers that only for what lies beyond the new horizon.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sluice_store::events::{CommitHorizon, commit_horizon, committed_by_others};
use sluice_store::{StoreError, Topic};
use sluice_wire::ids::EventId;

use crate::events::Inner;

/// How often to look when nothing is heard, in case the listening connection was lost.
const PERIOD: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_secs(1);

pub(crate) async fn run(inner: Arc<Inner>) {
    let mut stored = inner.store.subscribe(Topic::Events);
    let mut stopping = inner.stopping.subscribe();
    let mut since: Option<CommitHorizon> = None;
    let mut handed_on: HashMap<EventId, CommitHorizon> = HashMap::new();
    while !*stopping.borrow() {
        stored.mark_unchanged();
        let wait = match round(&inner, &mut since, &mut handed_on).await {
            Ok(()) => PERIOD,
            Err(error) => {
                tracing::warn!(%error, "cannot read what other replicas stored; trying again");
                RETRY
            }
        };
        tokio::select! {
            // The store lives as long as this task.
            _ = stored.changed() => {}
            () = tokio::time::sleep(wait) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }
}

async fn round(
    inner: &Inner,
    since: &mut Option<CommitHorizon>,
    handed_on: &mut HashMap<EventId, CommitHorizon>,
) -> Result<(), StoreError> {
    let horizon = inner.store.read((), |tx, ()| Box::pin(commit_horizon(tx))).await?;
    let Some(horizon) = horizon else { return Ok(()) };
    if let Some(since) = *since
        && inner.bus.has_listeners()
    {
        let seen = handed_on.clone();
        let events = inner
            .store
            .read((since, inner.origin, seen), |tx, (since, origin, seen)| {
                Box::pin(async move {
                    committed_by_others(tx, *since, *origin, |id| seen.contains_key(&id)).await
                })
            })
            .await?;
        let mut received = Vec::with_capacity(events.len());
        for (commit, workspace, event) in events {
            handed_on.insert(event.id, commit);
            received.push((workspace, event.into_received()?));
        }
        inner.hand_on(received);
    }
    handed_on.retain(|_, commit| *commit >= horizon);
    *since = Some(horizon);
    Ok(())
}

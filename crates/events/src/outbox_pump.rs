//! Moves the events that were committed with a change from the outbox to the events, and hands them on. Wherever
//! it is cut short, the next round does the rest: an event leaves the outbox only after it is stored, and is
//! stored once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use sluice_store::events::{self, NewEvent};
use sluice_store::{Database, Dialect, StoreError, Topic, outbox};
use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::WorkspaceId;

use crate::events::Inner;

/// How many events are moved at once.
const BATCH: i64 = 500;
/// How long the pump waits for more after the first event of a round: each round costs two commits.
const GATHER: Duration = Duration::from_millis(20);
/// How often the outbox is looked at when nothing wakes the pump.
const PERIOD: Duration = Duration::from_secs(5);
/// After the database failed.
const RETRY: Duration = Duration::from_secs(1);

pub(crate) async fn run(inner: Arc<Inner>) {
    let mut pushed = inner.store.subscribe(Topic::Outbox);
    let mut stopping = inner.stopping.subscribe();
    loop {
        pushed.mark_unchanged();
        let wait = match round(&inner).await {
            Ok(taken) if taken >= usize::try_from(BATCH).unwrap_or(usize::MAX) => continue,
            Ok(_) if *stopping.borrow() => return,
            Ok(_) => PERIOD,
            Err(error) if *stopping.borrow() => {
                tracing::warn!(%error, "the outbox was not emptied; the next start does it");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot empty the outbox; trying again");
                RETRY
            }
        };
        let was_pushed = tokio::select! {
            // The store lives as long as this task.
            _ = pushed.changed() => true,
            () = tokio::time::sleep(wait) => false,
            _ = stopping.wait_for(|stop| *stop) => false,
        };
        if was_pushed {
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
        }
    }
}

/// Returns how many events were taken.
async fn round(inner: &Inner) -> Result<usize, StoreError> {
    let now = inner.clock.now();
    match inner.store.dialect() {
        Dialect::Postgres => {
            let (new, taken) = inner
                .store
                .write((inner.origin, now), |tx, (origin, now)| {
                    Box::pin(async move { events::drain_outbox(tx, *origin, *now, BATCH).await })
                })
                .await?;
            announce(inner, new);
            Ok(taken)
        }
        Dialect::Sqlite => across_files(inner).await,
    }
}

/// On SQLite the outbox and the events are two files: first the events are stored, then they leave the outbox.
async fn across_files(inner: &Inner) -> Result<usize, StoreError> {
    let now = inner.clock.now();
    let taken = inner.store.read((), |tx, ()| Box::pin(outbox::take(tx, BATCH))).await?;
    if taken.is_empty() {
        return Ok(0);
    }
    let positions: Vec<i64> = taken.iter().map(|(position, _, _)| *position).collect();
    let mut ids = HashSet::new();
    let received: Vec<(WorkspaceId, ReceivedEvent)> = taken
        .into_iter()
        .filter(|(_, _, event)| ids.insert(event.id))
        .map(|(_, workspace, event)| (workspace, event.receive(now)))
        .collect();
    let rows: Vec<NewEvent> =
        received.iter().map(|(workspace, event)| NewEvent::new(*workspace, event, inner.origin)).collect();
    let is_new = inner
        .store
        .write_to(Database::Telemetry, rows, |tx, rows| Box::pin(events::insert(tx, rows.iter().collect())))
        .await?;
    let new = received.into_iter().zip(is_new).filter(|(_, is_new)| *is_new).map(|(event, _)| event);
    announce(inner, new.collect());
    let count = positions.len();
    inner
        .store
        .write(positions, |tx, positions| {
            Box::pin(async move { outbox::delete_through(tx, positions).await })
        })
        .await?;
    Ok(count)
}

fn announce(inner: &Inner, new: Vec<(WorkspaceId, ReceivedEvent)>) {
    metrics::counter!("sluice_events_total", "source" => "server").increment(new.len() as u64);
    inner.hand_on(new);
}

//! Evaluates the triggers of automations.
//!
//! A cursor goes over the events in the order of their arrival. What triggers counted, what is to be done because
//! they fired, and the new place of the cursor are committed together: an event counts once, whatever happens to
//! this process. Triggers that wait for the absence of events are looked at when all that has arrived is counted.

mod arrivals;
mod firing;
mod timed;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_events::triggers::Index;
use sluice_store::automations::followers::{self, Waiting};
use sluice_store::automations::{self, schedule};
use sluice_store::{Database, StoreError, Topic, Tx, events, service_cursors};
use sluice_wire::time::{TimeDelta, Timestamp};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

/// Under this name stands how far events are evaluated.
const NAME: &str = "triggers";
const PERIOD: Duration = Duration::from_secs(5);
/// How often the cursor is written when no event concerned anybody.
const NOTE_CURSOR_EVERY: TimeDelta = TimeDelta::from_secs(5);

/// The service that evaluates triggers.
#[derive(Debug, Default)]
pub struct Triggers {
    memory: Mutex<Memory>,
}

/// Copies of what stands in the database, and what may be forgotten.
#[derive(Debug, Default)]
struct Memory {
    loaded: Option<Arc<Loaded>>,
    /// How far events are evaluated; written when it matters.
    cursor: i64,
    cursor_written_at: Option<Timestamp>,
    /// When triggers that nothing has to happen for are looked at next.
    schedule: HashMap<Uuid, Timestamp>,
    /// By how much the events that arrive now are late.
    lag: TimeDelta,
    last_arrival: Option<Timestamp>,
    next_sweep: Option<Timestamp>,
}

/// The automations as they were at a version.
#[derive(Debug)]
struct Loaded {
    version: i64,
    index: Index,
}

impl Service for Triggers {
    fn name(&self) -> &'static str {
        "triggers"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn wakes_on(&self) -> Option<Topic> {
        Some(Topic::Events)
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        async move {
            let mut memory = self.memory.lock().await;
            round(context, &mut memory).await
        }
        .boxed()
    }
}

async fn round(context: &Context, memory: &mut Memory) -> Result<Next, ServiceError> {
    let (version, stored, waiting) = context
        .store()
        .read((), |tx, ()| {
            Box::pin(async move {
                let version = automations::version(tx).await?;
                let cursor = service_cursors::read(tx, NAME).await?;
                Ok::<_, StoreError>((version, cursor, followers::waiting(tx).await?))
            })
        })
        .await?;
    match stored {
        Some(stored) => memory.cursor = memory.cursor.max(stored),
        // What happened before there was anybody to look is not looked at.
        None => {
            let latest = latest_arrival(context).await?;
            write_cursor(context, memory, latest).await?;
        }
    }
    if memory.loaded.as_ref().is_none_or(|loaded| loaded.version != version) {
        load(context, memory, version).await?;
    }
    let Some(loaded) = memory.loaded.clone() else { return Ok(Next::Period) };
    if loaded.index.is_empty() && waiting == Waiting::default() {
        let latest = latest_arrival(context).await?.max(memory.cursor);
        note_cursor(context, memory, latest).await?;
        return Ok(Next::Period);
    }
    if arrivals::evaluate(context, memory, &loaded, waiting).await? {
        return Ok(Next::Again);
    }
    timed::evaluate(context, memory, &loaded).await
}

async fn load(context: &Context, memory: &mut Memory, version: i64) -> Result<(), ServiceError> {
    let (automations, schedule) = context
        .store()
        .read((), |tx, ()| {
            Box::pin(async move {
                Ok::<_, StoreError>((automations::read_enabled(tx).await?, schedule::read(tx).await?))
            })
        })
        .await?;
    tracing::debug!(automations = automations.len(), version, "read the automations");
    memory.loaded = Some(Arc::new(Loaded { version, index: Index::new(automations) }));
    memory.schedule = schedule;
    Ok(())
}

async fn latest_arrival(context: &Context) -> Result<i64, StoreError> {
    context.store().read_from(Database::Telemetry, (), |tx, ()| Box::pin(events::latest_arrival(tx))).await
}

/// Moves the cursor over events that concern nobody; it is written now and then.
async fn note_cursor(context: &Context, memory: &mut Memory, cursor: i64) -> Result<(), StoreError> {
    let now = context.now();
    let is_due = memory.cursor_written_at.is_none_or(|written| now.since(written) >= NOTE_CURSOR_EVERY);
    if cursor < memory.cursor || (cursor != memory.cursor && is_due) {
        return write_cursor(context, memory, cursor).await;
    }
    memory.cursor = cursor;
    Ok(())
}

async fn write_cursor(context: &Context, memory: &mut Memory, cursor: i64) -> Result<(), StoreError> {
    context.write(cursor, |tx, cursor| Box::pin(service_cursors::write(tx, NAME, *cursor))).await?;
    memory.cursor = cursor;
    memory.cursor_written_at = Some(context.now());
    Ok(())
}

/// Whether the automations are still those that were read; they stay so until the transaction ends.
async fn is_current(tx: &mut Tx, loaded: &Loaded) -> Result<bool, StoreError> {
    Ok(automations::hold_version(tx).await? == loaded.version)
}

//! Events that have arrived, in order. An event that follows another waits for it, for a while.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sluice_events::triggers::LOOKBACK;
use sluice_events::triggers::event::on_event;
use sluice_store::automations::buckets::{self, BucketKey};
use sluice_store::automations::followers::{self, Waiting};
use sluice_store::events::Arrival;
use sluice_store::{Database, StoreError, Tx, events, service_cursors};
use sluice_wire::automations::Trigger;
use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::time::{TimeDelta, Timestamp};

use super::firing::Firings;
use super::{Loaded, Memory, NAME, is_current, note_cursor};
use crate::{Context, ServiceError};

/// Events that follow events that follow events: deeper ones come on their own.
const DEEPEST: usize = 20;

/// What is done with an event, in order.
#[derive(Debug)]
enum Step {
    /// It is counted.
    Evaluate(WorkspaceId, ReceivedEvent),
    /// It waits for another.
    Keep(WorkspaceId, EventId, ReceivedEvent),
    /// It has arrived, so those that wait for it are counted.
    Release(EventId),
}

/// Evaluates a page of events; returns whether there are more.
pub(super) async fn evaluate(
    context: &Context,
    memory: &mut Memory,
    loaded: &Arc<Loaded>,
    waiting: Waiting,
) -> Result<bool, ServiceError> {
    let cursor = memory.cursor;
    let page = context
        .store()
        .read_from(Database::Telemetry, cursor, |tx, cursor| Box::pin(events::arrivals(tx, *cursor)))
        .await?;
    let is_waiting = !waiting.followers.is_empty();
    let steps = steps(context, memory, loaded, waiting, page.arrivals).await?;
    if steps.is_empty() && !is_waiting {
        note_cursor(context, memory, page.through).await?;
        return Ok(page.is_full);
    }
    let now = context.now();
    let through = page.through;
    let is_done = context
        .write((Arc::clone(loaded), steps, through, now), |tx, (loaded, steps, through, now)| {
            Box::pin(async move {
                if !is_current(tx, loaded).await? {
                    return Ok(false);
                }
                let mut counting = Counting { loaded, firings: Firings::new(*now) };
                for step in steps {
                    counting.take(tx, step).await?;
                }
                for (workspace, event) in followers::take_lost(tx, *now - LOOKBACK).await? {
                    counting.count(tx, workspace, &event).await?;
                    counting.release(tx, event.id).await?;
                }
                service_cursors::write(tx, NAME, *through).await?;
                Ok(true)
            })
        })
        .await?;
    if !is_done {
        // An automation changed meanwhile: look again with the new ones.
        return Ok(true);
    }
    memory.cursor = through;
    memory.cursor_written_at = Some(now);
    Ok(page.is_full)
}

async fn steps(
    context: &Context,
    memory: &mut Memory,
    loaded: &Loaded,
    waiting: Waiting,
    arrivals: Vec<Arrival>,
) -> Result<Vec<Step>, ServiceError> {
    let concerned: Vec<EventId> = arrivals
        .iter()
        .filter(|arrival| loaded.index.may_concern(arrival.workspace, &arrival.event, &arrival.resource_id))
        .map(|arrival| arrival.id)
        .collect();
    let mut found: HashMap<EventId, ReceivedEvent> = HashMap::new();
    if !concerned.is_empty() {
        let read = context
            .store()
            .read_from(Database::Telemetry, concerned, |tx, ids| Box::pin(events::read_by_ids(tx, ids)))
            .await?;
        found.extend(
            read.into_iter()
                .filter(|(workspace, event)| !loaded.index.concerned(*workspace, event).is_empty())
                .map(|(_, event)| (event.id, storable(event))),
        );
    }
    note_lag(memory, &found, context.now());
    let arrived = arrived_leaders(context, memory.cursor, &found).await?;
    let Waiting { mut followers, mut leaders } = waiting;
    let mut steps = Vec::new();
    let mut passed: HashSet<EventId> = HashSet::new();
    for arrival in arrivals {
        if let Some(event) = found.remove(&arrival.id) {
            let is_young = context.now().since(event.received) < LOOKBACK;
            let leader = event.follows.filter(|leader| {
                let has_come = passed.contains(leader) || arrived.contains(leader);
                is_young && (followers.contains(leader) || !has_come)
            });
            if let Some(leader) = leader {
                followers.insert(event.id);
                leaders.insert(leader);
                steps.push(Step::Keep(arrival.workspace, leader, event));
                continue;
            }
            steps.push(Step::Evaluate(arrival.workspace, event));
        }
        passed.insert(arrival.id);
        if leaders.contains(&arrival.id) {
            steps.push(Step::Release(arrival.id));
        }
    }
    Ok(steps)
}

/// The event as triggers remember it. A payload that PostgreSQL keeps in no JSON would stop all automations.
fn storable(mut event: ReceivedEvent) -> ReceivedEvent {
    event.payload = event.payload.without_odd_escapes().into_owned();
    event
}

/// Of the events that others follow, those that were there before this page.
async fn arrived_leaders(
    context: &Context,
    cursor: i64,
    found: &HashMap<EventId, ReceivedEvent>,
) -> Result<HashSet<EventId>, StoreError> {
    let leaders: Vec<EventId> = found.values().filter_map(|event| event.follows).collect();
    if leaders.is_empty() {
        return Ok(HashSet::new());
    }
    let positions = context
        .store()
        .read_from(Database::Telemetry, leaders, |tx, leaders| Box::pin(events::positions(tx, leaders)))
        .await?;
    Ok(positions.into_iter().filter(|(_, position)| *position <= cursor).map(|(id, _)| id).collect())
}

/// The freshest event tells how late events are; who waits for their absence waits so much longer.
fn note_lag(memory: &mut Memory, found: &HashMap<EventId, ReceivedEvent>, now: Timestamp) {
    let lag = found.values().map(|event| event.received.since(event.occurred)).min();
    if let Some(lag) = lag {
        memory.lag = lag.clamp(TimeDelta::ZERO, super::timed::MOST_LAG);
        memory.last_arrival = Some(now);
    }
}

struct Counting<'l> {
    loaded: &'l Loaded,
    firings: Firings,
}

impl Counting<'_> {
    async fn take(&mut self, tx: &mut Tx, step: &Step) -> Result<(), StoreError> {
        match step {
            Step::Evaluate(workspace, event) => self.count(tx, *workspace, event).await,
            Step::Keep(workspace, leader, event) => followers::keep(tx, *workspace, *leader, event).await,
            Step::Release(leader) => self.release(tx, *leader).await,
        }
    }

    /// Counts the events that waited for `leader`, and those that waited for them.
    async fn release(&mut self, tx: &mut Tx, leader: EventId) -> Result<(), StoreError> {
        let mut leaders = vec![leader];
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for leader in leaders {
                for (workspace, event) in followers::take(tx, leader).await? {
                    self.count(tx, workspace, &event).await?;
                    next.push(event.id);
                }
            }
            if next.is_empty() {
                break;
            }
            leaders = next;
        }
        Ok(())
    }

    async fn count(
        &mut self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        event: &ReceivedEvent,
    ) -> Result<(), StoreError> {
        for evaluated in self.loaded.index.concerned(workspace, event) {
            let Trigger::Event(trigger) = evaluated.trigger() else { continue };
            if event.received < evaluated.automation.created {
                continue;
            }
            let key = BucketKey {
                workspace,
                automation: evaluated.automation.id,
                trigger: trigger.id,
                values: trigger.bucketing_key(event),
            };
            // One that fires for every event has nothing to remember.
            let remembers = !(trigger.is_immediate() && trigger.after.is_empty() && trigger.threshold <= 1);
            let before = if remembers { buckets::read(tx, &key).await? } else { None };
            let Some(evaluation) = on_event(trigger, before.clone(), event) else { continue };
            if remembers && evaluation.bucket != before {
                buckets::write(tx, &key, evaluation.bucket.as_ref()).await?;
            }
            for triggering_event in evaluation.firings {
                let labels = trigger.labels_of_key(&key.values);
                self.firings.of_event_trigger(tx, evaluated, labels, triggering_event).await?;
            }
        }
        Ok(())
    }
}

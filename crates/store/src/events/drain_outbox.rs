use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::{NewEvent, insert};
use crate::{Result, Tx, outbox};

/// Moves at most `limit` events from the outbox to the events, in one transaction (PostgreSQL, where both are in
/// one database). Returns those that are new, and how many were taken.
pub async fn drain_outbox(
    tx: &mut Tx,
    origin: i64,
    now: Timestamp,
    limit: i64,
) -> Result<(Vec<(WorkspaceId, ReceivedEvent)>, usize)> {
    let taken = outbox::take(tx, limit).await?;
    let positions: Vec<i64> = taken.iter().map(|(position, _, _)| *position).collect();
    let mut events: Vec<(WorkspaceId, ReceivedEvent)> = Vec::with_capacity(taken.len());
    let mut ids = std::collections::HashSet::new();
    for (_, workspace, event) in taken {
        if ids.insert(event.id) {
            events.push((workspace, event.receive(now)));
        }
    }
    let rows: Vec<NewEvent> =
        events.iter().map(|(workspace, event)| NewEvent::new(*workspace, event, origin)).collect();
    let is_new = insert(tx, rows.iter().collect()).await?;
    outbox::delete_through(tx, &positions).await?;
    let mut is_new = is_new.into_iter();
    events.retain(|_| is_new.next().unwrap_or(false));
    Ok((events, positions.len()))
}

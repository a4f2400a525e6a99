//! Events that wait for the event that they follow.

use std::collections::HashSet;

use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::text;
use crate::{Json, Result, Row, Sql, Tx, params};

/// The events that wait, and those that they wait for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// They wait.
    pub followers: HashSet<EventId>,
    /// They are waited for.
    pub leaders: HashSet<EventId>,
}

/// The events that wait, and those that they wait for.
pub async fn waiting(tx: &mut Tx) -> Result<Waiting> {
    let rows = tx
        .query("SELECT follower_event_id, leader_event_id FROM automation_event_follower", Vec::new())
        .await?;
    let mut waiting = Waiting::default();
    for row in rows {
        let mut columns = row.columns();
        waiting.followers.insert(columns.take()?);
        waiting.leaders.insert(columns.take()?);
    }
    Ok(waiting)
}

/// Keeps an event until `leader` has arrived.
pub async fn keep(
    tx: &mut Tx,
    workspace: WorkspaceId,
    leader: EventId,
    follower: &ReceivedEvent,
) -> Result<()> {
    tx.execute(
        "INSERT INTO automation_event_follower
             (follower_event_id, workspace_id, leader_event_id, received, follower)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (follower_event_id) DO NOTHING",
        params![follower.id, workspace, leader, follower.received, text(follower)?],
    )
    .await?;
    Ok(())
}

/// Takes the events that waited for `leader`, in the order in which they occurred.
pub async fn take(tx: &mut Tx, leader: EventId) -> Result<Vec<(WorkspaceId, ReceivedEvent)>> {
    let mut sql = Sql::new(tx.dialect(), "DELETE FROM automation_event_follower WHERE leader_event_id = ");
    sql.bind(leader).push(" RETURNING workspace_id, follower");
    taken(tx.query_sql(sql).await?)
}

/// Takes the events that were received before `before`: what they follow will not come any more.
pub async fn take_lost(tx: &mut Tx, before: Timestamp) -> Result<Vec<(WorkspaceId, ReceivedEvent)>> {
    let mut sql = Sql::new(tx.dialect(), "DELETE FROM automation_event_follower WHERE received < ");
    sql.bind(before).push(" RETURNING workspace_id, follower");
    taken(tx.query_sql(sql).await?)
}

fn taken(rows: Vec<Row>) -> Result<Vec<(WorkspaceId, ReceivedEvent)>> {
    let mut events = rows
        .into_iter()
        .map(|row| {
            let mut columns = row.columns();
            let workspace = columns.take()?;
            let Json(event) = columns.take()?;
            Ok((workspace, event))
        })
        .collect::<Result<Vec<(WorkspaceId, ReceivedEvent)>>>()?;
    events.sort_by_key(|(_, event)| (event.occurred, event.id));
    Ok(events)
}

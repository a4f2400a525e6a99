use serde::Deserialize;
use sluice_wire::events::{Event, Labels};
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Dialect, Json, Result, Tx, params};

/// The oldest events of the outbox, at most `limit`, with their positions. On PostgreSQL they stay locked until
/// the transaction ends, and those that another replica holds are passed over.
pub async fn take(tx: &mut Tx, limit: i64) -> Result<Vec<(i64, WorkspaceId, Event)>> {
    let text = match tx.dialect() {
        Dialect::Sqlite => "SELECT position, workspace_id, event FROM outbox ORDER BY position LIMIT ?1",
        Dialect::Postgres => {
            "SELECT position, workspace_id, event FROM outbox ORDER BY position LIMIT ?1 FOR UPDATE SKIP LOCKED"
        }
    };
    let rows = tx.query(text, params![limit]).await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            let (position, workspace) = (columns.take()?, columns.take()?);
            let Json(Pushed { occurred, event, resource, related, payload, id, follows }) = columns.take()?;
            Ok((position, workspace, Event { occurred, event, resource, related, payload, id, follows }))
        })
        .collect()
}

/// An event as this server wrote it. It is not held to the rules for events of clients: one that could not be read would
/// stand in the way of all others for ever.
#[derive(Deserialize)]
struct Pushed {
    occurred: Timestamp,
    event: String,
    resource: Labels,
    related: Vec<Labels>,
    payload: RawJson,
    id: EventId,
    follows: Option<EventId>,
}

/// Removes the events at these positions: they are with the telemetry now.
pub async fn delete_through(tx: &mut Tx, positions: &[i64]) -> Result<()> {
    let rows = positions.iter().map(|position| params![*position]).collect();
    tx.execute_many("DELETE FROM outbox WHERE position = ?1", rows).await?;
    Ok(())
}

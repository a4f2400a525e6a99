//! How a replica learns what the others stored (PostgreSQL).

use sluice_wire::ids::{EventId, WorkspaceId};

use super::COLUMNS;
use super::read::{StoredEvent, from_row};
use crate::commits::CommitHorizon;
use crate::{FromValue, Result, Row, Sql, StoreError, Tx};

/// The events that processes other than `origin` stored in transactions at or after `since`. A transaction that
/// was not over at `since` may have been read before: pass the ids that were in `seen`.
pub async fn committed_by_others(
    tx: &mut Tx,
    since: CommitHorizon,
    origin: i64,
    seen: impl Fn(EventId) -> bool,
) -> Result<Vec<(CommitHorizon, WorkspaceId, StoredEvent)>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT event.id FROM event WHERE event.commit_xid >= ");
    sql.bind(since.position())
        .push(" AND event.origin <> ")
        .bind(origin)
        .push(" ORDER BY event.commit_xid, event.occurred");
    let ids = tx.query_sql(sql).await?.into_iter().map(Row::scalar::<EventId>).collect::<Result<Vec<_>>>()?;
    let new_ids: Vec<EventId> = ids.into_iter().filter(|id| !seen(*id)).collect();
    let mut events = Vec::with_capacity(new_ids.len());
    for ids in new_ids.chunks(500) {
        let mut sql = Sql::new(tx.dialect(), "SELECT ");
        sql.push(COLUMNS).push(", event.workspace_id, event.commit_xid FROM event WHERE event.id IN (");
        sql.bind_list(ids.iter().copied()).push(") ORDER BY event.commit_xid, event.occurred, event.id");
        for Row(mut values) in tx.query_sql(sql).await? {
            let short = || StoreError::Corrupt("the row has fewer columns".to_owned());
            let commit = CommitHorizon::from_value(values.pop().ok_or_else(short)?)?;
            let workspace = WorkspaceId::from_value(values.pop().ok_or_else(short)?)?;
            events.push((commit, workspace, from_row(Row(values))?));
        }
    }
    Ok(events)
}

use sluice_wire::ids::WorkspaceId;
use sluice_wire::logs::Log;

use super::filter::from_row;
use crate::commits::CommitHorizon;
use crate::{FromValue, Result, Row, StoreError, Tx, params};

/// The log lines that processes other than `origin` stored in transactions at or after `since` (PostgreSQL). A
/// transaction that was not over at `since` may have been read before.
pub async fn committed_by_others(
    tx: &mut Tx,
    since: CommitHorizon,
    origin: i64,
) -> Result<Vec<(CommitHorizon, WorkspaceId, Log)>> {
    let rows = tx
        .query(
            "SELECT log.id, log.created, log.name, log.level, log.message, log.timestamp, log.flow_run_id,
                log.task_run_id, log.workspace_id, log.commit_xid
             FROM log WHERE log.origin IS NOT NULL AND log.commit_xid >= ?1 AND log.origin <> ?2
             ORDER BY log.commit_xid, log.id",
            params![since.position(), origin],
        )
        .await?;
    rows.into_iter()
        .map(|Row(mut values)| {
            let short = || StoreError::Corrupt("the row has fewer columns".to_owned());
            let commit = CommitHorizon::from_value(values.pop().ok_or_else(short)?)?;
            let workspace = WorkspaceId::from_value(values.pop().ok_or_else(short)?)?;
            let log = from_row(Row(values))?;
            // As they come live where they were sent.
            Ok((commit, workspace, Log { created: None, updated: None, ..log }))
        })
        .collect()
}

use sluice_wire::filters::LogFilter;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::logs::Log;
use sluice_wire::sorting::LogSort;
use sluice_wire::time::Timestamp;

use crate::{Result, Row, Sql, Tx, filters};

/// A page of the log lines that meet the filter.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filter: Option<&LogFilter>,
    sort: LogSort,
    limit: i64,
    offset: i64,
) -> Result<Vec<Log>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT log.id, log.created, log.name, log.level, log.message, log.timestamp, log.flow_run_id, \
         log.task_run_id FROM log",
    );
    filters::logs::push_where(&mut sql, workspace, filter);
    filters::logs::push_order(&mut sql, sort);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

pub(super) fn from_row(row: Row) -> Result<Log> {
    let mut columns = row.columns();
    let id = columns.take()?;
    let created: Timestamp = columns.take()?;
    Ok(Log {
        id,
        created: Some(created),
        updated: Some(created),
        name: columns.take()?,
        level: columns.take()?,
        message: columns.take()?,
        timestamp: columns.take()?,
        flow_run_id: columns.take()?,
        task_run_id: columns.take()?,
    })
}

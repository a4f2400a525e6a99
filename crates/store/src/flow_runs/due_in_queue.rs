use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::columns::{from_row, select_flow_runs};
use crate::{Result, Sql, Tx};

/// The scheduled runs of a queue, at most `limit`, the one that is due first first. `before`: only those that are due
/// then.
pub async fn due_in_queue(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queue: WorkQueueId,
    before: Option<Timestamp>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<FlowRun>> {
    let mut sql = Sql::new(tx.dialect(), select_flow_runs!());
    sql.push(" WHERE flow_run.work_queue_id = ").bind(queue);
    sql.push(" AND flow_run.state_type = 'SCHEDULED' AND flow_run.workspace_id = ").bind(workspace);
    if let Some(before) = before {
        sql.push(" AND flow_run.next_scheduled_start_time <= ").bind(before);
    }
    sql.push(" ORDER BY flow_run.next_scheduled_start_time, flow_run.id LIMIT ").bind(limit);
    tx.query_sql(sql).await?.into_iter().map(|row| from_row(row, now)).collect()
}

use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::SlotHolder;

use crate::{Result, Row, Sql, Tx};

/// In which states a run holds a slot of its queue. The two families of routes count differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotStates {
    /// `/work_pools`: pending and running.
    OfPools,
    /// `/work_queues`: pending, running and cancelling.
    OfQueues,
}

impl SlotStates {
    fn condition(self) -> &'static str {
        match self {
            Self::OfPools => " AND state_type IN ('PENDING', 'RUNNING')",
            Self::OfQueues => " AND state_type IN ('PENDING', 'RUNNING', 'CANCELLING')",
        }
    }
}

/// How many runs hold slots of the queue.
pub async fn count_slot_holders(tx: &mut Tx, queue: WorkQueueId, states: SlotStates) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM flow_run WHERE work_queue_id = ");
    sql.bind(queue).push(states.condition());
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}

/// The runs that hold slots of the queue, by id.
pub async fn slot_holders(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queue: WorkQueueId,
    states: SlotStates,
    limit: i64,
    offset: i64,
    now: Timestamp,
) -> Result<Vec<SlotHolder>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT id, name, state_type, state_name, start_time, state_timestamp FROM flow_run
         WHERE work_queue_id = ",
    );
    sql.bind(queue).push(states.condition()).push(" AND workspace_id = ").bind(workspace);
    sql.push(" ORDER BY id LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    tx.query_sql(sql).await?.into_iter().map(|row| from_row(row, now)).collect()
}

fn from_row(row: Row, now: Timestamp) -> Result<SlotHolder> {
    let mut columns = row.columns();
    let (id, name, state_type) = (columns.take()?, columns.take()?, columns.take()?);
    let (state_name, start_time) = (columns.take()?, columns.take()?);
    let state_timestamp: Option<Timestamp> = columns.take()?;
    let time_in_current_state = state_timestamp.map(|since| now.since(since));
    Ok(SlotHolder { id, name, state_type, state_name, start_time, state_timestamp, time_in_current_state })
}

use sluice_wire::work_queues::{WorkQueue, WorkQueueStatus};

use crate::{Result, Row, StoreError};

/// The columns of [`from_row`], in its order; `work_pool` must be joined.
pub(crate) const COLUMNS: &str = "work_queue.id, work_queue.created, work_queue.updated, work_queue.name, \
     work_queue.description, work_queue.is_paused, work_queue.concurrency_limit, work_queue.priority, \
     work_queue.work_pool_id, work_queue.filter, work_queue.last_polled, work_pool.name, work_queue.status";

/// What [`COLUMNS`] are read from.
pub(crate) const FROM: &str = "work_queue JOIN work_pool ON work_pool.id = work_queue.work_pool_id";

pub(crate) fn from_row(row: Row) -> Result<WorkQueue> {
    let mut columns = row.columns();
    Ok(WorkQueue {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        description: columns.take()?,
        is_paused: columns.take()?,
        concurrency_limit: columns.take()?,
        priority: columns.take()?,
        work_pool_id: columns.take()?,
        filter: columns.take()?,
        last_polled: columns.take()?,
        work_pool_name: columns.take()?,
        status: Some(status(&columns.take::<String>()?)?),
        active_slots: None,
    })
}

fn status(text: &str) -> Result<WorkQueueStatus> {
    match text {
        "READY" => Ok(WorkQueueStatus::Ready),
        "NOT_READY" => Ok(WorkQueueStatus::NotReady),
        "PAUSED" => Ok(WorkQueueStatus::Paused),
        other => Err(StoreError::Corrupt(format!("{other} is no status of a work queue"))),
    }
}

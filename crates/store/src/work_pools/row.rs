use sluice_wire::ids::EventId;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{WorkPool, WorkPoolStatus};

use super::create::AGENT_TYPE;
use crate::{Json, Result, Row, StoreError};

/// The columns of [`from_row`], in its order.
pub(crate) const COLUMNS: &str = "work_pool.id, work_pool.created, work_pool.updated, work_pool.name, \
     work_pool.description, work_pool.type, work_pool.base_job_template, work_pool.is_paused, \
     work_pool.concurrency_limit, work_pool.status, work_pool.default_queue_id, work_pool.storage_configuration, \
     work_pool.last_transitioned_status_at, work_pool.last_status_event_id";

/// A pool with what only the store looks at.
#[derive(Debug, Clone)]
pub(crate) struct StoredPool {
    pub(crate) pool: WorkPool,
    pub(crate) last_transitioned_status_at: Option<Timestamp>,
    pub(crate) last_status_event_id: Option<EventId>,
}

pub(crate) fn from_row(row: Row) -> Result<StoredPool> {
    let mut columns = row.columns();
    let mut pool = WorkPool {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        description: columns.take()?,
        r#type: columns.take()?,
        base_job_template: columns.take()?,
        is_paused: columns.take()?,
        concurrency_limit: columns.take()?,
        status: Some(status(&columns.take::<String>()?)?),
        default_queue_id: columns.take()?,
        storage_configuration: columns.take::<Json<_>>()?.0,
        active_slots: None,
    };
    if pool.r#type == AGENT_TYPE {
        pool.status = None;
    }
    Ok(StoredPool {
        pool,
        last_transitioned_status_at: columns.take()?,
        last_status_event_id: columns.take()?,
    })
}

pub(crate) fn status(text: &str) -> Result<WorkPoolStatus> {
    match text {
        "READY" => Ok(WorkPoolStatus::Ready),
        "NOT_READY" => Ok(WorkPoolStatus::NotReady),
        "PAUSED" => Ok(WorkPoolStatus::Paused),
        other => Err(StoreError::Corrupt(format!("{other} is no status of a work pool"))),
    }
}

//! Which workers.

use sluice_wire::filters::WorkerFilter;

use super::criteria::Group;
use crate::Sql;

/// Appends the condition of the filter on table `worker`, in parentheses. Their order is by the newest heartbeat.
pub fn push(sql: &mut Sql, filter: &WorkerFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("worker.last_heartbeat_time", filter.last_heartbeat_time.as_ref());
    group.add("worker.status", filter.status.as_ref());
    group.close();
}

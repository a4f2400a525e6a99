//! Which incidents.

use sluice_wire::ids::WorkspaceId;
use sluice_wire::incidents::IncidentFilter;

use super::criteria::Group;
use super::{Direction, push_order_by, push_workspace};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `incident`.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: Option<&IncidentFilter>) {
    push_workspace(sql, "incident", workspace);
    if let Some(filter) = filter {
        let mut group = Group::open(sql.push(" AND "), filter.operator);
        group.add("incident.id", filter.id.as_ref());
        group.add("incident.severity", filter.severity.as_ref());
        group.add("incident.status", filter.status.as_ref());
        group.add("incident.automation_id", filter.automation_id.as_ref());
        group.close();
    }
}

/// Appends ` ORDER BY`: the newest first.
pub fn push_order(sql: &mut Sql) {
    push_order_by(sql, "incident", "incident.created", Direction::Descending);
}

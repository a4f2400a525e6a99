//! Which schedules of deployments.

use sluice_wire::filters::DeploymentScheduleFilter;

use super::criteria::Group;
use crate::Sql;

/// Appends the condition of the filter on table `deployment_schedule`, in parentheses.
pub fn push(sql: &mut Sql, filter: &DeploymentScheduleFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("deployment_schedule.active", filter.active.as_ref());
    group.close();
}

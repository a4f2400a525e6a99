//! Which automations, in which order.

use sluice_wire::filters::{AutomationFilter, CreatedBeforeFilter, Operator};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::AutomationSort;

use super::criteria::{Criterion, Group};
use super::{Direction, push_order_by, push_workspace};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `automation`.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: Option<&AutomationFilter>) {
    push_workspace(sql, "automation", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: AutomationSort) {
    let (expression, direction) = match sort {
        AutomationSort::NameAsc => ("automation.name", Direction::Ascending),
        AutomationSort::NameDesc => ("automation.name", Direction::Descending),
        AutomationSort::CreatedDesc => ("automation.created", Direction::Descending),
        AutomationSort::UpdatedDesc => ("automation.updated", Direction::Descending),
    };
    push_order_by(sql, "automation", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &AutomationFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("automation.id", filter.id.as_ref());
    group.add("automation.name", filter.name.as_ref());
    group.add("automation.created", filter.created.as_ref());
    group.add("automation.tags", filter.tags.as_ref());
    group.close();
}

impl Criterion for CreatedBeforeFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        if let Some(before) = self.before_ {
            group.condition().push(column).push(" <= ").bind(before);
        }
        group.close();
    }
}

//! Which log lines, in which order.

use sluice_wire::filters::{LogFilter, Operator};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::LogSort;
use sluice_wire::text_search::TextSearch;

use super::criteria::Group;
use super::{Direction, push_order_by, push_workspace};
use crate::{Dialect, Sql};

/// Appends ` WHERE` with the conditions on table `log`.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: Option<&LogFilter>) {
    push_workspace(sql, "log", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: LogSort) {
    let direction = match sort {
        LogSort::TimestampAsc => Direction::Ascending,
        LogSort::TimestampDesc => Direction::Descending,
    };
    push_order_by(sql, "log", "log.timestamp", direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &LogFilter) {
    let mut group = Group::open(sql, filter.operator);
    if let Some(level) = &filter.level {
        let mut range = Group::open(group.condition(), Operator::And);
        if let Some(least) = level.ge_ {
            range.condition().push("log.level >= ").bind(least);
        }
        if let Some(most) = level.le_ {
            range.condition().push("log.level <= ").bind(most);
        }
        range.close();
    }
    group.add("log.timestamp", filter.timestamp.as_ref());
    group.add("log.flow_run_id", filter.flow_run_id.as_ref());
    group.add("log.task_run_id", filter.task_run_id.as_ref());
    if let Some(search) = &filter.text {
        push_text(&mut group, search);
    }
    group.close();
}

/// The three kinds of terms are criteria of the group each, as in the reference.
fn push_text(group: &mut Group<'_>, search: &TextSearch) {
    if !search.include.is_empty() {
        let mut one = Group::open(group.condition(), Operator::Or);
        for term in &search.include {
            push_contains(one.condition(), term, " > 0");
        }
        one.close();
    }
    for (terms, position) in [(&search.exclude, " = 0"), (&search.required, " > 0")] {
        if !terms.is_empty() {
            let mut all = Group::open(group.condition(), Operator::And);
            for term in terms {
                push_contains(all.condition(), term, position);
            }
            all.close();
        }
    }
}

fn push_contains(sql: &mut Sql, term: &str, position: &str) {
    let position_of = match sql.dialect() {
        Dialect::Sqlite => "instr",
        Dialect::Postgres => "strpos",
    };
    sql.push(position_of)
        .push("(lower(log.message || ' ' || log.name), ")
        .bind(term)
        .push(")")
        .push(position);
}

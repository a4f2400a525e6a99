//! Filters and sorts of every object as conditions of SQL.
//!
//! A statement names the table by its own name (`FROM flow_run`); then, for the object's module:
//! ```text
//! let mut sql = Sql::new(tx.dialect(), "SELECT ... FROM flow_run");
//! filters::flow_runs::push_where(&mut sql, workspace, &request.filters);   // " WHERE ..."; " AND ..." may follow
//! filters::flow_runs::push_order(&mut sql, request.sort);                  // " ORDER BY ..., id"
//! filters::push_page(&mut sql, limit, offset);                             // " LIMIT ... OFFSET ..."
//! ```
//! Related objects are asked for with `EXISTS`, never joined: no row comes twice. A related filter without
//! criteria still asks for the related object to exist, as in the reference.

mod criteria;

pub mod artifact_collections;
pub mod artifacts;
pub mod automations;
pub mod block_documents;
pub mod block_schemas;
pub mod block_types;
pub mod deployment_schedules;
pub mod deployments;
pub mod flow_runs;
pub mod flows;
pub mod incidents;
pub mod logs;
pub mod task_runs;
pub mod variables;
pub mod work_pools;
pub mod work_queues;
pub mod workers;

pub use sluice_wire::filters::RelatedFilters;

pub(crate) use criteria::push_in;

use sluice_wire::ids::WorkspaceId;

use crate::Sql;

/// Which end of an order comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

/// Appends ` WHERE <table>.workspace_id = <workspace>`.
pub(crate) fn push_workspace(sql: &mut Sql, table: &str, workspace: WorkspaceId) {
    sql.push(" WHERE ").push(table).push(".workspace_id = ").bind(workspace);
}

/// Appends ` ORDER BY` the expression, then the id in the same direction: one index serves both.
fn push_order_by(sql: &mut Sql, table: &str, expression: &str, direction: Direction) {
    let direction = match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    sql.push(" ORDER BY ");
    if expression != "id" {
        sql.push(expression).push(" ").push(direction).push(", ");
    }
    sql.push(table).push(".id ").push(direction);
}

/// Appends ` LIMIT ... OFFSET ...`.
pub fn push_page(sql: &mut Sql, limit: i64, offset: i64) {
    sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
}

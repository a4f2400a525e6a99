//! Writes what the rules made of a run into its row.

use sluice_orchestration::RunColumns;
use sluice_wire::json::RawJson;
use sluice_wire::states::State;
use sluice_wire::time::Timestamp;

use crate::{Dialect, Result, Sql, Tx, Value};

/// A run before and after a decision.
pub(crate) struct RunChange<'a> {
    /// `flow_run` or `task_run`.
    pub(crate) table: &'static str,
    pub(crate) workspace: Value,
    pub(crate) id: Value,
    pub(crate) before: &'a RunColumns,
    pub(crate) after: &'a RunColumns,
    /// The state that was written, and its JSON.
    pub(crate) state: Option<(&'a State, RawJson)>,
    /// Columns that only one of the tables has, with their new values.
    pub(crate) others: Vec<(&'static str, Value)>,
}

/// Updates the row. On SQLite only the columns that changed: it writes an index anew whenever a column of it is
/// named, changed or not. PostgreSQL compares the values itself, and gets one text that it keeps prepared.
pub(crate) async fn write_run(tx: &mut Tx, change: RunChange<'_>, now: Timestamp) -> Result<()> {
    let RunChange { table, workspace, id, before, after, state, others } = change;
    let names_all = tx.dialect() == Dialect::Postgres;
    let mut sql = Sql::new(tx.dialect(), "UPDATE ");
    sql.push(table).push(" SET updated = ").bind(now);
    let mut set = |column: &str, is_changed: bool, value: Value| {
        if is_changed || names_all {
            sql.push(", ").push(column).push(" = ").bind(value);
        }
    };
    set("state_type", before.state_type != after.state_type, after.state_type.into());
    set("state_name", before.state_name != after.state_name, after.state_name.as_ref().into());
    set("state_timestamp", before.state_timestamp != after.state_timestamp, after.state_timestamp.into());
    set("run_count", before.run_count != after.run_count, after.run_count.into());
    set("start_time", before.start_time != after.start_time, after.start_time.into());
    set("end_time", before.end_time != after.end_time, after.end_time.into());
    set("total_run_time", before.total_run_time != after.total_run_time, after.total_run_time.into());
    set(
        "expected_start_time",
        before.expected_start_time != after.expected_start_time,
        after.expected_start_time.into(),
    );
    set(
        "next_scheduled_start_time",
        before.next_scheduled_start_time != after.next_scheduled_start_time,
        after.next_scheduled_start_time.into(),
    );
    for (column, value) in others {
        set(column, true, value);
    }
    if let Some((state, json)) = state {
        set("state_id", true, state.id.into());
        set("state", true, json.into());
    }
    sql.push(" WHERE workspace_id = ").bind(workspace).push(" AND id = ").bind(id);
    tx.execute_often(sql).await?;
    Ok(())
}

use sluice_wire::flow_runs::FlowRunUpdate;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::patch::Patch;
use sluice_wire::run_names::random_run_name;
use sluice_wire::time::Timestamp;

use crate::{Json, Result, Sql, Tx};

/// Changes what was sent; returns whether the run exists.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    update: &FlowRunUpdate,
    now: Timestamp,
) -> Result<bool> {
    let mut sql = Sql::new(tx.dialect(), "UPDATE flow_run SET updated = ");
    sql.bind(now);
    match &update.name {
        Patch::Absent => {}
        Patch::Value(name) if !name.is_empty() => {
            sql.push(", name = ").bind(name);
        }
        Patch::Null | Patch::Value(_) => {
            sql.push(", name = ").bind(random_run_name());
        }
    }
    set_text(&mut sql, ", flow_version = ", &update.flow_version);
    set_text(&mut sql, ", infrastructure_pid = ", &update.infrastructure_pid);
    if let Some(parameters) = &update.parameters {
        sql.push(", parameters = ").bind(parameters);
    }
    if let Some(policy) = &update.empirical_policy {
        sql.push(", empirical_policy = ").bind(Json(policy));
    }
    if let Some(tags) = &update.tags {
        sql.push(", tags = ").bind(tags);
    }
    match &update.job_variables {
        Patch::Absent => {}
        Patch::Null => {
            sql.push(", job_variables = NULL");
        }
        Patch::Value(variables) => {
            sql.push(", job_variables = ").bind(variables);
        }
    }
    sql.push(" WHERE workspace_id = ").bind(workspace).push(" AND id = ").bind(id);
    Ok(tx.execute_sql(sql).await? > 0)
}

fn set_text(sql: &mut Sql, assignment: &str, text: &Patch<String>) {
    match text {
        Patch::Absent => {}
        Patch::Null => {
            sql.push(assignment).push("NULL");
        }
        Patch::Value(text) => {
            sql.push(assignment).bind(text);
        }
    }
}

//! A run goes with its task runs, states, inputs and artifacts; its logs are in the other database.

use sluice_orchestration::Environment;
use sluice_wire::ids::{ConcurrencyLimitId, FlowRunId, LeaseId, WorkspaceId};
use sluice_wire::states::{State, StateType};

use crate::state_changes::{give_back, release_lease};
use crate::{Dialect, Json, Result, Sql, Tx, params};

/// Deletes the run; returns whether it existed. A slot of its deployment that it holds is given back.
pub async fn delete(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    environment: &Environment,
) -> Result<bool> {
    Ok(!delete_many(tx, workspace, &[id], environment).await?.is_empty())
}

/// Deletes these runs, as far as they exist; returns which.
pub async fn delete_many(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &[FlowRunId],
    environment: &Environment,
) -> Result<Vec<FlowRunId>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT flow_run.id, flow_run.state_type, flow_run.state,
            (SELECT concurrency_limit_id FROM deployment WHERE deployment.id = flow_run.deployment_id)
         FROM flow_run WHERE flow_run.workspace_id = ",
    );
    sql.bind(workspace)
        .push(" AND flow_run.id IN (")
        .bind_list(ids.iter().copied())
        .push(") ORDER BY flow_run.id");
    if tx.dialect() == Dialect::Postgres {
        sql.push(" FOR UPDATE OF flow_run");
    }
    let mut deleted = Vec::new();
    for row in tx.query_sql(sql).await? {
        let mut columns = row.columns();
        let (id, state_type): (FlowRunId, Option<StateType>) = (columns.take()?, columns.take()?);
        let state: Option<Json<State>> = columns.take()?;
        let limit_id: Option<ConcurrencyLimitId> = columns.take()?;
        let holds_slot =
            matches!(state_type, Some(StateType::Pending | StateType::Running | StateType::Cancelling));
        if let (true, Some(limit_id)) = (holds_slot, limit_id) {
            let lease = state.and_then(|Json(state)| state.state_details.deployment_concurrency_lease_id);
            free_slot(tx, workspace, limit_id, lease, environment).await?;
        }
        deleted.push(id);
    }
    let each = || deleted.iter().map(|id| params![workspace, *id]).collect::<Vec<_>>();
    for text in [
        "DELETE FROM task_run_queue WHERE workspace_id = ?1
         AND task_run_id IN (SELECT id FROM task_run WHERE workspace_id = ?1 AND flow_run_id = ?2)",
        "DELETE FROM task_run_state WHERE workspace_id = ?1
         AND task_run_id IN (SELECT id FROM task_run WHERE workspace_id = ?1 AND flow_run_id = ?2)",
        "UPDATE flow_run SET parent_task_run_id = NULL WHERE workspace_id = ?1
         AND parent_task_run_id IN (SELECT id FROM task_run WHERE workspace_id = ?1 AND flow_run_id = ?2)",
        "DELETE FROM task_run WHERE workspace_id = ?1 AND flow_run_id = ?2",
        "DELETE FROM artifact WHERE workspace_id = ?1 AND flow_run_id = ?2 AND key IS NULL",
        "DELETE FROM flow_run WHERE workspace_id = ?1 AND id = ?2",
    ] {
        tx.execute_many(text, each()).await?;
    }
    Ok(deleted)
}

async fn free_slot(
    tx: &mut Tx,
    workspace: WorkspaceId,
    limit_id: ConcurrencyLimitId,
    lease: Option<LeaseId>,
    environment: &Environment,
) -> Result<()> {
    match lease {
        Some(lease) => release_lease(tx, workspace, lease, environment).await,
        None => give_back(tx, workspace, &[limit_id], 1, None, environment).await,
    }
}

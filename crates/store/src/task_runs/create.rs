use sluice_orchestration::{Environment, TaskPolicy};
use sluice_wire::ids::{TaskRunId, WorkspaceId};
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::run_names::random_run_name;
use sluice_wire::states::State;
use sluice_wire::task_runs::{TaskRun, TaskRunCreate};

use super::columns::{from_row, select_task_runs};
use super::{TaskStateChange, commit_state, read};
use crate::{Json, Result, StoreError, Tx, params};

/// Creates the run in `state`, under the policy of forced changes. When its flow run has a run with the same task
/// key and dynamic key, returns that one and `false`; so for runs without a flow run.
///
/// # Errors
/// [`StoreError::ForeignKey`] when the flow run does not exist.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    run: &TaskRunCreate,
    state: Option<State>,
    environment: &Environment,
) -> Result<(TaskRun, bool)> {
    if let Some(existing) = existing(tx, workspace, run, environment).await? {
        return Ok((existing, false));
    }
    let id = run.id.unwrap_or_else(TaskRunId::sequential);
    let labels = labels(tx, workspace, run).await?;
    let name = run.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(random_run_name);
    let inserted = tx
        .execute(
            "INSERT INTO task_run (
                id, workspace_id, created, updated, name, flow_run_id, task_key, dynamic_key, cache_key,
                cache_expiration, task_version, empirical_policy, tags, labels, task_inputs, run_count,
                flow_run_run_count, total_run_time)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, 0)
             ON CONFLICT (flow_run_id, task_key, dynamic_key) WHERE flow_run_id IS NOT NULL DO NOTHING",
            params![
                id,
                workspace,
                environment.now,
                name,
                run.flow_run_id,
                &run.task_key,
                &run.dynamic_key,
                run.cache_key.as_ref(),
                run.cache_expiration,
                run.task_version.as_ref(),
                Json(&run.empirical_policy),
                &run.tags,
                Json(&labels),
                &run.task_inputs.0,
            ],
        )
        .await?;
    let gone = || StoreError::Conflict("the task run is gone again".to_owned());
    if inserted == 0 {
        return Ok((existing(tx, workspace, run, environment).await?.ok_or_else(gone)?, false));
    }
    if let Some(state) = state {
        let policy = TaskPolicy::for_request(true, &state);
        if let TaskStateChange::FlowRunMissing(missing) =
            commit_state(tx, workspace, id, policy, state, environment).await?
        {
            return Err(StoreError::ForeignKey(missing.to_string()));
        }
    }
    Ok((read(tx, workspace, id, environment.now).await?.ok_or_else(gone)?, true))
}

/// Weakest first: those of the flow run, the system's, those that were asked for.
async fn labels(tx: &mut Tx, workspace: WorkspaceId, run: &TaskRunCreate) -> Result<KeyValueLabels> {
    let Some(flow_run_id) = run.flow_run_id else { return Ok(run.labels.clone()) };
    let stored: Option<Json<KeyValueLabels>> = tx
        .scalar(
            "SELECT labels FROM flow_run WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, flow_run_id],
        )
        .await?;
    let Json(mut labels) =
        stored.ok_or_else(|| StoreError::ForeignKey(format!("there is no flow run {flow_run_id}")))?;
    labels.set("prefect.flow-run.id", flow_run_id.to_string());
    Ok(labels.merged_with(&run.labels))
}

async fn existing(
    tx: &mut Tx,
    workspace: WorkspaceId,
    run: &TaskRunCreate,
    environment: &Environment,
) -> Result<Option<TaskRun>> {
    let row = match run.flow_run_id {
        Some(flow_run_id) => {
            tx.query_first(
                select_task_runs!(
                    "WHERE task_run.workspace_id = ?1 AND task_run.flow_run_id = ?2 AND task_run.task_key = ?3
                        AND task_run.dynamic_key = ?4"
                ),
                params![workspace, flow_run_id, &run.task_key, &run.dynamic_key],
            )
            .await?
        }
        None => {
            tx.query_first(
                select_task_runs!(
                    "WHERE task_run.workspace_id = ?1 AND task_run.flow_run_id IS NULL AND task_run.task_key = ?2
                        AND task_run.dynamic_key = ?3"
                ),
                params![workspace, &run.task_key, &run.dynamic_key],
            )
            .await?
        }
    };
    row.map(|row| from_row(row, environment.now)).transpose()
}

use std::collections::BTreeMap;

use serde::Deserialize;
use sluice_wire::flow_runs::TaskRunDependencies;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::task_runs::{TaskInput, TaskRun};
use sluice_wire::time::Timestamp;

use crate::task_runs::{from_row, select_task_runs};
use crate::{Result, StoreError, Tx, params};

/// The task runs of a flow run with the results that each was given. `None` when the flow run does not exist.
pub async fn task_run_dependencies(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    now: Timestamp,
) -> Result<Option<Vec<TaskRunDependencies>>> {
    if super::read(tx, workspace, id, now).await?.is_none() {
        return Ok(None);
    }
    let rows = tx
        .query(
            select_task_runs!(
                "WHERE task_run.workspace_id = ?1 AND task_run.flow_run_id = ?2 ORDER BY task_run.id DESC"
            ),
            params![workspace, id],
        )
        .await?;
    let runs = rows.into_iter().map(|row| dependencies(from_row(row, now)?));
    runs.collect::<Result<Vec<_>>>().map(Some)
}

fn dependencies(run: TaskRun) -> Result<TaskRunDependencies> {
    #[derive(Deserialize)]
    struct Details {
        #[serde(default)]
        untrackable_result: bool,
    }
    #[derive(Deserialize)]
    struct State {
        state_details: Details,
    }
    let untrackable_result = match &run.state {
        Some(state) => state.parse::<State>().map_err(unreadable)?.state_details.untrackable_result,
        None => false,
    };
    let inputs: BTreeMap<String, Vec<TaskInput>> = run.task_inputs.parse().map_err(unreadable)?;
    let mut upstream: Vec<TaskInput> = Vec::new();
    for input in inputs.into_values().flatten() {
        if matches!(input, TaskInput::TaskRun { .. }) && !upstream.contains(&input) {
            upstream.push(input);
        }
    }
    let upstream_dependencies =
        upstream.iter().map(RawJson::from_value).collect::<Result<_, _>>().map_err(unreadable)?;
    Ok(TaskRunDependencies {
        id: run.id,
        name: run.name,
        upstream_dependencies,
        state: run.state,
        expected_start_time: run.expected_start_time,
        start_time: run.start_time,
        end_time: run.end_time,
        total_run_time: Some(run.total_run_time),
        estimated_run_time: Some(run.estimated_run_time),
        untrackable_result,
    })
}

pub(super) fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("{error} in stored JSON"))
}

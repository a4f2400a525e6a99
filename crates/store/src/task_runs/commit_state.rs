//! The one place where the rules here change the state of a task run.

use sluice_orchestration::{
    Environment, FlowRunMissing, ParentFlowRun, TaskFacts, TaskLease, TaskNeeds, TaskPolicy, TaskRun,
    Transition, decide_task_run, task_run_needs,
};
use sluice_wire::ids::{ConcurrencyLimitId, LeaseId, TaskRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::states::State;

use super::states::insert_state;
use crate::flow_runs::take_run_columns;
use crate::state_changes::{RunChange, Scene, StateChange, apply, lock_named_limits, write_run};
use crate::{Json, Result, StoreError, Tx, params};

/// What became of a state that was proposed to a task run.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskStateChange {
    /// It was decided.
    Decided(Box<StateChange>),
    /// There is no such task run.
    NotFound,
    /// The flow run that the task run belongs to is gone.
    FlowRunMissing(FlowRunMissing),
}

/// Proposes a state to a task run, in one transaction: locks the run, loads what the rules ask for, decides, and
/// writes the state, the run, slots, leases and the queue of background tasks.
pub async fn commit_state(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: TaskRunId,
    policy: TaskPolicy,
    proposed: State,
    environment: &Environment,
) -> Result<TaskStateChange> {
    let Some((run, initial)) = lock(tx, workspace, id).await? else { return Ok(TaskStateChange::NotFound) };
    let before = run.columns.clone();
    let transition = Transition { policy, run, initial, proposed };
    let needs = task_run_needs(&transition, environment);
    let facts = load_facts(tx, workspace, needs, &transition.run.tags, environment).await?;
    let decision = match decide_task_run(transition, &facts, environment) {
        Ok(decision) => decision,
        Err(missing) => return Ok(TaskStateChange::FlowRunMissing(missing)),
    };
    let state_json = decision
        .state
        .as_ref()
        .map(RawJson::from_value)
        .transpose()
        .map_err(|error| StoreError::Internal(format!("a state cannot be written as JSON: {error}")))?;
    if let Some(run) = &decision.run {
        let change = RunChange {
            table: "task_run",
            workspace: workspace.into(),
            id: id.into(),
            before: &before,
            after: &run.columns,
            state: decision.state.as_ref().zip(state_json.clone()),
            others: vec![
                ("flow_run_run_count", run.flow_run_run_count.into()),
                ("empirical_policy", Json(&run.empirical_policy).into()),
            ],
        };
        write_run(tx, change, environment.now).await?;
    }
    if let Some(state) = &decision.state {
        insert_state(tx, workspace, id, state, state_json).await?;
    }
    let scene = Scene {
        workspace,
        environment,
        subject: None,
        initial: decision.current.as_ref(),
        written: decision.state.as_ref(),
    };
    apply(tx, &scene, &decision.effects).await?;
    let is_written = decision.state.is_some();
    let change = StateChange { is_written, result: decision.into_result() };
    Ok(TaskStateChange::Decided(Box::new(change)))
}

async fn lock(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: TaskRunId,
) -> Result<Option<(TaskRun, Option<State>)>> {
    let rows = tx
        .query_for_update(
            "SELECT flow_run_id, tags, empirical_policy, flow_run_run_count, state_type, state_name,
                state_timestamp, run_count, start_time, end_time, total_run_time, expected_start_time,
                next_scheduled_start_time, state
             FROM task_run WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut columns = row.columns();
    let (flow_run_id, tags) = (columns.take()?, columns.take()?);
    let (Json(empirical_policy), flow_run_run_count) = (columns.take()?, columns.take()?);
    let run_columns = take_run_columns(&mut columns)?;
    let run = TaskRun { id, flow_run_id, tags, empirical_policy, flow_run_run_count, columns: run_columns };
    let state = columns.take::<Option<Json<State>>>()?.map(|Json(state)| state);
    Ok(Some((run, state)))
}

async fn load_facts(
    tx: &mut Tx,
    workspace: WorkspaceId,
    needs: TaskNeeds,
    tags: &[String],
    environment: &Environment,
) -> Result<TaskFacts> {
    let mut facts = TaskFacts::default();
    if let Some(flow_run_id) = needs.flow_run {
        let row = tx
            .query_first(
                "SELECT state, run_count FROM flow_run WHERE workspace_id = ?1 AND id = ?2",
                params![workspace, flow_run_id],
            )
            .await?;
        if let Some(row) = row {
            let mut columns = row.columns();
            let state = columns.take::<Option<Json<State>>>()?.map(|Json(state)| state);
            facts.flow_run = Some(ParentFlowRun { id: flow_run_id, state, run_count: columns.take()? });
        }
    }
    if needs.tag_limits && !tags.is_empty() {
        let names = tags.iter().map(|tag| format!("tag:{tag}"));
        facts.tag_limits = lock_named_limits(tx, workspace, names).await?;
    }
    if let Some(holder) = needs.leases_of {
        facts.leases = leases_of(tx, workspace, holder).await?;
    }
    if let Some(cache_key) = needs.cached_state {
        facts.cached_state = tx
            .scalar::<Json<State>>(
                "SELECT task_run_state.state FROM task_run_state_cache
                 JOIN task_run_state ON task_run_state.workspace_id = task_run_state_cache.workspace_id
                    AND task_run_state.id = task_run_state_cache.task_run_state_id
                 WHERE task_run_state_cache.workspace_id = ?1 AND task_run_state_cache.cache_key = ?2
                    AND (task_run_state_cache.cache_expiration IS NULL
                        OR task_run_state_cache.cache_expiration > ?3)
                 ORDER BY task_run_state_cache.created DESC LIMIT 1",
                params![workspace, cache_key, environment.now],
            )
            .await?
            .map(|Json(state)| state);
    }
    Ok(facts)
}

async fn leases_of(tx: &mut Tx, workspace: WorkspaceId, holder: TaskRunId) -> Result<Vec<TaskLease>> {
    let rows = tx
        .query(
            "SELECT concurrency_lease.id, concurrency_lease_limit.limit_id FROM concurrency_lease
             JOIN concurrency_lease_limit ON concurrency_lease_limit.lease_id = concurrency_lease.id
             WHERE concurrency_lease.workspace_id = ?1 AND concurrency_lease.holder_id = ?2
                AND concurrency_lease.holder_type = 'task_run'
             ORDER BY concurrency_lease.id",
            params![workspace, holder],
        )
        .await?;
    let mut leases: Vec<TaskLease> = Vec::new();
    for row in rows {
        let mut columns = row.columns();
        let (id, limit_id): (LeaseId, ConcurrencyLimitId) = (columns.take()?, columns.take()?);
        match leases.last_mut().filter(|lease| lease.id == id) {
            Some(lease) => lease.limit_ids.push(limit_id),
            None => leases.push(TaskLease { id, limit_ids: vec![limit_id] }),
        }
    }
    Ok(leases)
}

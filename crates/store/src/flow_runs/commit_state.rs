//! The one place where an existing flow run changes its state.

use serde::Deserialize;
use sluice_orchestration::{
    CollisionStrategy, Deployment, Environment, FlowFacts, FlowNeeds, FlowPolicy, FlowRun, RunColumns,
    Transition, decide_flow_run, flow_run_needs,
};
use sluice_wire::flow_runs::CreatedBy;
use sluice_wire::ids::{ConcurrencyLimitId, FlowRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::TimeDelta;

use super::create::unwritable;
use super::states::insert_state;
use crate::state_changes::{
    Related, RunChange, Scene, StateChange, Subject, apply, lease_exists, lock_limits, write_run,
};
use crate::{Columns, Dialect, Json, Result, Row, Tx, params};

/// Proposes a state to a flow run, in one transaction: locks the run, loads what the rules ask for, decides, and
/// writes the state, the run, slots, leases and the event. `None` when there is no such run.
pub async fn commit_state(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    policy: FlowPolicy,
    proposed: State,
    environment: &Environment,
) -> Result<Option<StateChange>> {
    let Some(locked) = Locked::load(tx, workspace, id).await? else { return Ok(None) };
    let Locked { name, tags, created_by, run, state: initial, slots, related } = locked;
    let before = run.clone();
    let transition = Transition { policy, run, initial, proposed };
    let needs = flow_run_needs(&transition, environment);
    let facts = load_facts(tx, workspace, id, needs, slots.as_ref()).await?;
    let decision = decide_flow_run(transition, &facts, environment);

    let state_json = decision.state.as_ref().map(RawJson::from_value).transpose().map_err(unwritable)?;
    if let Some(run) = &decision.run {
        let change = RunChange {
            table: "flow_run",
            workspace: workspace.into(),
            id: id.into(),
            before: &before.columns,
            after: &run.columns,
            state: decision.state.as_ref().zip(state_json.clone()),
            others: vec![
                ("infrastructure_pid", run.infrastructure_pid.as_ref().into()),
                ("empirical_policy", Json(&run.empirical_policy).into()),
            ],
        };
        write_run(tx, change, environment.now).await?;
    }
    if let Some(state) = &decision.state {
        insert_state(tx, workspace, id, state, state_json).await?;
        if state.r#type == StateType::Scheduled
            && let Some(queue) = &related.work_queue
        {
            tx.notify_scheduled(queue.id.into());
        }
    }
    let subject = Subject {
        id,
        name: &name,
        run_count: decision.run.as_ref().map_or(before.columns.run_count, |run| run.columns.run_count),
        tags: &tags,
        created_by: created_by.as_ref(),
        related: &related,
    };
    let scene = Scene {
        workspace,
        environment,
        subject: Some(subject),
        initial: decision.current.as_ref(),
        written: decision.state.as_ref(),
    };
    apply(tx, &scene, &decision.effects).await?;
    Ok(Some(StateChange { is_written: decision.state.is_some(), result: decision.into_result() }))
}

/// A flow run whose row is locked until the transaction ends.
struct Locked {
    name: String,
    tags: Vec<String>,
    created_by: Option<CreatedBy>,
    run: FlowRun,
    state: Option<State>,
    slots: Option<DeploymentSlots>,
    related: Related,
}

macro_rules! select_locked {
    ($lock:literal) => {
        concat!(
            "SELECT flow_run.name, flow_run.tags, flow_run.created_by, flow_run.deployment_id,
                flow_run.parent_task_run_id, flow_run.infrastructure_pid, flow_run.hand_outs,
                flow_run.empirical_policy,
                flow_run.state_type, flow_run.state_name, flow_run.state_timestamp, flow_run.run_count,
                flow_run.start_time, flow_run.end_time, flow_run.total_run_time, flow_run.expected_start_time,
                flow_run.next_scheduled_start_time, flow_run.state, deployment.concurrency_limit_id,
                deployment.concurrency_options, flow.id, flow.name, flow.tags, deployment.id, deployment.name,
                deployment.tags, work_queue.id, work_queue.name, work_pool.id, work_pool.name, work_pool.type,
                parent.id, parent.name, parent.tags
             FROM flow_run
             JOIN flow ON flow.id = flow_run.flow_id
             LEFT JOIN deployment ON deployment.id = flow_run.deployment_id
             LEFT JOIN work_queue ON work_queue.id = flow_run.work_queue_id
             LEFT JOIN work_pool ON work_pool.id = work_queue.work_pool_id
             LEFT JOIN task_run AS parent ON parent.workspace_id = flow_run.workspace_id
                AND parent.id = flow_run.parent_task_run_id
             WHERE flow_run.workspace_id = ?1 AND flow_run.id = ?2",
            $lock
        )
    };
}

impl Locked {
    async fn load(tx: &mut Tx, workspace: WorkspaceId, id: FlowRunId) -> Result<Option<Self>> {
        let text = match tx.dialect() {
            Dialect::Sqlite => select_locked!(""),
            Dialect::Postgres => select_locked!(" FOR UPDATE OF flow_run"),
        };
        let row = tx.query_first(text, params![workspace, id]).await?;
        row.map(|row| Self::from_row(id, row)).transpose()
    }

    fn from_row(id: FlowRunId, row: Row) -> Result<Self> {
        let mut columns = row.columns();
        let (name, tags) = (columns.take()?, columns.take()?);
        let created_by = columns.take::<Option<Json<CreatedBy>>>()?.map(|Json(created_by)| created_by);
        let (deployment_id, parent_task_run_id) = (columns.take()?, columns.take()?);
        let infrastructure_pid = columns.take()?;
        let hand_outs: Option<i64> = columns.take()?;
        let Json(empirical_policy) = columns.take()?;
        let run = FlowRun {
            id,
            deployment_id,
            parent_task_run_id,
            infrastructure_pid,
            hand_outs: hand_outs.unwrap_or(0),
            empirical_policy,
            columns: take_run_columns(&mut columns)?,
        };
        let state = columns.take::<Option<Json<State>>>()?.map(|Json(state)| state);
        let slots = DeploymentSlots::take(&mut columns)?;
        let related = Related::take(&mut columns)?;
        let slots = related.deployment.is_some().then_some(slots);
        Ok(Self { name, tags, created_by, run, state, slots, related })
    }
}

/// Reads the columns that flow runs and task runs share, in the order of the rules' own type.
pub(crate) fn take_run_columns(columns: &mut Columns) -> Result<RunColumns> {
    Ok(RunColumns {
        state_type: columns.take()?,
        state_name: columns.take()?,
        state_timestamp: columns.take()?,
        run_count: columns.take()?,
        start_time: columns.take()?,
        end_time: columns.take()?,
        total_run_time: columns.take()?,
        expected_start_time: columns.take()?,
        next_scheduled_start_time: columns.take()?,
    })
}

/// How many runs of a deployment may be under way, and what becomes of those that are too many.
pub(super) struct DeploymentSlots {
    limit_id: Option<ConcurrencyLimitId>,
    options: ConcurrencyOptions,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConcurrencyOptions {
    collision_strategy: Option<String>,
    grace_period_seconds: Option<i64>,
}

impl DeploymentSlots {
    /// Reads the limit's id and the options.
    pub(super) fn take(columns: &mut Columns) -> Result<Self> {
        let limit_id = columns.take()?;
        let options = columns.take::<Option<Json<ConcurrencyOptions>>>()?;
        Ok(Self { limit_id, options: options.map(|Json(options)| options).unwrap_or_default() })
    }
}

/// Loads what the rules asked for.
pub(super) async fn load_facts(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    needs: FlowNeeds,
    slots: Option<&DeploymentSlots>,
) -> Result<FlowFacts> {
    let mut facts = FlowFacts::default();
    if let Some(lease) = needs.lease {
        facts.lease_exists = lease_exists(tx, workspace, lease).await?;
    }
    if let (Some(_), Some(slots)) = (needs.deployment, slots) {
        let limit_ids: Vec<_> = slots.limit_id.into_iter().collect();
        let concurrency_limit = lock_limits(tx, workspace, &limit_ids).await?.pop();
        let collision_strategy = match slots.options.collision_strategy.as_deref() {
            Some("CANCEL_NEW") => CollisionStrategy::CancelNew,
            _ => CollisionStrategy::Enqueue,
        };
        let grace_period = slots.options.grace_period_seconds.map(TimeDelta::from_secs);
        facts.deployment = Some(Deployment { concurrency_limit, collision_strategy, grace_period });
    }
    if let Some(from) = needs.state_timestamps_from {
        let rows = tx
            .query(
                "SELECT timestamp FROM flow_run_state
                 WHERE workspace_id = ?1 AND flow_run_id = ?2 AND timestamp >= ?3",
                params![workspace, id, from],
            )
            .await?;
        facts.state_timestamps = rows.into_iter().map(Row::scalar).collect::<Result<_>>()?;
    }
    Ok(facts)
}

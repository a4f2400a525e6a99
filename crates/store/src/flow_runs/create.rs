//! A new run, with its first state.

use sluice_orchestration::{
    Decision, Environment, FlowPolicy, FlowRun as Governed, Transition, decide_flow_run, flow_run_needs,
};
use sluice_wire::flow_runs::{CreatedBy, FlowRun, estimated_run_time, estimated_start_time_delta};
use sluice_wire::ids::{
    BlockDocumentId, DeploymentId, FlowId, FlowRunId, TaskRunId, WorkPoolId, WorkQueueId, WorkspaceId,
};
use sluice_wire::json::RawJson;
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::run_policies::FlowRunPolicy;
use sluice_wire::states::{State, StateType};

use super::columns::{from_row, select_flow_runs};
use super::commit_state::{DeploymentSlots, load_facts};
use super::states::insert_state;
use crate::state_changes::{Related, Scene, Subject, apply};
use crate::{Json, Result, StoreError, Tx, Value, params};

/// What a flow run is created with.
#[derive(Debug, Clone)]
pub struct NewFlowRun {
    pub id: FlowRunId,
    pub name: String,
    pub flow_id: FlowId,
    pub flow_version: Option<String>,
    pub deployment_id: Option<DeploymentId>,
    pub deployment_version: Option<String>,
    pub work_queue_id: Option<WorkQueueId>,
    pub work_queue_name: Option<String>,
    pub parameters: RawJson,
    pub context: RawJson,
    pub empirical_policy: FlowRunPolicy,
    pub tags: Vec<String>,
    /// Those that were asked for; the labels of the flow or the deployment and those of the system join them.
    pub labels: KeyValueLabels,
    pub parent_task_run_id: Option<TaskRunId>,
    pub idempotency_key: Option<String>,
    pub auto_scheduled: bool,
    pub infrastructure_document_id: Option<BlockDocumentId>,
    pub job_variables: Option<RawJson>,
    pub created_by: Option<CreatedBy>,
}

impl NewFlowRun {
    /// A run of this flow with a random name and nothing else.
    pub fn of(flow_id: FlowId) -> Self {
        Self {
            id: FlowRunId::sequential(),
            name: sluice_wire::run_names::random_run_name(),
            flow_id,
            flow_version: None,
            deployment_id: None,
            deployment_version: None,
            work_queue_id: None,
            work_queue_name: None,
            parameters: RawJson::empty_object(),
            context: RawJson::empty_object(),
            empirical_policy: FlowRunPolicy::default(),
            tags: Vec::new(),
            labels: KeyValueLabels::default(),
            parent_task_run_id: None,
            idempotency_key: None,
            auto_scheduled: false,
            infrastructure_document_id: None,
            job_variables: None,
            created_by: None,
        }
    }
}

/// What the flow, the deployment, the queue and the parent say about a new run.
struct Surroundings {
    labels: KeyValueLabels,
    slots: Option<DeploymentSlots>,
    related: Related,
}

/// Creates the run in `state`, under the policy of forced changes. When its flow has a run with the same
/// idempotency key, returns that one and `false`.
///
/// # Errors
/// [`StoreError::ForeignKey`] when the flow does not exist.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    run: &NewFlowRun,
    state: Option<State>,
    environment: &Environment,
) -> Result<(FlowRun, bool)> {
    let Surroundings { labels, slots, related } = surroundings(tx, workspace, run).await?;
    let governed = Governed {
        deployment_id: run.deployment_id,
        parent_task_run_id: run.parent_task_run_id,
        empirical_policy: run.empirical_policy.clone(),
        ..Governed::new(run.id)
    };
    let decision = match state {
        Some(proposed) => {
            let policy = FlowPolicy::for_request(true);
            let transition = Transition { policy, run: governed.clone(), initial: None, proposed };
            let needs = flow_run_needs(&transition, environment);
            let facts = load_facts(tx, workspace, run.id, needs, slots.as_ref()).await?;
            Some(decide_flow_run(transition, &facts, environment))
        }
        None => None,
    };
    let row = NewRow { workspace, run, labels, governed, environment, decision: decision.as_ref() };
    let written = row.insert(tx).await?;
    let Some(written) = written else {
        return Ok((existing(tx, workspace, run, environment).await?, false));
    };
    if let Some(decision) = &decision {
        if let Some(state) = &decision.state {
            insert_state(tx, workspace, run.id, state, written.state.clone()).await?;
            if state.r#type == StateType::Scheduled
                && let Some(queue) = run.work_queue_id
            {
                tx.notify_scheduled(queue);
            }
        }
        let subject = Subject {
            id: run.id,
            name: &run.name,
            run_count: written.run_count,
            tags: &run.tags,
            created_by: run.created_by.as_ref(),
            related: &related,
        };
        let scene = Scene {
            workspace,
            environment,
            subject: Some(subject),
            initial: None,
            written: decision.state.as_ref(),
        };
        apply(tx, &scene, &decision.effects).await?;
    }
    Ok((FlowRun { work_queue_name: queue_name(&related, run), ..with_pool(written, &related) }, true))
}

fn queue_name(related: &Related, run: &NewFlowRun) -> Option<String> {
    related.work_queue.as_ref().map(|queue| queue.name.clone()).or_else(|| run.work_queue_name.clone())
}

fn with_pool(run: FlowRun, related: &Related) -> FlowRun {
    let pool = related.work_pool.as_ref().map(|(pool, _)| pool);
    FlowRun {
        work_pool_id: pool.map(|pool| WorkPoolId(pool.id)),
        work_pool_name: pool.map(|pool| pool.name.clone()),
        ..run
    }
}

async fn surroundings(tx: &mut Tx, workspace: WorkspaceId, run: &NewFlowRun) -> Result<Surroundings> {
    let row = tx
        .query_first(
            "SELECT flow.labels, deployment.labels, deployment.concurrency_limit_id,
                deployment.concurrency_options, flow.id, flow.name, flow.tags, deployment.id, deployment.name,
                deployment.tags, work_queue.id, work_queue.name, work_pool.id, work_pool.name, work_pool.type,
                parent.id, parent.name, parent.tags
             FROM flow
             LEFT JOIN deployment ON deployment.id = ?3 AND deployment.workspace_id = flow.workspace_id
             LEFT JOIN work_queue ON work_queue.id = ?4 AND work_queue.workspace_id = flow.workspace_id
             LEFT JOIN work_pool ON work_pool.id = work_queue.work_pool_id
             LEFT JOIN task_run AS parent ON parent.id = ?5 AND parent.workspace_id = flow.workspace_id
             WHERE flow.workspace_id = ?1 AND flow.id = ?2",
            params![workspace, run.flow_id, run.deployment_id, run.work_queue_id, run.parent_task_run_id],
        )
        .await?
        .ok_or_else(|| StoreError::ForeignKey(format!("there is no flow {}", run.flow_id)))?;
    let mut columns = row.columns();
    let Json(flow_labels): Json<KeyValueLabels> = columns.take()?;
    let deployment_labels: Option<Json<KeyValueLabels>> = columns.take()?;
    let slots = DeploymentSlots::take(&mut columns)?;
    let related = Related::take(&mut columns)?;
    // Weakest first: what the run hangs on, then the system's, then what was asked for.
    let mut labels = deployment_labels.map_or(flow_labels, |Json(labels)| labels);
    labels.set("prefect.flow.id", run.flow_id.to_string());
    if let Some(deployment) = &related.deployment {
        labels.set("prefect.deployment.id", deployment.id.to_string());
    }
    let slots = related.deployment.is_some().then_some(slots);
    Ok(Surroundings { labels: labels.merged_with(&run.labels), slots, related })
}

async fn existing(
    tx: &mut Tx,
    workspace: WorkspaceId,
    run: &NewFlowRun,
    environment: &Environment,
) -> Result<FlowRun> {
    let row = tx
        .query_first(
            select_flow_runs!(
                "WHERE flow_run.workspace_id = ?1 AND flow_run.flow_id = ?2 AND flow_run.idempotency_key = ?3"
            ),
            params![workspace, run.flow_id, run.idempotency_key.as_ref()],
        )
        .await?
        .ok_or_else(|| StoreError::Conflict("the run with this idempotency key is gone again".to_owned()))?;
    from_row(row, environment.now)
}

struct NewRow<'a> {
    workspace: WorkspaceId,
    run: &'a NewFlowRun,
    labels: KeyValueLabels,
    governed: Governed,
    environment: &'a Environment,
    decision: Option<&'a Decision<Governed>>,
}

impl NewRow<'_> {
    /// Inserts the run as it is after its first state; `None` when its idempotency key is taken.
    async fn insert(self, tx: &mut Tx) -> Result<Option<FlowRun>> {
        let Self { workspace, run, labels, governed, environment, decision } = self;
        let after = decision.and_then(|decision| decision.run.as_ref()).unwrap_or(&governed);
        let columns = &after.columns;
        let state = decision.and_then(|decision| decision.state.as_ref());
        let state_json = state.map(RawJson::from_value).transpose().map_err(unwritable)?;
        let labels = RawJson::from_value(&labels).map_err(unwritable)?;
        let policy = RawJson::from_value(&after.empirical_policy).map_err(unwritable)?;
        let values: Vec<Value> = params![
            run.id,
            workspace,
            environment.now,
            &run.name,
            run.flow_id,
            run.deployment_id,
            run.deployment_version.as_ref(),
            run.work_queue_name.as_ref(),
            run.work_queue_id,
            run.flow_version.as_ref(),
            &run.parameters,
            run.idempotency_key.as_ref(),
            &run.context,
            &policy,
            &run.tags,
            &labels,
            run.parent_task_run_id,
            columns.run_count,
            columns.expected_start_time,
            columns.next_scheduled_start_time,
            columns.start_time,
            columns.end_time,
            columns.total_run_time,
            run.auto_scheduled,
            run.infrastructure_document_id,
            after.infrastructure_pid.as_ref(),
            run.job_variables.as_ref(),
            run.created_by.as_ref().map(Json),
            state.map(|state| state.id),
            columns.state_type,
            columns.state_name.as_ref(),
            columns.state_timestamp,
            state_json.as_ref(),
        ];
        let inserted = tx
            .execute(
                "INSERT INTO flow_run (
                    id, workspace_id, created, updated, name, flow_id, deployment_id, deployment_version,
                    work_queue_name, work_queue_id, flow_version, parameters, idempotency_key, context,
                    empirical_policy, tags, labels, parent_task_run_id, run_count, expected_start_time,
                    next_scheduled_start_time, start_time, end_time, total_run_time, auto_scheduled,
                    infrastructure_document_id, infrastructure_pid, job_variables, created_by, state_id,
                    state_type, state_name, state_timestamp, state)
                 VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
                    ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)
                 ON CONFLICT (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING",
                values,
            )
            .await?;
        if inserted == 0 {
            return Ok(None);
        }
        let now = environment.now;
        Ok(Some(FlowRun {
            id: run.id,
            created: now,
            updated: now,
            name: run.name.clone(),
            flow_id: run.flow_id,
            state_id: state.map(|state| state.id),
            deployment_id: run.deployment_id,
            deployment_version: run.deployment_version.clone(),
            work_queue_id: run.work_queue_id,
            work_queue_name: None,
            flow_version: run.flow_version.clone(),
            parameters: run.parameters.clone(),
            idempotency_key: run.idempotency_key.clone(),
            context: run.context.clone(),
            empirical_policy: policy,
            tags: run.tags.clone(),
            labels,
            parent_task_run_id: run.parent_task_run_id,
            state_type: columns.state_type,
            state_name: columns.state_name.clone(),
            run_count: columns.run_count,
            expected_start_time: columns.expected_start_time,
            next_scheduled_start_time: columns.next_scheduled_start_time,
            start_time: columns.start_time,
            end_time: columns.end_time,
            total_run_time: columns.total_run_time,
            estimated_run_time: estimated_run_time(
                columns.state_type,
                columns.state_timestamp,
                columns.total_run_time,
                now,
            ),
            estimated_start_time_delta: estimated_start_time_delta(
                columns.state_type,
                columns.expected_start_time,
                columns.start_time,
                now,
            ),
            auto_scheduled: run.auto_scheduled,
            infrastructure_document_id: run.infrastructure_document_id,
            infrastructure_pid: after.infrastructure_pid.clone(),
            created_by: run.created_by.clone(),
            work_pool_id: None,
            work_pool_name: None,
            state: state_json,
            job_variables: run.job_variables.clone(),
        }))
    }
}

pub(super) fn unwritable(error: serde_json::Error) -> StoreError {
    StoreError::Internal(format!("a value cannot be written as JSON: {error}"))
}

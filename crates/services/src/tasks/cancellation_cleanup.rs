//! Ends what goes on below cancelled runs, and cancellations that nobody carries out (wire-protocol 2.7).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_orchestration::{FlowPolicy, TaskPolicy};
use sluice_store::cleanup_messages::{self, NewCleanupMessage};
use sluice_store::flow_runs::{self, OverdueCancellation};
use sluice_store::{StoreError, Tx, task_runs};
use sluice_wire::ids::{FlowRunId, StateId, TaskRunId, WorkspaceId};
use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};
use sluice_wire::worker_channel::CleanupKind;

use crate::environment::environment;
use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(20);
/// Runs of each kind that are changed in one round.
const BATCH: i64 = 200;
/// How far back cancelled runs are looked at: task runs that clients report late would otherwise stay open.
const A_DAY: TimeDelta = TimeDelta::from_secs(86_400);
/// Most of what is left open is seen shortly after the cancellation; the whole day is looked at now and then.
const SHORTLY: TimeDelta = TimeDelta::from_secs(600);
const THOROUGH_EVERY: TimeDelta = TimeDelta::from_secs(3_600);
const PARENT_CANCELLED: &str = "The parent flow run was cancelled.";
const TIMED_OUT: &str = "Flow run cancellation timed out; marked this flow run as Cancelled.";
/// What workers are told of infrastructure whose run was given up.
const TEARDOWN: CleanupKind = CleanupKind::CancellingTimeoutTeardown;

/// The service that cleans up after cancellations.
#[derive(Debug, Default)]
pub struct CancellationCleanup {
    /// When the whole day was last looked at, in microseconds.
    last_thorough: AtomicI64,
}

impl Service for CancellationCleanup {
    fn name(&self) -> &'static str {
        "cancellation_cleanup"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        async move {
            let since = self.look_back(context.now());
            let mut is_any_full = cancel_task_runs(context, since).await?;
            is_any_full |= cancel_subflows(context, since).await?;
            is_any_full |= give_up(context).await?;
            Ok(if is_any_full { Next::Again } else { Next::Period })
        }
        .boxed()
    }
}

impl CancellationCleanup {
    fn look_back(&self, now: Timestamp) -> Timestamp {
        let last = Timestamp::from_micros(self.last_thorough.load(Ordering::Relaxed));
        if now.since(last) < THOROUGH_EVERY {
            return now - SHORTLY;
        }
        self.last_thorough.store(now.as_micros(), Ordering::Relaxed);
        now - A_DAY
    }
}

/// Returns whether more may be left, and this round got on.
async fn cancel_task_runs(context: &Context, since: Timestamp) -> Result<bool, ServiceError> {
    let open = context
        .store()
        .read(since, |tx, since| Box::pin(flow_runs::open_task_runs_of_cancelled(tx, *since, BATCH)))
        .await?;
    let is_full = is_full(open.len());
    let mut is_any_written = false;
    for (workspace, id) in open {
        let environment = environment(context);
        is_any_written |= context
            .write((workspace, id, environment), |tx, (workspace, id, environment)| {
                Box::pin(async move {
                    let state = state(StateType::Cancelled, PARENT_CANCELLED, environment.now);
                    cancel_task_run(tx, *workspace, *id, state, environment).await
                })
            })
            .await?;
    }
    Ok(is_full && is_any_written)
}

async fn cancel_task_run(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: TaskRunId,
    state: State,
    environment: &sluice_orchestration::Environment,
) -> Result<bool, StoreError> {
    let change = task_runs::commit_state(tx, workspace, id, TaskPolicy::Minimal, state, environment).await?;
    Ok(matches!(change, task_runs::TaskStateChange::Decided(change) if change.is_written))
}

/// Whoever runs a subflow of a deployment is told to stop it; another ended with its parent's process.
async fn cancel_subflows(context: &Context, since: Timestamp) -> Result<bool, ServiceError> {
    let open = context
        .store()
        .read(since, |tx, since| Box::pin(flow_runs::open_subflows_of_cancelled(tx, *since, BATCH)))
        .await?;
    let is_full = is_full(open.len());
    let mut is_any_written = false;
    for (workspace, id, has_deployment) in open {
        let state_type = if has_deployment { StateType::Cancelling } else { StateType::Cancelled };
        let environment = environment(context);
        is_any_written |= context
            .write(
                (workspace, id, state_type, environment),
                |tx, (workspace, id, state_type, environment)| {
                    Box::pin(async move {
                        let state = state(*state_type, PARENT_CANCELLED, environment.now);
                        let policy = FlowPolicy::Minimal;
                        let change =
                            flow_runs::commit_state(tx, *workspace, *id, policy, state, environment).await?;
                        Ok(change.is_some_and(|change| change.is_written))
                    })
                },
            )
            .await?;
    }
    Ok(is_full && is_any_written)
}

/// Marks runs cancelled whose cancellation nobody confirmed in time, and has their infrastructure torn down.
async fn give_up(context: &Context) -> Result<bool, ServiceError> {
    let before = context.now() - context.settings.cancelling_timeout;
    let overdue = context
        .store()
        .read(before, |tx, before| Box::pin(flow_runs::overdue_cancellations(tx, *before, BATCH)))
        .await?;
    let is_full = is_full(overdue.len());
    let mut is_any_written = false;
    for run in overdue {
        let id: FlowRunId = run.id;
        let environment = environment(context);
        let is_given_up = context
            .write((run, environment), |tx, (run, environment)| Box::pin(give_up_run(tx, run, environment)))
            .await?;
        if is_given_up {
            tracing::warn!(flow_run = %id, "nobody confirmed the cancellation: marked as cancelled");
        }
        is_any_written |= is_given_up;
    }
    Ok(is_full && is_any_written)
}

async fn give_up_run(
    tx: &mut Tx,
    run: &OverdueCancellation,
    environment: &sluice_orchestration::Environment,
) -> Result<bool, StoreError> {
    let workspace = run.workspace;
    // It may have come to another state since it was found.
    if flow_runs::state_id_for_update(tx, workspace, run.id).await? != run.state_id {
        return Ok(false);
    }
    let cancelled = state(StateType::Cancelled, TIMED_OUT, environment.now);
    let cancelled_id = cancelled.id;
    let change =
        flow_runs::commit_state(tx, workspace, run.id, FlowPolicy::Core, cancelled, environment).await?;
    let is_accepted = change.is_some_and(|change| change.result.status == SetStateStatus::Accept);
    let (Some(work_queue_id), Some((work_pool_id, pool_type)), true) =
        (run.work_queue_id, &run.work_pool, is_accepted)
    else {
        return Ok(is_accepted);
    };
    if pool_type.ends_with(":push") || pool_type.ends_with(":managed") {
        return Ok(true);
    }
    let message = NewCleanupMessage {
        work_pool_id: *work_pool_id,
        work_queue_id: Some(work_queue_id),
        flow_run_id: run.id,
        infrastructure_pid: run.infrastructure_pid.clone(),
        kind: TEARDOWN,
        idempotency_key: format!("{}:{}:{cancelled_id}", TEARDOWN.as_str(), run.id),
    };
    cleanup_messages::enqueue(tx, workspace, &message, environment.now).await?;
    Ok(true)
}

fn state(state_type: StateType, message: &str, now: Timestamp) -> State {
    let mut state = State::new(state_type, StateId::sequential(), now);
    state.message = Some(message.to_owned());
    state
}

fn is_full(found: usize) -> bool {
    i64::try_from(found).is_ok_and(|found| found >= BATCH)
}

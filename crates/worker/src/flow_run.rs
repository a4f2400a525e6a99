//! One run, from the moment that it is found to be due until its infrastructure is gone.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use sluice_client::{ClientError, SetStateBody};
use sluice_wire::deployments::Deployment;
use sluice_wire::ids::FlowRunId;
use sluice_wire::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};
use sluice_wire::states::StateType;
use sluice_wire::work_pools::ScheduledFlowRun;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::exit_codes::{crash_message, explain};
use crate::job::{self, Ingredients};
use crate::launchers::{Exit, Job, Launched, OutputLine, StopCause};
use crate::run_logs::Level;
use crate::shared::Shared;
use crate::worker_events::Related;

/// How long a process that is stopped may take to end by itself.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(30);
/// How many lines of output may wait to be printed.
const OUTPUT_QUEUE: usize = 256;

/// Takes a run and sees it through. Its place is free again when this returns.
pub(crate) async fn see_through(shared: Arc<Shared>, flow_run: ScheduledFlowRun) {
    let id = flow_run.id;
    if let Err(error) = attempt(&shared, &flow_run).await {
        tracing::error!(flow_run = %id, %error, "a run could not be seen through");
    }
    shared.release(id);
}

async fn attempt(shared: &Arc<Shared>, flow_run: &ScheduledFlowRun) -> Result<(), ClientError> {
    let id = flow_run.id;
    let name = &shared.options.name;
    shared.logs.add(id, Level::Info, format!("Worker '{name}' submitting flow run '{id}'"));
    let (claimed, deployment, flow) = tokio::join!(
        claim(shared, id),
        deployment_of(shared, flow_run),
        shared.client.flow(flow_run.flow_id),
    );
    if !claimed? {
        return Ok(());
    }
    let deployment = match deployment {
        Ok(deployment) => deployment,
        Err(error) if error.is_not_found() => return cancel_without_deployment(shared, flow_run).await,
        Err(error) => return crash(shared, id, &not_submitted(&error)).await,
    };
    let flow = match flow {
        Ok(flow) => flow,
        Err(error) => return crash(shared, id, &not_submitted(&error)).await,
    };
    let pool = shared.pool();
    let ingredients = Ingredients {
        flow_run,
        deployment: deployment.as_ref(),
        flow: &flow,
        pool: &pool,
        worker: name,
        run_environment: &shared.options.run_environment,
    };
    let job = match job::prepare(&shared.client, &ingredients).await {
        Ok(job) => job,
        Err(error) => return crash(shared, id, &not_submitted(&error)).await,
    };
    let related = Related { flow_run, deployment: deployment.as_ref(), flow: &flow, pool: &pool };
    let submitted = shared.events.submitted(&related);
    tokio::join!(label(shared, flow_run), name_submitting(shared, id));
    let Some((identifier, exit)) = run(shared, &job).await? else { return Ok(()) };
    shared.events.executed(&related, &identifier, &exit, submitted);
    conclude(shared, id, &exit).await
}

/// Claims the run: PENDING is what only one worker can make of it. Returns whether it was this one.
async fn claim(shared: &Shared, id: FlowRunId) -> Result<bool, ClientError> {
    let proposed = SetStateBody::new(StateType::Pending);
    let answer = match shared.client.set_flow_run_state(id, &proposed, false).await {
        Ok(answer) => answer,
        // Another worker was faster, or the run is gone.
        Err(error) if matches!(error.status(), Some(404 | 409)) => {
            tracing::info!(flow_run = %id, %error, "a run was not claimed");
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    if answer.status == SetStateStatus::Accept && has_become(&answer, StateType::Pending) {
        return Ok(true);
    }
    let why = reason(&answer);
    tracing::info!(flow_run = %id, why, "a run was not claimed");
    Ok(false)
}

fn reason(answer: &OrchestrationResult) -> String {
    let reason = match &answer.details {
        StateResponseDetails::Reject { reason }
        | StateResponseDetails::Abort { reason }
        | StateResponseDetails::Wait { reason, .. } => reason.clone(),
        StateResponseDetails::Accept {} => None,
    };
    reason.unwrap_or_else(|| "the server gave it another state".to_owned())
}

async fn deployment_of(
    shared: &Shared,
    flow_run: &ScheduledFlowRun,
) -> Result<Option<Deployment>, ClientError> {
    match flow_run.deployment_id {
        Some(id) => shared.client.deployment(id).await.map(Some),
        None => Ok(None),
    }
}

async fn cancel_without_deployment(shared: &Shared, flow_run: &ScheduledFlowRun) -> Result<(), ClientError> {
    let deployment = flow_run.deployment_id.map(|id| id.to_string()).unwrap_or_default();
    let message = format!("Deployment {deployment} no longer exists, cancelled run.");
    let state = SetStateBody::new(StateType::Cancelled).with_message(message);
    shared.client.set_flow_run_state(flow_run.id, &state, false).await.map(drop)
}

async fn label(shared: &Shared, flow_run: &ScheduledFlowRun) {
    let pool = shared.pool();
    let labels = json!({
        "prefect.worker.name": shared.options.name,
        "prefect.worker.type": shared.launcher.pool_type(),
        "prefect.work-pool.name": pool.name,
        "prefect.work-pool.id": pool.id,
    });
    if let Err(error) = shared.client.label_flow_run(flow_run.id, &labels).await {
        tracing::warn!(flow_run = %flow_run.id, %error, "cannot label a run");
    }
}

/// Tells the server and people that the claim is followed by something.
async fn name_submitting(shared: &Shared, id: FlowRunId) {
    let state = SetStateBody::new(StateType::Pending).named("Submitting");
    if let Err(error) = shared.client.set_flow_run_state(id, &state, false).await {
        tracing::debug!(flow_run = %id, %error, "a run was not named Submitting");
    }
}

/// Starts the job and waits for its end. `None` when it was not started.
async fn run(shared: &Arc<Shared>, job: &Job) -> Result<Option<(String, Exit)>, ClientError> {
    let id = job.flow_run;
    if let Some(cause) = stopping(shared, id) {
        settle_stopped(shared, id, cause).await?;
        return Ok(None);
    }
    let time_limit = match time_limit(job) {
        Ok(limit) => limit.or(shared.options.time_limit),
        Err(error) => {
            crash(shared, id, &not_submitted(&error)).await?;
            return Ok(None);
        }
    };
    let (sink, lines) = mpsc::channel(OUTPUT_QUEUE);
    print(lines);
    let Launched { identifier, mut ended } = match shared.launcher.launch(job, sink).await {
        Ok(launched) => launched,
        Err(error) => {
            shared.logs.add(
                id,
                Level::Error,
                format!("Failed to submit flow run to infrastructure: {error}"),
            );
            crash(shared, id, &not_submitted(&error)).await?;
            return Ok(None);
        }
    };
    let stop_at_once = {
        let mut in_flight = shared.in_flight();
        let entry = in_flight.entry(id).or_default();
        entry.identifier = Some(identifier.clone());
        entry.stopping
    };
    if let Some(cause) = stop_at_once {
        stop_infrastructure(shared, &identifier, cause).await;
    }
    let body = json!({ "infrastructure_pid": identifier });
    if let Err(error) = shared.client.update_flow_run(id, &body).await {
        tracing::warn!(flow_run = %id, %error, "cannot note where a run runs");
    }
    let submitted = format!("Flow run '{}' submitted to infrastructure", job.flow_run_name);
    shared.logs.add(id, Level::Info, submitted);
    let exit = match time_limit {
        Some(limit) => match timeout(limit, &mut ended).await {
            Ok(exit) => exit,
            Err(_) => {
                shared.logs.add(id, Level::Error, took_too_long(limit));
                stop(shared, id, StopCause::TimeLimit(limit)).await;
                ended.await
            }
        },
        None => ended.await,
    };
    Ok(Some((identifier, exit)))
}

/// How long the job may go on: its `time_limit`, in seconds.
fn time_limit(job: &Job) -> Result<Option<Duration>, String> {
    let seconds = match job.configuration.get("time_limit") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_f64(),
    };
    let limit = seconds
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit.map(Some).ok_or_else(|| "the time_limit is no number of seconds".to_owned())
}

fn took_too_long(limit: Duration) -> String {
    format!(
        "Flow run was stopped, because it took longer than the {} seconds that it may.",
        limit.as_secs_f64()
    )
}

/// Stops a run that this worker has. Returns whether it has it.
pub(crate) async fn stop(shared: &Shared, id: FlowRunId, cause: StopCause) -> bool {
    let identifier = {
        let mut in_flight = shared.in_flight();
        let Some(entry) = in_flight.get_mut(&id) else { return false };
        if entry.stopping.replace(cause).is_some() {
            // It is being stopped already.
            return true;
        }
        entry.identifier.clone()
    };
    if let Some(identifier) = identifier {
        tracing::info!(flow_run = %id, ?cause, "stops a run");
        stop_infrastructure(shared, &identifier, cause).await;
    }
    true
}

pub(crate) async fn stop_infrastructure(shared: &Shared, identifier: &str, cause: StopCause) {
    if let Err(error) = shared.launcher.stop_because(identifier, cause, STOP_GRACE).await {
        tracing::warn!(identifier, %error, "cannot stop a run");
    }
}

fn stopping(shared: &Shared, id: FlowRunId) -> Option<StopCause> {
    shared.in_flight().get(&id).and_then(|entry| entry.stopping)
}

/// Says what became of a run whose infrastructure is gone, unless its engine has said it.
pub(crate) async fn conclude(shared: &Shared, id: FlowRunId, exit: &Exit) -> Result<(), ClientError> {
    if let Some(cause) = stopping(shared, id) {
        return settle_stopped(shared, id, cause).await;
    }
    if let Some(reason) = &exit.reason {
        // A program that survives the end of its child says 0, and only the engine knows that memory ran out.
        shared.logs.add(id, Level::Error, format!("The infrastructure of the flow run says: {reason}"));
    }
    let Some(code) = exit.code.filter(|code| *code != 0) else {
        return if exit.code.is_none() { crash(shared, id, &crash_message(exit)).await } else { Ok(()) };
    };
    tracing::info!(flow_run = %id, code, "the infrastructure of a run ended with an error");
    shared.logs.add(id, Level::Info, explain(code).1.to_owned());
    crash(shared, id, &crash_message(exit)).await
}

/// Says what became of a run that was stopped. Nothing is forced: what its engine has reported meanwhile stays, but for
/// one case. A run that is handed back in the moment in which it ends may be scheduled anew, which the server lets happen
/// to a run that is over and has no stored result.
async fn settle_stopped(shared: &Shared, id: FlowRunId, cause: StopCause) -> Result<(), ClientError> {
    if !is_open(shared, id).await? {
        return Ok(());
    }
    let name = &shared.options.name;
    let state = match cause {
        StopCause::Cancelled => return cancelled(shared, id).await,
        StopCause::Shutdown => SetStateBody::new(StateType::Crashed)
            .with_message(format!("Worker '{name}' was stopped while the flow run was under way.")),
        StopCause::TimeLimit(limit) => {
            SetStateBody::new(StateType::Crashed).with_message(took_too_long(limit))
        }
        StopCause::HandBack => {
            let mut state = SetStateBody::new(StateType::Scheduled)
                .with_message(format!("Worker '{name}' was stopped; another one may run it."));
            let mut details = Map::new();
            details.insert("scheduled_time".to_owned(), json!(shared.now()));
            state.state_details = details.into();
            state
        }
    };
    let answer = shared.client.set_flow_run_state(id, &state, false).await?;
    if has_become(&answer, StateType::Cancelling) {
        return cancelled(shared, id).await;
    }
    Ok(())
}

/// Makes a run CANCELLED by way of CANCELLING: the server refuses that to a run that is over, and lets nothing but
/// CANCELLED follow it. CANCELLED alone would take the place of any end that the engine reports in this moment.
async fn cancelled(shared: &Shared, id: FlowRunId) -> Result<(), ClientError> {
    let answer =
        shared.client.set_flow_run_state(id, &SetStateBody::new(StateType::Cancelling), false).await?;
    if !has_become(&answer, StateType::Cancelling) {
        return Ok(());
    }
    let state = SetStateBody::new(StateType::Cancelled).with_message("Flow run was cancelled successfully.");
    shared.client.set_flow_run_state(id, &state, false).await.map(drop)
}

/// Whether the run is in a state of this type now, by the answer or before.
fn has_become(answer: &OrchestrationResult, r#type: StateType) -> bool {
    answer.state.as_ref().is_some_and(|state| state.r#type == r#type)
}

/// Reports that a run crashed, if nothing final is known of it.
async fn crash(shared: &Shared, id: FlowRunId, message: &str) -> Result<(), ClientError> {
    if !is_open(shared, id).await? {
        return Ok(());
    }
    let state = SetStateBody::new(StateType::Crashed).with_message(message);
    shared.client.set_flow_run_state(id, &state, false).await?;
    tracing::info!(flow_run = %id, message, "reported a run as crashed");
    Ok(())
}

/// Whether nothing final is known of a run, and it does not wait for another start.
pub(crate) async fn is_open(shared: &Shared, id: FlowRunId) -> Result<bool, ClientError> {
    let state = match shared.client.flow_run(id).await {
        Ok(flow_run) => flow_run.state_type,
        Err(error) if error.is_not_found() => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(matches!(state, Some(StateType::Pending | StateType::Running | StateType::Cancelling)))
}

fn not_submitted(error: &impl std::fmt::Display) -> String {
    format!("Failed to submit flow run to infrastructure: {error}")
}

/// What a run prints goes where the worker prints. A thread of its own does that: it waits where nobody reads what the
/// worker prints, and nothing else may.
pub(crate) fn print(mut lines: mpsc::Receiver<OutputLine>) {
    let write = move || {
        while let Some(OutputLine { is_error, text }) = lines.blocking_recv() {
            // A worker whose output nobody takes any more goes on.
            let _ = if is_error {
                writeln!(std::io::stderr().lock(), "{text}")
            } else {
                writeln!(std::io::stdout().lock(), "{text}")
            };
        }
    };
    if let Err(error) = std::thread::Builder::new().name("output".to_owned()).spawn(write) {
        tracing::warn!(%error, "cannot pass on what a run prints");
    }
}

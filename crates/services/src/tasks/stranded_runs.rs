//! Hands out again what a worker claimed and will not begin, because it is gone.
//!
//! Such a run becomes SCHEDULED again, for any worker to take. Whoever had it cannot begin it any more: from then on
//! the run follows `BeginHandedOutRunsOnce` (`crates/orchestration`). A run that strands again and again is given up.

mod verdict;

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use sluice_orchestration::{Environment, FlowPolicy};
use sluice_store::flow_runs::{self, ClaimedRun, WORKER_NAME_LABEL};
use sluice_store::{StoreError, Tx, outbox};
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

use self::verdict::{Limits, Verdict, judge};
use crate::environment::environment;
use crate::run_event::{Subject, run_event};
use crate::vigil::Vigil;
use crate::{Context, Next, Service, ServiceError, ServiceSettings, unless_broken};

const PERIOD: Duration = Duration::from_secs(5);
/// A run that was claimed just now is not looked at.
const FRESH: TimeDelta = TimeDelta::from_secs(5);
/// Runs that are read at once.
const PAGE: i64 = 500;
/// What the state of a run is called that was handed out again.
const RESCHEDULED: &str = "Rescheduled";
/// The labels by which a worker names itself on its claim.
const WORKER_TYPE_LABEL: &str = "prefect.worker.type";

/// The service that looks for stranded runs.
#[derive(Debug, Default)]
pub struct StrandedRuns {
    vigil: Vigil,
}

impl Service for StrandedRuns {
    fn name(&self) -> &'static str {
        "stranded_runs"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        self.vigil.keep(context, self.look(context)).boxed()
    }
}

impl StrandedRuns {
    async fn look(&self, context: &Context) -> Result<Next, ServiceError> {
        let now = context.now();
        let limits = Limits::of(&context.settings, self.vigil.look(now));
        let mut cursor = (Timestamp::EPOCH, FlowRunId(uuid::Uuid::nil()));
        loop {
            let page = context
                .store()
                .read((now - FRESH, cursor, limits, now), |tx, (before, cursor, limits, now)| {
                    Box::pin(stranded(tx, *before, *cursor, limits, *now))
                })
                .await?;
            for (workspace, run) in page.stranded {
                hand_out(context, workspace, run, limits).await?;
            }
            match page.next {
                Some(next) => cursor = next,
                None => return Ok(Next::Period),
            }
        }
    }
}

struct Page {
    stranded: Vec<(WorkspaceId, FlowRunId)>,
    next: Option<(Timestamp, FlowRunId)>,
}

async fn stranded(
    tx: &mut Tx,
    before: Timestamp,
    cursor: (Timestamp, FlowRunId),
    limits: &Limits,
    now: Timestamp,
) -> Result<Page, StoreError> {
    let claimed = flow_runs::claimed_since(tx, before, cursor, limits.heard_within, PAGE).await?;
    let is_full = i64::try_from(claimed.len()).is_ok_and(|found| found >= PAGE);
    let next = claimed.last().filter(|_| is_full).map(|run| (run.since, run.id));
    let stranded = claimed.iter().filter(|run| judge(run, limits, now) != Verdict::Leave);
    Ok(Page { stranded: stranded.map(|run| (run.workspace, run.id)).collect(), next })
}

async fn hand_out(
    context: &Context,
    workspace: WorkspaceId,
    run: FlowRunId,
    limits: Limits,
) -> Result<(), ServiceError> {
    let environment = environment(context);
    let outcome = context
        .write((workspace, run, limits, environment), |tx, (workspace, run, limits, environment)| {
            Box::pin(async move {
                // Its worker may have come back since it was found, or it may have begun.
                let claimed =
                    flow_runs::claimed_for_update(tx, *workspace, *run, limits.heard_within).await?;
                let Some(claimed) = claimed else { return Ok(None) };
                release(tx, &claimed, limits, environment).await
            })
        })
        .await;
    if let Some(Some(outcome)) = unless_broken(outcome, &run)? {
        metrics::counter!("sluice_stranded_runs_total", "outcome" => outcome).increment(1);
        tracing::warn!(flow_run = %run, outcome, "whoever claimed the run is gone");
    }
    Ok(())
}

/// Makes the run SCHEDULED again, or gives it up; returns what was done.
async fn release(
    tx: &mut Tx,
    run: &ClaimedRun,
    limits: &Limits,
    environment: &Environment,
) -> Result<Option<&'static str>, StoreError> {
    let now = environment.now;
    let id = StateId::sequential();
    let (mut state, reason, outcome) = match judge(run, limits, now) {
        Verdict::Leave => return Ok(None),
        Verdict::HandOut(reason) => (State::scheduled(RESCHEDULED, now, id, now), reason, "handed-out-again"),
        Verdict::GiveUp(reason) => (State::new(StateType::Crashed, id, now), reason, "given-up"),
    };
    let what_now = if state.r#type == StateType::Scheduled {
        "The run is handed out again.".to_owned()
    } else {
        format!("The run was handed out again {} times already.", run.hand_outs)
    };
    state.message = Some(format!("{reason} {what_now}"));
    let is_scheduled = state.r#type == StateType::Scheduled;
    let policy = FlowPolicy::Core;
    let change = flow_runs::commit_state(tx, run.workspace, run.id, policy, state, environment).await?;
    if change.is_none_or(|change| change.result.status != SetStateStatus::Accept) {
        return Ok(None);
    }
    if is_scheduled {
        let mut labels = run.labels.clone();
        for label in [WORKER_NAME_LABEL, WORKER_TYPE_LABEL] {
            labels.remove(label);
        }
        flow_runs::note_hand_out(tx, run.workspace, run.id, &labels, now).await?;
    }
    let subject = Subject {
        id: run.id,
        name: &run.name,
        flow_id: run.flow_id,
        deployment_id: Some(run.deployment_id),
        tags: &run.tags,
    };
    let payload = json!({
        "reason": reason,
        "pending_since": run.since,
        "worker_name": run.labels.text(WORKER_NAME_LABEL),
        "infrastructure_pid": run.infrastructure_pid,
        "times_before": run.hand_outs,
    });
    let event = run_event(now, outcome, &subject, &payload)?;
    outbox::push(tx, run.workspace, &event).await?;
    Ok(Some(outcome))
}

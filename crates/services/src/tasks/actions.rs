//! Does what automations are to do.
//!
//! What an action does to this server's own data, the events that tell of it, and the end of its row are one
//! transaction: it is done once, whatever happens to this process. Templates are filled in before, with what stands
//! in the database then. What an action is refused becomes an event that says why. Messages to others go another way:
//! see `notifications`.

mod automation_enabled;
mod declare_incident;
mod delete_flow_run;
mod deployment_paused;
mod flow_run_state;
mod inference;
pub(super) mod outcome;
pub(super) mod report;
mod resume_flow_run;
mod run_deployment;
pub(super) mod template_context;
mod work_pool_paused;
mod work_queue_paused;

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_orchestration::Environment;
use sluice_store::automations::actions::{self, PendingAction, UnreadableAction};
use sluice_store::{StoreError, Topic, Tx};
use sluice_wire::automations::Action;

use self::outcome::{Refused, Report};
use self::run_deployment::Prepared;
use crate::environment::environment;
use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(5);
/// Actions that are read at once.
const BATCH: i64 = 50;

/// The service that does what automations are to do.
#[derive(Debug)]
pub struct Actions;

impl Service for Actions {
    fn name(&self) -> &'static str {
        "actions"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn wakes_on(&self) -> Option<Topic> {
        Some(Topic::Actions)
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        work_off(context).boxed()
    }
}

async fn work_off(context: &Context) -> Result<Next, ServiceError> {
    let due = context.store().read(context.now(), |tx, now| Box::pin(actions::due(tx, *now, BATCH))).await?;
    let is_full = i64::try_from(due.len()).is_ok_and(|count| count >= BATCH);
    for row in due {
        let pending = match row {
            Ok(pending) => pending,
            Err(unreadable) => {
                drop_unreadable(context, unreadable).await?;
                continue;
            }
        };
        let kind = pending.action.action.kind();
        let (id, automation) = (pending.action.id, pending.action.automation.id);
        let outcome = match execute(context, pending.clone()).await {
            Ok(None) => "executed",
            Ok(Some(reason)) => {
                tracing::warn!(%automation, action = %id, kind, reason, "an action failed");
                "failed"
            }
            Err(Refused::Failed { reason, report }) => {
                tracing::warn!(%automation, action = %id, kind, reason, "an action failed");
                fail(context, pending, reason, *report).await?;
                "failed"
            }
            // Another try may help.
            Err(Refused::Store(error @ (StoreError::Unavailable(_) | StoreError::Conflict(_)))) => {
                return Err(error.into());
            }
            Err(Refused::Store(error)) => {
                tracing::error!(%automation, action = %id, kind, %error, "an action failed");
                fail(context, pending, format!("The server failed: {error}"), Report::default()).await?;
                "failed"
            }
        };
        metrics::counter!("sluice_automation_actions_total", "type" => kind, "outcome" => outcome)
            .increment(1);
    }
    Ok(if is_full { Next::Again } else { Next::Period })
}

/// Takes out what nobody understands: it would stand in the way for ever.
pub(super) async fn drop_unreadable(context: &Context, action: UnreadableAction) -> Result<(), StoreError> {
    tracing::error!(action = %action.id, automation = %action.automation, reason = action.reason, "an action cannot be read");
    metrics::counter!("sluice_automation_actions_total", "type" => "unknown", "outcome" => "failed")
        .increment(1);
    context
        .write((action, context.now()), |tx, (action, now)| {
            Box::pin(async move {
                if actions::complete(tx, action.workspace, action.id).await? {
                    report::unreadable(tx, action, *now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Does an action and tells of it; returns why it counts as failed although what it did stays.
async fn execute(context: &Context, pending: PendingAction) -> Result<Option<String>, Refused> {
    let prepared = run_deployment::prepare(context, &pending).await?;
    let arguments = (pending, prepared, context.secrets(), environment(context));
    context
        .write_or(arguments, |tx, (pending, prepared, keys, environment)| {
            Box::pin(async move {
                if !actions::complete(tx, pending.workspace, pending.action.id).await? {
                    return Ok(None);
                }
                let mut report = Report::default();
                let acted = act(tx, pending, prepared.as_ref(), keys, environment, &mut report).await;
                match acted {
                    // What was reported until then belongs to the failure.
                    Err(Refused::Failed { reason, .. }) => {
                        return Err(Refused::Failed { reason, report: Box::new(report) });
                    }
                    Err(error) => return Err(error),
                    Ok(()) => {}
                }
                let denied = report.denied.take();
                match &denied {
                    None => report::executed(tx, pending, &report, environment.now).await?,
                    Some(reason) => report::failed(tx, pending, reason, &report, environment.now).await?,
                }
                Ok(denied)
            })
        })
        .await
}

async fn fail(
    context: &Context,
    pending: PendingAction,
    reason: String,
    report: Report,
) -> Result<(), StoreError> {
    let now = context.now();
    context
        .write((pending, reason, report, now), |tx, (pending, reason, report, now)| {
            Box::pin(async move {
                if actions::complete(tx, pending.workspace, pending.action.id).await? {
                    report::failed(tx, pending, reason, report, *now).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    prepared: Option<&Prepared>,
    keys: &sluice_secrets::KeyRing,
    environment: &Environment,
    report: &mut Report,
) -> Result<(), Refused> {
    let now = environment.now;
    match &pending.action.action {
        Action::DoNothing => Ok(()),
        Action::RunDeployment(run) => {
            run_deployment::act(tx, pending, run, prepared, keys, environment, report).await
        }
        Action::PauseDeployment(target) => {
            deployment_paused::act(tx, pending, target, true, now, report).await
        }
        Action::ResumeDeployment(target) => {
            deployment_paused::act(tx, pending, target, false, now, report).await
        }
        Action::CancelFlowRun | Action::SuspendFlowRun | Action::ChangeFlowRunState(_) => {
            flow_run_state::act(tx, pending, environment, report).await
        }
        Action::DeleteFlowRun => delete_flow_run::act(tx, pending, environment, report).await,
        Action::ResumeFlowRun => resume_flow_run::act(tx, pending, environment, report).await,
        Action::PauseWorkQueue(target) => {
            work_queue_paused::act(tx, pending, target, true, now, report).await
        }
        Action::ResumeWorkQueue(target) => {
            work_queue_paused::act(tx, pending, target, false, now, report).await
        }
        Action::PauseWorkPool(target) => work_pool_paused::act(tx, pending, target, true, now, report).await,
        Action::ResumeWorkPool(target) => {
            work_pool_paused::act(tx, pending, target, false, now, report).await
        }
        Action::PauseAutomation(target) => {
            automation_enabled::act(tx, pending, target, false, now, report).await
        }
        Action::ResumeAutomation(target) => {
            automation_enabled::act(tx, pending, target, true, now, report).await
        }
        Action::DeclareIncident => declare_incident::act(tx, pending, now, report).await,
        // The store gives them to another service.
        Action::SendNotification(_) | Action::CallWebhook(_) | Action::SendEmailNotification(_) => {
            Err(Refused::failed("a message was taken for an action on this server's data"))
        }
    }
}

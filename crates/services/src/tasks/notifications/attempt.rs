//! One try to bring a message out.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sluice_delivery::{Answer, DeliveryError, Mail, retry};
use sluice_store::automations::actions::{self, Claim, PendingAction};
use sluice_store::{JobError, StoreError};
use sluice_wire::time::TimeDelta;

use super::CLAIM;
use super::message::{Message, Part, prepare};
use super::progress::{Ended, Progress};
use super::receivers::Receivers;
use crate::Context;
use crate::environment::uniform;
use crate::tasks::actions::outcome::{Refused, Report};
use crate::tasks::actions::report;

/// When it is tried again after a host was busy with other messages.
const BUSY: TimeDelta = TimeDelta::from_micros(250_000);

/// What a try made of a part.
enum Tried {
    /// It was delivered, or never will be.
    Ended(Ended),
    /// It may be delivered later.
    Postponed {
        /// How it ends if there is no later.
        ended: Ended,
        asked_wait: Option<Duration>,
        /// The service is not there: the other parts need not be tried now.
        is_away: bool,
    },
}

/// Makes one try. What goes wrong with the database leaves the row for another one.
pub(super) async fn make(context: &Context, receivers: &Arc<Receivers>, pending: PendingAction) {
    let claim = Claim { workspace: pending.workspace, id: pending.action.id, attempt: pending.attempts };
    let (kind, automation) = (pending.action.action.kind(), pending.action.automation.id);
    let outcome = match prepare(context, &pending).await {
        Ok(message) => match receivers.enter(&message.host()) {
            Some(_place) => deliver(context, claim, &pending, message).await,
            None => step_back(context, claim).await.map(|()| None),
        },
        Err(Refused::Store(error)) if error.may_pass() => Err(error),
        Err(refused) => refuse(context, claim, pending, refused).await.map(Some),
    };
    match outcome {
        Ok(Some(outcome)) => {
            metrics::counter!("sluice_automation_actions_total", "type" => kind, "outcome" => outcome)
                .increment(1);
        }
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(action = %claim.id, %automation, kind, %error, "a message waits for the database");
        }
    }
}

/// Lets others go first: the host has as many messages as it gets at once.
async fn step_back(context: &Context, claim: Claim) -> Result<(), StoreError> {
    let until = context.now() + BUSY;
    let arguments = (claim, until);
    context
        .store()
        .write(arguments, |tx, (claim, until)| Box::pin(actions::return_message(tx, claim, *until)))
        .await
}

/// Tries what is left of the message. Returns how it ended, if it did.
async fn deliver(
    context: &Context,
    claim: Claim,
    pending: &PendingAction,
    message: Message,
) -> Result<Option<&'static str>, StoreError> {
    let mut progress = Progress::read(pending.progress.as_deref(), message.parts.len());
    let mut asked_wait = None;
    let mut failures: Vec<(usize, Ended)> = Vec::new();
    let mut is_first = true;
    for (index, part) in message.parts.iter().enumerate() {
        if progress.has_ended(index) {
            continue;
        }
        let time = claim_time(context, part);
        // Others would take it for abandoned.
        if (!is_first || time > CLAIM) && !keep(context, claim, time, &progress).await? {
            return Ok(None);
        }
        is_first = false;
        match bring(context, pending, &message, part).await {
            Tried::Ended(ended) => progress.end(index, ended),
            Tried::Postponed { ended, asked_wait: asked, is_away } => {
                failures.push((index, ended));
                asked_wait = asked_wait.max(asked);
                if is_away {
                    break;
                }
            }
        }
    }
    if !failures.is_empty() {
        let attempt = u32::try_from(pending.attempts).unwrap_or(u32::MAX);
        if let Some(wait) = retry::wait_after(attempt, asked_wait, uniform()) {
            let reason = failures.first().and_then(|(_, ended)| ended.reason.clone()).unwrap_or_default();
            tracing::info!(action = %claim.id, attempt, wait = wait.as_secs_f64(), reason, "a message is tried again");
            let wait = TimeDelta::from_micros(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX));
            keep(context, claim, wait, &progress).await?;
            return Ok(None);
        }
        let last = failures.last().map(|(_, ended)| ended.clone());
        for (index, ended) in failures {
            progress.end(index, ended);
        }
        if let Some(last) = last {
            progress.end_rest(&last);
        }
    }
    finish(context, claim, pending, &message, &progress).await.map(Some)
}

/// Sends one part.
async fn bring(context: &Context, pending: &PendingAction, message: &Message, part: &Part) -> Tried {
    let deliverer = &context.settings.deliverer;
    match part {
        Part::Request(request) => match deliverer.send(request).await {
            Ok(answer) => judge(context, message, &answer),
            Err(error) => failed(message, &error),
        },
        Part::Mail { to } => {
            let mail = Mail { to, subject: &message.subject, body: &message.body, id: pending.action.id };
            match deliverer.mail(&mail).await {
                Ok(_) => Tried::Ended(Ended::delivered(None)),
                Err(error) => failed(message, &error),
            }
        }
    }
}

/// What an answer means.
fn judge(context: &Context, message: &Message, answer: &Answer) -> Tried {
    let is_taken = (200..300).contains(&answer.status) || (message.is_call && answer.status < 400);
    let mut ended = if is_taken {
        Ended::delivered(Some(answer.status))
    } else {
        let excerpt: String = message.redaction.apply(answer.body.trim()).chars().take(200).collect();
        let colon = if excerpt.is_empty() { "" } else { ": " };
        Ended::failed(
            Some(answer.status),
            format!("the service answered with status {}{colon}{excerpt}", answer.status),
        )
    };
    if message.is_call {
        ended.details = message.redaction.answer(answer);
    }
    if !retry::is_temporary(answer.status) {
        return Tried::Ended(ended);
    }
    let now = context.now().as_micros();
    let now = SystemTime::UNIX_EPOCH + Duration::from_micros(now.max(0).unsigned_abs());
    let asked_wait = answer.header("retry-after").and_then(|header| retry::asked_wait(header, now));
    Tried::Postponed { ended, asked_wait, is_away: false }
}

fn failed(message: &Message, error: &DeliveryError) -> Tried {
    let ended = Ended::failed(None, message.redaction.apply(&error.to_string()));
    match error {
        DeliveryError::Final(_) => Tried::Ended(ended),
        DeliveryError::Temporary(_) => Tried::Postponed { ended, asked_wait: None, is_away: true },
    }
}

fn claim_time(context: &Context, part: &Part) -> TimeDelta {
    let Part::Request(request) = part else { return CLAIM };
    let longest = context.settings.deliverer.timeout(request) + Duration::from_secs(10);
    TimeDelta::from_micros(i64::try_from(longest.as_micros()).unwrap_or(i64::MAX)).max(CLAIM)
}

async fn keep(
    context: &Context,
    claim: Claim,
    wait: TimeDelta,
    progress: &Progress,
) -> Result<bool, StoreError> {
    let until = context.now() + wait;
    context
        .store()
        .write((claim, until, progress.write()), |tx, (claim, until, progress)| {
            Box::pin(actions::keep_message(tx, claim, *until, progress))
        })
        .await
}

/// Takes the row out and tells how it ended.
async fn finish(
    context: &Context,
    claim: Claim,
    pending: &PendingAction,
    message: &Message,
    progress: &Progress,
) -> Result<&'static str, StoreError> {
    let mut report = message.report.clone();
    let reason = progress.tell(message.is_call, pending.attempts, &mut report);
    if let Some(reason) = &reason {
        let (automation, log) = (pending.action.automation.id, progress.log());
        tracing::warn!(action = %claim.id, %automation, kind = pending.action.action.kind(), reason, log, "an action failed");
    }
    end(context, claim, pending.clone(), reason, report).await
}

async fn refuse(
    context: &Context,
    claim: Claim,
    pending: PendingAction,
    refused: Refused,
) -> Result<&'static str, StoreError> {
    let (reason, report) = match refused {
        Refused::Failed { reason, report } => (reason, *report),
        Refused::Store(error) => (format!("The server failed: {error}"), Report::default()),
    };
    tracing::warn!(action = %claim.id, automation = %pending.action.automation.id, kind = pending.action.action.kind(), reason, "an action failed");
    end(context, claim, pending, Some(reason), report).await
}

async fn end(
    context: &Context,
    claim: Claim,
    pending: PendingAction,
    reason: Option<String>,
    report: Report,
) -> Result<&'static str, StoreError> {
    let outcome = if reason.is_some() { "failed" } else { "executed" };
    let arguments = (claim, pending, reason, report, context.now());
    context
        .store()
        .write(arguments, |tx, (claim, pending, reason, report, now)| {
            Box::pin(async move {
                if actions::complete_message(tx, claim).await? {
                    match reason {
                        Some(reason) => report::failed(tx, pending, reason, report, *now).await?,
                        None => report::executed(tx, pending, report, *now).await?,
                    }
                }
                Ok::<(), StoreError>(())
            })
        })
        .await?;
    Ok(outcome)
}

/// Whether an error of the database may be gone the next time.
trait MayPass {
    fn may_pass(&self) -> bool;
}

impl MayPass for StoreError {
    fn may_pass(&self) -> bool {
        matches!(self.store_error(), Some(Self::Unavailable(_) | Self::Conflict(_)))
    }
}

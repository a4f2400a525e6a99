//! Tears down what belongs to runs that the server has given up, when the worker channel says so (`cleanup.message.v1`).
//!
//! A message is reserved for this worker for a while, which it makes longer as long as it is at work. It answers with
//! `cleanup.ack.v1` when there is nothing left to tear down, and with `cleanup.release.v1` and a reason when another
//! worker may know better. The state of the run is the server's business. A message whose answer was lost comes again,
//! and finds that there is nothing left to do.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use sluice_wire::ids::FlowRunId;
use sluice_wire::worker_channel::CleanupKind;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at};

use crate::flow_run::STOP_GRACE;
use crate::launchers::{StopCause, StopError};
use crate::shared::Shared;

/// How many messages are worked at at the same time.
pub(crate) const MOST_AT_ONCE: usize = 4;
/// How often the server hears that the work goes on. It gives a message away after 30 seconds of silence.
const RENEW: Duration = Duration::from_secs(10);

/// A frame to send: its type, and its payload.
pub(crate) struct Operation {
    pub(crate) r#type: &'static str,
    pub(crate) payload: Value,
}

#[derive(Deserialize)]
struct Message {
    message_id: Value,
    reservation_token: Value,
    kind: Value,
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    flow_run_id: Option<FlowRunId>,
    #[serde(default)]
    infrastructure_pid: Option<String>,
}

/// What a message comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Nothing is left.
    Done,
    /// Somebody else may try, for this reason.
    Released(&'static str),
}

/// Does what a message asks for, and says how it went.
pub(crate) async fn handle(shared: Arc<Shared>, payload: Value, operations: mpsc::Sender<Operation>) {
    let message: Message = match serde_json::from_value(payload) {
        Ok(message) => message,
        Err(error) => {
            // There is nothing to answer with; the server gives the message to another worker when its time is over.
            tracing::warn!(%error, "a cleanup message makes no sense");
            return;
        }
    };
    let answer = |operation, reason: Option<&str>| {
        let mut payload =
            json!({ "message_id": message.message_id, "reservation_token": message.reservation_token });
        if let Some(reason) = reason {
            payload["reason"] = json!(reason);
        }
        Operation { r#type: operation, payload }
    };
    let mut renewals = interval_at(Instant::now() + RENEW, RENEW);
    let mut teardown = std::pin::pin!(tear_down(&shared, &message));
    let outcome = loop {
        tokio::select! {
            outcome = &mut teardown => break outcome,
            _ = renewals.tick() => {
                let _ = operations.send(answer("cleanup.renew.v1", None)).await;
            }
        }
    };
    let _ = operations
        .send(match outcome {
            Outcome::Done => answer("cleanup.ack.v1", None),
            Outcome::Released(reason) => answer("cleanup.release.v1", Some(reason)),
        })
        .await;
}

async fn tear_down(shared: &Shared, message: &Message) -> Outcome {
    if message.kind != json!(CleanupKind::CancellingTimeoutTeardown) {
        return Outcome::Released("unsupported_cleanup_kind");
    }
    let Some(id) = message.target.flow_run_id else { return Outcome::Released("invalid_payload") };
    // The server may not have heard yet what this worker has started.
    let own = || shared.in_flight().get(&id).and_then(|entry| entry.identifier.clone());
    let Some(identifier) = message.target.infrastructure_pid.clone().filter(|it| !it.is_empty()).or_else(own)
    else {
        return without_identifier(shared, id).await;
    };
    let identifier = identifier.as_str();
    tracing::info!(flow_run = %id, identifier, "tears down what is left of a run that the server has given up");
    match shared.launcher.stop_because(identifier, StopCause::Cancelled, STOP_GRACE).await {
        Ok(()) | Err(StopError::NotFound(_)) => Outcome::Done,
        Err(error) => {
            tracing::warn!(flow_run = %id, identifier, %error, "cannot tear down what is left of a run");
            Outcome::Released("infrastructure_not_available")
        }
    }
}

/// The server knew of nothing to tear down when it gave the run up. It may have heard of something since.
async fn without_identifier(shared: &Shared, id: FlowRunId) -> Outcome {
    match shared.client.flow_run(id).await {
        Ok(flow_run) if flow_run.infrastructure_pid.is_some() => {
            Outcome::Released("missing_infrastructure_handle")
        }
        Ok(_) => Outcome::Done,
        Err(error) if error.is_not_found() => Outcome::Done,
        Err(error) => {
            tracing::warn!(flow_run = %id, %error, "cannot look at a run that the server has given up");
            Outcome::Released("configuration_context_unavailable")
        }
    }
}

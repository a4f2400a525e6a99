//! The worker channel, version 1: the frames that workers and server exchange (wire-protocol 1.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ids::{WorkPoolId, WorkQueueId, WorkerId};
use crate::json::{self, RawJson};
use crate::numbers::{NonNegative, Positive};
use crate::time::Timestamp;
use crate::work_pools::WorkPool;

/// The version of the channel that this module describes.
pub const CHANNEL_VERSION: &str = "work_pool_worker_channel.v1";
/// Every worker must ask for these two.
pub const REQUIRED_CAPABILITIES: [&str; 2] = ["worker_heartbeat.v1", "work_pool_snapshot.v1"];
/// A worker that asks for this tears down what was left behind.
pub const CLEANUP_DELIVERY: &str = "cleanup_delivery.v1";
/// A worker that asks for this is told when a run of its queues is due. No part of the reference's protocol, whose servers
/// reject it, and whose workers do not ask for it.
pub const SCHEDULED_RUNS: &str = "scheduled_runs.v1";

/// Why the server closes a channel: the reason of the close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The pool or a queue does not exist, or may not be created.
    AuthorizationFailed,
    /// The worker speaks no version that the server speaks.
    UnsupportedVersion,
    /// A frame makes no sense.
    ProtocolError,
    /// A heartbeat could not be stored; the worker connects again.
    HeartbeatPersistenceFailed,
    /// Something failed for a moment; the worker connects again.
    TransientServerError,
}

impl CloseReason {
    /// As it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationFailed => "authorization_failed",
            Self::UnsupportedVersion => "unsupported_version",
            Self::ProtocolError => "protocol_error",
            Self::HeartbeatPersistenceFailed => "heartbeat_persistence_failed",
            Self::TransientServerError => "transient_server_error",
        }
    }

    /// The code of the close frame.
    pub const fn code(self) -> u16 {
        match self {
            Self::AuthorizationFailed | Self::UnsupportedVersion => 1008,
            Self::ProtocolError => 1002,
            Self::HeartbeatPersistenceFailed | Self::TransientServerError => 1011,
        }
    }
}

/// What a worker is asked to tear down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CleanupKind {
    /// A run stayed CANCELLING too long.
    #[serde(rename = "cancelling_timeout_teardown.v1")]
    CancellingTimeoutTeardown,
    /// Nobody holds the claim of a pending run any more.
    #[serde(rename = "pending_claim_teardown.v1")]
    PendingClaimTeardown,
}

impl CleanupKind {
    /// As it travels and as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CancellingTimeoutTeardown => "cancelling_timeout_teardown.v1",
            Self::PendingClaimTeardown => "pending_claim_teardown.v1",
        }
    }
}

/// What a worker says about a cleanup message that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CleanupOperation {
    /// Done.
    Ack,
    /// Somebody else may try.
    Release,
    /// Still at it.
    Renew,
}

/// What became of a [`CleanupOperation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CleanupStatus {
    Accepted,
    NotCurrent,
    NotFound,
    Expired,
    InvalidToken,
    Unauthorized,
    DeadLettered,
    Error,
}

/// A frame from a worker.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkerFrame {
    /// The first one: who the worker is.
    Hello(WorkerHello),
    /// It lives.
    Heartbeat(WorkerHeartbeat),
    /// About a cleanup message.
    Cleanup {
        /// The id of this frame, which the answer repeats.
        frame: Uuid,
        /// What the worker says.
        operation: CleanupOperation,
        /// About which message, with the token that it was given.
        message: CleanupReference,
    },
}

/// Payload of `worker.hello.v1`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerHello {
    pub consumer_id: Uuid,
    pub worker_name: String,
    pub worker_type: String,
    pub heartbeat_interval_seconds: Positive,
    pub supported_channel_versions: Vec<String>,
    pub requested_capabilities: Vec<String>,
    /// Empty: all queues of the pool.
    #[serde(default)]
    pub work_queue_names: Vec<String>,
    #[serde(default)]
    pub handled_cleanup_kinds: Vec<CleanupKind>,
    /// Cleanup messages that the worker takes at once.
    #[serde(default)]
    max_cleanup_concurrency: Option<NonNegative>,
    #[serde(default)]
    pub create_pool_if_not_found: bool,
    #[serde(default = "RawJson::empty_object", deserialize_with = "json::object")]
    pub default_base_job_template: RawJson,
    #[serde(default)]
    pub worker_metadata: Option<BTreeMap<String, Value>>,
}

impl WorkerHello {
    /// Whether the worker asks for cleanup messages.
    pub fn requests_cleanup(&self) -> bool {
        self.requested_capabilities.iter().any(|capability| capability == CLEANUP_DELIVERY)
            && !self.handled_cleanup_kinds.is_empty()
            && self.max_cleanup_concurrency() > 0
    }

    /// Cleanup messages that the worker takes at once; one when it asks for them and does not say how many.
    pub fn max_cleanup_concurrency(&self) -> i64 {
        let asks = self.requested_capabilities.iter().any(|capability| capability == CLEANUP_DELIVERY);
        match self.max_cleanup_concurrency {
            Some(most) => most.get(),
            None => i64::from(asks && !self.handled_cleanup_kinds.is_empty()),
        }
    }

    /// Whether the worker wants to be told of runs that are due.
    pub fn requests_scheduled_runs(&self) -> bool {
        self.requested_capabilities.iter().any(|capability| capability == SCHEDULED_RUNS)
    }

    fn is_valid(&self) -> bool {
        let asks_for = |capability: &str| self.requested_capabilities.iter().any(|asked| asked == capability);
        let texts = [&self.worker_name, &self.worker_type]
            .into_iter()
            .chain(&self.supported_channel_versions)
            .chain(&self.requested_capabilities)
            .chain(&self.work_queue_names);
        let wants_cleanup = !self.handled_cleanup_kinds.is_empty() || self.max_cleanup_concurrency() > 0;
        texts.into_iter().all(|text| !text.is_empty())
            && !self.supported_channel_versions.is_empty()
            && REQUIRED_CAPABILITIES.into_iter().all(asks_for)
            && (asks_for(CLEANUP_DELIVERY) || !wants_cleanup)
    }
}

/// Payload of `worker.heartbeat.v1`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerHeartbeat {
    pub consumer_id: Uuid,
    pub worker_name: String,
    pub heartbeat_interval_seconds: Positive,
}

/// Payload of `cleanup.ack.v1` and `cleanup.renew.v1`, and what counts of `cleanup.release.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CleanupReference {
    pub message_id: Uuid,
    pub reservation_token: String,
}

/// Payload of `cleanup.release.v1`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CleanupRelease {
    message_id: Uuid,
    reservation_token: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    r#type: String,
    id: Uuid,
    #[serde(rename = "sent_at")]
    _sent_at: Timestamp,
    payload: RawJson,
}

impl WorkerFrame {
    /// Reads a frame; `None` when it is none that a worker may send.
    pub fn parse(text: &str) -> Option<Self> {
        let envelope: Envelope = serde_json::from_str(text).ok()?;
        let payload = &envelope.payload;
        let (operation, message) = match &*envelope.r#type {
            "worker.hello.v1" => {
                return payload.parse().ok().filter(WorkerHello::is_valid).map(Self::Hello);
            }
            "worker.heartbeat.v1" => return payload.parse().ok().map(Self::Heartbeat),
            "cleanup.ack.v1" => (CleanupOperation::Ack, payload.parse().ok()?),
            "cleanup.renew.v1" => (CleanupOperation::Renew, payload.parse().ok()?),
            "cleanup.release.v1" => {
                let CleanupRelease { message_id, reservation_token, reason } = payload.parse().ok()?;
                if reason.is_empty() {
                    return None;
                }
                (CleanupOperation::Release, CleanupReference { message_id, reservation_token })
            }
            _ => return None,
        };
        let is_valid = !message.reservation_token.is_empty();
        is_valid.then_some(Self::Cleanup { frame: envelope.id, operation, message })
    }
}

/// A frame to a worker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServerFrame<P> {
    r#type: &'static str,
    id: Uuid,
    sent_at: Timestamp,
    payload: P,
}

impl ServerFrame<WorkerReady> {
    /// `worker.ready.v1`
    pub fn ready(now: Timestamp, payload: WorkerReady) -> Self {
        Self { r#type: "worker.ready.v1", id: Uuid::now_v7(), sent_at: now, payload }
    }
}

impl ServerFrame<WorkPoolSnapshot> {
    /// `work_pool.snapshot.v1`
    pub fn snapshot(now: Timestamp, payload: WorkPoolSnapshot) -> Self {
        Self { r#type: "work_pool.snapshot.v1", id: Uuid::now_v7(), sent_at: now, payload }
    }
}

impl ServerFrame<RunsDue> {
    /// `scheduled_runs.due.v1`
    pub fn runs_due(now: Timestamp, payload: RunsDue) -> Self {
        Self { r#type: "scheduled_runs.due.v1", id: Uuid::now_v7(), sent_at: now, payload }
    }
}

impl ServerFrame<CleanupMessage> {
    /// `cleanup.message.v1`
    pub fn cleanup_message(now: Timestamp, payload: CleanupMessage) -> Self {
        Self { r#type: "cleanup.message.v1", id: Uuid::now_v7(), sent_at: now, payload }
    }
}

impl ServerFrame<CleanupResult> {
    /// `cleanup.operation_result.v1`
    pub fn cleanup_result(now: Timestamp, payload: CleanupResult) -> Self {
        Self { r#type: "cleanup.operation_result.v1", id: Uuid::now_v7(), sent_at: now, payload }
    }
}

/// Payload of `worker.ready.v1`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkerReady {
    pub consumer_id: Uuid,
    /// Always null.
    pub worker_id: Option<WorkerId>,
    pub selected_channel_version: &'static str,
    pub effective_heartbeat_interval_seconds: i64,
    pub accepted_capabilities: Vec<&'static str>,
    pub rejected_capabilities: Vec<String>,
    pub effective_max_cleanup_concurrency: i64,
    pub resolved_work_queues: Vec<ResolvedWorkQueue>,
    pub initial_snapshot: WorkPoolSnapshot,
}

/// A queue that the worker serves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResolvedWorkQueue {
    pub id: WorkQueueId,
    pub name: String,
}

/// The pool as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkPoolSnapshot {
    /// 1 for the first one of a connection, which is part of `worker.ready.v1`.
    pub snapshot_sequence: i64,
    /// `initial`, `work_pool_updated` or `heartbeat_reconciliation`.
    pub reason: &'static str,
    pub work_pool: WorkPool,
}

/// Payload of `scheduled_runs.due.v1`: the worker asks for runs now, and may find that others were faster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunsDue {
    pub work_pool_id: WorkPoolId,
}

/// Payload of `cleanup.message.v1`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CleanupMessage {
    pub message_id: Uuid,
    pub kind: CleanupKind,
    /// Only who knows it may answer.
    pub reservation_token: String,
    pub lease_expires_at: Timestamp,
    pub delivery_count: i64,
    pub work_queue_id: Option<WorkQueueId>,
    /// The run and its infrastructure.
    pub target: RawJson,
    pub data: RawJson,
}

/// Payload of `cleanup.operation_result.v1`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CleanupResult {
    pub request_frame_id: Uuid,
    pub message_id: Uuid,
    pub operation: CleanupOperation,
    pub status: CleanupStatus,
    /// Of accepted renewals alone.
    pub lease_expires_at: Option<Timestamp>,
    /// Of everything that was not accepted.
    pub reason: Option<&'static str>,
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::WorkerFrame;

    fn frame(r#type: &str, payload: Value) -> String {
        json!({
            "type": r#type, "id": "0199b1f8-5f5b-7cc1-9d0b-3a6a7a7b0c0d", "sent_at": "2026-11-22T12:00:00Z",
            "payload": payload,
        })
        .to_string()
    }

    fn hello(changes: Value) -> String {
        let mut payload = json!({
            "consumer_id": "0199b1f8-5f5b-7cc1-9d0b-3a6a7a7b0c0e", "worker_name": "w", "worker_type": "process",
            "heartbeat_interval_seconds": 30, "supported_channel_versions": ["work_pool_worker_channel.v1"],
            "requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1"],
        });
        for (key, value) in changes.as_object().expect("an object") {
            payload[key] = value.clone();
        }
        frame("worker.hello.v1", payload)
    }

    #[test]
    fn a_hello_asks_for_what_is_required_and_for_nothing_that_it_does_not_name() {
        let with_cleanup = json!(["worker_heartbeat.v1", "work_pool_snapshot.v1", "cleanup_delivery.v1"]);
        let kinds = json!(["cancelling_timeout_teardown.v1"]);
        let cases = [
            (json!({}), Some(0)),
            (json!({"requested_capabilities": with_cleanup, "handled_cleanup_kinds": kinds}), Some(1)),
            (
                json!({
                    "requested_capabilities": with_cleanup, "handled_cleanup_kinds": kinds,
                    "max_cleanup_concurrency": 4,
                }),
                Some(4),
            ),
            (json!({"handled_cleanup_kinds": kinds}), None),
            (json!({"max_cleanup_concurrency": 1}), None),
            (json!({"requested_capabilities": ["worker_heartbeat.v1"]}), None),
            (json!({"worker_name": ""}), None),
            (json!({"heartbeat_interval_seconds": 0}), None),
            (json!({"supported_channel_versions": []}), None),
            (json!({"handled_cleanup_kinds": ["other"]}), None),
            (json!({"surprise": 1}), None),
        ];
        for (changes, expected) in cases {
            let concurrency = match WorkerFrame::parse(&hello(changes.clone())) {
                Some(WorkerFrame::Hello(hello)) => Some(hello.max_cleanup_concurrency()),
                _ => None,
            };
            assert_eq!(concurrency, expected, "{changes}");
        }
    }

    #[test]
    fn frames_of_the_server_and_nonsense_are_refused() {
        let id = "0199b1f8-5f5b-7cc1-9d0b-3a6a7a7b0c0f";
        let release = |reason: &str| json!({"message_id": id, "reservation_token": "t", "reason": reason});
        let cases = [
            (frame("cleanup.ack.v1", json!({"message_id": id, "reservation_token": "t"})), true),
            (frame("cleanup.ack.v1", json!({"message_id": id, "reservation_token": ""})), false),
            (frame("cleanup.ack.v1", release("busy")), false),
            (frame("cleanup.release.v1", release("busy")), true),
            (frame("cleanup.release.v1", release("")), false),
            (frame("worker.ready.v1", json!({})), false),
            ("{}".to_owned(), false),
            ("nonsense".to_owned(), false),
        ];
        for (text, is_valid) in cases {
            assert_eq!(WorkerFrame::parse(&text).is_some(), is_valid, "{text}");
        }
    }
}

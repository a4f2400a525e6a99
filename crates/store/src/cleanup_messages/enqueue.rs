use serde_json::json;
use sluice_wire::ids::{FlowRunId, WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::worker_channel::CleanupKind;
use uuid::Uuid;

use crate::{Json, Result, Topic, Tx, params};

/// What a worker is told to tear down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCleanupMessage {
    /// The pool whose workers are told.
    pub work_pool_id: WorkPoolId,
    /// The queue that the run came from; its workers are asked first.
    pub work_queue_id: Option<WorkQueueId>,
    /// The run.
    pub flow_run_id: FlowRunId,
    /// What the worker knows the infrastructure by.
    pub infrastructure_pid: Option<String>,
    /// Why.
    pub kind: CleanupKind,
    /// A second message with the same key is none.
    pub idempotency_key: String,
}

/// Queues the message for the workers of the pool. Its payload is the target, `{"flow_run_id", "infrastructure_pid"}`.
/// Returns whether it is new.
pub async fn enqueue(
    tx: &mut Tx,
    workspace: WorkspaceId,
    message: &NewCleanupMessage,
    now: Timestamp,
) -> Result<bool> {
    let target = json!({
        "flow_run_id": message.flow_run_id,
        "infrastructure_pid": message.infrastructure_pid,
    });
    let inserted = tx
        .execute(
            "INSERT INTO cleanup_message (id, workspace_id, created, work_pool_id, work_queue_id, flow_run_id, kind,
                idempotency_key, payload, delivery_count, is_dead)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10)
             ON CONFLICT (workspace_id, idempotency_key) DO NOTHING",
            params![
                Uuid::now_v7(),
                workspace,
                now,
                message.work_pool_id,
                message.work_queue_id,
                message.flow_run_id,
                message.kind.as_str(),
                &message.idempotency_key,
                Json(target),
                false,
            ],
        )
        .await?;
    tx.notify(Topic::Cleanup);
    Ok(inserted == 1)
}

//! What every poll leaves behind.

use sluice_store::{StoreError, deployments, work_queues};
use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::work_queues::WorkQueue;

use crate::App;

/// Notes that the queues were polled and that their deployments are ready, unless that was noted a moment ago: most polls write nothing. A poll is
/// answered although this fails; the next one tries again.
pub(in crate::routes) async fn mark_polled(
    app: &App,
    workspace: WorkspaceId,
    queues: Vec<WorkQueue>,
    now: Timestamp,
) {
    if !work_queues::needs_mark(&queues, now) {
        return;
    }
    let noted: Result<(), StoreError> = app
        .store
        .write((workspace, queues, now), |tx, (workspace, queues, now)| {
            Box::pin(async move {
                work_queues::mark_polled(tx, *workspace, queues, *now).await?;
                let ids: Vec<WorkQueueId> = queues.iter().map(|queue| queue.id).collect();
                deployments::mark_ready_of_queues(tx, *workspace, &ids, *now).await
            })
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "could not note that work queues were polled");
    }
}

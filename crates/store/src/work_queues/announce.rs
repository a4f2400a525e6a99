//! Events about work queues.

use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::WorkPool;
use sluice_wire::work_queues::WorkQueue;

use crate::work_pools::announce::{Changes, resource as pool_resource};
use crate::{Result, Tx, outbox};

fn event(queue: &WorkQueue, pool: &WorkPool, what: &str, now: Timestamp) -> Event {
    let resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.work-queue.{}", queue.id)),
        (RESOURCE_NAME.to_owned(), queue.name.clone()),
        (RESOURCE_ROLE.to_owned(), "work-queue".to_owned()),
    ]);
    let mut event = Event::new(now, format!("prefect.work-queue.{what}"), resource);
    event.related.push(pool_resource(pool));
    event
}

/// `prefect.work-queue.created` or `prefect.work-queue.deleted`.
pub(crate) async fn life(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queue: &WorkQueue,
    pool: &WorkPool,
    what: &str,
    now: Timestamp,
) -> Result<()> {
    outbox::push(tx, workspace, &event(queue, pool, what, now)).await
}

/// `prefect.work-queue.ready`, `.not-ready` or `.paused`.
pub(crate) async fn status(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queue: &WorkQueue,
    pool: &WorkPool,
    now: Timestamp,
) -> Result<()> {
    match queue.status {
        Some(status) => outbox::push(tx, workspace, &event(queue, pool, status.in_kebab_case(), now)).await,
        None => Ok(()),
    }
}

/// `prefect.work-queue.updated`, when something changed.
pub(super) async fn updated(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queue: &WorkQueue,
    pool: &WorkPool,
    changes: Changes,
    now: Timestamp,
) -> Result<()> {
    if let Some(payload) = changes.into_payload()? {
        let mut event = event(queue, pool, "updated", now);
        event.payload = payload;
        outbox::push(tx, workspace, &event).await?;
    }
    Ok(())
}

//! Events about work pools.

use serde::Serialize;
use serde_json::{Map, Value};
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::{TimeDelta, Timestamp};
use sluice_wire::work_pools::WorkPool;

use super::row::StoredPool;
use crate::{Result, StoreError, Tx, outbox};

/// An event follows the one before it when they are closer together than this.
const FOLLOWS_WITHIN: TimeDelta = TimeDelta::from_secs(300);

/// The labels of a pool as the resource of an event, or as one related to it.
pub(crate) fn resource(pool: &WorkPool) -> Labels {
    let mut labels = Labels::new();
    labels.insert(RESOURCE_ID.to_owned(), format!("prefect.work-pool.{}", pool.id));
    labels.insert(RESOURCE_NAME.to_owned(), pool.name.clone());
    labels.insert("prefect.work-pool.type".to_owned(), pool.r#type.clone());
    labels.insert(RESOURCE_ROLE.to_owned(), "work-pool".to_owned());
    labels
}

/// `prefect.work-pool.created` or `prefect.work-pool.deleted`.
pub(super) async fn life(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    what: &str,
    now: Timestamp,
) -> Result<()> {
    let mut event = Event::new(now, format!("prefect.work-pool.{what}"), resource(pool));
    let related = |id: String, role: &str| {
        Labels::from([(RESOURCE_ID.to_owned(), id), (RESOURCE_ROLE.to_owned(), role.to_owned())])
    };
    event.related.extend(
        pool.default_queue_id.map(|queue| related(format!("prefect.work-queue.{queue}"), "default-queue")),
    );
    let result_storage = pool.storage_configuration.default_result_storage_block_id;
    event.related.extend(
        result_storage.map(|block| related(format!("prefect.block-document.{block}"), "result-storage")),
    );
    outbox::push(tx, workspace, &event).await
}

/// `prefect.work-pool.ready`, `.not-ready` or `.paused`, under an id that the pool's row remembers.
pub(super) async fn status(
    tx: &mut Tx,
    workspace: WorkspaceId,
    before: Option<&StoredPool>,
    pool: &WorkPool,
    id: EventId,
    now: Timestamp,
) -> Result<()> {
    let Some(status) = pool.status else { return Ok(()) };
    let mut labels = resource(pool);
    labels.remove(RESOURCE_ROLE);
    let mut event = Event::new(now, format!("prefect.work-pool.{}", status.in_kebab_case()), labels);
    event.id = id;
    event.follows = before.and_then(|before| {
        let is_recent = now.since(before.last_transitioned_status_at?) < FOLLOWS_WITHIN;
        is_recent.then_some(before.last_status_event_id?)
    });
    outbox::push(tx, workspace, &event).await
}

/// The fields that an update changed, each with its old and new value.
#[derive(Debug, Default)]
pub(crate) struct Changes(Map<String, Value>);

impl Changes {
    /// Notes `field` if it changed.
    pub(crate) fn note<T: Serialize + PartialEq>(&mut self, field: &str, from: &T, to: &T) {
        if from != to {
            self.0.insert(field.to_owned(), serde_json::json!({ "from": from, "to": to }));
        }
    }

    /// The payload of an `updated` event; `None` when nothing changed.
    pub(crate) fn into_payload(self) -> Result<Option<RawJson>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let fields: Vec<&String> = self.0.keys().collect();
        let payload = serde_json::json!({ "updated_fields": fields, "updates": self.0 });
        RawJson::from_value(&payload).map(Some).map_err(|error| StoreError::Internal(error.to_string()))
    }
}

/// `prefect.work-pool.updated`, when something changed.
pub(super) async fn updated(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    changes: Changes,
    now: Timestamp,
) -> Result<()> {
    if let Some(payload) = changes.into_payload()? {
        let mut event = Event::new(now, "prefect.work-pool.updated", resource(pool));
        event.payload = payload;
        outbox::push(tx, workspace, &event).await?;
    }
    Ok(())
}

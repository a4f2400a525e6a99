//! Deletes events that are older than they are kept.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_store::{Database, StoreError, events, workspaces};

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(60);

/// The retention of events.
#[derive(Debug)]
pub struct EventRetention;

impl Service for EventRetention {
    fn name(&self) -> &'static str {
        "event_retention"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        delete_expired(context).boxed()
    }
}

async fn delete_expired(context: &Context) -> Result<Next, ServiceError> {
    let batch = context.settings.retention_batch;
    let before = context.now() - context.settings.event_retention;
    let mut is_any_full = false;
    let workspaces: Result<_, StoreError> = context
        .store()
        .read_from(Database::Telemetry, (), |tx, ()| Box::pin(workspaces::with_events(tx)))
        .await;
    for workspace in workspaces? {
        let deleted = context
            .write_telemetry((workspace, before, batch), |tx, (workspace, before, batch)| {
                Box::pin(events::delete_expired(tx, *workspace, *before, *batch))
            })
            .await?;
        if deleted > 0 {
            tracing::debug!(%workspace, deleted, "deleted old events");
        }
        is_any_full |= i64::try_from(deleted).is_ok_and(|deleted| deleted >= batch);
    }
    Ok(if is_any_full { Next::Again } else { Next::Period })
}

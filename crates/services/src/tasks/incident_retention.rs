//! Deletes incidents that were resolved longer ago than they are kept. Does nothing unless the setting says how long
//! that is. What is open stays.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_store::incidents;

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(60);

/// The retention of incidents.
#[derive(Debug)]
pub struct IncidentRetention;

impl Service for IncidentRetention {
    fn name(&self) -> &'static str {
        "incident_retention"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        async move {
            let Some(retention) = context.settings.incident_retention else { return Ok(Next::Period) };
            let (before, batch) = (context.now() - retention, context.settings.retention_batch);
            let deleted = context
                .write((before, batch), |tx, (before, batch)| {
                    Box::pin(incidents::delete_resolved(tx, *before, *batch))
                })
                .await?;
            if deleted > 0 {
                tracing::info!(incidents = deleted, "deleted incidents that were resolved long ago");
            }
            let is_full = i64::try_from(deleted).is_ok_and(|deleted| deleted >= batch);
            Ok(if is_full { Next::Again } else { Next::Period })
        }
        .boxed()
    }
}

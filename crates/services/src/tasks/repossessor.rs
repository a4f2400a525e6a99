//! Gives back the slots of leases that nobody renewed.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_store::concurrency_leases;

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(15);
/// Leases that are taken back in one round.
const BATCH: i64 = 100;

/// The repossessor.
#[derive(Debug)]
pub struct Repossessor;

impl Service for Repossessor {
    fn name(&self) -> &'static str {
        "repossessor"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        repossess(context).boxed()
    }
}

async fn repossess(context: &Context) -> Result<Next, ServiceError> {
    let now = context.now();
    let expired =
        context.store().read(now, |tx, now| Box::pin(concurrency_leases::expired(tx, *now, BATCH))).await?;
    let is_full = expired.len() as i64 == BATCH;
    for (workspace, lease) in expired {
        let slots = context.settings.slots;
        let released = context
            .write((workspace, lease, slots, now), |tx, (workspace, lease, slots, now)| {
                Box::pin(async move {
                    // The lease may have been renewed since it was found.
                    let found = concurrency_leases::read(tx, *workspace, *lease).await?;
                    if found.is_none_or(|found| found.expires >= *now) {
                        return Ok(false);
                    }
                    concurrency_leases::release(tx, *workspace, *lease, true, slots, *now).await
                })
            })
            .await?;
        if released {
            tracing::info!(%lease, "took the slots of a lease back that was not renewed");
        }
    }
    Ok(if is_full { Next::Again } else { Next::Period })
}

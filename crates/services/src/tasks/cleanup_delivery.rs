//! Takes cleanup messages back from workers that do not answer, so that others get them.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_store::cleanup_messages;

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(5);
/// Messages that are taken back in one round.
const BATCH: i64 = 100;

/// Takes cleanup messages back.
#[derive(Debug)]
pub struct CleanupDelivery;

impl Service for CleanupDelivery {
    fn name(&self) -> &'static str {
        "cleanup_delivery"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        take_back(context).boxed()
    }
}

async fn take_back(context: &Context) -> Result<Next, ServiceError> {
    let now = context.now();
    let is_any_due =
        context.store().read(now, |tx, now| Box::pin(cleanup_messages::any_expired(tx, *now))).await?;
    if !is_any_due {
        return Ok(Next::Period);
    }
    let expired = context.write(now, |tx, now| Box::pin(cleanup_messages::expire(tx, *now, BATCH))).await?;
    let done = expired.redelivered + expired.dead;
    tracing::info!(redelivered = expired.redelivered, dead = expired.dead, "took cleanup messages back");
    Ok(if i64::try_from(done).is_ok_and(|done| done >= BATCH) { Next::Again } else { Next::Period })
}

//! Brings the messages of automations out: `send-notification`, `call-webhook`, `send-email-notification`.
//!
//! A row is claimed for a while, its message is sent, and the row goes, together with the events that tell of it; or it
//! waits for another try. Nothing waits in memory: a try that a crash cuts off is made again when its claim ends. A
//! message may therefore come twice, when the answer to it was lost; it carries the same id both times where the
//! service looks at one.
//!
//! Messages are sent beside the rounds of the service, and few to one host at once, so that a slow receiver holds up no other. What they write is
//! fenced by their claim, not by the lease of the service.

mod attempt;
mod blocks;
mod message;
mod progress;
mod receivers;
mod redaction;

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_store::Topic;
use sluice_store::automations::actions as store_actions;
use sluice_wire::time::TimeDelta;
use tokio::sync::Semaphore;

use self::receivers::Receivers;
use super::actions::drop_unreadable;
use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(5);
/// Messages that are under way at once.
const AT_ONCE: usize = 32;
/// How long a claim holds: longer than a request may take. It is renewed before each further request.
const CLAIM: TimeDelta = TimeDelta::from_secs(30);
/// How long messages under way are waited for when the service stops.
const DRAIN: Duration = Duration::from_secs(5);
/// How long a round waits for a message to end when there are too many under way.
const CONGESTION: Duration = Duration::from_secs(1);

/// The service that brings messages out.
#[derive(Debug)]
pub struct Notifications {
    free: Arc<Semaphore>,
    receivers: Arc<Receivers>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(AT_ONCE)), receivers: Arc::default() }
    }
}

impl Service for Notifications {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn wakes_on(&self) -> Option<Topic> {
        Some(Topic::Actions)
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        self.round(context).boxed()
    }

    fn finish<'a>(&'a self) -> BoxFuture<'a, ()> {
        async move {
            let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
            if tokio::time::timeout(DRAIN, self.free.acquire_many(all)).await.is_err() {
                tracing::warn!(
                    "some messages are still under way; they are sent again when their claims end"
                );
            }
        }
        .boxed()
    }
}

impl Notifications {
    async fn round(&self, context: &Context) -> Result<Next, ServiceError> {
        if self.free.available_permits() == 0 {
            // A round is short: the lease of the service is renewed between rounds.
            drop(tokio::time::timeout(CONGESTION, self.free.acquire()).await);
            return Ok(Next::Again);
        }
        let limit = i64::try_from(self.free.available_permits()).unwrap_or(i64::MAX);
        let now = context.now();
        let claimed = context
            .write((now, now + CLAIM, limit), |tx, (now, until, limit)| {
                Box::pin(store_actions::claim_messages(tx, *now, *until, *limit))
            })
            .await?;
        let is_full = i64::try_from(claimed.len()).is_ok_and(|count| count >= limit);
        for row in claimed {
            match row {
                Ok(pending) => {
                    // Only this round takes permits, and it has seen enough of them.
                    let Ok(permit) = Arc::clone(&self.free).acquire_owned().await else { break };
                    let (context, receivers) = (context.clone(), Arc::clone(&self.receivers));
                    tokio::spawn(async move {
                        attempt::make(&context, &receivers, pending).await;
                        drop(permit);
                    });
                }
                Err(unreadable) => drop_unreadable(context, unreadable).await?,
            }
        }
        if is_full {
            return Ok(Next::Again);
        }
        let next = context.store().read((), |tx, ()| Box::pin(store_actions::next_message(tx))).await?;
        Ok(next.map_or(Next::Period, Next::At))
    }
}

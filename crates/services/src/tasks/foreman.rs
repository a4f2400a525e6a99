//! Notes which workers went silent, which pools have nobody left, and which queues and deployments nobody polls any more.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_store::{deployments, work_pools, work_queues, workers};
use sluice_wire::work_pools::WorkPoolStatus;

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

/// Rows of each kind that are changed in one round.
const BATCH: i64 = 200;

/// The foreman.
#[derive(Debug)]
pub struct Foreman;

impl Service for Foreman {
    fn name(&self) -> &'static str {
        "foreman"
    }

    fn period(&self, settings: &ServiceSettings) -> Duration {
        Duration::from_micros(settings.foreman_period.as_micros().max(0).unsigned_abs())
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        watch(context).boxed()
    }
}

async fn watch(context: &Context) -> Result<Next, ServiceError> {
    let now = context.now();
    let settings = &context.settings;
    let (missed, interval) = (settings.worker_missed_heartbeats, settings.worker_heartbeat_interval);
    let silent = context
        .store()
        .read((missed, interval, now), |tx, (missed, interval, now)| {
            Box::pin(workers::silent(tx, *missed, *interval, *now, BATCH))
        })
        .await?;
    if !silent.is_empty() {
        context
            .write((silent, missed, interval, now), |tx, (silent, missed, interval, now)| {
                Box::pin(workers::mark_offline(tx, silent, *missed, *interval, *now))
            })
            .await?;
    }
    let deserted =
        context.store().read((), |tx, ()| Box::pin(work_pools::ready_without_workers(tx, BATCH))).await?;
    for (workspace, pool) in deserted {
        context
            .write((workspace, pool, now), |tx, (workspace, pool, now)| {
                Box::pin(async move {
                    if !workers::any_online(tx, *pool).await? {
                        work_pools::set_status(tx, *workspace, *pool, WorkPoolStatus::NotReady, *now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    let before = now - settings.last_polled_timeout;
    let unpolled = context
        .store()
        .read(before, |tx, before| Box::pin(work_queues::not_polled_since(tx, *before, BATCH)))
        .await?;
    for (workspace, queue) in unpolled {
        context
            .write((workspace, queue, before, now), |tx, (workspace, queue, before, now)| {
                Box::pin(work_queues::mark_not_ready(tx, *workspace, *queue, *before, *now))
            })
            .await?;
    }
    let marked = context
        .write((before, now), |tx, (before, now)| {
            Box::pin(deployments::mark_unpolled_not_ready(tx, *before, BATCH, *now))
        })
        .await?;
    if marked > 0 {
        tracing::info!(deployments = marked, "marked deployments not ready that nobody polls");
    }
    Ok(Next::Period)
}

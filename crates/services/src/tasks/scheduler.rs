//! Makes the runs that schedules ask for, ahead of time.
//!
//! The work is in proportion to the runs that become due: each schedule carries the time at which it has to be looked
//! at again, which an index finds. A change of a schedule or of its deployment sets that time to "in a moment" and wakes
//! the scheduler.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_schedules::{Horizon, plan};
use sluice_store::Topic;
use sluice_store::deployment_schedules::{self, Due};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

/// Schedules that are looked at in one round.
const BATCH: i64 = 200;
/// Schedules whose runs are committed together.
const COMMITTED_TOGETHER: usize = 20;
/// A schedule is not looked at more often than this.
const SOONEST: TimeDelta = TimeDelta::from_secs(30);

/// The scheduler.
#[derive(Debug)]
pub struct Scheduler;

impl Service for Scheduler {
    fn name(&self) -> &'static str {
        "scheduler"
    }

    fn period(&self, settings: &ServiceSettings) -> Duration {
        Duration::from_micros(settings.scheduler_period.as_micros().max(0).unsigned_abs())
    }

    fn wakes_on(&self) -> Option<Topic> {
        Some(Topic::Schedules)
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        schedule(context).boxed()
    }
}

async fn schedule(context: &Context) -> Result<Next, ServiceError> {
    let now = context.now();
    let due =
        context.store().read(now, |tx, now| Box::pin(deployment_schedules::due(tx, *now, BATCH))).await?;
    let is_full = i64::try_from(due.len()).is_ok_and(|found| found >= BATCH);
    let planned: Vec<Planned> =
        due.into_iter().map(|due| Planned::new(due, &context.settings, now)).collect();
    let mut made = 0;
    for together in planned.chunks(COMMITTED_TOGETHER) {
        made += context
            .write((together.to_vec(), now), |tx, (together, now)| {
                Box::pin(async move {
                    let mut made = 0;
                    for Planned { due, dates, next } in together {
                        made += deployment_schedules::commit_plan(tx, due, dates, *next, *now).await?;
                    }
                    Ok(made)
                })
            })
            .await?;
    }
    if made > 0 {
        tracing::info!(runs = made, "made scheduled runs");
    }
    if is_full {
        return Ok(Next::Again);
    }
    let next = context.store().read((), |tx, ()| Box::pin(deployment_schedules::next_due(tx))).await?;
    Ok(next.map_or(Next::Period, Next::At))
}

/// What is to become of a schedule.
#[derive(Debug, Clone)]
struct Planned {
    due: Due,
    dates: Vec<Timestamp>,
    next: Option<Timestamp>,
}

impl Planned {
    fn new(due: Due, settings: &ServiceSettings, now: Timestamp) -> Self {
        let horizon = Horizon {
            start: now,
            end: now + settings.scheduler_max_scheduled_time,
            min_time: settings.scheduler_min_scheduled_time,
            min_runs: settings.scheduler_min_runs,
            max_runs: settings.scheduler_max_runs,
        };
        match plan(&due.schedule.schedule, &horizon) {
            Ok(plan) => {
                let next = plan.falls_short_at(&horizon, SOONEST);
                let mut dates = plan.dates;
                // Those up to the watermark have their runs.
                dates.retain(|date| due.scheduled_through.is_none_or(|through| *date > through));
                Self { due, dates, next }
            }
            Err(error) => {
                tracing::error!(
                    schedule = %due.schedule.id, %error,
                    "cannot read a stored schedule: it makes no runs until it is changed"
                );
                Self { due, dates: Vec::new(), next: None }
            }
        }
    }
}

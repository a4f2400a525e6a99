//! Counts runs again where they changed, so that dashboards find the counts. See `sluice_store::run_tallies`.

use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_store::run_tallies::{self, Measured};
use sluice_wire::time::TimeDelta;

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

/// What changes again and again is counted so often. Until then, questions count the runs of the periods concerned
/// themselves.
const PERIOD: Duration = Duration::from_secs(5);
/// Periods of a round.
const BATCH: i64 = 64;
/// A round ends when it has counted so many runs.
const RUNS: i64 = 20_000;
/// After a full round, it rests so many times as long as it worked.
const REST: u32 = 3;
/// How often, and how long each time, it waits for transactions that are under way.
const TRIES: usize = 20;
const WAIT: Duration = Duration::from_millis(25);

/// The builder of the run tallies.
#[derive(Debug)]
pub struct RunTallies;

impl Service for RunTallies {
    fn name(&self) -> &'static str {
        "run_tallies"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        async move {
            let store = context.store();
            if !store.read((), |tx, ()| Box::pin(run_tallies::is_any_uncounted(tx))).await? {
                return Ok(Next::Period);
            }
            let started = Instant::now();
            let taken = context.write((), |tx, ()| Box::pin(run_tallies::take_changed(tx, BATCH))).await?;
            let periods = store.read((), |tx, ()| Box::pin(run_tallies::uncounted(tx, BATCH))).await?;
            if !others_have_ended(context).await? {
                return Ok(Next::Period);
            }
            let is_full = is_batch(taken) || is_batch(periods.len());
            let mut found = Vec::new();
            let (mut runs, mut is_more_left) = (0, is_full);
            for period in periods {
                if runs >= RUNS {
                    is_more_left = true;
                    break;
                }
                let measured =
                    store.read(period, |tx, period| Box::pin(run_tallies::measure(tx, period))).await?;
                match &measured {
                    Measured::TooMany => is_more_left = true,
                    Measured::Counts(counts) => runs += counts.runs,
                }
                found.push((period, measured));
            }
            context
                .write(found, |tx, found| {
                    Box::pin(async move {
                        for (period, measured) in found {
                            run_tallies::keep(tx, period, measured).await?;
                        }
                        Ok(())
                    })
                })
                .await?;
            Ok(if is_more_left { after_a_rest(context, started) } else { Next::Period })
        }
        .boxed()
    }
}

/// Waits a while for the transactions that are under way: they may have seen a note that is taken now, and not have
/// made one of their own. If they last longer, the periods wait for the next round.
async fn others_have_ended(context: &Context) -> Result<bool, ServiceError> {
    let store = context.store();
    let horizon = store.read((), |tx, ()| Box::pin(run_tallies::horizon(tx))).await?;
    for _ in 0..TRIES {
        if store.read(horizon, |tx, horizon| Box::pin(run_tallies::has_passed(tx, *horizon))).await? {
            return Ok(true);
        }
        tokio::time::sleep(WAIT).await;
    }
    tracing::debug!("transactions that last long keep runs from being counted");
    Ok(false)
}

fn is_batch(count: usize) -> bool {
    i64::try_from(count).is_ok_and(|count| count >= BATCH)
}

fn after_a_rest(context: &Context, started: Instant) -> Next {
    let rest = (started.elapsed() * REST).as_micros();
    Next::At(context.now() + TimeDelta::from_micros(i64::try_from(rest).unwrap_or(0)))
}

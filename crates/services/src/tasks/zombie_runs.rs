//! Crashes RUNNING flow runs whose heartbeats stopped.
//!
//! The heartbeats that clients send as events are noted when the events are stored. Each run has a time at which
//! somebody has to look again: until then it costs nothing. What is found is looked at again in the transaction that
//! crashes the run, with the rows of the run and of its heartbeats locked: a run that has ended, paused or was heard
//! of in between stays as it is.
//!
//! A run that was never heard of may be one whose client sends no heartbeats. It is watched from its beginning only when
//! its own labels or tags ask for that, or a setting asks for it for all.

mod verdict;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use sluice_events::flow_run_heartbeats::{HEARTBEAT, reported};
use sluice_orchestration::{Environment, FlowPolicy};
use sluice_store::flow_run_heartbeats::{self, NewHeartbeat, UnheardRun, WatchedRun};
use sluice_store::{Database, StoreError, Tx, events, flow_runs, outbox};
use sluice_wire::ids::StateId;
use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

use self::verdict::{Limits, Verdict, judge};
use crate::environment::environment;
use crate::run_event::{Subject, run_event};
use crate::run_option::RunOption;
use crate::vigil::Vigil;
use crate::{Context, Next, Service, ServiceError, ServiceSettings, unless_broken};

const PERIOD: Duration = Duration::from_secs(5);
/// Runs that are looked at in one round.
const BATCH: i64 = 500;
/// A run that cannot be read or written must not keep the others from being looked at.
const TRY_BROKEN_AGAIN: TimeDelta = TimeDelta::from_secs(600);
/// How long storing the events that have come may take before what was not heard proves nothing.
const SETTLED_WITHIN: Duration = Duration::from_secs(5);
/// Among so many of the newest events are those that were being committed when a process died: some batches.
const LEFT_BY_A_CRASH: i64 = 10_000;
const LOOK_FOR_UNHEARD_EVERY: TimeDelta = TimeDelta::from_secs(30);
/// Runs that ask to be watched and were not heard of, in one round.
const MOST_UNHEARD: i64 = 10_000;

/// The service that looks for zombies.
#[derive(Debug, Default)]
pub struct ZombieRuns {
    vigil: Vigil,
    /// Whether what a crash may have left out is noted.
    has_caught_up: AtomicBool,
    /// When it was last looked for runs that nothing was heard of; in microseconds.
    looked_for_unheard: AtomicI64,
}

impl Service for ZombieRuns {
    fn name(&self) -> &'static str {
        "zombie_runs"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        self.vigil.keep(context, self.look(context)).boxed()
    }
}

impl ZombieRuns {
    async fn look(&self, context: &Context) -> Result<Next, ServiceError> {
        let now = context.now();
        let limits = Limits::of(&context.settings, self.vigil.look(now));
        self.catch_up(context).await?;
        self.watch_unheard(context, now).await?;
        let due =
            context.store().read(now, |tx, now| Box::pin(flow_run_heartbeats::due(tx, *now, BATCH))).await?;
        let is_full = i64::try_from(due.len()).is_ok_and(|found| found >= BATCH);
        let (mut over, mut later, mut silent) = (Vec::new(), Vec::new(), Vec::new());
        for (id, run) in due {
            match run.as_ref().map_or(Verdict::Over, |run| judge(run, &limits, now)) {
                Verdict::Over => over.push(id),
                Verdict::LookAgain(at) => later.push((id, at)),
                Verdict::Zombie { .. } => silent.extend(run),
            }
        }
        context
            .write((over, later), |tx, (over, later)| {
                Box::pin(async move {
                    flow_run_heartbeats::forget(tx, over).await?;
                    flow_run_heartbeats::check_again(tx, later).await
                })
            })
            .await?;
        if !silent.is_empty() && !self.is_heard(context).await {
            return Ok(Next::Period);
        }
        for run in silent {
            crash(context, run, limits).await?;
        }
        Ok(if is_full { Next::Again } else { Next::Period })
    }

    /// Notes the heartbeats whose events are stored, and that the process before this one may not have noted (SQLite).
    async fn catch_up(&self, context: &Context) -> Result<(), ServiceError> {
        if self.has_caught_up.load(Ordering::Relaxed) {
            return Ok(());
        }
        let latest = context
            .store()
            .read_from(Database::Telemetry, (), |tx, ()| {
                Box::pin(events::latest_named(tx, HEARTBEAT, LEFT_BY_A_CRASH))
            })
            .await?;
        let heartbeats: Vec<NewHeartbeat> =
            latest.iter().filter_map(|(workspace, event)| reported(*workspace, event)).collect();
        context
            .write(heartbeats, |tx, heartbeats| Box::pin(flow_run_heartbeats::record(tx, heartbeats)))
            .await?;
        self.has_caught_up.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn watch_unheard(&self, context: &Context, now: Timestamp) -> Result<(), ServiceError> {
        let last = Timestamp::from_micros(self.looked_for_unheard.load(Ordering::Relaxed));
        if now >= last && now.since(last) < LOOK_FOR_UNHEARD_EVERY {
            return Ok(());
        }
        let is_for_all = context.settings.zombie_runs_unheard;
        let option = if is_for_all { None } else { Some("sluice.zombie-") };
        let unheard = context
            .store()
            .read(option, |tx, option| Box::pin(flow_run_heartbeats::unheard(tx, *option, MOST_UNHEARD)))
            .await?;
        let asked = |run: &UnheardRun| {
            let option = RunOption::read("zombie", &run.labels, &run.tags);
            if is_for_all { option.is_on() } else { option.is_asked_for() }
        };
        let watched: Vec<UnheardRun> = unheard.into_iter().filter(asked).collect();
        if !watched.is_empty() {
            context.write(watched, |tx, runs| Box::pin(flow_run_heartbeats::expect(tx, runs))).await?;
        }
        self.looked_for_unheard.store(now.as_micros(), Ordering::Relaxed);
        Ok(())
    }

    /// Waits until the events that have come are stored. When that takes long, heartbeats may be among them that have
    /// waited: silence counts from now on.
    async fn is_heard(&self, context: &Context) -> bool {
        let Some(events) = &context.settings.events else { return true };
        let is_settled =
            tokio::time::timeout(SETTLED_WITHIN, events.settle()).await.is_ok_and(|done| done.is_ok());
        if !is_settled {
            tracing::warn!("events are stored late: runs that were not heard of get more time");
            self.vigil.begin_anew(context.now());
        }
        is_settled
    }
}

async fn crash(context: &Context, run: WatchedRun, limits: Limits) -> Result<(), ServiceError> {
    let id = run.id;
    let environment = environment(context);
    let outcome = context
        .write((run, limits, environment), |tx, (run, limits, environment)| {
            Box::pin(crash_if_silent(tx, run, limits, environment))
        })
        .await;
    let is_crashed = unless_broken(outcome, &id)?;
    if is_crashed.is_none() {
        let later = (id, context.now() + TRY_BROKEN_AGAIN);
        context
            .write(later, |tx, later| {
                Box::pin(async move { flow_run_heartbeats::check_again(tx, &[*later]).await })
            })
            .await?;
    }
    if is_crashed == Some(true) {
        metrics::counter!("sluice_zombie_runs_total").increment(1);
        tracing::warn!(flow_run = %id, "the run sent no heartbeat for too long: marked as crashed");
    }
    Ok(())
}

/// The run as it was found may have ended, paused, begun anew or been heard of since.
async fn crash_if_silent(
    tx: &mut Tx,
    found: &WatchedRun,
    limits: &Limits,
    environment: &Environment,
) -> Result<bool, StoreError> {
    let now = environment.now;
    let run = flow_run_heartbeats::watched_for_update(tx, found.workspace, found.id).await?;
    let Some(run) = run.filter(|run| run.state_id == found.state_id) else { return Ok(false) };
    let Verdict::Zombie { last_life, threshold } = judge(&run, limits, now) else { return Ok(false) };
    let silence = now.since(last_life).as_secs_f64();
    let mut crashed = State::new(StateType::Crashed, StateId::sequential(), now);
    let last_heartbeat = last_heartbeat(&run);
    crashed.message = Some(message(silence, last_heartbeat));
    let policy = FlowPolicy::Core;
    let change = flow_runs::commit_state(tx, run.workspace, run.id, policy, crashed, environment).await?;
    if change.is_none_or(|change| change.result.status != SetStateStatus::Accept) {
        return Ok(false);
    }
    flow_run_heartbeats::forget(tx, &[run.id]).await?;
    let subject = Subject {
        id: run.id,
        name: &run.name,
        flow_id: run.flow_id,
        deployment_id: run.deployment_id,
        tags: &run.tags,
    };
    let payload = json!({
        "last_heartbeat": last_heartbeat,
        "seconds_without_heartbeat": silence,
        "seconds_allowed": threshold.as_secs_f64(),
    });
    let event = run_event(now, "zombie-detected", &subject, &payload)?;
    outbox::push(tx, run.workspace, &event).await?;
    Ok(true)
}

/// None when the run was watched from its beginning and nothing was heard of it since.
fn last_heartbeat(run: &WatchedRun) -> Option<Timestamp> {
    run.heartbeats.occurred[0].map(|_| run.heartbeats.last_seen)
}

fn message(silence: f64, last_heartbeat: Option<Timestamp>) -> String {
    match last_heartbeat {
        Some(last) => format!("No heartbeat for {silence:.0} seconds; the last one came at {last}."),
        None => format!("No heartbeat for {silence:.0} seconds, and none before."),
    }
}

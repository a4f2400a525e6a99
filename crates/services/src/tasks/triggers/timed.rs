//! Triggers that nothing has to happen for: those that wait for the absence of events, and metrics.

use std::sync::Arc;

use sluice_events::triggers::Evaluated;
use sluice_events::triggers::event::{at_time, first_bucket};
use sluice_events::triggers::metric::{self, MeasuredRun, MetricState};
use sluice_store::automations::buckets::{self, BucketKey};
use sluice_store::automations::schedule;
use sluice_store::flow_runs::{self, TimedFlowRun};
use sluice_store::{StoreError, Tx};
use sluice_wire::automations::{EventTrigger, Firing, Metric, MetricTrigger, Trigger, covers_resources};
use sluice_wire::events::Labels;
use sluice_wire::states::StateType;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use super::firing::Firings;
use super::{Loaded, Memory, is_current};
use crate::{Context, Next, ServiceError};

/// Events that are later than this are not waited for.
pub(super) const MOST_LAG: TimeDelta = TimeDelta::from_secs(300);
/// For so long the last event tells how late events are.
const LAG_HOLDS: TimeDelta = TimeDelta::from_secs(60);
/// Windows of one trigger that are looked at in one transaction.
const BATCH: i64 = 500;
/// How long a window is kept after its end for events that are late.
const KEPT_AFTER_END: TimeDelta = TimeDelta::from_secs(60);
const SWEEP_EVERY: TimeDelta = TimeDelta::from_secs(5);
/// Runs that one measure takes into account.
const MOST_MEASURED: i64 = 10_000;

/// Looks at every trigger whose time has come.
pub(super) async fn evaluate(
    context: &Context,
    memory: &mut Memory,
    loaded: &Arc<Loaded>,
) -> Result<Next, ServiceError> {
    let now = context.now();
    let is_fresh = memory.last_arrival.is_some_and(|last| now.since(last) < LAG_HOLDS);
    let lag = if is_fresh { memory.lag } else { TimeDelta::ZERO };
    let mut next_of_all: Option<Timestamp> = None;
    let mut is_any_left = false;
    for evaluated in loaded.index.timed() {
        let id = evaluated.trigger().id();
        let next = match memory.schedule.get(&id) {
            Some(next) if *next > now => *next,
            _ => {
                let arguments = (Arc::clone(loaded), evaluated.clone(), now, lag);
                let next = context
                    .write(arguments, |tx, (loaded, evaluated, now, lag)| {
                        Box::pin(async move {
                            if !is_current(tx, loaded).await? {
                                return Ok(None);
                            }
                            look_at(tx, evaluated, *now, *lag).await.map(Some)
                        })
                    })
                    .await?;
                let Some(next) = next else { return Ok(Next::Again) };
                is_any_left |= next <= now;
                memory.schedule.insert(id, next);
                next
            }
        };
        next_of_all = Some(next_of_all.map_or(next, |earliest| earliest.min(next)));
    }
    if is_any_left {
        return Ok(Next::Again);
    }
    if memory.next_sweep.is_none_or(|next| now >= next) {
        let before = now - lag - KEPT_AFTER_END;
        let swept = context.write(before, |tx, before| Box::pin(buckets::sweep(tx, *before, BATCH))).await?;
        if i64::try_from(swept).is_ok_and(|swept| swept < BATCH) {
            memory.next_sweep = Some(now + SWEEP_EVERY);
        }
    }
    Ok(next_of_all.map_or(Next::Period, Next::At))
}

/// Returns when to look at it again; a time that has passed means that something is left to do.
async fn look_at(
    tx: &mut Tx,
    evaluated: &Evaluated,
    now: Timestamp,
    lag: TimeDelta,
) -> Result<Timestamp, StoreError> {
    let (workspace, automation) = (evaluated.workspace, evaluated.automation.id);
    match evaluated.trigger() {
        Trigger::Event(trigger) => {
            let next = look_for_absence(tx, evaluated, trigger, now, now - lag).await?;
            let next = if next <= now - lag { next } else { next + lag };
            schedule::write(tx, workspace, automation, trigger.id, next, None).await?;
            Ok(next)
        }
        Trigger::Metric(trigger) => measure(tx, evaluated, trigger, now).await,
        Trigger::Compound(_) | Trigger::Sequence(_) => Ok(now + metric::EVERY),
    }
}

async fn look_for_absence(
    tx: &mut Tx,
    evaluated: &Evaluated,
    trigger: &EventTrigger,
    now: Timestamp,
    as_of: Timestamp,
) -> Result<Timestamp, StoreError> {
    let (workspace, automation) = (evaluated.workspace, evaluated.automation.id);
    let key = |values| BucketKey { workspace, automation, trigger: trigger.id, values };
    // What counts for each value of its labels begins with an event that has them.
    if trigger.for_each.is_empty() && trigger.after.is_empty() {
        let key = key(Vec::new());
        if buckets::read(tx, &key).await?.is_none() {
            buckets::write(tx, &key, Some(&first_bucket(trigger, as_of))).await?;
        }
    }
    buckets::delete_satisfied(tx, workspace, automation, trigger.id, trigger.threshold).await?;
    let over = buckets::over(tx, workspace, automation, trigger.id, as_of, BATCH).await?;
    let is_full = i64::try_from(over.len()).is_ok_and(|count| count >= BATCH);
    let mut firings = Firings::new(now);
    for (values, bucket) in over {
        let evaluation = at_time(trigger, bucket, as_of);
        let labels = trigger.labels_of_key(&values);
        buckets::write(tx, &key(values), evaluation.bucket.as_ref()).await?;
        for event in evaluation.firings {
            firings.of_event_trigger(tx, evaluated, labels.clone(), event).await?;
        }
    }
    if is_full {
        return Ok(as_of);
    }
    let in_a_window = as_of + trigger.within;
    let next = buckets::next_end(tx, workspace, automation, trigger.id).await?;
    // A window that is over and still there had to wait for another look.
    Ok(next.map_or(in_a_window, |next| next.clamp(as_of + TimeDelta::from_micros(1), in_a_window)))
}

async fn measure(
    tx: &mut Tx,
    evaluated: &Evaluated,
    trigger: &MetricTrigger,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let (workspace, automation) = (evaluated.workspace, evaluated.automation.id);
    let query = &trigger.metric;
    let since = now - query.range;
    let runs = match query.name {
        Metric::Lateness => flow_runs::started_since(tx, workspace, since, MOST_MEASURED).await?,
        Metric::Duration | Metric::Successes => {
            flow_runs::ended_since(tx, workspace, since, MOST_MEASURED).await?
        }
    };
    let runs: Vec<MeasuredRun> = runs
        .iter()
        .filter(|run| covers_resources(&trigger.r#match, &trigger.match_related, &run.resource, &run.related))
        .map(measured)
        .collect();
    let value = metric::measure(query.name, &runs);
    let state = schedule::read_state(tx, workspace, automation, trigger.id).await?;
    let state: MetricState = state.and_then(|state| serde_json::from_str(&state).ok()).unwrap_or_default();
    let (state, fired) = metric::evaluate(query, state, value, now);
    let next = now + metric::EVERY;
    let text = serde_json::to_string(&state).map_err(|error| StoreError::Internal(error.to_string()))?;
    schedule::write(tx, workspace, automation, trigger.id, next, Some(&text)).await?;
    if let Some(state) = fired {
        let firing = Firing {
            id: Uuid::now_v7(),
            trigger_id: trigger.id,
            trigger_states: vec![state],
            triggered: now,
            triggering_labels: Labels::new(),
            triggering_firings: Vec::new(),
            triggering_event: None,
            triggering_value: value,
        };
        Firings::new(now).fire(tx, evaluated, firing).await?;
    }
    Ok(next)
}

fn measured(run: &TimedFlowRun) -> MeasuredRun {
    let between = |from: Option<Timestamp>, to: Option<Timestamp>| {
        from.zip(to).map(|(from, to)| to.since(from).as_secs_f64().max(0.0))
    };
    MeasuredRun {
        lateness: between(run.expected_start_time, run.start_time),
        duration: between(run.start_time, run.end_time),
        is_success: run.end_time.map(|_| run.state_type == Some(StateType::Completed)),
    }
}

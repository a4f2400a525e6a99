//! Metric triggers fire when a measure of flow runs stays beyond its threshold, and again when it is back.

use serde::{Deserialize, Serialize};
use sluice_wire::automations::{Metric, MetricQuery, TriggerState};
use sluice_wire::time::{TimeDelta, Timestamp};

/// How often a measure is taken.
pub const EVERY: TimeDelta = TimeDelta::from_secs(30);

/// What a metric trigger knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MetricState {
    /// Whether it has fired and is not resolved.
    pub is_triggered: bool,
    /// Since when the measure says otherwise.
    pub changed_since: Option<Timestamp>,
}

/// A flow run as metrics look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuredRun {
    /// Between the expected start and the start, in seconds, if it started.
    pub lateness: Option<f64>,
    /// How long it ran, in seconds, if it ended.
    pub duration: Option<f64>,
    /// Whether it completed, if it ended.
    pub is_success: Option<bool>,
}

/// The measure of the runs; none when none of them tells.
#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 runs")]
pub fn measure(metric: Metric, runs: &[MeasuredRun]) -> Option<f64> {
    let values: Vec<f64> = runs
        .iter()
        .filter_map(|run| match metric {
            Metric::Lateness => run.lateness,
            Metric::Duration => run.duration,
            Metric::Successes => run.is_success.map(|is_success| if is_success { 1.0 } else { 0.0 }),
        })
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// What a measure makes of the trigger, and whether it fires. Without a measure nothing changes.
pub fn evaluate(
    query: &MetricQuery,
    state: MetricState,
    value: Option<f64>,
    now: Timestamp,
) -> (MetricState, Option<TriggerState>) {
    let Some(value) = value else { return (state, None) };
    let is_beyond = query.operator.holds(value, query.threshold);
    if is_beyond == state.is_triggered {
        return (MetricState { changed_since: None, ..state }, None);
    }
    let since = state.changed_since.unwrap_or(now);
    if now.since(since) < query.firing_for {
        return (MetricState { changed_since: Some(since), ..state }, None);
    }
    let fired = if is_beyond { TriggerState::Triggered } else { TriggerState::Resolved };
    (MetricState { is_triggered: is_beyond, changed_since: None }, Some(fired))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_wire::automations::{Metric, MetricQuery, TriggerState};
    use sluice_wire::time::Timestamp;

    use super::{MeasuredRun, MetricState, evaluate, measure};

    #[test]
    fn it_fires_after_staying_beyond_and_again_when_back() {
        let query: MetricQuery = serde_json::from_value(json!({
            "name": "successes", "threshold": 0.9, "operator": "<", "firing_for": 300,
        }))
        .expect("a query");
        let mut state = MetricState::default();
        let mut fired = Vec::new();
        let values = [
            (0, 1.0),
            (100, 0.5),
            (300, 0.95),
            (400, 0.5),
            (699, 0.5),
            (700, 0.5),
            (800, 0.5),
            (900, 1.0),
            (1_000, 0.1),
            (1_100, 1.0),
            (1_400, 1.0),
            (1_500, 1.0),
        ];
        for (second, value) in values {
            let now = Timestamp::from_micros(second * 1_000_000);
            let (next, firing) = evaluate(&query, state, Some(value), now);
            assert_eq!(evaluate(&query, state, None, now), (state, None));
            state = next;
            fired.extend(firing.map(|firing| (second, firing)));
        }
        assert_eq!(fired, [(700, TriggerState::Triggered), (1_400, TriggerState::Resolved)]);
    }

    #[test]
    fn measures_are_averages_of_what_is_known() {
        let run = |lateness, duration, is_success| MeasuredRun { lateness, duration, is_success };
        let runs = [
            run(Some(2.0), None, None),
            run(Some(4.0), Some(10.0), Some(true)),
            run(None, Some(20.0), Some(false)),
        ];
        assert_eq!(measure(Metric::Lateness, &runs), Some(3.0));
        assert_eq!(measure(Metric::Duration, &runs), Some(15.0));
        assert_eq!(measure(Metric::Successes, &runs), Some(0.5));
        assert_eq!(measure(Metric::Successes, &runs[..1]), None);
    }
}

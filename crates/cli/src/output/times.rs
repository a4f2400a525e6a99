//! Times and durations as people say them.

use serde::Deserialize;
use sluice_wire::json::RawJson;
use sluice_wire::states::StateType;
use sluice_wire::time::{TimeDelta, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// "3 minutes ago", "in 2 hours", "just now".
pub(crate) fn ago(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(time).as_micros().div_euclid(1_000_000);
    let distance = seconds.abs();
    if distance < 5 {
        return "just now".to_owned();
    }
    let (number, unit) = match distance {
        _ if distance < MINUTE => (distance, "second"),
        _ if distance < HOUR => (distance / MINUTE, "minute"),
        _ if distance < DAY => (distance / HOUR, "hour"),
        _ if distance < 60 * DAY => (distance / DAY, "day"),
        _ if distance < 730 * DAY => (distance / (30 * DAY), "month"),
        _ => (distance / (365 * DAY), "year"),
    };
    let plural = if number == 1 { "" } else { "s" };
    if seconds > 0 { format!("{number} {unit}{plural} ago") } else { format!("in {number} {unit}{plural}") }
}

/// `0.4s`, `12s`, `3m 5s`, `2h 10m`, `4d 1h`.
pub(crate) fn duration(delta: TimeDelta) -> String {
    let micros = delta.as_micros().max(0);
    let seconds = micros / 1_000_000;
    match seconds {
        _ if seconds < 10 => format!("{}.{}s", seconds, micros % 1_000_000 / 100_000),
        _ if seconds < MINUTE => format!("{seconds}s"),
        _ if seconds < HOUR => format!("{}m {}s", seconds / MINUTE, seconds % MINUTE),
        _ if seconds < DAY => format!("{}h {}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d {}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// When a run is due, if it is scheduled, else when it came into its state.
pub(crate) fn state_time(state: Option<&RawJson>) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Since {
        r#type: StateType,
        timestamp: Timestamp,
        #[serde(default)]
        state_details: Details,
    }
    #[derive(Default, Deserialize)]
    struct Details {
        scheduled_time: Option<Timestamp>,
    }
    let state = state?.parse::<Since>().ok()?;
    let due = state.state_details.scheduled_time.filter(|_| state.r#type == StateType::Scheduled);
    Some(due.unwrap_or(state.timestamp))
}

#[cfg(test)]
mod tests {
    use sluice_wire::time::{TimeDelta, Timestamp};

    use super::{ago, duration, state_time};

    #[test]
    fn a_scheduled_run_is_told_by_when_it_is_due() {
        let at = |kind: &str| {
            let state = format!(
                r#"{{"type": "{kind}", "timestamp": "2026-01-01T00:00:00Z", "state_details": {{"scheduled_time": "2026-01-02T00:00:00Z"}}}}"#
            );
            state_time(Some(&serde_json::from_str(&state).expect("JSON"))).map(|time| time.to_string())
        };
        assert_eq!(at("SCHEDULED").as_deref(), Some("2026-01-02T00:00:00Z"));
        assert_eq!(at("COMPLETED").as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(state_time(None), None);
    }

    #[test]
    fn times_are_told_from_now() {
        let now = Timestamp::from_micros(2_000_000_000_000_000);
        let cases = [
            (0, "just now"),
            (-3, "just now"),
            (42, "42 seconds ago"),
            (60, "1 minute ago"),
            (-150, "in 2 minutes"),
            (3 * 3600, "3 hours ago"),
            (86_400, "1 day ago"),
            (90 * 86_400, "3 months ago"),
            (-800 * 86_400, "in 2 years"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(ago(now - TimeDelta::from_secs(seconds), now), expected);
        }
    }

    #[test]
    fn durations_are_short() {
        for (micros, expected) in [
            (-5, "0.0s"),
            (420_000, "0.4s"),
            (59_900_000, "59s"),
            (185_000_000, "3m 5s"),
            (7_800_000_000, "2h 10m"),
            (349_200_000_000, "4d 1h"),
        ] {
            assert_eq!(duration(TimeDelta::from_micros(micros)), expected);
        }
    }
}

//! When a run is to start, as people write it.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use crate::exit::Failure;

/// The time that `--start-in` means: `5 minutes`, `in 1 hour`, `1h 30m`, `2 days`.
pub(crate) fn start_in(text: &str, now: &Zoned) -> Result<Timestamp, Failure> {
    let span = text.trim().strip_prefix("in ").unwrap_or(text).trim();
    let parsed: Result<Span, _> = span.parse();
    let start = parsed.ok().filter(|span| !span.is_negative()).and_then(|span| now.checked_add(span).ok());
    start.map(|start| start.timestamp()).ok_or_else(|| {
        Failure::usage(format!(
            "--start-in {text:?} is no time to wait; say '5 minutes', '1h 30m' or '2 days'"
        ))
    })
}

/// The time that `--start-at` means: a time with its offset, or one of the reader's zone (`2026-08-01 17:30`); a time of
/// day (`17:30`, `5:30pm`) is the next one.
pub(crate) fn start_at(text: &str, now: &Zoned) -> Result<Timestamp, Failure> {
    let text = text.trim();
    let time = text.strip_prefix("at ").unwrap_or(text).trim();
    let zone = now.time_zone();
    exact(time)
        .or_else(|| civil(time, zone))
        .or_else(|| time_of_day(time).and_then(|time| next(time, now)))
        .ok_or_else(|| {
            Failure::usage(format!(
                "--start-at {text:?} is no time; say '17:30', '5:30pm', '2026-08-01 17:30' or '2026-08-01T17:30:00Z'"
            ))
        })
}

/// The time that an option such as `--start-before` means: a time with its offset, or one of the reader's zone; a time of
/// day is that of today; `2 hours` and `2 hours ago` are counted back from now.
pub(crate) fn moment(option: &str, text: &str, now: &Zoned) -> Result<Timestamp, Failure> {
    let text = text.trim();
    let of_today = || {
        let moment = now.date().to_datetime(time_of_day(text)?).to_zoned(now.time_zone().clone());
        Some(moment.ok()?.timestamp())
    };
    let ago = || {
        let span: Span = text.trim_end_matches("ago").trim().parse().ok()?;
        Some(now.checked_sub(span).ok()?.timestamp())
    };
    exact(text).or_else(|| civil(text, now.time_zone())).or_else(of_today).or_else(ago).ok_or_else(|| {
        Failure::usage(format!(
            "{option} {text:?} is no time; say '2 hours', '17:30', '2026-08-01 17:30' or '2026-08-01T17:30:00Z'"
        ))
    })
}

fn exact(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn civil(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let moment = text.parse::<DateTime>().ok().or_else(|| Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0)))?;
    moment.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

fn time_of_day(text: &str) -> Option<Time> {
    let lower = text.to_lowercase();
    let (digits, afternoon) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(false)),
        (_, Some(digits)) => (digits, Some(true)),
        _ => (lower.as_str(), None),
    };
    let mut parts = digits.trim().split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = match parts.next() {
        Some(minute) => minute.parse().ok()?,
        None if afternoon.is_some() => 0,
        None => return None,
    };
    let second: i8 = parts.next().map_or(Ok(0), str::parse).ok()?;
    let hour = match afternoon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(false) => hour % 12,
        Some(true) => hour % 12 + 12,
    };
    Time::new(hour, minute, second, 0).ok()
}

fn next(time: Time, now: &Zoned) -> Option<Timestamp> {
    let on = |date: Date| date.to_datetime(time).to_zoned(now.time_zone().clone()).ok();
    let today = on(now.date())?;
    let next = if today.timestamp() > now.timestamp() { today } else { on(now.date().tomorrow().ok()?)? };
    Some(next.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;

    use super::{moment, start_at, start_in};

    fn now() -> Zoned {
        "2026-05-05T12:00:00+02:00[Europe/Berlin]".parse().expect("a time")
    }

    #[test]
    fn a_run_starts_in_a_while() {
        for (text, expected) in [
            ("5 minutes", "2026-05-05T10:05:00Z"),
            ("in 1 hour", "2026-05-05T11:00:00Z"),
            ("1h 30m", "2026-05-05T11:30:00Z"),
            ("2 days", "2026-05-07T10:00:00Z"),
        ] {
            assert_eq!(start_in(text, &now()).expect(text).to_string(), expected, "{text}");
        }
        for text in ["soon", "", "-5 minutes"] {
            assert!(start_in(text, &now()).is_err(), "{text}");
        }
    }

    #[test]
    fn runs_are_chosen_by_a_moment() {
        for (text, expected) in [
            ("2026-05-01T17:30:00Z", "2026-05-01T17:30:00Z"),
            ("2026-05-01", "2026-04-30T22:00:00Z"),
            ("9:00", "2026-05-05T07:00:00Z"),
            ("17:30", "2026-05-05T15:30:00Z"),
            ("2 hours", "2026-05-05T08:00:00Z"),
            ("1 day ago", "2026-05-04T10:00:00Z"),
        ] {
            assert_eq!(moment("--start-after", text, &now()).expect(text).to_string(), expected, "{text}");
        }
        for text in ["soon", "", "ago"] {
            assert!(moment("--start-after", text, &now()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_run_starts_at_a_time() {
        for (text, expected) in [
            ("2026-08-01T17:30:00Z", "2026-08-01T17:30:00Z"),
            ("2026-08-01 17:30", "2026-08-01T15:30:00Z"),
            ("2026-08-01", "2026-07-31T22:00:00Z"),
            ("at 17:30", "2026-05-05T15:30:00Z"),
            ("5:30pm", "2026-05-05T15:30:00Z"),
            ("12am", "2026-05-05T22:00:00Z"),
            ("9:00", "2026-05-06T07:00:00Z"),
        ] {
            assert_eq!(start_at(text, &now()).expect(text).to_string(), expected, "{text}");
        }
        for text in ["later", "25:00", "13pm", "7"] {
            assert!(start_at(text, &now()).is_err(), "{text}");
        }
    }
}

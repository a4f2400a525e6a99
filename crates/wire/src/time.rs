//! Points in time and spans of time as they travel: UTC with microseconds, spans as float seconds.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time with the resolution of the wire and of both databases: one microsecond, UTC.
///
/// Reads any ISO-8601 form that clients send (a space instead of `T`, any offset, no offset meaning UTC) and
/// epoch numbers; writes `2026-11-22T08:34:15.160791Z`, without a fraction when it is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Midnight of 1970-01-01, UTC.
    pub const EPOCH: Self = Self(0);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// As `jiff` counts time; out-of-range values are clamped to what `jiff` can hold.
    pub fn to_jiff(self) -> jiff::Timestamp {
        let clamp = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(clamp)
    }

    /// From `jiff`, cut to microseconds.
    pub fn from_jiff(instant: jiff::Timestamp) -> Self {
        Self(instant.as_microsecond())
    }

    /// The time since `earlier`; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> TimeDelta {
        TimeDelta(self.0 - earlier.0)
    }

    /// As Python's `isoformat()` of a UTC datetime writes it: `2026-11-22T08:34:15.160791+00:00`.
    pub fn isoformat(self) -> String {
        let text = self.to_string();
        format!("{}+00:00", text.trim_end_matches('Z'))
    }

    /// As Python's `str()` of a UTC datetime writes it: `2026-11-22 08:34:15+00:00`.
    pub fn python_str(self) -> String {
        self.isoformat().replacen('T', " ", 1)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = TimeZone::UTC.to_datetime(self.to_jiff());
        let (date, time) = (moment.date(), moment.time());
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )?;
        let micros = self.0.rem_euclid(1_000_000);
        if micros != 0 {
            write!(formatter, ".{micros:06}")?;
        }
        formatter.write_str("Z")
    }
}

/// The text is not a point in time.
#[derive(Debug, thiserror::Error)]
#[error("not a valid datetime: {0}")]
pub struct InvalidTimestamp(String);

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::from_jiff(instant));
        }
        if let Ok(civil_time) = text.parse::<civil::DateTime>()
            && let Ok(zoned) = civil_time.to_zoned(TimeZone::UTC)
        {
            return Ok(Self::from_jiff(zoned.timestamp()));
        }
        text.parse::<f64>().ok().and_then(from_epoch_number).ok_or_else(|| InvalidTimestamp(text.to_owned()))
    }
}

/// Epoch seconds, or milliseconds when the number is too large for seconds (the rule of pydantic).
fn from_epoch_number(number: f64) -> Option<Timestamp> {
    const LARGEST_SECONDS: f64 = 2e10;
    if !number.is_finite() {
        return None;
    }
    let seconds = if number.abs() > LARGEST_SECONDS { number / 1_000.0 } else { number };
    let micros = (seconds * 1e6).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked on the line")]
    (micros.abs() < 2.5e17).then_some(Timestamp(micros as i64))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimestampVisitor;

        impl Visitor<'_> for TimestampVisitor {
            type Value = Timestamp;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a valid datetime")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }

            #[expect(clippy::cast_precision_loss, reason = "epoch seconds are far below 2^52")]
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Timestamp, E> {
                self.visit_f64(number as f64)
            }

            #[expect(clippy::cast_precision_loss, reason = "epoch seconds are far below 2^52")]
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Timestamp, E> {
                self.visit_f64(number as f64)
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Timestamp, E> {
                from_epoch_number(number).ok_or_else(|| E::custom(InvalidTimestamp(number.to_string())))
            }
        }

        deserializer.deserialize_any(TimestampVisitor)
    }
}

impl Add<TimeDelta> for Timestamp {
    type Output = Self;

    fn add(self, delta: TimeDelta) -> Self {
        Self(self.0.saturating_add(delta.0))
    }
}

impl Sub<TimeDelta> for Timestamp {
    type Output = Self;

    fn sub(self, delta: TimeDelta) -> Self {
        Self(self.0.saturating_sub(delta.0))
    }
}

/// A span of time in microseconds, possibly negative. Travels as float seconds; ISO-8601 durations are read too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeDelta(i64);

impl TimeDelta {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// From float seconds, rounded to a microsecond; out-of-range values saturate.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float cast to an integer saturates, which is meant"
    )]
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self((seconds * 1e6).round() as i64)
    }

    /// Microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Float seconds.
    #[expect(clippy::cast_precision_loss, reason = "spans of over 285 years lose microseconds")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Add for TimeDelta {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Serialize for TimeDelta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for TimeDelta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DeltaVisitor;

        impl Visitor<'_> for DeltaVisitor {
            type Value = TimeDelta;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a valid timedelta")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TimeDelta, E> {
                if let Ok(seconds) = text.parse::<f64>() {
                    return self.visit_f64(seconds);
                }
                let span: jiff::Span =
                    text.parse().map_err(|_| E::custom(format!("not a valid timedelta: {text}")))?;
                let micros = span
                    .total((jiff::Unit::Microsecond, jiff::SpanRelativeTo::days_are_24_hours()))
                    .map_err(|_| E::custom(format!("not a valid timedelta: {text}")))?;
                Ok(TimeDelta::from_secs_f64(micros / 1e6))
            }

            #[expect(clippy::cast_precision_loss, reason = "spans of over 285 years lose microseconds")]
            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<TimeDelta, E> {
                self.visit_f64(seconds as f64)
            }

            #[expect(clippy::cast_precision_loss, reason = "spans of over 285 years lose microseconds")]
            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<TimeDelta, E> {
                self.visit_f64(seconds as f64)
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<TimeDelta, E> {
                if !seconds.is_finite() || seconds.abs() > 8.6e13 {
                    return Err(E::custom("not a valid timedelta: out of range"));
                }
                Ok(TimeDelta::from_secs_f64(seconds))
            }
        }

        deserializer.deserialize_any(DeltaVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{TimeDelta, Timestamp};

    #[test]
    fn reads_every_form_that_clients_send() {
        let cases = [
            (r#""2026-11-22T08:34:15.160791Z""#, "2026-11-22T08:34:15.160791Z"),
            (r#""2026-11-22 08:34:15.160791+00:00""#, "2026-11-22T08:34:15.160791Z"),
            (r#""2026-11-22T10:34:15+02:00""#, "2026-11-22T08:34:15Z"),
            (r#""2026-11-22T08:34:15""#, "2026-11-22T08:34:15Z"),
            (r#""2026-11-22T08:34:15.5""#, "2026-11-22T08:34:15.500000Z"),
            (r#""2026-11-22""#, "2026-11-22T00:00:00Z"),
            ("1700000000", "2023-11-14T22:13:20Z"),
            ("1700000000000", "2023-11-14T22:13:20Z"),
            (r#""1700000000""#, "2023-11-14T22:13:20Z"),
        ];
        for (text, expected) in cases {
            let read: Timestamp = serde_json::from_str(text).expect(text);
            assert_eq!(read.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [r#""yesterday""#, r#""""#, "true", "1e300", r#"{"a":1}"#] {
            assert!(serde_json::from_str::<Timestamp>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn writes_as_python_does() {
        let time: Timestamp = "2026-11-22T08:34:15.000001Z".parse().expect("valid");
        assert_eq!(time.isoformat(), "2026-11-22T08:34:15.000001+00:00");
        assert_eq!(time.python_str(), "2026-11-22 08:34:15.000001+00:00");
        assert_eq!(Timestamp::from_micros(-1).to_string(), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn reads_spans_as_numbers_and_as_iso_8601() {
        for (text, expected) in
            [("60", 60.0), ("0.5", 0.5), (r#""PT1H30M""#, 5400.0), (r#""P1D""#, 86400.0), ("-1", -1.0)]
        {
            let read: TimeDelta = serde_json::from_str(text).expect(text);
            assert!((read.as_secs_f64() - expected).abs() < 1e-9, "{text}");
        }
        assert_eq!(serde_json::to_string(&TimeDelta::from_secs(60)).expect("writes"), "60.0");
    }
}

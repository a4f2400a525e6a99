//! The three kinds of schedule as they travel: interval, cron and recurrence rule.
//!
//! The wire tells them apart by their fields alone. Reading checks shapes and bounds; whether a cron expression or a
//! recurrence rule can be understood is asked of the schedules crate, which owns the parsers.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use serde::de::{self, IntoDeserializer, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::patch::Patch;
use crate::time::{TimeDelta, Timestamp};

/// When a deployment runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Schedule {
    /// Every so often, counted from an anchor.
    Interval(IntervalSchedule),
    /// A cron expression.
    Cron(CronSchedule),
    /// An iCalendar recurrence rule or set of rules.
    RRule(RRuleSchedule),
}

impl Schedule {
    /// The time zone that was asked for; `None` when none was.
    pub fn timezone(&self) -> Option<&str> {
        match self {
            Self::Interval(schedule) => schedule.timezone.as_deref(),
            Self::Cron(schedule) => schedule.timezone.as_deref(),
            Self::RRule(schedule) => schedule.timezone.as_deref(),
        }
    }
}

/// A date every `interval`, counted from `anchor_date` in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct IntervalSchedule {
    /// The time between two dates; always positive.
    pub interval: TimeDelta,
    /// Where counting starts. Absent only in what a client sent: the default is the present, which whoever stores
    /// the schedule knows and this crate does not.
    pub anchor_date: Option<AnchorDate>,
    /// The zone whose calendar days are counted; `UTC` when the client names none.
    pub timezone: Option<String>,
}

/// The dates that a cron expression matches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct CronSchedule {
    /// Five to seven fields, or an alias such as `@daily`.
    pub cron: String,
    /// The zone in which the expression is read; UTC when absent or empty.
    pub timezone: Option<String>,
    /// Whether a date needs to match the day of month or the day of week (true), or both of them (false).
    pub day_or: bool,
}

/// The dates of a recurrence rule (RFC 5545).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RRuleSchedule {
    /// One rule, or lines of `DTSTART`, `RRULE`, `RDATE`, `EXRULE` and `EXDATE`.
    pub rrule: String,
    /// The zone in which every time of the rule is read, whatever the text says; UTC when absent.
    pub timezone: Option<String>,
}

/// A point in time that remembers the offset it was written with: `2024-01-01T09:00:00-05:00` stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnchorDate {
    instant: Timestamp,
    offset: Offset,
}

impl AnchorDate {
    /// The point in time.
    pub fn instant(self) -> Timestamp {
        self.instant
    }
}

impl From<Timestamp> for AnchorDate {
    fn from(instant: Timestamp) -> Self {
        Self { instant, offset: Offset::UTC }
    }
}

impl fmt::Display for AnchorDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset_seconds = self.offset.seconds();
        let wall = self.instant + TimeDelta::from_secs(i64::from(offset_seconds));
        let text = wall.to_string();
        let digits = text.trim_end_matches('Z');
        if offset_seconds == 0 {
            return write!(formatter, "{digits}Z");
        }
        let sign = if offset_seconds < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset_seconds.abs() / 3600, offset_seconds.abs() / 60 % 60);
        write!(formatter, "{digits}{sign}{hours:02}:{minutes:02}")
    }
}

impl FromStr for AnchorDate {
    type Err = crate::time::InvalidTimestamp;

    /// Reads what [`Display`](fmt::Display) writes; a time without an offset is UTC.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant: Timestamp = text.parse()?;
        let offset =
            Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset()).unwrap_or(Offset::UTC);
        Ok(Self { instant, offset })
    }
}

impl Serialize for AnchorDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AnchorDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(SentAnchor::deserialize(deserializer)?.in_timezone(None))
    }
}

/// An anchor as it was sent: without an offset it belongs to the schedule's time zone, which may come later.
enum SentAnchor {
    Absolute(AnchorDate),
    Floating(civil::DateTime),
}

impl SentAnchor {
    fn in_timezone(self, timezone: Option<&str>) -> AnchorDate {
        match self {
            Self::Absolute(anchor) => anchor,
            Self::Floating(civil_time) => {
                let zone = timezone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
                match zone.to_ambiguous_zoned(civil_time).compatible() {
                    Ok(zoned) => AnchorDate {
                        instant: Timestamp::from_jiff(zoned.timestamp()),
                        offset: zoned.offset(),
                    },
                    // Within a day of the first or last moment that can be told at all.
                    Err(_) if civil_time.year() < 0 => {
                        AnchorDate::from(Timestamp::from_jiff(jiff::Timestamp::MIN))
                    }
                    Err(_) => AnchorDate::from(Timestamp::from_jiff(jiff::Timestamp::MAX)),
                }
            }
        }
    }
}

impl<'de> Deserialize<'de> for SentAnchor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnchorVisitor;

        impl Visitor<'_> for AnchorVisitor {
            type Value = SentAnchor;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a valid datetime")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SentAnchor, E> {
                let has_offset = text.parse::<jiff::Timestamp>().is_ok();
                if !has_offset && let Ok(civil_time) = text.parse::<civil::DateTime>() {
                    return Ok(SentAnchor::Floating(civil_time));
                }
                text.parse().map(SentAnchor::Absolute).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<SentAnchor, E> {
                Timestamp::deserialize(number.into_deserializer()).map(|at| SentAnchor::Absolute(at.into()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<SentAnchor, E> {
                Timestamp::deserialize(number.into_deserializer()).map(|at| SentAnchor::Absolute(at.into()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<SentAnchor, E> {
                Timestamp::deserialize(number.into_deserializer()).map(|at| SentAnchor::Absolute(at.into()))
            }
        }

        deserializer.deserialize_any(AnchorVisitor)
    }
}

/// Every field that any kind of schedule has: read at once, so that a bad value is reported as what it is and not as
/// "matches no kind of schedule".
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentSchedule {
    #[serde(default)]
    interval: Patch<TimeDelta>,
    #[serde(default)]
    anchor_date: Patch<SentAnchor>,
    #[serde(default)]
    cron: Patch<String>,
    #[serde(default)]
    day_or: Patch<bool>,
    #[serde(default)]
    rrule: Patch<String>,
    #[serde(default)]
    timezone: Patch<String>,
}

impl SentSchedule {
    fn into_schedule(self) -> Result<Schedule, &'static str> {
        if self.interval.is_set() {
            self.into_interval().map(Schedule::Interval)
        } else if self.cron.is_set() {
            self.into_cron().map(Schedule::Cron)
        } else if self.rrule.is_set() {
            self.into_rrule().map(Schedule::RRule)
        } else {
            Err("a schedule needs one of the fields interval, cron and rrule")
        }
    }

    fn into_interval(self) -> Result<IntervalSchedule, &'static str> {
        if self.cron.is_set() || self.day_or.is_set() || self.rrule.is_set() {
            return Err("an interval schedule has the fields interval, anchor_date and timezone only");
        }
        let Patch::Value(interval) = self.interval else {
            return Err("interval must be a valid timedelta");
        };
        if interval <= TimeDelta::ZERO {
            return Err("interval must be positive");
        }
        let timezone = self.timezone.into_option().flatten().unwrap_or_else(|| "UTC".to_owned());
        let anchor_date = match self.anchor_date {
            Patch::Absent => None,
            Patch::Null => return Err("anchor_date must be a valid datetime"),
            Patch::Value(sent) => Some(sent.in_timezone(Some(&timezone))),
        };
        Ok(IntervalSchedule { interval, anchor_date, timezone: Some(timezone) })
    }

    fn into_cron(self) -> Result<CronSchedule, &'static str> {
        if self.interval.is_set() || self.anchor_date.is_set() || self.rrule.is_set() {
            return Err("a cron schedule has the fields cron, timezone and day_or only");
        }
        let Patch::Value(cron) = self.cron else {
            return Err("cron must be a valid string");
        };
        let day_or = match self.day_or {
            Patch::Absent => true,
            Patch::Null => return Err("day_or must be a valid boolean"),
            Patch::Value(day_or) => day_or,
        };
        Ok(CronSchedule { cron, timezone: self.timezone.into_option().flatten(), day_or })
    }

    fn into_rrule(self) -> Result<RRuleSchedule, &'static str> {
        if self.interval.is_set() || self.anchor_date.is_set() || self.cron.is_set() || self.day_or.is_set() {
            return Err("a recurrence schedule has the fields rrule and timezone only");
        }
        let Patch::Value(rrule) = self.rrule else {
            return Err("rrule must be a valid string");
        };
        let timezone = match self.timezone {
            Patch::Absent => Some("UTC".to_owned()),
            Patch::Null => None,
            Patch::Value(name) => Some(name),
        };
        Ok(RRuleSchedule { rrule, timezone })
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SentSchedule::deserialize(deserializer)?.into_schedule().map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for IntervalSchedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SentSchedule::deserialize(deserializer)?.into_interval().map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for CronSchedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SentSchedule::deserialize(deserializer)?.into_cron().map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for RRuleSchedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SentSchedule::deserialize(deserializer)?.into_rrule().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    /// What is read, and how it is written again.
    const READ_AND_WRITTEN: [(&str, &str); 11] = [
        (
            r#"{"interval":3600,"anchor_date":"2024-01-01T09:00:00-04:00","timezone":"America/New_York"}"#,
            r#"{"interval":3600.0,"anchor_date":"2024-01-01T09:00:00-04:00","timezone":"America/New_York"}"#,
        ),
        (
            r#"{"interval":"P1D","anchor_date":"2024-11-02 06:30:00.5+00:00"}"#,
            r#"{"interval":86400.0,"anchor_date":"2024-11-02T06:30:00.500000Z","timezone":"UTC"}"#,
        ),
        (
            r#"{"interval":60,"anchor_date":"2024-11-02T06:30:00+05:30","timezone":null}"#,
            r#"{"interval":60.0,"anchor_date":"2024-11-02T06:30:00+05:30","timezone":"UTC"}"#,
        ),
        (
            r#"{"interval":60,"anchor_date":"2024-07-02T06:30:00","timezone":"America/New_York"}"#,
            r#"{"interval":60.0,"anchor_date":"2024-07-02T06:30:00-04:00","timezone":"America/New_York"}"#,
        ),
        (
            r#"{"interval":60,"anchor_date":1700000000}"#,
            r#"{"interval":60.0,"anchor_date":"2023-11-14T22:13:20Z","timezone":"UTC"}"#,
        ),
        (r#"{"interval":60}"#, r#"{"interval":60.0,"anchor_date":null,"timezone":"UTC"}"#),
        (r#"{"cron":"@daily"}"#, r#"{"cron":"@daily","timezone":null,"day_or":true}"#),
        (
            r#"{"cron":"0 0 * * *","timezone":"","day_or":false}"#,
            r#"{"cron":"0 0 * * *","timezone":"","day_or":false}"#,
        ),
        (r#"{"rrule":"FREQ=DAILY"}"#, r#"{"rrule":"FREQ=DAILY","timezone":"UTC"}"#),
        (r#"{"rrule":"FREQ=DAILY","timezone":null}"#, r#"{"rrule":"FREQ=DAILY","timezone":null}"#),
        (
            r#"{"rrule":"FREQ=DAILY","timezone":"Asia/Tokyo"}"#,
            r#"{"rrule":"FREQ=DAILY","timezone":"Asia/Tokyo"}"#,
        ),
    ];

    #[test]
    fn reads_and_writes_as_the_reference_does() {
        for (sent, written) in READ_AND_WRITTEN {
            let schedule: Schedule = serde_json::from_str(sent).expect(sent);
            assert_eq!(serde_json::to_string(&schedule).expect("writes"), written, "{sent}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_schedule() {
        let cases = [
            (r#"{"interval":0}"#, "interval must be positive"),
            (r#"{"interval":-5}"#, "interval must be positive"),
            (r#"{"interval":null}"#, "interval must be a valid timedelta"),
            (r#"{"interval":"often"}"#, "not a valid timedelta"),
            (r#"{"interval":5,"anchor_date":"today"}"#, "not a valid datetime"),
            (r#"{"interval":5,"anchor_date":null}"#, "anchor_date must be a valid datetime"),
            (r#"{"interval":5,"cron":"@daily"}"#, "an interval schedule has the fields"),
            (r#"{"cron":"@daily","anchor_date":"2024-01-01"}"#, "a cron schedule has the fields"),
            (r#"{"rrule":"FREQ=DAILY","day_or":true}"#, "a recurrence schedule has the fields"),
            (r#"{"cron":"@daily","day_or":null}"#, "day_or must be a valid boolean"),
            (r#"{"cron":"@daily","color":"red"}"#, "unknown field `color`"),
            (r#"{"timezone":"UTC"}"#, "a schedule needs one of the fields"),
            ("7", "invalid type"),
        ];
        for (sent, expected) in cases {
            let error = serde_json::from_str::<Schedule>(sent).expect_err(sent).to_string();
            assert!(error.contains(expected), "{sent}: {error}");
        }
    }
}

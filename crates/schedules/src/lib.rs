//! When a schedule fires: interval, cron and recurrence rules, in the dialects of the reference.
//!
//! **Architecture invariant:** this crate does no I/O but for the time-zone database, and knows nothing of tokio, of a
//! database or of the present: where the reference takes the current time, callers pass it.
//!
//! - [`complete`] makes of what a client sent what is stored: checked, with its anchor filled in.
//! - [`validate`] checks alone.
//! - [`upcoming`] hands out dates one by one and works for those that are taken only.
//! - [`dates`] takes as many as the reference's `get_dates` would.
//!
//! The dates of a schedule are one ascending set of points in time. What is asked for picks from that set and never
//! changes it, so a scheduler that goes on where it stopped neither repeats a date nor leaves one out. No schedule
//! makes the search run without end: an expression without dates (`0 0 30 2 *`) ends after a bounded search.

mod ascending;
mod calendar;
mod cron;
mod error;
mod interval;
mod plan;
mod rrule;
mod zone;

use sluice_wire::schedules::{AnchorDate, IntervalSchedule, RRuleSchedule, Schedule};
use sluice_wire::time::{TimeDelta, Timestamp};

use self::ascending::Ascending;
use self::zone::Zone;

pub use self::error::ScheduleError;
pub use self::plan::{Horizon, Plan, Stop, plan};

/// Characters that a recurrence rule may have: about a year of listed dates.
pub const MAX_RRULE_LENGTH: usize = 6_500;

/// Dates that one call of [`dates`] returns at most.
pub const MAX_DATES: usize = 1_002;

/// Checks what only the parsers know: the cron expression, the recurrence rule, the time zone, the interval.
pub fn validate(schedule: &Schedule) -> Result<(), ScheduleError> {
    match schedule {
        Schedule::Interval(schedule) => {
            if schedule.interval <= TimeDelta::ZERO {
                return Err(ScheduleError::IntervalNotPositive);
            }
        }
        Schedule::Cron(schedule) => cron::check(schedule)?,
        Schedule::RRule(schedule) => rrule::check(schedule)?,
    }
    zone_of(schedule).map(drop)
}

/// Makes of a schedule that a client sent the one to store: checked with [`validate`], an interval without an anchor
/// anchored at `now`, a recurrence rule without `DTSTART` given one that keeps its dates.
pub fn complete(schedule: Schedule, now: Timestamp) -> Result<Schedule, ScheduleError> {
    validate(&schedule)?;
    let completed = match schedule {
        Schedule::Interval(schedule) => {
            let anchor_date = Some(schedule.anchor_date.unwrap_or_else(|| AnchorDate::from(now)));
            Schedule::Interval(IntervalSchedule { anchor_date, ..schedule })
        }
        Schedule::Cron(schedule) => Schedule::Cron(schedule),
        Schedule::RRule(schedule) => {
            let zone = Zone::named(schedule.timezone.as_deref(), true)?;
            let rrule = rrule::with_anchor(&schedule.rrule, &zone, whole_second_before(now));
            let anchored = RRuleSchedule { rrule, ..schedule };
            rrule::check(&anchored)?;
            Schedule::RRule(anchored)
        }
    };
    Ok(completed)
}

/// The dates of the schedule at or after `start`, ascending, each once, computed as they are taken.
pub fn upcoming(schedule: &Schedule, start: Timestamp) -> Result<Upcoming, ScheduleError> {
    let start_second = whole_second_after(start);
    let kind = match schedule {
        Schedule::Interval(interval) => {
            let anchor = interval.anchor_date.ok_or(ScheduleError::MissingAnchor)?.instant();
            if interval.interval <= TimeDelta::ZERO {
                return Err(ScheduleError::IntervalNotPositive);
            }
            let dates = interval::IntervalDates::new(
                zone_of(schedule)?,
                anchor,
                interval.interval.as_micros(),
                start,
            );
            Kind::Interval(dates)
        }
        Schedule::Cron(schedule) => Kind::Cron(cron::dates(schedule, start_second)?),
        Schedule::RRule(schedule) => Kind::RRule(rrule::dates(schedule, start_second)?),
    };
    Ok(Upcoming(kind))
}

/// The first `limit` dates (at most [`MAX_DATES`]) at or after `start` and at or before `end`.
pub fn dates(
    schedule: &Schedule,
    start: Timestamp,
    end: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<Timestamp>, ScheduleError> {
    let upcoming = upcoming(schedule, start)?;
    Ok(upcoming.take_while(|date| end.is_none_or(|end| *date <= end)).take(limit.min(MAX_DATES)).collect())
}

/// The dates that [`upcoming`] hands out. Ends when the schedule has no more.
#[derive(Debug)]
pub struct Upcoming(Kind);

#[derive(Debug)]
enum Kind {
    Interval(interval::IntervalDates),
    Cron(Ascending<cron::CronWalls>),
    RRule(Ascending<rrule::SetWalls>),
}

impl Iterator for Upcoming {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        let second = match &mut self.0 {
            Kind::Interval(dates) => return dates.next_instant(),
            Kind::Cron(dates) => dates.next_instant(),
            Kind::RRule(dates) => dates.next_instant(),
        };
        second.and_then(|second| second.checked_mul(1_000_000)).map(Timestamp::from_micros)
    }
}

fn zone_of(schedule: &Schedule) -> Result<Zone, ScheduleError> {
    Zone::named(schedule.timezone(), matches!(schedule, Schedule::RRule(_)))
}

fn whole_second_before(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}

fn whole_second_after(time: Timestamp) -> i64 {
    let second = whole_second_before(time);
    let is_whole = time.as_micros().rem_euclid(1_000_000) == 0;
    second + i64::from(!is_whole)
}

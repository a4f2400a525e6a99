//! How far ahead runs are made.

use sluice_wire::schedules::Schedule;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{ScheduleError, upcoming};

/// How many dates, and how far ahead: at least `min_runs` and `min_time`, at most `max_runs` and up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// The first date is at or after this.
    pub start: Timestamp,
    /// No date is after this.
    pub end: Timestamp,
    /// Dates go on until this long after `start`.
    pub min_time: TimeDelta,
    /// Dates go on until there are this many.
    pub min_runs: usize,
    /// There are never more than this.
    pub max_runs: usize,
}

/// Why a plan has no more dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// There are enough.
    Enough,
    /// There are as many as allowed.
    Full,
    /// The next date is this one, after the end.
    Beyond(Timestamp),
    /// The schedule has no more.
    Exhausted,
}

/// The dates for which runs are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Ascending.
    pub dates: Vec<Timestamp>,
    /// Why there are no more.
    pub stop: Stop,
}

/// The fewest dates that reach the horizon.
pub fn plan(schedule: &Schedule, horizon: &Horizon) -> Result<Plan, ScheduleError> {
    let mut dates = Vec::new();
    for date in upcoming(schedule, horizon.start)? {
        if date > horizon.end {
            return Ok(Plan { dates, stop: Stop::Beyond(date) });
        }
        if dates.len() >= horizon.max_runs {
            return Ok(Plan { dates, stop: Stop::Full });
        }
        dates.push(date);
        if dates.len() >= horizon.min_runs && date >= horizon.start + horizon.min_time {
            return Ok(Plan { dates, stop: Stop::Enough });
        }
    }
    Ok(Plan { dates, stop: Stop::Exhausted })
}

impl Plan {
    /// When the plan no longer reaches as far as `horizon`, whose `start` is the present, asks for; `None`: never.
    /// Not sooner than `soonest`, so that a schedule of every second is not looked at each second.
    pub fn falls_short_at(&self, horizon: &Horizon, soonest: TimeDelta) -> Option<Timestamp> {
        let at_the_end = self.dates.last().map(|last| *last - horizon.min_time);
        let too_few = self
            .dates
            .len()
            .checked_sub(horizon.min_runs.max(1))
            .and_then(|index| self.dates.get(index))
            .copied();
        let falls_short = match self.stop {
            Stop::Enough => [at_the_end, too_few].into_iter().flatten().min()?,
            Stop::Full => horizon.start,
            Stop::Beyond(next) => next - horizon.end.since(horizon.start),
            Stop::Exhausted => return None,
        };
        Some(falls_short.max(horizon.start + soonest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::EPOCH + TimeDelta::from_secs(seconds)
    }

    fn every(seconds: i64) -> Schedule {
        serde_json::from_str(&format!(r#"{{"interval": {seconds}, "anchor_date": "1970-01-01T00:00:00Z"}}"#))
            .expect("a schedule")
    }

    fn horizon() -> Horizon {
        Horizon {
            start: at(1),
            end: at(1 + 100 * 24 * HOUR),
            min_time: TimeDelta::from_secs(HOUR),
            min_runs: 3,
            max_runs: 100,
        }
    }

    #[test]
    fn makes_the_fewest_dates_that_reach_far_enough() {
        let day = 24 * HOUR;
        // interval; number of dates; the last; why no more; when to look again
        let cases = [
            (day, 3, at(3 * day), Stop::Enough, Some(at(day))),
            (20 * 60, 4, at(80 * 60), Stop::Enough, Some(at(20 * 60))),
            (60, 61, at(61 * 60), Stop::Enough, Some(at(60))),
            (1, 100, at(100), Stop::Full, Some(at(31))),
            (60 * day, 1, at(60 * day), Stop::Beyond(at(120 * day)), Some(at(20 * day))),
        ];
        for (interval, count, last, stop, again) in cases {
            let plan = plan(&every(interval), &horizon()).expect("a plan");
            assert_eq!(
                (plan.dates.len(), plan.dates.last().copied(), plan.stop),
                (count, Some(last), stop),
                "{interval}"
            );
            assert_eq!(plan.falls_short_at(&horizon(), TimeDelta::from_secs(30)), again, "{interval}");
        }
    }

    #[test]
    fn a_schedule_that_ends_is_not_looked_at_again() {
        let schedule =
            serde_json::from_str(r#"{"rrule": "DTSTART:19700101T000000Z\nRRULE:FREQ=HOURLY;COUNT=2"}"#)
                .expect("a schedule");
        let plan = plan(&schedule, &horizon()).expect("a plan");
        assert_eq!((plan.dates.len(), plan.stop), (1, Stop::Exhausted));
        assert_eq!(plan.falls_short_at(&horizon(), TimeDelta::ZERO), None);
    }
}

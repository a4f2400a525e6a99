//! Cron schedules, in the dialect of the croniter library that the reference carries.
//!
//! Written out from what croniter accepts and yields, as no crate has its dialect: expressions that
//! other libraries refuse (`5-5` meaning the whole field, `sat-mon` wrapping around, `2#3` and `l5`, seconds in the sixth field,
//! years in the seventh) are in use and must keep their dates.
//!
//! Dates are searched on the wall clock of the time zone. A time that exists twice fires at the first of the two only,
//! a time that was jumped over fires as much later: what the reference does on Python 3.13.
//!
//! Where this module knowingly differs, because what croniter does loses runs:
//! - `0 0 1,31 * *`: croniter leaves February for the 3rd of March, past the 1st. Here the 1st of March is a date.
//! - `0 0 30 2 1`: croniter gives up when one of the two day fields can never match. Here the other one counts.
//! - An expression without a date in the next fifty years has no dates; croniter raises an error.

mod expression;
mod search;

use sluice_wire::schedules::CronSchedule;

use crate::ascending::{Ascending, WallDates};
use crate::calendar::Wall;
use crate::error::ScheduleError;
use crate::zone::{GapRule, Zone};

use self::expression::CronExpression;

/// The wall-clock times that an expression matches, from one of them on.
#[derive(Debug)]
pub(crate) struct CronWalls {
    expression: CronExpression,
    from: Wall,
}

impl WallDates for CronWalls {
    fn next_wall(&mut self) -> Option<Wall> {
        let found = search::first_match(&self.expression, self.from)?;
        self.from = found.plus(1);
        Some(found)
    }
}

/// Whether the expression can be understood.
pub(crate) fn check(schedule: &CronSchedule) -> Result<(), ScheduleError> {
    CronExpression::parse(&schedule.cron, schedule.day_or).map(drop)
}

/// The dates of the schedule at or after `start`, in seconds since the epoch.
pub(crate) fn dates(schedule: &CronSchedule, start: i64) -> Result<Ascending<CronWalls>, ScheduleError> {
    let expression = CronExpression::parse(&schedule.cron, schedule.day_or)?;
    let zone = Zone::named(schedule.timezone.as_deref(), false)?;
    let walls = CronWalls { expression, from: zone.earliest_wall_for(start) };
    Ok(Ascending::new(walls, zone, GapRule::Later, start))
}

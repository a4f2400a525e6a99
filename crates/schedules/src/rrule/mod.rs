//! Recurrence rules: RFC 5545 as the dateutil library reads it.
//!
//! Written out instead of taken from the `rrule` crate. That crate follows the RFC where dateutil, whose dates users
//! have, does not (text forms, `DTSTART` that is not a date of its own rule, `BYDAY=MO,+1TU`, `BYMONTHDAY=0`, `BYEASTER`, the
//! first week of a weekly rule with `BYSETPOS`); it walks from `DTSTART` on to reach the present, which for a rule of
//! seconds is what the reference burns a core on; and it brings a second time-zone database with chrono-tz.
//!
//! How the text becomes dates:
//! - Every time in the text is a reading of the wall clock of the schedule's zone. Offsets, `Z` and `TZID` are
//!   accepted and do not move it (the reference relabels them).
//! - Without `DTSTART` a rule begins at 2020-01-01 00:00; what is stored is given one first, see [`with_anchor`].
//! - A time that exists twice means the first of the two; one that was jumped over is moved back by the jump.
//!
//! Each period of a rule (a year, a month, an hour) follows from its number alone, so that a rule without `COUNT`
//! begins at the period that is asked for.

mod anchor;
mod date_text;
mod easter;
mod occurrences;
mod parse;
mod periods;
mod rule;
mod set;

use sluice_wire::schedules::RRuleSchedule;

use crate::MAX_RRULE_LENGTH;
use crate::ascending::Ascending;
use crate::error::ScheduleError;
use crate::zone::{GapRule, Zone};

pub(crate) use self::anchor::with_anchor;
pub(crate) use self::set::SetWalls;

/// Whether the rule can be understood and is not too long.
pub(crate) fn check(schedule: &RRuleSchedule) -> Result<(), ScheduleError> {
    parsed(&schedule.rrule)?;
    let length = schedule.rrule.chars().count();
    if length > MAX_RRULE_LENGTH {
        return Err(ScheduleError::RRuleTooLong {
            beginning: schedule.rrule.chars().take(40).collect(),
            length,
        });
    }
    Ok(())
}

/// The dates of the schedule at or after `start`, in seconds since the epoch.
pub(crate) fn dates(schedule: &RRuleSchedule, start: i64) -> Result<Ascending<SetWalls>, ScheduleError> {
    let recurrence = parsed(&schedule.rrule)?;
    let zone = Zone::named(schedule.timezone.as_deref(), true)?;
    let walls = SetWalls::new(recurrence, zone.earliest_wall_for(start));
    Ok(Ascending::new(walls, zone, GapRule::Earlier, start))
}

fn parsed(text: &str) -> Result<parse::Recurrence, ScheduleError> {
    parse::parse(text).map_err(|reason| ScheduleError::InvalidRRule { rrule: text.to_owned(), reason })
}

//! From the wall clock of a time zone to points in time, and back.

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use crate::calendar::{SECONDS_PER_DAY, Wall};
use crate::error::ScheduleError;

/// What a wall-clock time means that does not exist because clocks were set forward over it.
///
/// A time that exists twice always means the first of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GapRule {
    /// As if clocks had not been set forward yet: 02:30 becomes 03:30 (intervals and cron in the reference).
    Later,
    /// As if clocks had been set forward already: 02:30 becomes 01:30 (dateutil's zones, thus recurrence rules).
    Earlier,
}

/// A time zone of the IANA database.
#[derive(Debug, Clone)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone of this exact name; absent and empty mean UTC.
    pub(crate) fn named(name: Option<&str>, of_rrule: bool) -> Result<Self, ScheduleError> {
        let name = match name {
            None => return Ok(Self(TimeZone::UTC)),
            Some("") if !of_rrule => return Ok(Self(TimeZone::UTC)),
            Some(name) => name,
        };
        let invalid = || ScheduleError::InvalidTimezone { timezone: name.to_owned(), of_rrule };
        // Directories of the system's database that are variants of it, and files that are links to a zone: the
        // reference knows none of them.
        let is_variant = name.starts_with("posix/") || name.starts_with("right/");
        if is_variant || matches!(name, "localtime" | "posixrules") {
            return Err(invalid());
        }
        let zone = TimeZone::get(name).map_err(|_| invalid())?;
        // The lookup ignores case, the reference does not.
        if zone.iana_name().is_none_or(|known| known != name) {
            return Err(invalid());
        }
        Ok(Self(zone))
    }

    /// Seconds east of UTC at a point in time, in seconds since the epoch.
    pub(crate) fn offset_at(&self, instant: i64) -> i64 {
        let instant = instant.clamp(Wall::EARLIEST.seconds(), Wall::LATEST.seconds());
        jiff::Timestamp::from_second(instant).map_or(0, |at| i64::from(self.0.to_offset(at).seconds()))
    }

    /// The wall clock at a point in time, in seconds since the epoch.
    pub(crate) fn wall_at(&self, instant: i64) -> Wall {
        Wall::from_seconds(instant + self.offset_at(instant))
    }

    /// The point in time of a wall-clock reading, in seconds since the epoch.
    pub(crate) fn instant_of(&self, wall: Wall, gap_rule: GapRule) -> i64 {
        let within = wall.clamp(Wall::EARLIEST, Wall::LATEST);
        let Ok(as_utc) = jiff::Timestamp::from_second(within.seconds()) else {
            return wall.seconds();
        };
        let offset = match self.0.to_ambiguous_timestamp(Offset::UTC.to_datetime(as_utc)).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { before, .. } => before,
            AmbiguousOffset::Gap { before, after } => match gap_rule {
                GapRule::Later => before,
                GapRule::Earlier => after,
            },
        };
        wall.seconds() - i64::from(offset.seconds())
    }

    /// No wall-clock time before this one can mean a point in time at or after `instant`.
    ///
    /// Clocks are never moved by more than a day, so the offsets in force a day around are all that can matter.
    pub(crate) fn earliest_wall_for(&self, instant: i64) -> Wall {
        let smallest_offset = [-SECONDS_PER_DAY, 0, SECONDS_PER_DAY]
            .map(|distance| self.offset_at(instant + distance))
            .into_iter()
            .min()
            .unwrap_or(0);
        Wall::from_seconds(instant + smallest_offset)
    }

    /// No wall-clock time after `wall`, which means `instant`, can mean a point in time before the one returned.
    pub(crate) fn earliest_instant_after(&self, wall: Wall, instant: i64) -> i64 {
        let offset_used = wall.seconds() - instant;
        let largest_offset =
            offset_used.max(self.offset_at(instant)).max(self.offset_at(instant + SECONDS_PER_DAY));
        wall.seconds() - largest_offset
    }
}

#[cfg(test)]
mod tests {
    use super::{GapRule, Zone};
    use crate::calendar::{Wall, days_from_civil};

    fn wall(year: i64, month: u8, day: u8, hour: i64, minute: i64) -> Wall {
        Wall::from_parts(days_from_civil(year, month, day), hour * 3600 + minute * 60)
    }

    #[test]
    fn reads_the_wall_clock_around_a_change_of_offset() {
        let new_york = Zone::named(Some("America/New_York"), false).expect("exists");
        let utc = |hour: i64, minute: i64| hour * 3600 + minute * 60;
        let spring = days_from_civil(2024, 3, 10) * 86_400;
        let autumn = days_from_civil(2024, 11, 3) * 86_400;
        let cases = [
            (wall(2024, 3, 10, 1, 30), GapRule::Later, spring + utc(6, 30)),
            (wall(2024, 3, 10, 2, 30), GapRule::Later, spring + utc(7, 30)),
            (wall(2024, 3, 10, 2, 30), GapRule::Earlier, spring + utc(6, 30)),
            (wall(2024, 3, 10, 3, 30), GapRule::Earlier, spring + utc(7, 30)),
            (wall(2024, 11, 3, 1, 30), GapRule::Later, autumn + utc(5, 30)),
            (wall(2024, 11, 3, 1, 30), GapRule::Earlier, autumn + utc(5, 30)),
            (wall(2024, 11, 3, 2, 0), GapRule::Earlier, autumn + utc(7, 0)),
        ];
        for (reading, gap_rule, expected) in cases {
            assert_eq!(new_york.instant_of(reading, gap_rule), expected, "{reading:?} {gap_rule:?}");
        }
    }

    #[test]
    fn knows_zones_by_their_exact_name() {
        for (name, is_known) in [
            ("UTC", true),
            ("America/New_York", true),
            ("Etc/GMT+5", true),
            ("EST5EDT", true),
            ("america/new_york", false),
            ("posix/America/New_York", false),
            ("localtime", false),
            ("Mars/Olympus", false),
            ("../etc/passwd", false),
            ("+05:00", false),
        ] {
            assert_eq!(Zone::named(Some(name), false).is_ok(), is_known, "{name}");
        }
        assert!(Zone::named(Some(""), false).is_ok());
        assert!(Zone::named(Some(""), true).is_err());
        assert!(Zone::named(None, true).is_ok());
    }
}

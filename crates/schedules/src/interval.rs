//! Dates every so often, counted from an anchor in both directions.
//!
//! The n-th date lies n intervals from the anchor. Whole days of that distance are calendar days of the zone, so that
//! a daily schedule keeps its local hour when clocks change; what is left is elapsed time, as is any interval of
//! less than a day, so that an hourly schedule fires in both of two repeated hours.
//!
//! Each date follows from its number alone. The reference jumps to the first date by elapsed time and steps by
//! calendar days from there, which makes the hour of a daily schedule depend on the season in which it is asked; the
//! promise of its documentation is the hour that does not change, and that is what this module keeps.

use sluice_wire::time::Timestamp;

use crate::calendar::{SECONDS_PER_DAY, Wall};
use crate::zone::{GapRule, Zone};

const MICROS_PER_SECOND: i128 = 1_000_000;
const MICROS_PER_DAY: i128 = SECONDS_PER_DAY as i128 * MICROS_PER_SECOND;

/// The dates of an interval schedule from a point in time on.
#[derive(Debug)]
pub(crate) struct IntervalDates {
    zone: Zone,
    anchor: i128,
    interval: i128,
    start: i128,
    /// The number of the next candidate.
    number: i128,
}

/// What the n-th date of a schedule is.
enum Numbered {
    BeforeTime,
    At(i128),
    AfterTime,
}

impl IntervalDates {
    /// `interval` is in microseconds and positive. Takes the same few steps wherever `start` lies.
    pub(crate) fn new(zone: Zone, anchor: Timestamp, interval: i64, start: Timestamp) -> Self {
        let anchor = i128::from(anchor.as_micros());
        let interval = i128::from(interval.max(1));
        let earliest = i128::from(Wall::EARLIEST.seconds()) * MICROS_PER_SECOND;
        let start = i128::from(start.as_micros()).max(earliest);
        // Calendar days differ from elapsed ones by at most a day for the offset of the zone and one for its change.
        let margin = if interval < MICROS_PER_DAY { 1 } else { 3 };
        let number = (start - anchor).div_euclid(interval) - margin;
        Self { zone, anchor, interval, start, number }
    }

    fn numbered(&self, number: i128) -> Numbered {
        let distance = number * self.interval;
        let elapsed = self.anchor + distance;
        let earliest = i128::from(Wall::EARLIEST.seconds()) * MICROS_PER_SECOND;
        let latest = i128::from(Wall::LATEST.seconds()) * MICROS_PER_SECOND;
        if elapsed < earliest {
            return Numbered::BeforeTime;
        }
        if elapsed > latest {
            return Numbered::AfterTime;
        }
        if self.interval < MICROS_PER_DAY {
            return Numbered::At(elapsed);
        }
        let days = distance.div_euclid(MICROS_PER_DAY);
        let remainder = distance.rem_euclid(MICROS_PER_DAY);
        let anchor_second = self.anchor.div_euclid(MICROS_PER_SECOND);
        let anchor_fraction = self.anchor.rem_euclid(MICROS_PER_SECOND);
        let (Ok(days), Ok(anchor_second)) = (i64::try_from(days), i64::try_from(anchor_second)) else {
            return Numbered::AfterTime;
        };
        let wall = self.zone.wall_at(anchor_second).plus(days * SECONDS_PER_DAY);
        let second = i128::from(self.zone.instant_of(wall, GapRule::Later));
        Numbered::At(second * MICROS_PER_SECOND + anchor_fraction + remainder)
    }

    /// The next date.
    pub(crate) fn next_instant(&mut self) -> Option<Timestamp> {
        loop {
            let candidate = self.numbered(self.number);
            self.number += 1;
            match candidate {
                Numbered::AfterTime => return None,
                // The first number was computed from `start`, so a few steps reach it.
                Numbered::BeforeTime => {}
                Numbered::At(instant) if instant < self.start => {}
                Numbered::At(instant) => {
                    self.start = instant + 1;
                    return i64::try_from(instant).ok().map(Timestamp::from_micros);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::time::Timestamp;

    use super::IntervalDates;
    use crate::zone::Zone;

    const HOUR: i64 = 3_600_000_000;
    const DAY: i64 = 24 * HOUR;

    fn dates(zone: &str, anchor: &str, interval: i64, start: &str, count: usize) -> Vec<String> {
        let zone = Zone::named(Some(zone), false).expect("exists");
        let mut dates =
            IntervalDates::new(zone, anchor.parse().expect("valid"), interval, start.parse().expect("valid"));
        std::iter::from_fn(|| dates.next_instant()).take(count).map(|at| at.to_string()).collect()
    }

    #[test]
    fn includes_both_of_two_repeated_hours() {
        assert_eq!(
            dates("America/New_York", "2024-01-01T01:30:00-05:00", HOUR, "2024-11-03T04:00:00Z", 4),
            ["2024-11-03T04:30:00Z", "2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z", "2024-11-03T07:30:00Z"]
        );
    }

    #[test]
    fn keeps_the_local_hour_of_days() {
        // Nine in New York is 14:00 UTC in winter and 13:00 in summer, whenever one asks.
        for (start, expected) in [
            ("2024-03-09T12:00:00Z", ["2024-03-09T14:00:00Z", "2024-03-10T13:00:00Z"]),
            ("2024-07-01T00:00:00Z", ["2024-07-01T13:00:00Z", "2024-07-02T13:00:00Z"]),
            ("2024-11-02T00:00:00Z", ["2024-11-02T13:00:00Z", "2024-11-03T14:00:00Z"]),
            ("2020-12-01T00:00:00Z", ["2020-12-01T14:00:00Z", "2020-12-02T14:00:00Z"]),
        ] {
            assert_eq!(
                dates("America/New_York", "2024-01-01T09:00:00-05:00", DAY, start, 2),
                expected,
                "{start}"
            );
        }
    }

    #[test]
    fn moves_a_time_that_does_not_exist_for_that_day_only() {
        assert_eq!(
            dates("America/New_York", "2024-01-01T02:30:00-05:00", DAY, "2024-03-09T00:00:00Z", 3),
            ["2024-03-09T07:30:00Z", "2024-03-10T07:30:00Z", "2024-03-11T06:30:00Z"]
        );
    }

    #[test]
    fn starts_inclusively_and_before_the_anchor_too() {
        assert_eq!(
            dates("UTC", "2024-01-01T00:00:00Z", 7 * HOUR, "2023-12-31T10:00:00Z", 3),
            ["2023-12-31T10:00:00Z", "2023-12-31T17:00:00Z", "2024-01-01T00:00:00Z"]
        );
        assert_eq!(
            dates("UTC", "2024-01-01T00:00:00.5Z", 1, "2024-01-01T00:00:00.25Z", 2),
            ["2024-01-01T00:00:00.250000Z", "2024-01-01T00:00:00.250001Z"]
        );
    }

    #[test]
    fn ends_where_time_ends() {
        assert!(dates("UTC", "2024-01-01T00:00:00Z", i64::MAX, "2024-01-01T00:00:01Z", 9).is_empty());
        let zone = Zone::named(None, false).expect("UTC");
        for (start, has_dates) in [(i64::MIN, true), (i64::MAX, false)] {
            for interval in [1, HOUR, DAY + 1, i64::MAX / 4] {
                let start = Timestamp::from_micros(start);
                let mut dates = IntervalDates::new(zone.clone(), Timestamp::EPOCH, interval, start);
                assert_eq!(dates.next_instant().is_some(), has_dates, "{interval}");
            }
        }
    }
}

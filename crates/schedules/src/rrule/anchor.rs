//! Giving a rule without `DTSTART` one before it is stored, so that its dates never depend on when they are asked for.

use super::parse::{self, DEFAULT_BEGIN};
use super::rule::Frequency;
use crate::calendar::{Wall, civil_from_days};
use crate::zone::Zone;

/// The text with a `DTSTART` line in front, or as it is when it has one or cannot be understood.
///
/// The line says 2020-01-01, where a rule without one has always begun. A lone rule of minutes or seconds without
/// `COUNT` begins as many whole intervals later as have passed until `now` (seconds since the epoch), on the wall
/// clock of `zone`: the same dates, as readers that walk from the beginning can afford them.
pub(crate) fn with_anchor(text: &str, zone: &Zone, now: i64) -> String {
    if text.to_uppercase().contains("DTSTART") {
        return text.to_owned();
    }
    let Ok(recurrence) = parse::parse(text) else { return text.to_owned() };
    // The reference cannot put a beginning without an offset in front of these, and leaves them.
    if recurrence.has_until_with_offset {
        return text.to_owned();
    }
    let mut begin = DEFAULT_BEGIN;
    if let ([rule], false) = (recurrence.rules.as_slice(), recurrence.is_set)
        && matches!(rule.frequency, Frequency::Minutely | Frequency::Secondly)
        && rule.count.is_none()
        && let Some(unit_seconds) = rule.frequency.unit_seconds()
    {
        let period = unit_seconds * rule.interval;
        let elapsed = (zone.wall_at(now).seconds() - begin.seconds()).max(0);
        begin = begin.plus(elapsed / period * period);
    }
    format!("DTSTART:{}\n{text}", written(begin))
}

fn written(wall: Wall) -> String {
    let date = civil_from_days(wall.day());
    let second = wall.second_of_day();
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        date.year,
        date.month,
        date.day,
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::with_anchor;
    use crate::zone::Zone;

    #[test]
    fn writes_the_beginning_that_the_reference_writes() {
        // 2026-03-04T05:06:07Z, which is 00:06:07 in New York.
        const NOW: i64 = 1_772_600_767;
        let cases = [
            ("FREQ=DAILY", "UTC", "DTSTART:20200101T000000\nFREQ=DAILY"),
            ("FREQ=HOURLY", "UTC", "DTSTART:20200101T000000\nFREQ=HOURLY"),
            ("FREQ=MINUTELY", "UTC", "DTSTART:20260304T050600\nFREQ=MINUTELY"),
            ("FREQ=MINUTELY;INTERVAL=7", "UTC", "DTSTART:20260304T050100\nFREQ=MINUTELY;INTERVAL=7"),
            ("FREQ=MINUTELY", "America/New_York", "DTSTART:20260304T000600\nFREQ=MINUTELY"),
            (
                "RRULE:FREQ=SECONDLY;INTERVAL=10",
                "UTC",
                "DTSTART:20260304T050600\nRRULE:FREQ=SECONDLY;INTERVAL=10",
            ),
            ("FREQ=MINUTELY;COUNT=5", "UTC", "DTSTART:20200101T000000\nFREQ=MINUTELY;COUNT=5"),
            ("FREQ=MINUTELY\nFREQ=HOURLY", "UTC", "DTSTART:20200101T000000\nFREQ=MINUTELY\nFREQ=HOURLY"),
            (
                "FREQ=MINUTELY\nEXDATE:20240101",
                "UTC",
                "DTSTART:20200101T000000\nFREQ=MINUTELY\nEXDATE:20240101",
            ),
            ("DTSTART:20240101\nFREQ=DAILY", "UTC", "DTSTART:20240101\nFREQ=DAILY"),
            ("FREQ=DAILY;UNTIL=20300101T000000Z", "UTC", "FREQ=DAILY;UNTIL=20300101T000000Z"),
            ("FREQ=SOMETIMES", "UTC", "FREQ=SOMETIMES"),
        ];
        for (text, zone, expected) in cases {
            let zone = Zone::named(Some(zone), true).expect("exists");
            assert_eq!(with_anchor(text, &zone, NOW), expected);
        }
    }

    #[test]
    fn begins_in_2020_before_2020() {
        let zone = Zone::named(None, true).expect("UTC");
        assert_eq!(with_anchor("FREQ=SECONDLY", &zone, 0), "DTSTART:20200101T000000\nFREQ=SECONDLY");
    }
}

//! Days of the proleptic Gregorian calendar as numbers, and wall-clock time without a zone.
//!
//! Cron expressions and recurrence rules are searched on the wall clock, millions of days in the worst case, so days
//! are plain integers here and become instants only when a date is handed out.

/// Seconds in a day of the wall clock, which knows no daylight saving.
pub(crate) const SECONDS_PER_DAY: i64 = 86_400;

/// A reading of the wall clock, in seconds since 1970-01-01 00:00 of the same clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Wall(i64);

impl Wall {
    /// 0001-01-02 00:00, a day inside of what every library can hold.
    pub(crate) const EARLIEST: Self = Self(days_from_civil(1, 1, 2) * SECONDS_PER_DAY);
    /// 9999-12-29 00:00, a day and more inside of what every library can hold.
    pub(crate) const LATEST: Self = Self(days_from_civil(9999, 12, 29) * SECONDS_PER_DAY);

    pub(crate) const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    pub(crate) const fn from_parts(day: i64, second_of_day: i64) -> Self {
        Self(day * SECONDS_PER_DAY + second_of_day)
    }

    pub(crate) const fn seconds(self) -> i64 {
        self.0
    }

    /// Days since 1970-01-01.
    pub(crate) const fn day(self) -> i64 {
        self.0.div_euclid(SECONDS_PER_DAY)
    }

    /// 0 to 86399.
    pub(crate) const fn second_of_day(self) -> i64 {
        self.0.rem_euclid(SECONDS_PER_DAY)
    }

    pub(crate) const fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }
}

/// A date of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CivilDate {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
}

/// Days from 1970-01-01 to the date. Counts in eras of 400 years that begin in March, so that the leap day is last.
pub(crate) const fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let month_from_march = (month as i64 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "months and days are at most 31")]
pub(crate) const fn civil_from_days(day: i64) -> CivilDate {
    let from_era_start = day + 719_468;
    let era = from_era_start.div_euclid(146_097);
    let day_of_era = from_era_start.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    CivilDate { year, month: month as u8, day: day_of_month as u8 }
}

/// Monday is 0, Sunday is 6.
pub(crate) const fn weekday_from_monday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

pub(crate) const fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) const fn days_in_year(year: i64) -> i64 {
    if is_leap_year(year) { 366 } else { 365 }
}

pub(crate) const fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 => 28 + is_leap_year(year) as u8,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::{CivilDate, civil_from_days, days_from_civil, days_in_month, weekday_from_monday};

    #[test]
    fn counts_days_as_jiff_does() {
        let mut day = days_from_civil(1899, 12, 31);
        let mut expected = jiff::civil::date(1899, 12, 31);
        while expected.year() < 2101 {
            let CivilDate { year, month, day: day_of_month } = civil_from_days(day);
            assert_eq!(
                (year, month, day_of_month),
                (expected.year().into(), expected.month().unsigned_abs(), expected.day().unsigned_abs())
            );
            assert_eq!(days_from_civil(year, month, day_of_month), day);
            assert_eq!(days_in_month(year, month), expected.days_in_month().unsigned_abs());
            assert_eq!(weekday_from_monday(day), i64::from(expected.weekday().to_monday_zero_offset()));
            day += 1;
            expected = expected.tomorrow().expect("in range");
        }
    }

    #[test]
    fn counts_days_at_the_ends() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(civil_from_days(days_from_civil(1, 1, 1)), CivilDate { year: 1, month: 1, day: 1 });
        assert_eq!(
            civil_from_days(days_from_civil(9999, 12, 31)),
            CivilDate { year: 9999, month: 12, day: 31 }
        );
    }
}

//! The first wall-clock time from a given one on that a cron expression matches.

use super::expression::{CronExpression, DayRule, DaysOfMonth, DaysOfWeek, FIRST_YEAR, LAST_YEAR};
use crate::calendar::{
    CivilDate, Wall, civil_from_days, days_from_civil, days_in_month, weekday_from_monday,
};

/// How far ahead a date is looked for: what croniter does, and the bound on the work for an expression that has none.
const YEARS_AHEAD: i64 = 50;

/// `None` when there is none in the next fifty years.
pub(super) fn first_match(expression: &CronExpression, from: Wall) -> Option<Wall> {
    let from = from.max(Wall::EARLIEST);
    let first_day = from.day();
    let last_year = civil_from_days(first_day).year + YEARS_AHEAD;
    let mut day = first_day;
    loop {
        let date = civil_from_days(day);
        let candidate = Wall::from_parts(day, 0);
        if date.year > last_year || candidate > Wall::LATEST {
            return None;
        }
        if !matches_year(expression, date.year) {
            if date.year > i64::from(LAST_YEAR) {
                return None;
            }
            day = days_from_civil((date.year + 1).max(i64::from(FIRST_YEAR)), 1, 1);
            continue;
        }
        if !is_set(expression.months, i64::from(date.month)) {
            day += i64::from(days_in_month(date.year, date.month) - date.day) + 1;
            continue;
        }
        if matches_day(&expression.days, date, day) {
            let earliest_second = if day == first_day { from.second_of_day() } else { 0 };
            if let Some(second) = first_time(expression, earliest_second) {
                return Some(Wall::from_parts(day, second));
            }
        }
        day += 1;
    }
}

fn matches_year(expression: &CronExpression, year: i64) -> bool {
    expression.years.as_ref().is_none_or(|years| u32::try_from(year).is_ok_and(|year| years.contains(&year)))
}

fn matches_day(rule: &DayRule, date: CivilDate, day: i64) -> bool {
    let in_month = rule.of_month.map(|days| matches_day_of_month(days, date));
    let in_week = rule.of_week.map(|days| matches_day_of_week(days, date, day));
    match (in_month, in_week) {
        (Some(in_month), Some(in_week)) if rule.either_is_enough => in_month || in_week,
        (in_month, in_week) => in_month.unwrap_or(true) && in_week.unwrap_or(true),
    }
}

fn matches_day_of_month(days: DaysOfMonth, date: CivilDate) -> bool {
    is_set(days.days, i64::from(date.day)) || (days.last && date.day == days_in_month(date.year, date.month))
}

fn matches_day_of_week(days: DaysOfWeek, date: CivilDate, day: i64) -> bool {
    let weekday_from_sunday = (weekday_from_monday(day) + 1) % 7;
    match days {
        DaysOfWeek::Every(weekdays) => is_set(weekdays, weekday_from_sunday),
        DaysOfWeek::Numbered(ordinals) => {
            let is_last = date.day + 7 > days_in_month(date.year, date.month);
            let ordinal = (date.day - 1) / 7 + 1;
            ordinals.iter().zip(0..).any(|(wanted, weekday)| {
                weekday == weekday_from_sunday && (wanted >> ordinal & 1 == 1 || (is_last && wanted & 1 == 1))
            })
        }
    }
}

/// The first matching second of the day from one on.
fn first_time(expression: &CronExpression, earliest_second: i64) -> Option<i64> {
    let (hour, minute, second) = (earliest_second / 3600, earliest_second / 60 % 60, earliest_second % 60);
    if is_set(expression.hours, hour) {
        if is_set(expression.minutes, minute)
            && let Some(second) = next_set(expression.seconds, second, 60)
        {
            return Some(hour * 3600 + minute * 60 + second);
        }
        if let Some(minute) = next_set(expression.minutes, minute + 1, 60) {
            return Some(hour * 3600 + minute * 60 + next_set(expression.seconds, 0, 60)?);
        }
    }
    let hour = next_set(expression.hours, hour + 1, 24)?;
    Some(hour * 3600 + next_set(expression.minutes, 0, 60)? * 60 + next_set(expression.seconds, 0, 60)?)
}

fn is_set(bits: u64, number: i64) -> bool {
    bits >> number & 1 == 1
}

/// The first number of the set from one on that is below `end`.
fn next_set(bits: u64, from: i64, end: i64) -> Option<i64> {
    (from..end).find(|number| is_set(bits, *number))
}

#[cfg(test)]
mod tests {
    use super::first_match;
    use crate::calendar::{Wall, civil_from_days, days_from_civil};
    use crate::cron::expression::CronExpression;

    fn first_days(text: &str, day_or: bool, from: (i64, u8, u8), count: usize) -> Vec<String> {
        let expression = CronExpression::parse(text, day_or).expect(text);
        let mut from = Wall::from_parts(days_from_civil(from.0, from.1, from.2), 0);
        let mut found = Vec::new();
        while found.len() < count
            && let Some(wall) = first_match(&expression, from)
        {
            let date = civil_from_days(wall.day());
            found.push(format!("{}-{:02}-{:02}", date.year, date.month, date.day));
            from = Wall::from_parts(wall.day() + 1, 0);
        }
        found
    }

    #[test]
    fn finds_days_by_month_and_week() {
        let cases = [
            ("0 0 l * *", true, ["2024-01-31", "2024-02-29", "2024-03-31"]),
            ("0 0 13 * 5", true, ["2024-01-05", "2024-01-12", "2024-01-13"]),
            ("0 0 13 * 5", false, ["2024-09-13", "2024-12-13", "2025-06-13"]),
            ("0 0 * * 2#2", true, ["2024-01-09", "2024-02-13", "2024-03-12"]),
            ("0 0 * * l5", true, ["2024-01-26", "2024-02-23", "2024-03-29"]),
            ("0 0 * * fri#5", true, ["2024-03-29", "2024-05-31", "2024-08-30"]),
            ("0 0 1-31 * 1", true, ["2024-01-01", "2024-01-02", "2024-01-03"]),
            ("0 0 13 * 5#2", true, ["2024-01-12", "2024-02-09", "2024-03-08"]),
            ("0 0 29 2 *", true, ["2024-02-29", "2028-02-29", "2032-02-29"]),
            ("0 0 1 1 * 0 2025/2", true, ["2025-01-01", "2027-01-01", "2029-01-01"]),
            // Not past the 1st of March, as croniter does.
            ("0 0 1,31 * *", true, ["2024-01-01", "2024-01-31", "2024-02-01"]),
            ("0 0 1,31 2,3 *", true, ["2024-02-01", "2024-03-01", "2024-03-31"]),
            // The Mondays of February remain, where croniter gives up.
            ("0 0 30 2 1", true, ["2024-02-05", "2024-02-12", "2024-02-19"]),
        ];
        for (text, day_or, expected) in cases {
            assert_eq!(first_days(text, day_or, (2024, 1, 1), 3), expected, "{text}");
        }
    }

    #[test]
    fn gives_up_after_fifty_years() {
        for text in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 1 1 * 0 1999"] {
            assert!(first_days(text, true, (2024, 1, 1), 1).is_empty(), "{text}");
        }
    }
}

//! The periods of a rule by their number, and which of their days the rule allows.

use super::easter::easter_sunday;
use super::rule::{Frequency, Rule};
use crate::calendar::{
    Wall, civil_from_days, days_from_civil, days_in_month, days_in_year, weekday_from_monday,
};

/// The days of one period, and the year whose weeks and feasts they are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PeriodDays {
    pub(super) first: i64,
    pub(super) count: i64,
    pub(super) year: i64,
}

/// The days of the n-th period of a rule of days or longer; `None` after the end of the calendar.
pub(super) fn days_of_period(rule: &Rule, number: i64) -> Option<PeriodDays> {
    let begin_day = rule.begin.day();
    let begin = civil_from_days(begin_day);
    let distance = number.checked_mul(rule.interval)?;
    let period = match rule.frequency {
        Frequency::Yearly => {
            let year = begin.year.checked_add(distance).filter(|year| *year <= 9999)?;
            PeriodDays { first: days_from_civil(year, 1, 1), count: days_in_year(year), year }
        }
        Frequency::Monthly => {
            let months = (begin.year * 12 + i64::from(begin.month) - 1).checked_add(distance)?;
            let year = months.div_euclid(12);
            let month = u8::try_from(months.rem_euclid(12) + 1).ok()?;
            if year > 9999 {
                return None;
            }
            let count = i64::from(days_in_month(year, month));
            PeriodDays { first: days_from_civil(year, month, 1), count, year }
        }
        Frequency::Weekly => {
            let into_week = (weekday_from_monday(begin_day) - rule.week_start).rem_euclid(7);
            // The first week begins where the rule does, which is what BYSETPOS counts from.
            let (first, count) = if number == 0 {
                (begin_day, 7 - into_week)
            } else {
                (distance.checked_mul(7)?.checked_add(begin_day - into_week)?, 7)
            };
            within_calendar(first, count)?
        }
        _ => within_calendar(begin_day.checked_add(distance)?, 1)?,
    };
    Some(period)
}

fn within_calendar(first: i64, count: i64) -> Option<PeriodDays> {
    (first <= Wall::LATEST.day()).then(|| PeriodDays { first, count, year: civil_from_days(first).year })
}

/// The number of the period of a rule of days or longer in which a day lies, or of the one before it.
pub(super) fn period_of_day(rule: &Rule, day: i64) -> i64 {
    let begin_day = rule.begin.day();
    let (begin, date) = (civil_from_days(begin_day), civil_from_days(day));
    let distance = match rule.frequency {
        Frequency::Yearly => date.year - begin.year,
        Frequency::Monthly => (date.year - begin.year) * 12 + i64::from(date.month) - i64::from(begin.month),
        Frequency::Weekly => {
            let into_week = (weekday_from_monday(begin_day) - rule.week_start).rem_euclid(7);
            (day - (begin_day - into_week)).div_euclid(7)
        }
        _ => day - begin_day,
    };
    distance.div_euclid(rule.interval)
}

/// What a rule has to know of a year to judge its days. Weeks reach seven days into the next year.
#[derive(Debug, Clone)]
pub(super) struct YearMasks {
    pub(super) year: i64,
    first_day: i64,
    length: i64,
    in_weeks: Option<Vec<bool>>,
    at_easter: Option<Vec<bool>>,
}

const DAYS_OF_NEXT_YEAR: i64 = 7;

impl YearMasks {
    pub(super) fn new(rule: &Rule, year: i64) -> Self {
        let first_day = days_from_civil(year, 1, 1);
        let length = days_in_year(year);
        let in_weeks = (!rule.week_numbers.is_empty()).then(|| week_mask(rule, year));
        let at_easter = (!rule.easter_offsets.is_empty()).then(|| {
            let easter = easter_sunday(year) - first_day;
            let mut mask = vec![false; (length + DAYS_OF_NEXT_YEAR) as usize];
            for offset in &rule.easter_offsets {
                mark(&mut mask, easter + offset);
            }
            mask
        });
        Self { year, first_day, length, in_weeks, at_easter }
    }

    /// Whether the rule allows the day.
    pub(super) fn allows(&self, rule: &Rule, day: i64) -> bool {
        let date = civil_from_days(day);
        let index = day - self.first_day;
        let is_any = |wanted: &[i64], number: i64| wanted.is_empty() || wanted.contains(&number);
        let is_marked = |mask: &Option<Vec<bool>>| {
            mask.as_ref().is_none_or(|mask| {
                usize::try_from(index).is_ok_and(|index| mask.get(index).copied().unwrap_or(false))
            })
        };
        is_any(&rule.months, i64::from(date.month))
            && is_any(&rule.weekdays, weekday_from_monday(day))
            && allows_day_of_month(rule, i64::from(date.day), i64::from(days_in_month(date.year, date.month)))
            && self.allows_day_of_year(rule, index)
            && is_marked(&self.in_weeks)
            && is_marked(&self.at_easter)
            && (rule.numbered_weekdays.is_empty() || allows_numbered_weekday(rule, day))
    }

    fn allows_day_of_year(&self, rule: &Rule, index: i64) -> bool {
        if rule.year_days.is_empty() {
            return true;
        }
        let (from_begin, from_end) = if index < self.length {
            (index + 1, index - self.length)
        } else {
            let index_in_next = index - self.length;
            (index_in_next + 1, index_in_next - days_in_year(self.year + 1))
        };
        rule.year_days.contains(&from_begin) || rule.year_days.contains(&from_end)
    }
}

fn allows_day_of_month(rule: &Rule, day: i64, month_length: i64) -> bool {
    rule.month_days.is_empty()
        || rule.month_days.contains(&day)
        || rule.month_days.contains(&(day - month_length - 1))
}

/// `BYDAY` with a number counts within the month, or within the year where neither the frequency nor `BYMONTH` names
/// months.
fn allows_numbered_weekday(rule: &Rule, day: i64) -> bool {
    let date = civil_from_days(day);
    let in_year = rule.frequency == Frequency::Yearly && rule.months.is_empty();
    let (first, length) = if in_year {
        (days_from_civil(date.year, 1, 1), days_in_year(date.year))
    } else {
        let length = i64::from(days_in_month(date.year, date.month));
        (days_from_civil(date.year, date.month, 1), length)
    };
    let weekday = weekday_from_monday(day);
    let from_begin = (day - first) / 7 + 1;
    let from_end = -((first + length - 1 - day) / 7 + 1);
    rule.numbered_weekdays
        .iter()
        .any(|(wanted, number)| *wanted == weekday && (*number == from_begin || *number == from_end))
}

/// The days of a year that lie in the weeks of `BYWEEKNO`, as dateutil counts weeks: the first is the one that has
/// four days of the year; weeks of the years before and after are only known by number where they reach into this one.
fn week_mask(rule: &Rule, year: i64) -> Vec<bool> {
    let first_day = days_from_civil(year, 1, 1);
    let length = days_in_year(year);
    let mut mask = vec![false; (length + DAYS_OF_NEXT_YEAR) as usize];
    let weeks = Weeks::of(year, rule.week_start);

    let mut mark_week = |first_index: i64| {
        let mut index = first_index;
        for _ in 0..7 {
            mark(&mut mask, index);
            index += 1;
            if weekday_from_monday(first_day + index) == rule.week_start {
                break;
            }
        }
    };
    for number in &rule.week_numbers {
        let number = if *number < 0 { number + weeks.count + 1 } else { *number };
        if (1..=weeks.count).contains(&number) {
            mark_week(weeks.first_index_of(number));
        }
    }
    if rule.week_numbers.contains(&1) {
        // The first week of the next year may begin in this one.
        let index = weeks.first_index_of(weeks.count + 1);
        if index < length {
            mark_week(index);
        }
    }
    if weeks.begin > 0 {
        // The days before the first week belong to the last one of the year before.
        let last_of_year_before = if rule.week_numbers.contains(&-1) {
            -1
        } else {
            last_week_number_before(year, weeks.begin, rule.week_start)
        };
        if rule.week_numbers.contains(&last_of_year_before) {
            for index in 0..weeks.begin {
                mark(&mut mask, index);
            }
        }
    }
    mask
}

/// Where the numbered weeks of a year lie.
struct Weeks {
    /// Index of the first day of the year that lies in week 1.
    begin: i64,
    /// Index of the first day of the year on which a week begins.
    first_week_start: i64,
    count: i64,
}

impl Weeks {
    fn of(year: i64, week_start: i64) -> Self {
        let first_weekday = weekday_from_monday(days_from_civil(year, 1, 1));
        let first_week_start = (7 - first_weekday + week_start) % 7;
        let (begin, length) = if first_week_start >= 4 {
            (0, days_in_year(year) + (first_weekday - week_start).rem_euclid(7))
        } else {
            (first_week_start, days_in_year(year) - first_week_start)
        };
        Self { begin, first_week_start, count: length / 7 + length % 7 / 4 }
    }

    fn first_index_of(&self, number: i64) -> i64 {
        if number <= 1 {
            return self.begin;
        }
        let index = self.begin + (number - 1) * 7;
        if self.begin == self.first_week_start { index } else { index - (7 - self.first_week_start) }
    }
}

/// The number that dateutil gives to the last week of the year before, where it reaches into this one.
fn last_week_number_before(year: i64, begin: i64, week_start: i64) -> i64 {
    let first_weekday = weekday_from_monday(days_from_civil(year - 1, 1, 1));
    let first_week_start = (7 - first_weekday + week_start) % 7;
    let odd_days = if first_week_start >= 4 {
        (days_in_year(year - 1) + (first_weekday - week_start).rem_euclid(7)) % 7
    } else {
        // The length of this year, not of the one before: a slip of dateutil that its dates depend on.
        (days_in_year(year) - begin) % 7
    };
    52 + odd_days / 4
}

fn mark(mask: &mut [bool], index: i64) {
    if let Some(day) = usize::try_from(index).ok().and_then(|index| mask.get_mut(index)) {
        *day = true;
    }
}

//! The wall-clock times of one rule, ascending, from any of them on.

use std::sync::Arc;

use super::periods::{YearMasks, days_of_period, period_of_day};
use super::rule::{Frequency, Rule};
use crate::ascending::WallDates;
use crate::calendar::{SECONDS_PER_DAY, Wall, civil_from_days, days_in_month};

/// Days or periods that may be looked at for one date. Four hundred years of days, after which the calendar repeats:
/// a rule that has no date by then (`BYMONTH=2;BYMONTHDAY=30`) is taken to have none.
const SEARCH_LIMIT: u32 = 150_000;

/// The least that is left of it for each rule of a set of many: forty years of days.
const SMALLEST_SEARCH_LIMIT: u32 = 15_000;

/// Periods that may be counted through to find where a rule with `COUNT` stands.
const COUNTING_LIMIT: u32 = 2_000_000;

/// The occurrences of a rule.
#[derive(Debug)]
pub(super) struct RuleWalls {
    rule: Rule,
    /// The number of the period to open next.
    next_period: i64,
    open: OpenPeriod,
    /// Times before this one are passed over.
    from: Wall,
    /// Occurrences counted towards `COUNT`.
    counted: u64,
    masks: YearMasks,
    /// The times of every period.
    times: Arc<[i64]>,
    search_limit: u32,
    is_finished: bool,
}

/// The candidates of the period that is being handed out: every time on every day, or what `BYSETPOS` picks of them.
#[derive(Debug, Default)]
struct OpenPeriod {
    days: Vec<i64>,
    /// The second of the day from which the times are counted.
    begin: i64,
    /// Ascending.
    times: Arc<[i64]>,
    picked: Option<Vec<Wall>>,
    next: usize,
}

impl OpenPeriod {
    fn len(&self) -> usize {
        self.picked.as_ref().map_or(self.days.len() * self.times.len(), Vec::len)
    }

    fn get(&self, index: usize) -> Option<Wall> {
        if let Some(picked) = &self.picked {
            return picked.get(index).copied();
        }
        if self.times.is_empty() {
            return None;
        }
        let day = self.days.get(index / self.times.len())?;
        Some(Wall::from_parts(*day, self.begin + self.times[index % self.times.len()]))
    }

    /// How many candidates lie before a time.
    fn count_before(&self, wall: Wall) -> usize {
        if let Some(picked) = &self.picked {
            return picked.partition_point(|candidate| *candidate < wall);
        }
        let whole_days = self.days.partition_point(|day| *day < wall.day());
        let on_the_day = if self.days.get(whole_days) == Some(&wall.day()) {
            self.times.partition_point(|time| self.begin + time < wall.second_of_day())
        } else {
            0
        };
        whole_days * self.times.len() + on_the_day
    }

    /// Keeps the candidates at these positions, from 1 at the beginning and -1 at the end.
    fn pick(&mut self, positions: &[i64]) {
        let length = i64::try_from(self.len()).unwrap_or(i64::MAX);
        let mut picked: Vec<Wall> = positions
            .iter()
            .map(|position| if *position > 0 { position - 1 } else { length + position })
            .filter_map(|index| self.get(usize::try_from(index).ok()?))
            .collect();
        picked.sort_unstable();
        picked.dedup();
        self.picked = Some(picked);
    }
}

impl RuleWalls {
    /// `rule_count` rules share what a search may cost.
    pub(super) fn new(rule: Rule, rule_count: usize) -> Self {
        let masks = YearMasks::new(&rule, civil_from_days(rule.begin.day()).year);
        let times = times_of_period(&rule);
        let from = rule.begin;
        let share = SEARCH_LIMIT / u32::try_from(rule_count.max(1)).unwrap_or(u32::MAX);
        Self {
            rule,
            next_period: 0,
            open: OpenPeriod::default(),
            from,
            counted: 0,
            masks,
            times,
            search_limit: share.max(SMALLEST_SEARCH_LIMIT),
            is_finished: false,
        }
    }

    /// Passes over every time before `from`, in a few steps unless the rule has a `COUNT` that depends on its parts.
    pub(super) fn seek(&mut self, from: Wall) {
        if from <= self.from {
            return;
        }
        self.from = from;
        if let Some(until) = self.rule.until
            && until < from
        {
            self.is_finished = true;
            return;
        }
        let target = self.period_before(from);
        if self.rule.count.is_none() {
            if target >= self.next_period {
                self.next_period = target;
                self.open = OpenPeriod::default();
            } else {
                self.open.next = self.open.next.max(self.open.count_before(from));
            }
        } else {
            self.seek_counting(target);
        }
    }

    /// Periods of a rule that nothing restricts have equally many occurrences each, so that they need no counting.
    fn seek_counting(&mut self, target: i64) {
        let is_untouched = self.next_period == 0;
        if let Some(unit_seconds) = self.rule.frequency.unit_seconds()
            && is_untouched
            && target > 1
            && self.is_unrestricted_below_a_day()
        {
            let unit_begin = self.rule.begin.second_of_day().rem_euclid(unit_seconds);
            let in_first = self.times.iter().filter(|time| **time >= unit_begin).count() as u64;
            let in_others = self.times.len() as u64 * u64::try_from(target - 1).unwrap_or(0);
            self.counted = in_first.saturating_add(in_others);
            self.next_period = target;
            return;
        }
        // Those that are passed over still count.
        let passed = self.open.count_before(self.from);
        if passed > self.open.next {
            self.counted += (passed - self.open.next) as u64;
            self.open.next = passed;
        }
    }

    fn is_unrestricted_below_a_day(&self) -> bool {
        let rule = &self.rule;
        let restricts_times = !rule.hours.is_empty()
            || (rule.frequency > Frequency::Hourly && !rule.minutes.is_empty())
            || (rule.frequency > Frequency::Minutely && !rule.seconds.is_empty());
        !restricts_times && !rule.restricts_days() && rule.positions.is_empty()
    }

    /// The number of the last period that surely begins before a time, or of one before it.
    fn period_before(&self, wall: Wall) -> i64 {
        let number = match self.rule.frequency.unit_seconds() {
            None => period_of_day(&self.rule, wall.day()),
            Some(unit_seconds) => {
                (wall.seconds() - self.first_unit(unit_seconds)).div_euclid(unit_seconds * self.rule.interval)
            }
        };
        (number - 1).max(0)
    }

    /// The beginning of the hour, minute or second in which the rule begins.
    fn first_unit(&self, unit_seconds: i64) -> i64 {
        self.rule.begin.seconds().div_euclid(unit_seconds) * unit_seconds
    }

    /// Opens the next period that has a candidate; false when there is none.
    fn open_next(&mut self) -> bool {
        let mut looked_at = 0;
        loop {
            let opened = match self.rule.frequency.unit_seconds() {
                None => self.open_next_days(&mut looked_at),
                Some(unit_seconds) => self.open_next_unit(unit_seconds, &mut looked_at),
            };
            let Some(mut open) = opened else { return false };
            if !self.rule.positions.is_empty() {
                open.pick(&self.rule.positions);
                if open.len() == 0 {
                    continue;
                }
            }
            let before_begin = open.count_before(self.rule.begin);
            open.next = open.count_before(self.from).max(before_begin);
            self.counted += (open.next - before_begin) as u64;
            self.open = open;
            return true;
        }
    }

    fn open_next_days(&mut self, looked_at: &mut u32) -> Option<OpenPeriod> {
        while *looked_at < self.search_limit {
            let period = days_of_period(&self.rule, self.next_period)?;
            self.next_period += 1;
            *looked_at += u32::try_from(period.count).unwrap_or(u32::MAX);
            self.use_year(period.year);
            let days: Vec<i64> = (period.first..period.first + period.count)
                .filter(|day| self.masks.allows(&self.rule, *day))
                .collect();
            if !days.is_empty() {
                return Some(OpenPeriod {
                    days,
                    begin: 0,
                    times: Arc::clone(&self.times),
                    picked: None,
                    next: 0,
                });
            }
        }
        None
    }

    /// Finds the next hour, minute or second that the rule allows, passing over whole days and hours that it does not.
    fn open_next_unit(&mut self, unit_seconds: i64, looked_at: &mut u32) -> Option<OpenPeriod> {
        let step = unit_seconds * self.rule.interval;
        let first_unit = self.first_unit(unit_seconds);
        let mut allowed_day = None;
        while *looked_at < self.search_limit {
            *looked_at += 1;
            let unit = Wall::from_seconds(first_unit + self.next_period * step);
            if unit > Wall::LATEST {
                return None;
            }
            let day = unit.day();
            if allowed_day != Some(day) {
                let date = civil_from_days(day);
                self.use_year(date.year);
                if !self.masks.allows(&self.rule, day) {
                    let is_month_out =
                        !self.rule.months.is_empty() && !self.rule.months.contains(&i64::from(date.month));
                    let days_left = if is_month_out {
                        i64::from(days_in_month(date.year, date.month) - date.day)
                    } else {
                        0
                    };
                    self.pass_over_until(Wall::from_parts(day + days_left + 1, 0), first_unit, step);
                    continue;
                }
                allowed_day = Some(day);
            }
            if let Some(next) = self.next_allowed_time(unit, unit_seconds) {
                self.pass_over_until(next, first_unit, step);
                continue;
            }
            self.next_period += 1;
            let times = Arc::clone(&self.times);
            return Some(OpenPeriod {
                days: vec![day],
                begin: unit.second_of_day(),
                times,
                picked: None,
                next: 0,
            });
        }
        None
    }

    /// When the hour, minute or second is not allowed: where the next one begins.
    fn next_allowed_time(&self, unit: Wall, unit_seconds: i64) -> Option<Wall> {
        let second_of_day = unit.second_of_day();
        let is_out = |allowed: &[i64], value: i64| !allowed.is_empty() && !allowed.contains(&value);
        if is_out(&self.rule.hours, second_of_day / 3600) {
            return Some(unit.plus(3600 - second_of_day % 3600));
        }
        if unit_seconds < 3600 && is_out(&self.rule.minutes, second_of_day / 60 % 60) {
            return Some(unit.plus(60 - second_of_day % 60));
        }
        if unit_seconds < 60 && is_out(&self.rule.seconds, second_of_day % 60) {
            return Some(unit.plus(1));
        }
        None
    }

    /// The first period that begins at or after a time becomes the next one.
    fn pass_over_until(&mut self, wall: Wall, first_unit: i64, step: i64) {
        let distance = wall.seconds() - first_unit;
        self.next_period = (distance + step - 1).div_euclid(step);
    }

    fn use_year(&mut self, year: i64) {
        if self.masks.year != year {
            self.masks = YearMasks::new(&self.rule, year);
        }
    }
}

impl WallDates for RuleWalls {
    fn next_wall(&mut self) -> Option<Wall> {
        for _ in 0..COUNTING_LIMIT {
            if self.is_finished || self.rule.count.is_some_and(|count| self.counted >= count) {
                break;
            }
            let Some(candidate) = self.open.get(self.open.next) else {
                if self.open_next() {
                    continue;
                }
                break;
            };
            if self.rule.until.is_some_and(|until| candidate > until) {
                break;
            }
            self.open.next += 1;
            self.counted += 1;
            return (candidate <= Wall::LATEST).then_some(candidate);
        }
        self.is_finished = true;
        None
    }
}

/// The times of a day, or of an hour, a minute or a second where the rule counts in these: in seconds from its beginning.
fn times_of_period(rule: &Rule) -> Arc<[i64]> {
    let within = |unit, values: &[i64]| if rule.frequency < unit { values.to_vec() } else { vec![0] };
    let hours = within(Frequency::Hourly, &rule.hours);
    let minutes = within(Frequency::Minutely, &rule.minutes);
    let seconds = within(Frequency::Secondly, &rule.seconds);
    let mut times = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
    for hour in &hours {
        for minute in &minutes {
            times.extend(seconds.iter().map(|second| hour * 3600 + minute * 60 + second));
        }
    }
    times.into()
}

/// Seconds in a day are a whole number of every unit, so that units never straddle midnight.
const _: () = assert!(SECONDS_PER_DAY % 3600 == 0);

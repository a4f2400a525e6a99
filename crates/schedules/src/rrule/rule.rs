//! One recurrence rule: its parts as they were written, and what they become once `DTSTART` is known.

use crate::calendar::{Wall, civil_from_days, weekday_from_monday};

/// How often; the order is that of the RFC, from the longest period to the shortest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

impl Frequency {
    /// Seconds of the period where it is always the same and shorter than a day.
    pub(super) const fn unit_seconds(self) -> Option<i64> {
        match self {
            Self::Hourly => Some(3600),
            Self::Minutely => Some(60),
            Self::Secondly => Some(1),
            Self::Yearly | Self::Monthly | Self::Weekly | Self::Daily => None,
        }
    }
}

/// The parts of the text. An empty list is a part that was not written.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleParts {
    pub(super) frequency: Option<Frequency>,
    pub(super) interval: Option<i64>,
    pub(super) count: Option<i64>,
    pub(super) until: Option<super::date_text::DateText>,
    /// Monday is 0.
    pub(super) week_start: Option<i64>,
    pub(super) positions: Vec<i64>,
    pub(super) months: Vec<i64>,
    pub(super) month_days: Vec<i64>,
    pub(super) year_days: Vec<i64>,
    pub(super) easter_offsets: Vec<i64>,
    pub(super) week_numbers: Vec<i64>,
    /// Weekday (Monday is 0) and which of them in the year or month is meant.
    pub(super) weekdays: Vec<(i64, Option<i64>)>,
    pub(super) hours: Vec<i64>,
    pub(super) minutes: Vec<i64>,
    pub(super) seconds: Vec<i64>,
}

/// A rule with everything that `DTSTART` decides filled in. An empty list restricts nothing.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: i64,
    pub(super) count: Option<u64>,
    pub(super) until: Option<Wall>,
    pub(super) begin: Wall,
    pub(super) week_start: i64,
    pub(super) positions: Vec<i64>,
    pub(super) months: Vec<i64>,
    /// From the first of the month (positive) and from its end (negative).
    pub(super) month_days: Vec<i64>,
    pub(super) year_days: Vec<i64>,
    pub(super) easter_offsets: Vec<i64>,
    pub(super) week_numbers: Vec<i64>,
    pub(super) weekdays: Vec<i64>,
    pub(super) numbered_weekdays: Vec<(i64, i64)>,
    pub(super) hours: Vec<i64>,
    pub(super) minutes: Vec<i64>,
    pub(super) seconds: Vec<i64>,
}

impl Rule {
    /// Fills in what the text left open from the wall-clock time at which the rule begins.
    pub(super) fn new(parts: RuleParts, begin: Wall) -> Result<Self, String> {
        let frequency = parts.frequency.ok_or("missing 'FREQ'")?;
        let interval = parts.interval.unwrap_or(1);
        if interval < 1 {
            return Err("interval must be positive".to_owned());
        }
        if parts.positions.iter().any(|position| *position == 0 || position.abs() > 366) {
            return Err("bysetpos must be between 1 and 366, or between -366 and -1".to_owned());
        }
        for (name, values, end) in
            [("hour", &parts.hours, 24), ("minute", &parts.minutes, 60), ("second", &parts.seconds, 60)]
        {
            if values.iter().any(|value| !(0..end).contains(value)) {
                return Err(format!("{name} must be in 0..{}", end - 1));
            }
        }

        let begin_date = civil_from_days(begin.day());
        let says_nothing_of_days = parts.week_numbers.is_empty()
            && parts.year_days.is_empty()
            && parts.month_days.is_empty()
            && parts.weekdays.is_empty()
            && parts.easter_offsets.is_empty();
        let mut rule = Self {
            frequency,
            interval,
            count: parts.count.map(|count| u64::try_from(count).unwrap_or(0)),
            until: parts.until.map(|until| until.wall),
            begin,
            week_start: parts.week_start.unwrap_or(0),
            positions: parts.positions,
            months: parts.months,
            // Nought is a day of no month, and dateutil drops it: a list of nothing else restricts nothing.
            month_days: parts.month_days.into_iter().filter(|day| *day != 0).collect(),
            year_days: parts.year_days,
            easter_offsets: parts.easter_offsets,
            week_numbers: parts.week_numbers,
            weekdays: Vec::new(),
            numbered_weekdays: Vec::new(),
            hours: sorted(parts.hours),
            minutes: sorted(parts.minutes),
            seconds: sorted(parts.seconds),
        };
        for (weekday, number) in parts.weekdays {
            match number {
                Some(number) if frequency <= Frequency::Monthly => {
                    rule.numbered_weekdays.push((weekday, number))
                }
                _ => rule.weekdays.push(weekday),
            }
        }
        if says_nothing_of_days {
            match frequency {
                Frequency::Yearly => {
                    if rule.months.is_empty() {
                        rule.months.push(i64::from(begin_date.month));
                    }
                    rule.month_days.push(i64::from(begin_date.day));
                }
                Frequency::Monthly => rule.month_days.push(i64::from(begin_date.day)),
                Frequency::Weekly => rule.weekdays.push(weekday_from_monday(begin.day())),
                _ => {}
            }
        }
        rule.fill_in_times()?;
        Ok(rule)
    }

    /// Times shorter than the period come from `DTSTART`; those as long as the period must be reachable from there.
    fn fill_in_times(&mut self) -> Result<(), String> {
        let second_of_day = self.begin.second_of_day();
        let of_begin = [second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60];
        let fields = [
            (Frequency::Hourly, 24, &mut self.hours),
            (Frequency::Minutely, 60, &mut self.minutes),
            (Frequency::Secondly, 60, &mut self.seconds),
        ];
        for ((frequency, base, values), begin) in fields.into_iter().zip(of_begin) {
            if values.is_empty() {
                if self.frequency < frequency {
                    values.push(begin);
                }
            } else if self.frequency == frequency {
                let common = greatest_common_divisor(self.interval, base);
                values.retain(|value| (value - begin).rem_euclid(common) == 0);
                if values.is_empty() {
                    return Err("Invalid rrule byxxx generates an empty set.".to_owned());
                }
            }
        }
        Ok(())
    }

    /// Whether the days of a year or month restrict the rule at all.
    pub(super) fn restricts_days(&self) -> bool {
        !(self.months.is_empty()
            && self.month_days.is_empty()
            && self.year_days.is_empty()
            && self.easter_offsets.is_empty()
            && self.week_numbers.is_empty()
            && self.weekdays.is_empty()
            && self.numbered_weekdays.is_empty())
    }
}

fn sorted(mut values: Vec<i64>) -> Vec<i64> {
    values.sort_unstable();
    values.dedup();
    values
}

fn greatest_common_divisor(mut left: i64, mut right: i64) -> i64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

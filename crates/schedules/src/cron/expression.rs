//! The cron expression: its text, and the sets of numbers it stands for.

use std::collections::BTreeSet;

use crate::error::ScheduleError;

/// The fields in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldKind {
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
    Second,
    Year,
}

impl FieldKind {
    const ALL: [Self; 7] =
        [Self::Minute, Self::Hour, Self::Day, Self::Month, Self::Weekday, Self::Second, Self::Year];

    const fn smallest(self) -> u32 {
        match self {
            Self::Day | Self::Month => 1,
            Self::Year => FIRST_YEAR,
            Self::Minute | Self::Hour | Self::Weekday | Self::Second => 0,
        }
    }

    const fn largest(self) -> u32 {
        match self {
            Self::Minute | Self::Second => 59,
            Self::Hour => 23,
            Self::Day => 31,
            Self::Month => 12,
            Self::Weekday => 6,
            Self::Year => LAST_YEAR,
        }
    }

    /// The number of a name such as `jan` or `mon`.
    fn named(self, name: &str) -> Option<u32> {
        const MONTHS: [&str; 12] =
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
        let position = |names: &[&str]| names.iter().position(|known| *known == name);
        match self {
            Self::Month => position(&MONTHS).map(|index| index as u32 + 1),
            Self::Weekday => position(&WEEKDAYS).map(|index| index as u32),
            _ => None,
        }
    }

    /// Other ways to write a number: 7 is Sunday, and 0 is the first day where seconds are written but no years.
    fn unaliased(self, number: u32, field_count: usize) -> u32 {
        match (self, number, field_count) {
            (Self::Weekday, 7, 5) => 0,
            (Self::Day, 0, 6) => 1,
            _ => number,
        }
    }
}

pub(super) const FIRST_YEAR: u32 = 1970;
pub(super) const LAST_YEAR: u32 = 2099;

/// A parsed expression. A set that is `None` matches everything.
#[derive(Debug, Clone)]
pub(super) struct CronExpression {
    /// Bit n is second n; only second 0 in an expression of five fields.
    pub(super) seconds: u64,
    /// Bit n is minute n.
    pub(super) minutes: u64,
    /// Bit n is hour n.
    pub(super) hours: u64,
    pub(super) days: DayRule,
    /// Bit n is month n, from 1.
    pub(super) months: u64,
    pub(super) years: Option<BTreeSet<u32>>,
}

/// Which days match, by their place in the month and in the week.
#[derive(Debug, Clone)]
pub(super) struct DayRule {
    pub(super) of_month: Option<DaysOfMonth>,
    pub(super) of_week: Option<DaysOfWeek>,
    /// With both restricted: whether one of them is enough.
    pub(super) either_is_enough: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct DaysOfMonth {
    /// Bit n is day n, from 1.
    pub(super) days: u64,
    /// `l`: the last day of the month.
    pub(super) last: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum DaysOfWeek {
    /// Bit n is weekday n, Sunday is 0.
    Every(u64),
    /// For each weekday from Sunday: bit n is its n-th in the month, bit 0 its last.
    Numbered([u8; 7]),
}

impl CronExpression {
    /// Reads the text. `day_or` says whether one of two restricted day fields is enough.
    pub(super) fn parse(text: &str, day_or: bool) -> Result<Self, ScheduleError> {
        let lowercase = text.to_lowercase();
        let is_random = |field: &str| is_hashed(field, 'r');
        let expression = without_alias(&lowercase);
        let words: Vec<&str> = expression.split_whitespace().collect();
        if !(5..=7).contains(&words.len()) {
            return Err(ScheduleError::InvalidCron(text.to_owned()));
        }
        let invalid = || ScheduleError::InvalidCron(text.to_owned());
        // Hashed values fail for want of something to hash before random ones are refused.
        if words.iter().any(|field| is_hashed(field, 'h')) {
            return Err(invalid());
        }
        // A random value stands for some number; its place may still be a bad one for the others.
        let readable: Vec<&str> = words.iter().map(|word| if is_random(word) { "*" } else { word }).collect();
        let parsed = parse_fields(&readable, day_or).ok_or_else(invalid)?;
        if words.iter().any(|word| is_random(word)) {
            return Err(ScheduleError::RandomCron(text.to_owned()));
        }
        Ok(parsed)
    }
}

fn without_alias(lowercase: &str) -> &str {
    match lowercase {
        "@midnight" | "@daily" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other => other,
    }
}

/// Whether the field is `h` or `r`, alone or with a range or a divisor: `h(0-29)/10`.
fn is_hashed(field: &str, kind: char) -> bool {
    let Some(rest) = field.strip_prefix(kind) else { return false };
    let (range, divisor) =
        rest.split_once('/').map_or((rest, None), |(range, divisor)| (range, Some(divisor)));
    let is_range = range.is_empty()
        || range
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .and_then(|inner| inner.split_once('-'))
            .is_some_and(|(begin, end)| is_number(begin) && is_number(end));
    is_range && divisor.is_none_or(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What the items of one field add up to.
#[derive(Debug, Default)]
struct FieldSet {
    has_star: bool,
    has_last: bool,
    numbers: BTreeSet<u32>,
    /// As in [`DaysOfWeek::Numbered`].
    numbered_weekdays: [u8; 7],
}

impl FieldSet {
    fn bits(&self, kind: FieldKind) -> u64 {
        if self.has_star {
            return u64::MAX;
        }
        self.numbers
            .iter()
            .filter(|number| **number <= kind.largest())
            .fold(0, |bits, number| bits | 1 << number)
    }

    fn has_numbered_weekdays(&self) -> bool {
        self.numbered_weekdays.iter().any(|ordinals| *ordinals != 0)
    }
}

fn parse_fields(words: &[&str], day_or: bool) -> Option<CronExpression> {
    let mut sets = Vec::with_capacity(words.len());
    for (kind, word) in FieldKind::ALL.into_iter().zip(words) {
        let mut set = parse_field(kind, word, words.len())?;
        // Every number of a field is as good as a star, but for the days: there a star would turn the union of the
        // two fields into an intersection.
        let element_count = set.numbers.len() + usize::from(set.has_last) + usize::from(set.has_star);
        let is_whole = element_count == (kind.largest() - kind.smallest() + 1) as usize;
        let other_day_field = match kind {
            FieldKind::Day => words.get(4),
            FieldKind::Weekday => words.get(2),
            _ => None,
        };
        if is_whole && other_day_field.is_none_or(|other| other.contains('*')) {
            set.has_star = true;
        }
        sets.push(set);
    }
    let [minute, hour, day, month, weekday, rest @ ..] = sets.as_slice() else { return None };
    Some(CronExpression {
        seconds: rest.first().map_or(1, |second| second.bits(FieldKind::Second)),
        minutes: minute.bits(FieldKind::Minute),
        hours: hour.bits(FieldKind::Hour),
        months: month.bits(FieldKind::Month),
        years: rest.get(1).filter(|year| !year.has_star).map(|year| year.numbers.clone()),
        days: day_rule(day, weekday, day_or)?,
    })
}

fn day_rule(day: &FieldSet, weekday: &FieldSet, day_or: bool) -> Option<DayRule> {
    let mut of_month =
        (!day.has_star).then(|| DaysOfMonth { days: day.bits(FieldKind::Day), last: day.has_last });
    if weekday.has_numbered_weekdays() {
        let is_mixed = weekday.numbers.iter().any(|number| weekday.numbered_weekdays[*number as usize] == 0);
        if is_mixed && weekday.numbers.len() != 7 {
            return None;
        }
        // The numbered weekdays restrict both halves of a union, which leaves nothing of the days of the month.
        if day_or && !weekday.has_star {
            of_month = None;
        }
        let of_week = Some(DaysOfWeek::Numbered(weekday.numbered_weekdays));
        return Some(DayRule { of_month, of_week, either_is_enough: false });
    }
    let of_week = (!weekday.has_star).then(|| DaysOfWeek::Every(weekday.bits(FieldKind::Weekday)));
    Some(DayRule { of_month, of_week, either_is_enough: day_or })
}

fn parse_field(kind: FieldKind, word: &str, field_count: usize) -> Option<FieldSet> {
    let mut set = FieldSet::default();
    if word.contains('?') {
        let is_day = matches!(kind, FieldKind::Day | FieldKind::Weekday);
        set.has_star = true;
        return (is_day && word == "?").then_some(set);
    }
    for item in word.split(',') {
        match split_weekday_number(kind, item)? {
            WeekdayNumber::None => parse_item(kind, item, field_count, None, &mut set)?,
            WeekdayNumber::Nth(weekdays, nth) => {
                parse_item(kind, weekdays, field_count, Some(1 << nth), &mut set)?
            }
            WeekdayNumber::Last(weekday) => parse_item(kind, weekday, field_count, Some(1), &mut set)?,
        }
    }
    Some(set)
}

/// An item of the weekday field, without the part that says which of them in the month is meant.
enum WeekdayNumber<'text> {
    None,
    /// `2#3`, `mon-fri#1`.
    Nth(&'text str, u8),
    /// `l5`.
    Last(&'text str),
}

/// `None` when the number of the weekday is not one of 1 to 5.
fn split_weekday_number(kind: FieldKind, item: &str) -> Option<WeekdayNumber<'_>> {
    if kind != FieldKind::Weekday {
        return Some(WeekdayNumber::None);
    }
    if let Some(weekday) = item.strip_prefix('l').filter(|rest| is_number(rest)) {
        return Some(WeekdayNumber::Last(weekday));
    }
    let Some((weekdays, number)) = item.split_once('#').filter(|(_, number)| is_number(number)) else {
        return Some(WeekdayNumber::None);
    };
    // A range needs names here: `mon-fri#1`, but not `1-5#1`.
    let is_range_of_names = weekdays
        .split_once('-')
        .is_some_and(|(low, high)| kind.named(low).is_some() && kind.named(high).is_some());
    if !is_range_of_names && weekdays.contains('-') {
        return None;
    }
    let nth: u8 = number.parse().ok()?;
    (1..=5).contains(&nth).then_some(WeekdayNumber::Nth(weekdays, nth))
}

/// Adds what one item between commas stands for.
fn parse_item(
    kind: FieldKind,
    item: &str,
    field_count: usize,
    ordinal: Option<u8>,
    set: &mut FieldSet,
) -> Option<()> {
    if let Some((low, high, step)) = split_range(kind, item) {
        let low = kind.unaliased(bound(kind, low)?, field_count);
        let high = kind.unaliased(
            bound(kind, if kind == FieldKind::Day && high == "l" { "31" } else { high })?,
            field_count,
        );
        if low.max(high) > kind.largest() {
            return None;
        }
        for number in expand_range(kind, low, high, step)? {
            add_number(kind, number, field_count, ordinal, set)?;
        }
        return Some(());
    }
    match item {
        "*" => set.has_star = true,
        "l" if kind == FieldKind::Day => set.has_last = true,
        _ => add_number(kind, bound(kind, item)?, field_count, ordinal, set)?,
    }
    Some(())
}

/// `2-10`, `2-10/3`, `*/3` and `2/3` as low, high and step; `None` when the item is none of them.
fn split_range(kind: FieldKind, item: &str) -> Option<(&str, &str, &str)> {
    let (range, step) = match item.rsplit_once('/') {
        Some((range, step)) if is_number(step) => (range, Some(step)),
        Some(_) => return None,
        None => (item, None),
    };
    if range == "*" {
        return step.map(|step| (smallest_text(kind), largest_text(kind), step));
    }
    match (range.split_once('-'), step) {
        (Some((low, high)), step) => {
            let is_range = !low.is_empty() && !high.is_empty() && !high.contains(['-', '/']);
            is_range.then_some((low, high, step.unwrap_or("1")))
        }
        (None, Some(step)) => (!range.is_empty()).then_some((range, largest_text(kind), step)),
        (None, None) => None,
    }
}

const fn smallest_text(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Day | FieldKind::Month => "1",
        FieldKind::Year => "1970",
        FieldKind::Minute | FieldKind::Hour | FieldKind::Weekday | FieldKind::Second => "0",
    }
}

const fn largest_text(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Minute | FieldKind::Second => "59",
        FieldKind::Hour => "23",
        FieldKind::Day => "31",
        FieldKind::Month => "12",
        FieldKind::Weekday => "6",
        FieldKind::Year => "2099",
    }
}

fn bound(kind: FieldKind, text: &str) -> Option<u32> {
    if is_number(text) { text.parse().ok() } else { kind.named(text) }
}

/// The numbers of a range. One that ends before it begins wraps around; one that ends where it begins is the field.
fn expand_range(kind: FieldKind, low: u32, high: u32, step: &str) -> Option<Vec<u32>> {
    // A step too long for a number is longer than any field.
    let step = step.parse::<u32>().unwrap_or(u32::MAX);
    if step == 0 {
        return None;
    }
    let (smallest, largest) = (kind.smallest(), kind.largest());
    let stepped = |from: u32, to: u32| (from..=to).step_by(step as usize);
    if low == high {
        return Some(stepped(smallest, largest).collect());
    }
    if low < high {
        return Some(stepped(low, high).collect());
    }
    let mut numbers: Vec<u32> = stepped(low, largest).collect();
    let last = numbers.last().copied()?;
    // The step goes on over the end of the field: as many numbers are skipped at its beginning as are missing.
    let left_over = largest - last;
    let does_step_over = u64::from(last - smallest) + u64::from(step) > u64::from(largest - smallest + 1);
    let skipped = if does_step_over && left_over < step { step - left_over } else { 0 };
    numbers.extend(stepped(smallest.saturating_add(skipped), high));
    Some(numbers)
}

fn add_number(
    kind: FieldKind,
    number: u32,
    field_count: usize,
    ordinal: Option<u8>,
    set: &mut FieldSet,
) -> Option<()> {
    let number = kind.unaliased(number, field_count);
    if number < kind.smallest() || number > kind.largest() {
        return None;
    }
    set.numbers.insert(number);
    if let Some(ordinal) = ordinal {
        set.numbered_weekdays[number as usize] |= ordinal;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::CronExpression;
    use crate::error::ScheduleError;

    fn minutes(field: &str) -> Vec<u32> {
        let expression = CronExpression::parse(&format!("{field} 0 * * *"), true).expect(field);
        (0..60).filter(|minute| expression.minutes >> minute & 1 == 1).collect()
    }

    #[test]
    fn expands_ranges_as_croniter_does() {
        assert_eq!(minutes("5"), [5]);
        assert_eq!(minutes("5,7,5"), [5, 7]);
        assert_eq!(minutes("5-8"), [5, 6, 7, 8]);
        assert_eq!(minutes("*/20"), [0, 20, 40]);
        assert_eq!(minutes("10/20"), [10, 30, 50]);
        assert_eq!(minutes("5-50/20"), [5, 25, 45]);
        assert_eq!(minutes("50-10/5"), [0, 5, 10, 50, 55]);
        assert_eq!(minutes("50-10/7"), [5, 50, 57]);
        assert_eq!(minutes("7-7").len(), 60);
        assert_eq!(minutes("59/20"), [0, 20, 40]);
    }

    #[test]
    fn accepts_the_dialect() {
        for text in [
            "* * * * *",
            "@daily",
            "@Hourly",
            "  0 0 * * *  ",
            "0 0 L * *",
            "0 0 15-l * *",
            "0 0 ? * MON",
            "0 0 * * ?",
            "0 0 * JAN-mar sun",
            "0 0 * nov-feb *",
            "0 0 * * 7",
            "0 0 * * 5-7",
            "0 0 * * sat-mon",
            "0 0 * * 2#3",
            "0 0 * * mon-fri#1",
            "0 0 * * 2#3,4#1",
            "0 0 * * l5,1#1",
            "* * * * * */15",
            "0 0 0 * * 0",
            "0 0 * * * 0 2024-2030/2",
            "*/0001 * * * *",
        ] {
            assert!(CronExpression::parse(text, true).is_ok(), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "* * * *",
            "* * * * * * * *",
            "@reboot",
            " @daily",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 0-5 * *",
            "* * 32 * *",
            "* * * 0 *",
            "* * * 13 *",
            "* * * * 8",
            "* * * * * 60",
            "* * * * 7 0",
            "* * * * * 0 1969",
            "* * * * * 0 2100",
            "-5 * * * *",
            "5- * * * *",
            "1-2-3 * * * *",
            "*/0 * * * *",
            "*/ * * * *",
            "*/a * * * *",
            "1,,2 * * * *",
            "jan * * * *",
            "* * * mon *",
            "* * l-5 * *",
            "* * * * l",
            "* * * * 1-5#2",
            "* * * * 2#0",
            "* * * * 2#6",
            "* * * * 1,2#3",
            "? * * * *",
            "* * 5? * *",
            "H * * * *",
            "h/5 * * * *",
            "٥ * * * *",
        ] {
            let error = CronExpression::parse(text, true).expect_err(text);
            assert_eq!(error, ScheduleError::InvalidCron(text.to_owned()), "{text}");
        }
        for text in ["R * * * *", "0 r(1-5) * * *", "0 0 * * r/3"] {
            let error = CronExpression::parse(text, true).expect_err(text);
            assert_eq!(error, ScheduleError::RandomCron(text.to_owned()), "{text}");
        }
    }
}

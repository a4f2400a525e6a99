//! From the text of a recurrence rule, or of a set of them, to its parts.

use super::date_text::{self, DateText};
use super::rule::{Frequency, Rule, RuleParts};
use crate::calendar::{Wall, days_from_civil};

/// Where a rule begins that does not say so: 2020-01-01 00:00.
pub(super) const DEFAULT_BEGIN: Wall = Wall::from_parts(days_from_civil(2020, 1, 1), 0);

/// Rules and dates that are in, and rules and dates that are out.
#[derive(Debug, Clone)]
pub(super) struct Recurrence {
    pub(super) rules: Vec<Rule>,
    pub(super) dates: Vec<Wall>,
    pub(super) excluded_rules: Vec<Rule>,
    pub(super) excluded_dates: Vec<Wall>,
    /// Whether the text is more than one rule.
    pub(super) is_set: bool,
    /// Whether an `UNTIL` has `Z` or an offset.
    pub(super) has_until_with_offset: bool,
}

/// Reads the text; the error says what is wrong with it, in the words of dateutil where it has any.
pub(super) fn parse(text: &str) -> Result<Recurrence, String> {
    let uppercase = text.to_uppercase();
    let lines: Vec<&str> = uppercase.split_whitespace().collect();
    if lines.is_empty() {
        return Err("empty string".to_owned());
    }
    let properties = Properties::read(&lines)?;
    let begin = properties.begin;
    let rule = |value: &&str| -> Result<(Rule, bool), String> {
        let parts = parse_rule(value)?;
        let until_has_offset = parts.until.map(|until| until.has_offset);
        if let (Some(begin), Some(until_has_offset)) = (begin, until_has_offset)
            && begin.has_offset != until_has_offset
        {
            return Err(
                "RRULE UNTIL values must be specified in UTC when DTSTART is timezone-aware".to_owned()
            );
        }
        let begin = begin.map_or(DEFAULT_BEGIN, |begin| begin.wall);
        Ok((Rule::new(parts, begin)?, until_has_offset == Some(true)))
    };
    let rules: Vec<(Rule, bool)> = properties.rules.iter().map(rule).collect::<Result<_, _>>()?;
    let excluded_rules: Vec<(Rule, bool)> =
        properties.excluded_rules.iter().map(rule).collect::<Result<_, _>>()?;
    let has_other_parts =
        !(properties.dates.is_empty() && excluded_rules.is_empty() && properties.excluded_dates.is_empty());
    if rules.is_empty() && !has_other_parts {
        return Err("no RRULE and no RDATE: add one of them".to_owned());
    }
    Ok(Recurrence {
        is_set: rules.len() > 1 || has_other_parts,
        has_until_with_offset: rules.iter().chain(&excluded_rules).any(|(_, has_offset)| *has_offset),
        rules: rules.into_iter().map(|(rule, _)| rule).collect(),
        excluded_rules: excluded_rules.into_iter().map(|(rule, _)| rule).collect(),
        dates: properties.dates,
        excluded_dates: properties.excluded_dates,
    })
}

/// The lines, sorted by what they are.
#[derive(Default)]
struct Properties<'text> {
    begin: Option<DateText>,
    rules: Vec<&'text str>,
    dates: Vec<Wall>,
    excluded_rules: Vec<&'text str>,
    excluded_dates: Vec<Wall>,
}

impl<'text> Properties<'text> {
    fn read(lines: &[&'text str]) -> Result<Self, String> {
        let mut properties = Self::default();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap_or(("RRULE", line));
            let (name, parameters) =
                name.split_once(';').map_or((name, None), |(name, rest)| (name, Some(rest)));
            let parameters: Vec<&str> = parameters.map(|rest| rest.split(';').collect()).unwrap_or_default();
            match name {
                "RRULE" | "EXRULE" => {
                    if let Some(parameter) = parameters.first() {
                        return Err(format!("unsupported {name} parm: {parameter}"));
                    }
                    let list =
                        if name == "RRULE" { &mut properties.rules } else { &mut properties.excluded_rules };
                    list.push(value);
                }
                "RDATE" => {
                    if let Some(parameter) =
                        parameters.iter().find(|parameter| **parameter != "VALUE=DATE-TIME")
                    {
                        return Err(format!("unsupported RDATE parm: {parameter}"));
                    }
                    properties.dates.extend(parse_dates(value, &[])?.iter().map(|date| date.wall));
                }
                "EXDATE" => {
                    properties
                        .excluded_dates
                        .extend(parse_dates(value, &parameters)?.iter().map(|date| date.wall));
                }
                "DTSTART" => {
                    let dates = parse_dates(value, &parameters)?;
                    let [begin] = dates.as_slice() else {
                        return Err(format!("Multiple DTSTART values specified:{value}"));
                    };
                    properties.begin = Some(*begin);
                }
                other => return Err(format!("unsupported property: {other}")),
            }
        }
        Ok(properties)
    }
}

fn parse_dates(value: &str, parameters: &[&str]) -> Result<Vec<DateText>, String> {
    let has_zone = parameters.iter().any(|parameter| parameter.starts_with("TZID="));
    let mut others = parameters.iter().filter(|parameter| !parameter.starts_with("TZID="));
    if let Some(parameter) =
        others.clone().find(|parameter| !matches!(**parameter, "VALUE=DATE-TIME" | "VALUE=DATE"))
    {
        return Err(format!("unsupported parm: {parameter}"));
    }
    if let Some(parameter) = others.nth(1) {
        return Err(format!("Duplicate value parameter found in: {parameter}"));
    }
    value
        .split(',')
        .map(|text| {
            let date = date_text::parse(text)
                .ok_or_else(|| format!("'{text}' is not a date: write it as 20240131T093000"))?;
            if has_zone && date.has_offset {
                return Err("DTSTART/EXDATE specifies multiple timezone".to_owned());
            }
            Ok(DateText { has_offset: date.has_offset || has_zone, ..date })
        })
        .collect()
}

fn parse_rule(value: &str) -> Result<RuleParts, String> {
    // `RRULE:` may stand in front of what an `RRULE` or `EXRULE` line already introduced.
    let value = match value.split_once(':') {
        Some(("RRULE", rest)) => rest,
        Some(_) => return Err("unknown parameter name".to_owned()),
        None => value,
    };
    let mut parts = RuleParts::default();
    for pair in value.split(';') {
        let Some((name, value)) = pair.split_once('=').filter(|(_, value)| !value.contains('=')) else {
            return Err(format!("'{pair}' is not a part of a rule: write it as NAME=value"));
        };
        if name == "UNTIL" {
            parts.until = Some(date_text::parse(value).ok_or_else(|| format!("invalid 'UNTIL': {value}"))?);
            continue;
        }
        match parse_part(&mut parts, name, value) {
            Some(true) => {}
            Some(false) => return Err(format!("unknown parameter '{name}'")),
            None => return Err(format!("invalid '{name}': {value}")),
        }
    }
    Ok(parts)
}

/// Whether the part is known; `None` when its value is no good.
fn parse_part(parts: &mut RuleParts, name: &str, value: &str) -> Option<bool> {
    match name {
        "FREQ" => parts.frequency = Some(frequency(value)?),
        "INTERVAL" => parts.interval = Some(integer(value)?),
        "COUNT" => parts.count = Some(integer(value)?),
        "WKST" => parts.week_start = Some(weekday(value)?),
        "BYDAY" | "BYWEEKDAY" => {
            parts.weekdays = value.split(',').map(numbered_weekday).collect::<Option<_>>()?
        }
        "BYSETPOS" => parts.positions = integers(value)?,
        "BYMONTH" => parts.months = integers(value)?,
        "BYMONTHDAY" => parts.month_days = integers(value)?,
        "BYYEARDAY" => parts.year_days = integers(value)?,
        "BYEASTER" => parts.easter_offsets = integers(value)?,
        "BYWEEKNO" => parts.week_numbers = integers(value)?,
        "BYHOUR" => parts.hours = integers(value)?,
        "BYMINUTE" => parts.minutes = integers(value)?,
        "BYSECOND" => parts.seconds = integers(value)?,
        _ => return Some(false),
    }
    Some(true)
}

fn frequency(value: &str) -> Option<Frequency> {
    Some(match value {
        "YEARLY" => Frequency::Yearly,
        "MONTHLY" => Frequency::Monthly,
        "WEEKLY" => Frequency::Weekly,
        "DAILY" => Frequency::Daily,
        "HOURLY" => Frequency::Hourly,
        "MINUTELY" => Frequency::Minutely,
        "SECONDLY" => Frequency::Secondly,
        _ => return None,
    })
}

fn weekday(value: &str) -> Option<i64> {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
        .iter()
        .zip(0..)
        .find(|(name, _)| **name == value)
        .map(|(_, day)| day)
}

/// `MO`, `+1MO`, `MO(+1)`.
fn numbered_weekday(value: &str) -> Option<(i64, Option<i64>)> {
    let (name, number) = if let Some((name, in_parentheses)) = value.split_once('(') {
        (name, Some(in_parentheses.strip_suffix(')')?))
    } else {
        let name_begin = value.find(|character: char| !matches!(character, '+' | '-' | '0'..='9'))?;
        let (number, name) = value.split_at(name_begin);
        (name, (!number.is_empty()).then_some(number))
    };
    let number = match number {
        None => None,
        Some(number) => Some(integer(number).filter(|number| *number != 0)?),
    };
    Some((weekday(name)?, number))
}

/// Larger than any number that means something, small enough to be added up.
const LARGEST_NUMBER: i64 = 1_000_000_000;

fn integer(value: &str) -> Option<i64> {
    let number: i64 = value.parse().ok()?;
    Some(number.clamp(-LARGEST_NUMBER, LARGEST_NUMBER))
}

fn integers(value: &str) -> Option<Vec<i64>> {
    value.split(',').map(integer).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn accepts_rules_and_sets() {
        for text in [
            "FREQ=DAILY",
            "rrule:freq=daily;interval=2",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,+1TU,-1WE,FR(2);WKST=SU",
            "DTSTART:20240101T090000\nRRULE:FREQ=DAILY;UNTIL=20240201T000000",
            "DTSTART:20240101T090000Z RRULE:FREQ=DAILY;UNTIL=20240201T000000Z",
            "DTSTART;TZID=America/New_York:20240101T090000\nFREQ=DAILY",
            "RDATE:20240101T090000,20240102T090000",
            "FREQ=DAILY\nEXDATE;VALUE=DATE-TIME:20240101T090000",
            "FREQ=DAILY\nEXRULE:FREQ=WEEKLY",
            "FREQ=DAILY;UNTIL=20240201T000000Z",
            "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=40",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text).err());
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expected) in [
            (" ", "empty string"),
            ("FREQ=FOO", "invalid 'FREQ': FOO"),
            ("FREQ=DAILY;COLOR=RED", "unknown parameter 'COLOR'"),
            ("FREQ=DAILY;", "'' is not a part of a rule"),
            ("INTERVAL=2", "missing 'FREQ'"),
            ("FREQ=DAILY;INTERVAL=0", "interval must be positive"),
            ("FREQ=DAILY;BYDAY=", "invalid 'BYDAY': "),
            ("FREQ=DAILY;BYDAY=0MO", "invalid 'BYDAY': 0MO"),
            ("FREQ=DAILY;BYHOUR=24", "hour must be in 0..23"),
            ("FREQ=DAILY;BYSETPOS=0", "bysetpos must be between"),
            ("FREQ=DAILY;UNTIL=tomorrow", "invalid 'UNTIL': TOMORROW"),
            ("FREQ=HOURLY;INTERVAL=2;BYHOUR=1,3", "Invalid rrule byxxx generates an empty set."),
            ("DTSTART:20240101T090000\nFREQ=DAILY;UNTIL=20240201T000000Z", "RRULE UNTIL values must be"),
            ("DTSTART:20240101,20240102\nFREQ=DAILY", "Multiple DTSTART values"),
            ("DTSTART;TZID=UTC:20240101T000000Z\nFREQ=DAILY", "DTSTART/EXDATE specifies multiple timezone"),
            ("DTSTART:20240101T090000", "no RRULE and no RDATE"),
            ("SUMMARY:lunch", "unsupported property: SUMMARY"),
            ("RRULE;X=1:FREQ=DAILY", "unsupported RRULE parm: X=1"),
        ] {
            let reason = parse(text).expect_err(text);
            assert!(reason.starts_with(expected), "{text}: {reason}");
        }
    }
}

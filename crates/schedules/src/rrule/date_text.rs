//! Dates as they are written in a recurrence rule.

use crate::calendar::{Wall, days_from_civil, days_in_month};

/// A date of the text: digits of a wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateText {
    pub(super) wall: Wall,
    /// Whether `Z` or an offset was written behind it.
    pub(super) has_offset: bool,
}

/// Reads `20240131`, `20240131T093000`, `2024-01-31T09:30:00.5`, each possibly followed by `Z` or an offset.
///
/// dateutil guesses at much more ("JAN 31"); a rule that needs guessing is refused.
pub(super) fn parse(text: &str) -> Option<DateText> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    let has_dashes = take(&mut rest, '-');
    let month = u8::try_from(digits(&mut rest, 2)?).ok()?;
    if has_dashes != take(&mut rest, '-') {
        return None;
    }
    let day = u8::try_from(digits(&mut rest, 2)?).ok()?;
    let is_date = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    if !is_date {
        return None;
    }
    let mut second_of_day = 0;
    let has_time = take(&mut rest, 'T') || rest.starts_with(|first: char| first.is_ascii_digit());
    if has_time {
        second_of_day = time(&mut rest)?;
    }
    let has_offset = !rest.is_empty();
    if has_offset && !(has_time && is_offset(rest)) {
        return None;
    }
    Some(DateText { wall: Wall::from_parts(days_from_civil(year, month, day), second_of_day), has_offset })
}

/// `HHMM`, `HHMMSS`, `HH:MM`, `HH:MM:SS`, with a fraction of a second that is cut.
fn time(rest: &mut &str) -> Option<i64> {
    let hour = digits(rest, 2)?;
    let has_colons = take(rest, ':');
    let minute = digits(rest, 2)?;
    let has_seconds =
        if has_colons { take(rest, ':') } else { rest.starts_with(|first: char| first.is_ascii_digit()) };
    let mut second = 0;
    if has_seconds {
        second = digits(rest, 2)?;
        if take(rest, '.') {
            let fraction_length = rest.bytes().take_while(u8::is_ascii_digit).count();
            if fraction_length == 0 {
                return None;
            }
            *rest = &rest[fraction_length..];
        }
    }
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

/// `Z`, `UTC`, `+05`, `-0530`, `+05:30`.
fn is_offset(text: &str) -> bool {
    if matches!(text, "Z" | "UTC" | "GMT") {
        return true;
    }
    let Some(mut rest) = text.strip_prefix(['+', '-']) else { return false };
    let Some(hours) = digits(&mut rest, 2) else { return false };
    take(&mut rest, ':');
    hours < 24
        && (rest.is_empty() || digits(&mut rest, 2).is_some_and(|minutes| minutes < 60 && rest.is_empty()))
}

fn digits(rest: &mut &str, count: usize) -> Option<i64> {
    let (number, after) = rest.split_at_checked(count)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *rest = after;
    number.parse().ok()
}

fn take(rest: &mut &str, expected: char) -> bool {
    let after = rest.strip_prefix(expected);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::calendar::{Wall, days_from_civil};

    #[test]
    fn reads_the_forms_that_calendars_write() {
        let day = days_from_civil(2024, 1, 31);
        let cases = [
            ("20240131", 0, false),
            ("2024-01-31", 0, false),
            ("20240131T0930", 34_200, false),
            ("20240131T093015", 34_215, false),
            ("20240131T093015Z", 34_215, true),
            ("20240131093015", 34_215, false),
            ("2024-01-31T09:30", 34_200, false),
            ("2024-01-31T09:30:15.250+02:00", 34_215, true),
            ("20240131T093015-0500", 34_215, true),
        ];
        for (text, second_of_day, has_offset) in cases {
            let read = parse(text).expect(text);
            assert_eq!(
                (read.wall, read.has_offset),
                (Wall::from_parts(day, second_of_day), has_offset),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "2024",
            "20240230",
            "20241301",
            "00000101",
            "20240131T",
            "20240131T24",
            "20240131T2460",
            "20240131T093060",
            "20240131Z",
            "2024-0131",
            "JAN",
            "20240131T0930X",
            "20240131T09:30:1",
            "２０２４0131",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

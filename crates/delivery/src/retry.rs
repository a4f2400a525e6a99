//! Which failures are worth another try, and when it comes.

use std::time::{Duration, SystemTime};

/// How often a delivery is tried at most.
pub const MOST_ATTEMPTS: u32 = 8;
/// How long it waits after the first try; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// However long a service says to wait.
const LONGEST_ASKED_WAIT: Duration = Duration::from_secs(3_600);

/// Whether an answer with this status may be another one later.
pub fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// How long to wait after the try number `attempt`, counted from 1; none: it was the last. `asked` is the wait that the
/// service asked for; `dice`, from 0 to 1, spreads those that failed together.
pub fn wait_after(attempt: u32, asked: Option<Duration>, dice: f64) -> Option<Duration> {
    if attempt >= MOST_ATTEMPTS {
        return None;
    }
    let doublings = attempt.saturating_sub(1).min(16);
    let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    // Between the half of it and all of it.
    let spread = wait.mul_f64(0.5 + 0.5 * dice.clamp(0.0, 1.0));
    let asked = asked.unwrap_or_default().min(LONGEST_ASKED_WAIT);
    Some(spread.max(asked))
}

/// Reads the header `Retry-After`: seconds, or a date.
pub fn asked_wait(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // Some send fractions.
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{asked_wait, is_temporary, wait_after};

    #[test]
    fn waits_double_and_end() {
        let waits: Vec<_> =
            (1..=8).map(|attempt| wait_after(attempt, None, 1.0).map(|wait| wait.as_secs())).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128].map(Some).into_iter().chain([None]).collect::<Vec<_>>());
        assert_eq!(wait_after(1, None, 0.0), Some(Duration::from_secs(1)));
    }

    #[test]
    fn what_the_service_asks_for_is_honoured_within_bounds() {
        for (asked, expected) in [(60, 60), (10_000, 3_600), (0, 2)] {
            let wait = wait_after(1, Some(Duration::from_secs(asked)), 1.0);
            assert_eq!(wait, Some(Duration::from_secs(expected)));
        }
        assert_eq!(wait_after(8, Some(Duration::from_secs(1)), 1.0), None);
    }

    #[test]
    fn the_header_is_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 30);
        let cases = [
            ("5", Some(5.0)),
            (" 0.5 ", Some(0.5)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30.0)),
            ("Sun, 06 Nov 1988 08:49:37 GMT", Some(0.0)),
            ("-1", None),
            ("soon", None),
            ("NaN", None),
        ];
        for (header, expected) in cases {
            assert_eq!(asked_wait(header, now).map(|wait| wait.as_secs_f64()), expected, "{header}");
        }
    }

    #[test]
    fn some_statuses_are_temporary() {
        for (status, expected) in [
            (200, false),
            (302, false),
            (400, false),
            (404, false),
            (408, true),
            (429, true),
            (500, true),
            (503, true),
        ] {
            assert_eq!(is_temporary(status), expected, "{status}");
        }
    }
}

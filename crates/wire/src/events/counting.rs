//! Counts of events by what they are or by when they occurred.

use serde::{Deserialize, Serialize};

use crate::time::{TimeDelta, Timestamp};

/// Buckets of time are counted from here (a Monday), so that they do not move with the question.
const PIVOT: Timestamp = Timestamp::from_micros(1_711_929_600_000_000);
/// How many buckets an answer may have.
const MAX_BUCKETS: i64 = 1_000;

/// What to count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Countable {
    /// Days; the same as [`Countable::Time`] by one day.
    Day,
    /// Buckets of time.
    Time,
    /// Names of events.
    Event,
    /// Resources.
    Resource,
}

/// The unit of a bucket's length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words are the protocol's own")]
pub enum TimeUnit {
    Week,
    #[default]
    Day,
    Hour,
    Minute,
    Second,
}

impl TimeUnit {
    const fn seconds(self) -> i64 {
        match self {
            Self::Week => 7 * 86_400,
            Self::Day => 86_400,
            Self::Hour => 3_600,
            Self::Minute => 60,
            Self::Second => 1,
        }
    }

    /// The end of the unit that `time` is in.
    fn end(self, time: Timestamp) -> Timestamp {
        let unit = self.seconds() * 1_000_000;
        let into_unit = time.since(PIVOT).as_micros().rem_euclid(unit);
        Timestamp::from_micros(time.as_micros() - into_unit + unit - 1)
    }
}

/// How many events there are of something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventCount {
    /// What to filter by to get these events; for times the number of the bucket.
    pub value: String,
    /// For people.
    pub label: String,
    /// How many.
    pub count: i64,
    /// When the first occurred, or where the bucket begins.
    pub start_time: Timestamp,
    /// When the last occurred, or where the bucket ends.
    pub end_time: Timestamp,
}

/// Why events cannot be counted as asked; what the client is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidBuckets(String);

/// Evenly sized buckets of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets {
    /// Where the first one begins.
    pub start: Timestamp,
    /// How long each is.
    pub length: TimeDelta,
    /// How many there are.
    pub count: i64,
}

impl Buckets {
    /// The buckets of `interval` units that cover `since` to `until`, though not what is to come after `now`'s
    /// unit of time.
    pub fn covering(
        since: Timestamp,
        until: Timestamp,
        unit: TimeUnit,
        interval: f64,
        now: Timestamp,
    ) -> Result<Self, InvalidBuckets> {
        if interval.is_nan() || interval < 0.01 {
            return Err(InvalidBuckets("The minimum interval is 0.01".to_owned()));
        }
        #[expect(clippy::cast_precision_loss, reason = "a week has 604,800 seconds")]
        let length = TimeDelta::from_secs_f64(unit.seconds() as f64 * interval);
        let micros = length.as_micros();
        let number = until.since(since).as_micros().div_euclid(micros)
            + i64::from(until.since(since).as_micros().rem_euclid(micros) > 0);
        if number > MAX_BUCKETS {
            return Err(InvalidBuckets(format!(
                "The given interval would create {number} buckets, which is too many. Please increase the interval \
                 or reduce the time range to produce {MAX_BUCKETS} buckets or fewer."
            )));
        }
        let until = if until > now { unit.end(now) } else { until };
        let first = since.since(PIVOT).as_micros().div_euclid(micros);
        let start = PIVOT + TimeDelta::from_micros(first.saturating_mul(micros));
        let span = until.since(start).as_micros().max(0);
        let count = span.div_euclid(micros) + i64::from(span.rem_euclid(micros) > 0);
        Ok(Self { start, length, count })
    }

    /// An answer with every bucket, from the counts of those that are not empty by their number.
    pub fn fill(self, counts: &[(i64, i64)]) -> Vec<EventCount> {
        let mut filled: Vec<EventCount> = (0..self.count)
            .map(|number| {
                let start = self.start + TimeDelta::from_micros(number * self.length.as_micros());
                EventCount {
                    value: number.to_string(),
                    label: start.isoformat(),
                    count: 0,
                    start_time: start,
                    end_time: start + self.length - TimeDelta::from_micros(1),
                }
            })
            .collect();
        for (number, count) in counts {
            if let Some(bucket) = usize::try_from(*number).ok().and_then(|number| filled.get_mut(number)) {
                bucket.count += count;
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::{Buckets, TimeUnit};
    use crate::time::Timestamp;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn buckets_begin_at_whole_intervals_since_the_pivot() {
        let buckets = Buckets::covering(
            at("2024-04-09T10:30:00Z"),
            at("2024-04-11T00:00:00Z"),
            TimeUnit::Day,
            1.0,
            at("2026-01-01T00:00:00Z"),
        )
        .expect("valid");
        let filled = buckets.fill(&[(1, 7)]);
        let found: Vec<_> = filled
            .iter()
            .map(|count| (count.label.as_str(), count.end_time.to_string(), count.count))
            .collect();
        assert_eq!(
            found,
            [
                ("2024-04-09T00:00:00+00:00", "2024-04-09T23:59:59.999999Z".to_owned(), 0),
                ("2024-04-10T00:00:00+00:00", "2024-04-10T23:59:59.999999Z".to_owned(), 7),
            ]
        );
    }

    #[test]
    fn the_future_has_no_buckets() {
        let buckets = Buckets::covering(
            at("2026-11-22T00:00:00Z"),
            at("2026-11-25T00:00:00Z"),
            TimeUnit::Hour,
            1.0,
            at("2026-11-22T02:15:00Z"),
        );
        assert_eq!(buckets.expect("valid").count, 3);
    }

    #[test]
    fn refuses_too_many_and_too_small() {
        let (since, until) = (at("2026-11-01T00:00:00Z"), at("2026-11-02T00:00:00Z"));
        let error = Buckets::covering(since, until, TimeUnit::Second, 1.0, until).expect_err("too many");
        assert!(
            error
                .to_string()
                .starts_with("The given interval would create 86400 buckets, which is too many.")
        );
        let error = Buckets::covering(since, until, TimeUnit::Day, 0.001, until).expect_err("too small");
        assert_eq!(error.to_string(), "The minimum interval is 0.01");
    }
}

//! The arithmetic of concurrency limits: taking slots, giving them back, decay, and how long to wait
//! (wire-protocol 7.11). Shared by the rules and by the routes under `/v2/concurrency_limits`.
//!
//! Every change of a limit's row moves `updated`, the moment from which decay counts.

use sluice_wire::ids::ConcurrencyLimitId;
use sluice_wire::time::Timestamp;

use crate::poisson::{self, DEFAULT_CLAMPING_FACTOR};

/// Averages are taken over this many times the limit's slots.
const SAMPLES_PER_SLOT: f64 = 2.0;

/// An average below this would make waits and decay meaningless.
const SHORTEST_OCCUPANCY_SECONDS: f64 = 0.1;

/// A row of `concurrency_limit_v2`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConcurrencyLimit {
    /// Its id.
    pub id: ConcurrencyLimitId,
    /// Its name; `tag:<tag>` limits task runs by tag.
    pub name: String,
    /// Inactive limits limit nothing.
    pub active: bool,
    /// How many slots there are.
    pub limit: i64,
    /// Slots that come back by themselves; zero for a limit whose holders give them back.
    pub slot_decay_per_second: f64,
    /// What changes with use.
    pub counters: SlotCounters,
}

/// The columns of a limit that change when it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotCounters {
    /// Slots taken, as of `updated`.
    pub active_slots: i64,
    /// Slots asked for in vain, as of `updated`.
    pub denied_slots: i64,
    /// How long a slot is held on average; 2 seconds for a new limit.
    pub avg_slot_occupancy_seconds: f64,
    /// When the row last changed.
    pub updated: Timestamp,
}

/// How long clients wait at a full limit, at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotSettings {
    /// For limits on tags (`server.tasks.tag_concurrency_slot_wait_seconds`).
    pub tag_wait_seconds: f64,
    /// For every other limit (`server.concurrency.maximum_concurrency_slot_wait_seconds`).
    pub maximum_wait_seconds: f64,
}

impl Default for SlotSettings {
    fn default() -> Self {
        Self { tag_wait_seconds: 10.0, maximum_wait_seconds: 30.0 }
    }
}

impl SlotSettings {
    fn longest_wait(&self, limit: &ConcurrencyLimit) -> f64 {
        if limit.name.starts_with("tag:") { self.tag_wait_seconds } else { self.maximum_wait_seconds }
    }
}

/// Slots taken now, after decay: what the routes show.
pub fn active_slots(limit: &ConcurrencyLimit, now: Timestamp) -> i64 {
    decayed(limit.counters.active_slots, limit.slot_decay_per_second, limit.counters.updated, now)
}

/// Slots asked for in vain, after decay: at the limit's own rate when it has one, else as fast as slots come free.
pub fn denied_slots(limit: &ConcurrencyLimit, now: Timestamp, settings: &SlotSettings) -> i64 {
    let rate = if limit.slot_decay_per_second > 0.0 {
        limit.slot_decay_per_second
    } else {
        let occupancy = limit
            .counters
            .avg_slot_occupancy_seconds
            .min(settings.longest_wait(limit))
            .max(SHORTEST_OCCUPANCY_SECONDS);
        1.0 / occupancy
    };
    decayed(limit.counters.denied_slots, rate, limit.counters.updated, now)
}

/// Takes `slots` from every one of `limits`, all active, or from none: the counters to write, in the same order, or
/// `None` when one of them has too few (or is inactive).
pub fn acquire(
    limits: &[&ConcurrencyLimit],
    slots: i64,
    now: Timestamp,
    settings: &SlotSettings,
) -> Option<Vec<SlotCounters>> {
    limits
        .iter()
        .map(|limit| {
            let active_slots = active_slots(limit, now).saturating_add(slots);
            (limit.active && active_slots <= limit.limit).then_some(SlotCounters {
                active_slots,
                denied_slots: denied_slots(limit, now, settings),
                avg_slot_occupancy_seconds: limit.counters.avg_slot_occupancy_seconds,
                updated: now,
            })
        })
        .collect()
}

/// Gives `slots` back; never below zero. `occupancy_seconds` is how long they were held together, when that is
/// known. `None` when the limit is inactive: its row does not change.
pub fn release(
    limit: &ConcurrencyLimit,
    slots: i64,
    occupancy_seconds: Option<f64>,
    now: Timestamp,
    settings: &SlotSettings,
) -> Option<SlotCounters> {
    if !limit.active {
        return None;
    }
    let average = limit.counters.avg_slot_occupancy_seconds;
    let avg_slot_occupancy_seconds = match occupancy_seconds {
        Some(seconds) if seconds != 0.0 && slots != 0 && limit.limit != 0 => {
            let per_slot = (seconds / float(slots)).max(SHORTEST_OCCUPANCY_SECONDS);
            let samples = float(limit.limit) * SAMPLES_PER_SLOT;
            average + per_slot / samples - average / samples
        }
        _ => average,
    };
    Some(SlotCounters {
        active_slots: active_slots(limit, now).saturating_sub(slots).max(0),
        denied_slots: denied_slots(limit, now, settings),
        avg_slot_occupancy_seconds,
        updated: now,
    })
}

/// Notes that `slots` were asked for in vain. `None` when the limit is inactive: its row does not change.
pub fn deny(
    limit: &ConcurrencyLimit,
    slots: i64,
    now: Timestamp,
    settings: &SlotSettings,
) -> Option<SlotCounters> {
    limit.active.then(|| SlotCounters {
        denied_slots: denied_slots(limit, now, settings).saturating_add(slots),
        updated: now,
        ..limit.counters
    })
}

/// Seconds for the `Retry-After` of a 423, from the limits as they were before [`deny`]; `uniform` is a random
/// number in `[0, 1)`. Zero when no limit is active.
pub fn retry_after(limits: &[&ConcurrencyLimit], slots: i64, settings: &SlotSettings, uniform: f64) -> f64 {
    let blocking_slots = |limit: &ConcurrencyLimit| {
        let waiting = float(slots.saturating_add(limit.counters.denied_slots));
        if limit.slot_decay_per_second > 0.0 { waiting } else { waiting / float(limit.limit.max(1)) }
    };
    let active = limits.iter().copied().filter(|limit| limit.active);
    let Some(blocking) = first_maximum(active, blocking_slots) else { return 0.0 };
    let average = if blocking.slot_decay_per_second > 0.0 {
        blocking_slots(blocking) / blocking.slot_decay_per_second
    } else {
        let longest = settings.longest_wait(blocking);
        let per_slot = blocking.counters.avg_slot_occupancy_seconds.min(longest);
        (per_slot * blocking_slots(blocking)).min(longest)
    };
    poisson::clamped_interval(average, DEFAULT_CLAMPING_FACTOR, uniform)
}

/// Seconds after which a task run should ask again for slots of its tags, rounded as the reference rounds.
#[expect(clippy::cast_possible_truncation, reason = "rounded, and bounded by a setting of seconds")]
pub(crate) fn tag_wait_seconds(limits: &[&ConcurrencyLimit], settings: &SlotSettings, uniform: f64) -> i64 {
    let longest = settings.tag_wait_seconds;
    let load = |limit: &ConcurrencyLimit| float(limit.counters.active_slots) / float(limit.limit.max(1));
    let occupancy = first_maximum(limits.iter().copied(), load)
        .map_or(0.0, |limit| limit.counters.avg_slot_occupancy_seconds);
    let average = if occupancy == 0.0 { longest } else { occupancy.min(longest) };
    poisson::clamped_interval(average, DEFAULT_CLAMPING_FACTOR, uniform).round_ties_even() as i64
}

/// The request for slots cannot be served by these limits at all: a 422 with this text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnservableRequest {
    /// More slots than a limit has.
    #[error("Slots requested is greater than the limit")]
    MoreThanTheLimit,
    /// `rate_limit` mode on limits whose slots do not come back by themselves.
    #[error(
        "Only concurrency limits with slot decay can be used for rate limiting. The following limits do not have \
         a decay configured: '{0}'"
    )]
    NoDecay(String),
}

/// Checks a request for `slots` of the active ones of `limits`; `rate_limit` is the request's mode.
pub fn check_request(
    limits: &[&ConcurrencyLimit],
    slots: i64,
    rate_limit: bool,
) -> Result<(), UnservableRequest> {
    let active = || limits.iter().filter(|limit| limit.active);
    if active().any(|limit| limit.limit < slots) {
        return Err(UnservableRequest::MoreThanTheLimit);
    }
    let without_decay: Vec<&str> = active()
        .filter(|limit| limit.slot_decay_per_second == 0.0)
        .map(|limit| limit.name.as_str())
        .collect();
    if rate_limit && !without_decay.is_empty() {
        return Err(UnservableRequest::NoDecay(without_decay.join(",")));
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "floored, and a float cast to an integer saturates")]
fn decayed(slots: i64, per_second: f64, since: Timestamp, now: Timestamp) -> i64 {
    let elapsed = now.since(since).as_secs_f64().max(0.0);
    let gone = (per_second * elapsed).floor() as i64;
    slots.saturating_sub(gone).max(0)
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 slots")]
fn float(number: i64) -> f64 {
    number as f64
}

/// The first of the items with the largest value, as Python's `max` finds it.
fn first_maximum<'a>(
    limits: impl Iterator<Item = &'a ConcurrencyLimit>,
    value: impl Fn(&ConcurrencyLimit) -> f64,
) -> Option<&'a ConcurrencyLimit> {
    limits.reduce(|best, limit| if value(limit) > value(best) { limit } else { best })
}

#[cfg(test)]
mod tests {
    use sluice_wire::time::TimeDelta;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_336_300_000_000);
    const SETTINGS: SlotSettings = SlotSettings { tag_wait_seconds: 10.0, maximum_wait_seconds: 30.0 };

    fn limit(limit: i64, active_slots: i64) -> ConcurrencyLimit {
        ConcurrencyLimit {
            id: ConcurrencyLimitId::random(),
            name: "database".to_owned(),
            active: true,
            limit,
            slot_decay_per_second: 0.0,
            counters: SlotCounters {
                active_slots,
                denied_slots: 0,
                avg_slot_occupancy_seconds: 2.0,
                updated: NOW,
            },
        }
    }

    fn seconds_ago(seconds: f64) -> Timestamp {
        NOW - TimeDelta::from_secs_f64(seconds)
    }

    #[test]
    fn slots_decay_in_whole_slots_since_the_last_change() {
        for (active, rate, age, expected) in
            [(5, 0.0, 100.0, 5), (5, 1.0, 2.9, 3), (5, 0.5, 1.9, 5), (5, 10.0, 60.0, 0), (5, 1.0, -10.0, 5)]
        {
            let mut limit = limit(10, active);
            limit.slot_decay_per_second = rate;
            limit.counters.updated = seconds_ago(age);
            assert_eq!(active_slots(&limit, NOW), expected, "{rate}/s after {age} s");
        }
    }

    #[test]
    fn denied_slots_decay_as_fast_as_slots_come_free() {
        // (name, decay, average occupancy, seconds ago, denied before, denied now)
        for (name, decay, occupancy, age, before, now) in [
            ("database", 0.0, 2.0, 5.0, 4, 2),
            ("database", 0.0, 600.0, 60.0, 4, 2),
            ("tag:database", 0.0, 600.0, 20.0, 4, 2),
            ("database", 0.0, 0.0, 0.1, 4, 3),
            ("database", 1.0, 600.0, 3.0, 4, 1),
        ] {
            let mut limit = limit(1, 1);
            limit.name = name.to_owned();
            limit.slot_decay_per_second = decay;
            limit.counters.avg_slot_occupancy_seconds = occupancy;
            limit.counters.denied_slots = before;
            limit.counters.updated = seconds_ago(age);
            assert_eq!(denied_slots(&limit, NOW, &SETTINGS), now, "{name} {decay} {occupancy} {age}");
        }
    }

    #[test]
    fn slots_are_taken_from_all_limits_or_from_none() {
        let (free, full) = (limit(2, 1), limit(1, 1));
        let taken = acquire(&[&free], 1, NOW, &SETTINGS).expect("one is free");
        assert_eq!(taken[0].active_slots, 2);
        assert_eq!(taken[0].updated, NOW);
        assert_eq!(acquire(&[&free, &full], 1, NOW, &SETTINGS), None);
        assert_eq!(acquire(&[&free], 2, NOW, &SETTINGS), None);
        let inactive = ConcurrencyLimit { active: false, ..limit(5, 0) };
        assert_eq!(acquire(&[&inactive], 1, NOW, &SETTINGS), None);
        assert_eq!(acquire(&[], 1, NOW, &SETTINGS), Some(Vec::new()));
    }

    #[test]
    fn giving_back_stops_at_zero_and_feeds_the_average() {
        let counters = release(&limit(2, 1), 5, None, NOW, &SETTINGS).expect("active");
        assert_eq!(counters.active_slots, 0);
        assert!((counters.avg_slot_occupancy_seconds - 2.0).abs() < 1e-9);
        // limit 2: four samples; 10 s for one slot: 2 + 10/4 - 2/4
        let counters = release(&limit(2, 1), 1, Some(10.0), NOW, &SETTINGS).expect("active");
        assert!((counters.avg_slot_occupancy_seconds - 4.0).abs() < 1e-9);
        // never below a tenth of a second a slot: 2 + 0.1/4 - 2/4
        let counters = release(&limit(2, 1), 1, Some(0.001), NOW, &SETTINGS).expect("active");
        assert!((counters.avg_slot_occupancy_seconds - 1.525).abs() < 1e-9);
        let inactive = ConcurrencyLimit { active: false, ..limit(2, 1) };
        assert_eq!(release(&inactive, 1, None, NOW, &SETTINGS), None);
    }

    #[test]
    fn a_refused_request_is_counted_without_touching_the_active_slots() {
        let counters = deny(&limit(1, 1), 3, NOW, &SETTINGS).expect("active");
        assert_eq!((counters.active_slots, counters.denied_slots, counters.updated), (1, 3, NOW));
    }

    #[test]
    fn the_wait_follows_the_limit_that_blocks_most() {
        // (name, limit, decay, average occupancy, denied, slots, average wait)
        for (name, size, decay, occupancy, denied, slots, average) in [
            ("database", 1, 0.0, 2.0, 0, 1, 2.0),
            ("database", 2, 0.0, 2.0, 3, 1, 4.0),
            ("database", 1, 0.0, 600.0, 9, 1, 30.0),
            ("tag:database", 1, 0.0, 600.0, 9, 1, 10.0),
            ("database", 1, 0.5, 600.0, 1, 1, 4.0),
        ] {
            let mut limit = limit(size, size);
            limit.name = name.to_owned();
            limit.slot_decay_per_second = decay;
            limit.counters.avg_slot_occupancy_seconds = occupancy;
            limit.counters.denied_slots = denied;
            let wait = retry_after(&[&limit], slots, &SETTINGS, 0.5);
            let expected = poisson::clamped_interval(average, DEFAULT_CLAMPING_FACTOR, 0.5);
            assert!((wait - expected).abs() < 1e-9, "{name}: {wait} instead of {expected}");
        }
        assert!(retry_after(&[], 1, &SETTINGS, 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn requests_that_can_never_be_served_are_named() {
        let plain = limit(2, 0);
        let decaying = ConcurrencyLimit { slot_decay_per_second: 1.0, ..limit(2, 0) };
        let inactive = ConcurrencyLimit { active: false, ..limit(0, 0) };
        assert_eq!(check_request(&[&plain, &inactive], 2, false), Ok(()));
        assert_eq!(check_request(&[&plain], 3, false), Err(UnservableRequest::MoreThanTheLimit));
        assert_eq!(check_request(&[&decaying], 1, true), Ok(()));
        let problem = check_request(&[&decaying, &plain], 1, true).expect_err("one has no decay");
        assert_eq!(
            problem.to_string(),
            "Only concurrency limits with slot decay can be used for rate limiting. The following limits do not \
             have a decay configured: 'database'"
        );
    }
}

//! Event triggers count events in one window of time at a time.
//!
//! A reactive trigger fires as soon as the count is reached, then waits for the end of the window. A proactive
//! trigger fires at the end of a window in which the count was not reached.

use sluice_wire::automations::{Bucket, EventTrigger, Posture};
use sluice_wire::events::ReceivedEvent;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::LOOKBACK;

/// What became of a window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// The window from now on; none: there is none until an event opens one.
    pub bucket: Option<Bucket>,
    /// How often it fired, each time with the last event.
    pub firings: Vec<Option<ReceivedEvent>>,
}

/// An event that the trigger covers. None: it changes nothing.
pub fn on_event(trigger: &EventTrigger, bucket: Option<Bucket>, event: &ReceivedEvent) -> Option<Evaluation> {
    let expects = trigger.expects(&event.event);
    let bucket = match bucket {
        Some(mut bucket) => {
            let notes_event = (!trigger.after.is_empty() && trigger.starts_after(&event.event))
                || (trigger.after.is_empty() && expects);
            if notes_event {
                bucket.last_event = Some(event.clone());
            }
            Some(bucket)
        }
        None if !trigger.after.is_empty() && trigger.starts_after(&event.event) => Some(Bucket {
            start: event.occurred,
            end: event.occurred + trigger.within,
            // The event that opens the window is not the one that is waited for.
            count: if expects { -1 } else { 0 },
            last_event: Some(event.clone()),
        }),
        None if trigger.after.is_empty() && expects => Some(Bucket {
            // Other events that are under way now may be older than this one.
            start: event.occurred - LOOKBACK,
            end: event.occurred + trigger.within,
            count: 0,
            last_event: Some(event.clone()),
        }),
        None => None,
    };
    if !expects {
        return bucket.map(|bucket| Evaluation { bucket: Some(bucket), firings: Vec::new() });
    }
    bucket.map(|bucket| evaluate(trigger, bucket, event.occurred, Some(event)))
}

/// A window as of a time, without an event: for proactive triggers.
pub fn at_time(trigger: &EventTrigger, bucket: Bucket, as_of: Timestamp) -> Evaluation {
    evaluate(trigger, bucket, as_of, None)
}

/// The first window of a proactive trigger that nothing has to open.
pub fn first_bucket(trigger: &EventTrigger, as_of: Timestamp) -> Bucket {
    Bucket { start: as_of, end: as_of + trigger.within, count: 0, last_event: None }
}

fn evaluate(
    trigger: &EventTrigger,
    mut bucket: Bucket,
    now: Timestamp,
    event: Option<&ReceivedEvent>,
) -> Evaluation {
    if now < bucket.start {
        // Too late: the window that it belonged to is over, or has fired already.
        return Evaluation { bucket: Some(bucket), firings: Vec::new() };
    }
    let mut is_counted = event.is_none();
    if let Some(event) = event
        && (trigger.is_immediate() || now < bucket.end)
    {
        bucket.count += 1;
        bucket.last_event = Some(event.clone());
        is_counted = true;
    }
    let is_ready = trigger.posture == Posture::Reactive || bucket.end <= now;
    let meets_threshold = trigger.meets_threshold(bucket.count);
    let mut firings = Vec::new();
    if is_ready && meets_threshold {
        firings.push(event.cloned().or_else(|| bucket.last_event.clone()));
    } else if now < bucket.end {
        if let Some(event) = event
            && trigger.posture == Posture::Proactive
            && !meets_threshold
            && trigger.starts_after(&event.event)
            && trigger.expects(&event.event)
        {
            // The event was waited for, and opens the next window: as with heartbeats.
            bucket = Bucket {
                start: event.occurred,
                end: event.occurred + trigger.within,
                count: 0,
                last_event: Some(event.clone()),
            };
        }
        return Evaluation { bucket: Some(bucket), firings };
    }
    if !trigger.after.is_empty() {
        return Evaluation { bucket: None, firings };
    }
    if trigger.within == TimeDelta::ZERO {
        let bucket = firings.is_empty().then_some(bucket);
        return Evaluation { bucket, firings };
    }
    let start = bucket.end.max(now);
    let next = Bucket { start, end: start + trigger.within, count: 0, last_event: None };
    match event {
        // It belongs to the next window, and may be enough for it.
        Some(event) if trigger.posture == Posture::Reactive && !is_counted => {
            let mut evaluation = evaluate(trigger, next, now, Some(event));
            firings.append(&mut evaluation.firings);
            Evaluation { bucket: evaluation.bucket, firings }
        }
        _ => {
            let count = i64::from(!is_counted);
            Evaluation { bucket: Some(Bucket { count, ..next }), firings }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use sluice_wire::automations::{Bucket, EventTrigger, Trigger};
    use sluice_wire::events::ReceivedEvent;
    use sluice_wire::time::Timestamp;

    use super::{at_time, first_bucket, on_event};

    fn trigger(fields: serde_json::Value) -> EventTrigger {
        match serde_json::from_value(fields).expect("a trigger") {
            Trigger::Event(trigger) => trigger,
            other => panic!("{other:?}"),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000_000 + second * 1_000_000)
    }

    fn event(name: &str, second: i64) -> ReceivedEvent {
        serde_json::from_value(json!({
            "occurred": at(second), "received": at(second), "event": name,
            "resource": {"prefect.resource.id": "a"}, "id": uuid::Uuid::new_v4(),
        }))
        .expect("an event")
    }

    /// The seconds of the events at which the trigger fired.
    fn fired(trigger: &EventTrigger, events: &[(&str, i64)]) -> Vec<i64> {
        let mut bucket: Option<Bucket> = None;
        let mut fired = Vec::new();
        for (name, second) in events {
            let event = event(name, *second);
            if !trigger.covers(&event) {
                continue;
            }
            let Some(evaluation) = on_event(trigger, bucket.clone(), &event) else { continue };
            fired.extend(evaluation.firings.iter().map(|_| *second));
            bucket = evaluation.bucket;
        }
        fired
    }

    /// A trigger, events with their seconds, and those at which it fires.
    type Case<'c> = (&'c EventTrigger, &'c [(&'c str, i64)], &'c [i64]);

    #[test]
    fn reactive_triggers_fire_when_the_count_is_reached() {
        let immediate = trigger(json!({"posture": "Reactive", "expect": ["a"]}));
        let two_in_ten =
            trigger(json!({"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 10}));
        let once_in_ten = trigger(json!({"posture": "Reactive", "expect": ["a"], "within": 10}));
        let two_ever = trigger(json!({"posture": "Reactive", "expect": ["a"], "threshold": 2}));
        let after = trigger(json!({"posture": "Reactive", "after": ["s"], "expect": ["a"], "within": 10}));
        let same = trigger(
            json!({"posture": "Reactive", "after": ["a"], "expect": ["a"], "threshold": 2, "within": 10}),
        );
        let cases: [Case<'_>; 9] = [
            (&immediate, &[("a", 0), ("b", 1), ("a", 1), ("a", 1)], &[0, 1, 1]),
            (&two_in_ten, &[("a", 0), ("a", 9)], &[9]),
            (&two_in_ten, &[("a", 0), ("a", 10)], &[]),
            (&two_in_ten, &[("a", 0), ("a", 1), ("a", 2), ("a", 3)], &[1]),
            (&once_in_ten, &[("a", 0), ("a", 5), ("a", 10), ("a", 11), ("a", 20)], &[0, 10, 20]),
            (&once_in_ten, &[("a", 0), ("a", -3)], &[0]),
            (&two_ever, &[("a", 0), ("a", 50), ("a", 51)], &[50]),
            (&after, &[("a", 0), ("s", 1), ("a", 2), ("a", 3), ("s", 4), ("a", 15)], &[2]),
            (&same, &[("a", 0), ("a", 1), ("a", 2), ("a", 3)], &[2]),
        ];
        for (trigger, events, expected) in cases {
            assert_eq!(fired(trigger, events), expected, "{trigger:?} {events:?}");
        }
    }

    #[test]
    fn proactive_triggers_fire_when_nothing_came() {
        let trigger = trigger(json!({"posture": "Proactive", "expect": ["a"], "within": 10}));
        let first = first_bucket(&trigger, at(0));
        assert!(at_time(&trigger, first.clone(), at(9)).firings.is_empty());
        let evaluation = at_time(&trigger, first.clone(), at(12));
        assert_eq!(evaluation.firings, [None]);
        let next = evaluation.bucket.expect("the next window");
        assert_eq!((next.start, next.end, next.count), (at(12), at(22), 0));

        let counted = on_event(&trigger, Some(first), &event("a", 5)).expect("covered");
        let evaluation = at_time(&trigger, counted.bucket.expect("open"), at(10));
        assert!(evaluation.firings.is_empty());
    }

    #[test]
    fn heartbeats_open_the_next_window() {
        let trigger = trigger(
            json!({"posture": "Proactive", "after": ["beat"], "expect": ["beat", "end"], "within": 10}),
        );
        let mut bucket = None;
        for second in [0, 8, 16] {
            let evaluation = on_event(&trigger, bucket, &event("beat", second)).expect("covered");
            assert!(evaluation.firings.is_empty());
            bucket = evaluation.bucket;
        }
        let open = bucket.clone().expect("open");
        assert_eq!(open.end, at(26));
        assert!(at_time(&trigger, open.clone(), at(25)).firings.is_empty());
        let late = at_time(&trigger, open.clone(), at(26));
        assert_eq!((late.firings.len(), late.bucket), (1, None));
        let ended = on_event(&trigger, Some(open), &event("end", 20)).expect("covered");
        assert_eq!(ended.bucket.expect("satisfied").count, 1);
    }

    proptest! {
        /// For events in order: windows of a reactive trigger follow each other without overlap, and each fires once
        /// at most, at the event that fills it.
        #[test]
        fn reactive_windows_agree_with_a_naive_model(
            gaps in prop::collection::vec(0_i64..8, 1..60), threshold in 1_i64..4, within in 1_i64..12,
        ) {
            let trigger = trigger(json!({"posture": "Reactive", "expect": ["a"], "threshold": threshold, "within": within}));
            let mut seconds = Vec::new();
            let mut second = 0;
            for gap in gaps {
                second += gap;
                seconds.push(second);
            }
            let events: Vec<(&str, i64)> = seconds.iter().map(|second| ("a", *second)).collect();
            // The model: a window opens at the first event, or at the end of the one before if it is over.
            let (mut end, mut count, mut rests_until) = (None, 0, None);
            let mut expected = Vec::new();
            for second in &seconds {
                if rests_until.is_some_and(|until| *second < until) {
                    continue;
                }
                if let Some(until) = rests_until.take() {
                    // Where the window after a firing begins was known when it fired.
                    (end, count) = (Some(until + within), 0);
                }
                if end.is_none_or(|end| *second >= end) {
                    (end, count) = (Some(*second + within), 0);
                }
                count += 1;
                if count >= threshold {
                    expected.push(*second);
                    rests_until = end;
                }
            }
            prop_assert_eq!(fired(&trigger, &events), expected);
        }

        /// No order of arrival makes a trigger fire more often than its events allow.
        #[test]
        fn late_events_never_fire_twice(mut seconds in prop::collection::vec(0_i64..100, 1..60), threshold in 1_i64..4) {
            let trigger = trigger(json!({"posture": "Reactive", "expect": ["a"], "threshold": threshold, "within": 10}));
            let events: Vec<(&str, i64)> = seconds.iter().map(|second| ("a", *second)).collect();
            let count = fired(&trigger, &events).len();
            seconds.sort_unstable();
            prop_assert!(count * usize::try_from(threshold).expect("small") <= seconds.len());
        }
    }
}

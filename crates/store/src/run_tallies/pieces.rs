//! Where the runs of some states are, among many others.

use sluice_wire::states::StateType;

use super::asked::Asked;
use super::entry::{Entry, Other};
use super::periods::Stored;
use super::{Basis, LENGTHS, SECOND_MICROS};

/// Runs that started in one period and were expected in more than so many are looked for by when they started.
const MOST_PERIODS: i64 = 8;
/// With more periods than these whose counts are not known, nobody knows whether the pieces are small. Runs that are
/// created and change keep one or two from being counted; an update that brings the counts, all of them.
const MOST_UNKNOWN: usize = 6;
/// A statement has at most so many pieces of a kind.
const MOST_PIECES: usize = 32;
/// Whoever passes over no more runs than these needs no pieces.
const FEW: i64 = 8;

/// What to look through: both together have all runs that are asked for, beside others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// Runs in such a state that are expected to start between two times: microseconds, the end not included.
    pub(crate) state_types: Vec<StateType>,
    pub(crate) expected: Vec<(i64, i64)>,
    /// All runs between two times of the order.
    pub(crate) whole: Vec<(i64, i64)>,
}

/// The pieces of these periods of `basis`, if that is much less than all of them.
pub(super) fn pieces(periods: &[Stored], asked: &Asked, basis: Basis) -> Option<Pieces> {
    let unknown = periods.iter().filter(|period| period.entries.is_none()).count();
    if !asked.is_about_states() || unknown > MOST_UNKNOWN {
        return None;
    }
    let asked_types = asked.state_types();
    let mut state_types = asked_types.clone().unwrap_or_default();
    let (mut expected, mut whole) = (Vec::new(), Vec::new());
    let (mut all, mut listed) = (0, 0);
    for period in periods {
        let bounds = period.micros();
        let Some(entries) = &period.entries else {
            let is_known = basis == Basis::Expected && asked_types.is_some();
            if is_known {
                expected.push(bounds)
            } else {
                whole.push(bounds)
            }
            continue;
        };
        let runs: i64 = entries.iter().map(|entry| entry.runs).sum();
        let found: Vec<&Entry> = entries
            .iter()
            .filter(|entry| asked.finds(entry.state_type, entry.state_name.as_deref(), entry.traits))
            .collect();
        let types: Option<Vec<StateType>> = found.iter().map(|entry| entry.state_type).collect();
        all += runs;
        match (types, expectation(period, &found, basis)) {
            (Some(types), Some(span)) => {
                listed += found.iter().map(|entry| entry.runs).sum::<i64>();
                state_types.extend(types);
                expected.push(span);
            }
            _ => {
                listed += runs;
                whole.push(bounds);
            }
        }
    }
    state_types.sort_unstable();
    state_types.dedup();
    let pieces = Pieces { state_types, expected: fewer(expected), whole: neighbours(whole, 0) };
    (all > 2 * listed + FEW && pieces.whole.len() <= MOST_PIECES).then_some(pieces)
}

/// Between which times the runs of the entries are expected to start, if that is not too long.
fn expectation(period: &Stored, entries: &[&Entry], basis: Basis) -> Option<(i64, i64)> {
    let bounds = period.micros();
    if basis == Basis::Expected {
        return Some(bounds);
    }
    let mut span: Option<(i64, i64)> = None;
    for entry in entries {
        let Other(Some(first), Some(last), 0) = entry.other else { return None };
        let (first, end) = (bounds.0.saturating_add(first), bounds.0.saturating_add(last).saturating_add(1));
        span = Some(span.map_or((first, end), |span| (span.0.min(first), span.1.max(end))));
    }
    let longest = MOST_PERIODS * period.length * SECOND_MICROS;
    span.filter(|(first, end)| end.saturating_sub(*first) <= longest)
}

/// As many spans as a statement may have: those that lie near each other become one.
fn fewer(spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut distance = LENGTHS[0] * SECOND_MICROS;
    let mut spans = neighbours(spans, distance);
    while spans.len() > MOST_PIECES {
        distance = distance.saturating_mul(2);
        spans = neighbours(spans, distance);
    }
    spans
}

/// The spans in order; those become one that overlap or are at most so far from each other.
fn neighbours(mut spans: Vec<(i64, i64)>, distance: i64) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (start, end) in spans {
        match merged.last_mut() {
            Some(last) if start <= last.1.saturating_add(distance) => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_wire::filters::RelatedFilters;

    use super::*;
    use crate::run_history::RunKind;
    use crate::run_tallies::recognise;

    const HOUR: i64 = 3_600;

    fn asked(state: Value) -> Asked {
        let flow_runs = Some(serde_json::from_value(json!({"state": state})).expect("a filter"));
        let filters = RelatedFilters { flow_runs, ..RelatedFilters::default() };
        recognise(RunKind::FlowRuns, &filters).expect("a question that the tallies answer")
    }

    fn entry(state: &str, runs: i64, other: Other) -> Entry {
        let state_type = state.to_uppercase().parse().expect("a type of state");
        Entry {
            state_type: Some(state_type),
            state_name: Some(state.to_owned()),
            runs,
            other,
            ..Entry::default()
        }
    }

    /// Hour number `hour`, with runs that were expected in the seconds from its beginning.
    fn hour(hour: i64, failed: (i64, i64)) -> Stored {
        let entries = vec![
            entry("Completed", 100, Other(Some(0), Some(1), 0)),
            entry("Failed", 5, Other(Some(failed.0 * SECOND_MICROS), Some(failed.1 * SECOND_MICROS), 0)),
        ];
        Stored { start: hour * HOUR, length: HOUR, entries: Some(entries) }
    }

    fn seconds(spans: &[(i64, i64)]) -> Vec<(i64, i64)> {
        spans.iter().map(|(start, end)| (start * SECOND_MICROS, end * SECOND_MICROS)).collect()
    }

    #[test]
    fn runs_are_where_the_counts_say_that_they_were_expected() {
        let failed = asked(json!({"type": {"any_": ["FAILED"]}}));
        let unknown = Stored { start: 50 * HOUR, length: HOUR, entries: None };
        let periods = [hour(9, (-30, 3_590)), hour(1, (-60, 10)), hour(10, (-5, 3_000)), unknown];
        let found = pieces(&periods, &failed, Basis::Start).expect("pieces");
        assert_eq!(found.state_types, [StateType::Failed]);
        // The last microsecond belongs to it. Neighbours are one.
        let ends = [(HOUR - 60, HOUR + 10), (9 * HOUR - 30, 10 * HOUR + 3_000)];
        assert_eq!(
            found.expected,
            seconds(&ends).into_iter().map(|(start, end)| (start, end + 1)).collect::<Vec<_>>()
        );
        assert_eq!(found.whole, seconds(&[(50 * HOUR, 51 * HOUR)]));
        let found = pieces(&periods, &failed, Basis::Expected).expect("pieces");
        assert_eq!(
            found.expected,
            seconds(&[(HOUR, 2 * HOUR), (9 * HOUR, 11 * HOUR), (50 * HOUR, 51 * HOUR)])
        );
        assert_eq!(found.whole, []);
    }

    #[test]
    fn names_tell_the_types_that_they_were_seen_with() {
        let named = asked(json!({"name": {"any_": ["Failed"]}}));
        let unknown = Stored { start: 50 * HOUR, length: HOUR, entries: None };
        let found = pieces(&[hour(1, (0, 10)), unknown], &named, Basis::Expected).expect("pieces");
        assert_eq!(found.state_types, [StateType::Failed]);
        assert_eq!(found.whole, seconds(&[(50 * HOUR, 51 * HOUR)]), "it may have others");
    }

    #[test]
    fn there_are_no_pieces_where_they_would_not_be_small() {
        let failed = || asked(json!({"type": {"any_": ["FAILED"]}}));
        let unknown = |count: i64| {
            let mut periods: Vec<Stored> =
                (0..count).map(|hour| Stored { start: hour * HOUR, length: HOUR, entries: None }).collect();
            periods.push(hour(count, (0, 10)));
            periods
        };
        let of = |periods: &[Stored], asked: &Asked| pieces(periods, asked, Basis::Start).is_some();
        for (periods, asked, expected) in [
            (vec![hour(1, (0, 10))], failed(), true),
            (vec![hour(1, (0, 10))], Asked::default(), false),
            (vec![hour(1, (0, 10))], asked(json!({"type": {"any_": ["COMPLETED"]}})), false),
            // One of them waited for a day.
            (vec![hour(1, (-86_400, 10))], failed(), false),
            (unknown(6), failed(), true),
            (unknown(7), failed(), false),
        ] {
            assert_eq!(of(&periods, &asked), expected, "{} periods, {asked:?}", periods.len());
        }
        let mut without_time = hour(1, (0, 10));
        if let Some(entries) = &mut without_time.entries {
            entries[1].other = Other(Some(0), Some(0), 1);
        }
        assert!(!of(&[without_time], &failed()), "one was not expected at any time");
    }

    #[test]
    fn a_statement_has_a_bounded_number_of_pieces() {
        let periods: Vec<Stored> = (0..500).map(|number| hour(number * 7, (0, 10))).collect();
        let found =
            pieces(&periods, &asked(json!({"type": {"any_": ["FAILED"]}})), Basis::Start).expect("pieces");
        assert!(found.expected.len() <= MOST_PIECES, "{}", found.expected.len());
        for number in [0, 250, 499] {
            let second = (number * 7 * HOUR + 5) * SECOND_MICROS;
            assert!(found.expected.iter().any(|(start, end)| (*start..*end).contains(&second)), "{number}");
        }
    }
}

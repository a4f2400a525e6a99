//! Where the runs of some states are, among many others.

use sluice_wire::states::StateType;

use super::asked::Asked;
use super::entry::{Entry, Other};
use super::periods::Stored;
use super::{Basis, LENGTHS, SECOND_MICROS};

/// Runs that started in one period and were expected in more than so many are not looked for by when they were expected.
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

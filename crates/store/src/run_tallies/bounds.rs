//! Where the first runs of an order are.

use super::asked::Asked;
use super::periods::{Source, Stored, beginnings, extent, periods};
use super::pieces::{Pieces, pieces};
use super::{Basis, NO_TIME, SECOND_MICROS};
use crate::run_history::RunKind;
use crate::{Dialect, Result, Tx};
use sluice_wire::ids::WorkspaceId;

/// How many seconds of periods are looked at first; then four times as many, and so on.
const FIRST_SECONDS: i64 = 2 * 86_400;

/// Which end of an order comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    Earliest,
    Latest,
}

/// Where runs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Between these times of the order, in microseconds, the end not included.
    pub(crate) between: (i64, i64),
    /// In a small part of that.
    pub(crate) pieces: Option<Pieces>,
}

/// The place of the first `wanted` runs that are asked for, in the order of `basis`. `None`: it cannot be told. The
/// transaction must have a snapshot.
pub(crate) async fn bounds(
    tx: &mut Tx,
    workspace: WorkspaceId,
    kind: RunKind,
    asked: &Asked,
    (basis, first): (Basis, First),
    wanted: i64,
) -> Result<Option<Place>> {
    let source = Source { workspace, kind, basis, asked };
    let window = asked.window(basis).bounds();
    let has_runs_without_time = beginnings(window).0 == NO_TIME
        && periods(tx, source, (NO_TIME, NO_TIME + 1))
            .await?
            .iter()
            .any(|period| runs_of(period, asked, basis) != Some(0));
    // Nothing is the smallest for SQLite and the largest for PostgreSQL.
    let comes_first = (tx.dialect() == Dialect::Sqlite) == (first == First::Earliest);
    if has_runs_without_time && comes_first {
        return Ok(None);
    }
    let mut chosen = Vec::new();
    let is_enough = choose(tx, source, first, window, wanted, &mut chosen).await?;
    if has_runs_without_time && !is_enough {
        return Ok(None);
    }
    let between = chosen.iter().map(Stored::micros).reduce(|one, two| (one.0.min(two.0), one.1.max(two.1)));
    Ok(Some(Place { between: between.unwrap_or((0, 0)), pieces: pieces(&chosen, asked, basis) }))
}

/// Chooses the periods in which the first `wanted` runs are. Returns whether there are as many.
async fn choose(
    tx: &mut Tx,
    source: Source<'_>,
    first: First,
    window: (i64, i64),
    wanted: i64,
    chosen: &mut Vec<Stored>,
) -> Result<bool> {
    let Source { basis, asked, .. } = source;
    let (from, to) = beginnings(window);
    let Some((earliest, latest)) = extent(tx, source, (from.max(NO_TIME + 1), to)).await? else {
        return Ok(false);
    };
    let (mut rest, mut seconds, mut found) = ((earliest, latest + 1), FIRST_SECONDS, 0);
    while rest.0 < rest.1 {
        let part = match first {
            First::Earliest => (rest.0, rest.1.min(rest.0.saturating_add(seconds))),
            First::Latest => (rest.0.max(rest.1.saturating_sub(seconds)), rest.1),
        };
        let mut stored = periods(tx, source, part).await?;
        stored.sort_unstable_by_key(|period| period.start);
        match first {
            First::Earliest => rest.0 = part.1,
            First::Latest => {
                rest.1 = part.0;
                stored.reverse();
            }
        }
        for period in stored {
            let (start, end) = period.micros();
            let runs = runs_of(&period, asked, basis);
            if end <= window.0 || start >= window.1 || runs == Some(0) {
                continue;
            }
            // Of a period that the window cuts, nobody knows how many are within.
            if start >= window.0 && end <= window.1 {
                found += runs.unwrap_or(0);
            }
            chosen.push(period);
            if found >= wanted {
                return Ok(true);
            }
        }
        seconds = seconds.saturating_mul(4);
    }
    Ok(false)
}

impl Stored {
    /// Where it begins and ends, in microseconds since 1970. Not for that of the runs without a time.
    pub(super) fn micros(&self) -> (i64, i64) {
        (self.start * SECOND_MICROS, (self.start + self.length) * SECOND_MICROS)
    }
}

/// How many runs of the period are asked for, if its counts tell.
fn runs_of(period: &Stored, asked: &Asked, basis: Basis) -> Option<i64> {
    let start = if period.start == NO_TIME { 0 } else { period.start * SECOND_MICROS };
    let mut runs = 0;
    for entry in period.entries.as_ref()? {
        if let Some(counted) = entry.counted(asked, basis, start, None).ok()? {
            runs += counted.runs;
        }
    }
    Some(runs)
}

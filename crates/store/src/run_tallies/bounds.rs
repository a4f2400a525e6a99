//! Where the first runs of an order are.

use sluice_wire::ids::WorkspaceId;

use super::asked::Asked;
use super::read::{Stored, periods};
use super::{Basis, NO_TIME, SECOND_MICROS};
use crate::run_history::RunKind;
use crate::{Result, Tx};

/// Which end of an order comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    Earliest,
    Latest,
}

/// Times, in microseconds, the end not included, between which the first `wanted` runs are that are asked for, in the
/// order of `basis`. `None`: it cannot be told. The transaction must have a snapshot.
pub(crate) async fn bounds(
    tx: &mut Tx,
    workspace: WorkspaceId,
    kind: RunKind,
    asked: &Asked,
    (basis, first): (Basis, First),
    wanted: i64,
) -> Result<Option<(i64, i64)>> {
    let window = asked.window(basis).bounds();
    let mut stored = periods(tx, workspace, kind, basis, window).await?;
    stored.sort_unstable_by_key(|period| period.start);
    if first == First::Latest {
        stored.reverse();
    }
    let mut found = 0;
    let mut bounds: Option<(i64, i64)> = None;
    for period in stored {
        let (start, end) = (period.start * SECOND_MICROS, (period.start + period.length) * SECOND_MICROS);
        let has_time = period.start != NO_TIME;
        if has_time && (end <= window.0 || start >= window.1) {
            continue;
        }
        let runs = runs_of(&period, asked, basis);
        if runs == Some(0) {
            continue;
        }
        if !has_time {
            // The databases do not agree on where these come.
            return Ok(None);
        }
        bounds = Some(bounds.map_or((start, end), |(from, to)| (from.min(start), to.max(end))));
        // Of a period that the window cuts, nobody knows how many are within.
        if start >= window.0 && end <= window.1 {
            found += runs.unwrap_or(0);
        }
        if found >= wanted {
            break;
        }
    }
    Ok(Some(bounds.unwrap_or((0, 0))))
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

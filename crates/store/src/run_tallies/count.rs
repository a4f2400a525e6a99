//! The questions that want numbers only.

use sluice_wire::ids::WorkspaceId;
use sluice_wire::task_runs::{CompletedAndFailed, CountByState};
use sluice_wire::time::{TimeDelta, Timestamp};

use super::asked::Asked;
use super::{Basis, Grid, Question, read};
use crate::run_history::RunKind;
use crate::{Result, Tx};

/// How many runs there are.
pub(crate) async fn count(tx: &mut Tx, workspace: WorkspaceId, kind: RunKind, asked: &Asked) -> Result<i64> {
    let found = read(tx, in_one(workspace, kind, asked, None)).await?;
    Ok(found.iter().map(|(_, counted)| counted.runs).sum())
}

/// How many task runs are in each state.
pub(crate) async fn by_state_type(
    tx: &mut Tx,
    workspace: WorkspaceId,
    asked: &Asked,
) -> Result<CountByState> {
    let kind = RunKind::TaskRuns;
    let found = read(tx, in_one(workspace, kind, asked, None)).await?;
    let mut counts = CountByState::default();
    for (_, counted) in found {
        if let Some(state_type) = counted.state_type {
            *counts.of(state_type) += counted.runs;
        }
    }
    Ok(counts)
}

/// How late the runs are on average, in seconds; `None` when there are none.
#[expect(clippy::cast_precision_loss, reason = "an average need not be more exact")]
pub(crate) async fn lateness(
    tx: &mut Tx,
    workspace: WorkspaceId,
    asked: &Asked,
    now: Timestamp,
) -> Result<Option<f64>> {
    let found = read(tx, in_one(workspace, RunKind::FlowRuns, asked, Some(now))).await?;
    let runs: i64 = found.iter().map(|(_, counted)| counted.runs).sum();
    let lateness: i64 = found.iter().map(|(_, counted)| counted.lateness).sum();
    Ok((runs > 0).then(|| lateness as f64 / runs as f64 / 1e6))
}

/// How many task runs ended well and how many did not, by the interval in which they started.
pub(crate) async fn completed_and_failed(
    tx: &mut Tx,
    workspace: WorkspaceId,
    asked: &Asked,
    start: Timestamp,
    length: TimeDelta,
    intervals: usize,
) -> Result<Vec<CompletedAndFailed>> {
    let count = i64::try_from(intervals).unwrap_or(i64::MAX);
    let grid = Grid::Slots { start, length, count };
    let (kind, basis) = (RunKind::TaskRuns, Basis::Start);
    let found = read(tx, Question { workspace, kind, asked, basis, grid, now: None }).await?;
    let mut counts = vec![CompletedAndFailed::default(); intervals];
    for (slot, counted) in found {
        let Some(count) = usize::try_from(slot).ok().and_then(|slot| counts.get_mut(slot)) else { continue };
        count.add(counted.state_type, counted.runs);
    }
    Ok(counts)
}

/// The question without slots.
fn in_one(workspace: WorkspaceId, kind: RunKind, asked: &Asked, now: Option<Timestamp>) -> Question<'_> {
    Question { workspace, kind, asked, basis: asked.basis(), grid: Grid::One, now }
}

//! Adds up the periods of a question.

use std::collections::HashMap;

use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::asked::Asked;
use super::entry::{Counted, Entry};
use super::periods::{Source, beginnings, periods};
use super::select::{self, Runs};
use super::{Basis, NO_TIME, SECOND_MICROS, part_length};
use crate::run_history::RunKind;
use crate::{Dialect, Json, Result, Sql, StoreError, Tx};

/// Into which slots of time the answer is divided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Grid {
    /// One slot for all of it.
    One,
    /// Slots one after the other; runs outside of them do not count.
    Slots {
        /// Where the first begins.
        start: Timestamp,
        /// How long each is; positive.
        length: TimeDelta,
        /// How many there are.
        count: i64,
    },
}

impl Grid {
    /// The slot of a time that is in one of them.
    fn slot(self, micros: i64) -> i64 {
        match self {
            Self::One => 0,
            Self::Slots { start, length, .. } => {
                (micros - start.as_micros()).div_euclid(length.as_micros().max(1))
            }
        }
    }

    fn bounds(self) -> (i64, i64) {
        match self {
            Self::One => (i64::MIN, i64::MAX),
            Self::Slots { start, length, count } => {
                let start = start.as_micros();
                (start, start.saturating_add(length.as_micros().saturating_mul(count)))
            }
        }
    }
}

/// What an answer is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) workspace: WorkspaceId,
    pub(crate) kind: RunKind,
    pub(crate) asked: &'a Asked,
    pub(crate) basis: Basis,
    pub(crate) grid: Grid,
    /// The present, when run times and lateness are wanted too.
    pub(crate) now: Option<Timestamp>,
}

/// What is asked for, by slot; the slots come in no order, and may come several times. The transaction must have a
/// snapshot.
pub(crate) async fn read(tx: &mut Tx, question: Question<'_>) -> Result<Vec<(i64, Counted)>> {
    let Question { workspace, kind, asked, basis, grid, .. } = question;
    let (first, end) = (asked.window(basis).bounds(), grid.bounds());
    let bounds = (first.0.max(end.0), first.1.min(end.1));
    let mut reading = Reading { question, bounds, found: Vec::new(), gaps: Vec::new() };
    let mut to_divide = Vec::new();
    let source = Source { workspace, kind, basis, asked };
    for period in periods(tx, source, beginnings(bounds)).await? {
        if period.start == NO_TIME {
            if !reading.add(NO_TIME * SECOND_MICROS, None, period.entries.as_deref()) {
                let runs = Runs { workspace, kind, basis, between: None };
                reading.found.extend(select::counted(tx, &[runs], question).await?);
            }
            continue;
        }
        let (start, end) = (period.start * SECOND_MICROS, (period.start + period.length) * SECOND_MICROS);
        if !reading.overlaps(start, end) || reading.add(start, Some(end), period.entries.as_deref()) {
            continue;
        }
        match part_length(period.length) {
            Some(length) if period.entries.is_some() => to_divide.push((period.start, length, end)),
            _ => reading.gaps.push((start, end)),
        }
    }
    let mut parts = parts(tx, source, to_divide.iter().map(|(start, ..)| *start)).await?;
    for (start, length, end) in to_divide {
        let mut part_start = start * SECOND_MICROS;
        let parts = parts.remove(&start).ok_or_else(|| {
            StoreError::Corrupt(format!("the period {start} of {} has no parts", kind.table()))
        })?;
        for entries in parts {
            let part_end = part_start + length * SECOND_MICROS;
            if reading.overlaps(part_start, part_end)
                && !reading.add(part_start, Some(part_end), Some(&entries))
            {
                reading.gaps.push((part_start, part_end));
            }
            part_start = part_end;
        }
        debug_assert_eq!(part_start, end, "the parts are the whole");
    }
    let runs = |between| Runs { workspace, kind, basis, between: Some(between) };
    let gaps: Vec<Runs> = reading.gaps().into_iter().map(runs).collect();
    for gaps in gaps.chunks(gaps_at_once(tx.dialect())) {
        reading.found.extend(select::counted(tx, gaps, question).await?);
    }
    Ok(reading.found)
}

struct Reading<'a> {
    question: Question<'a>,
    /// Where the answer begins and ends, in microseconds.
    bounds: (i64, i64),
    found: Vec<(i64, Counted)>,
    /// What the counts do not tell.
    gaps: Vec<(i64, i64)>,
}

impl Reading<'_> {
    fn overlaps(&self, start: i64, end: i64) -> bool {
        start < self.bounds.1 && end > self.bounds.0
    }

    /// Adds a period or a part of one, if its entries tell all that is needed; returns whether they did. No end: the
    /// runs without a time.
    fn add(&mut self, start: i64, end: Option<i64>, entries: Option<&[Entry]>) -> bool {
        let Some(entries) = entries else { return false };
        let Question { asked, basis, grid, now, .. } = self.question;
        let slot = match end {
            None => 0,
            Some(end) => {
                let is_cut = start < self.bounds.0 || end > self.bounds.1;
                if is_cut || grid.slot(start) != grid.slot(end - 1) {
                    return false;
                }
                grid.slot(start)
            }
        };
        let before = self.found.len();
        let origin = if end.is_none() { 0 } else { start };
        for entry in entries {
            match entry.counted(asked, basis, origin, now) {
                Ok(None) => {}
                Ok(Some(counted)) => self.found.push((slot, counted)),
                Err(_) => {
                    self.found.truncate(before);
                    return false;
                }
            }
        }
        true
    }

    /// The gaps, each as far as it is asked for; neighbours are one.
    fn gaps(&mut self) -> Vec<(i64, i64)> {
        let mut merged: Vec<(i64, i64)> = Vec::new();
        self.gaps.sort_unstable();
        for (start, end) in std::mem::take(&mut self.gaps) {
            let (start, end) = (start.max(self.bounds.0), end.min(self.bounds.1));
            match merged.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => merged.push((start, end)),
            }
        }
        merged
    }
}

/// How many gaps a statement looks into. PostgreSQL is a way off, and plans for the times that it is given. SQLite does
/// neither, and would take many gaps for most of the table.
fn gaps_at_once(dialect: Dialect) -> usize {
    match dialect {
        Dialect::Sqlite => 1,
        Dialect::Postgres => 32,
    }
}

/// The parts of the counted periods that begin at `starts`, one after the other.
async fn parts(
    tx: &mut Tx,
    source: Source<'_>,
    starts: impl ExactSizeIterator<Item = i64>,
) -> Result<HashMap<i64, Vec<Vec<Entry>>>> {
    if starts.len() == 0 {
        return Ok(HashMap::new());
    }
    let Source { workspace, kind, basis, .. } = source;
    let mut sql = Sql::new(tx.dialect(), "SELECT start, ");
    sql.push(match basis {
        Basis::Expected => "by_expected",
        Basis::Start => "by_start",
    });
    sql.push(" FROM run_tally_part WHERE workspace_id = ").bind(workspace);
    sql.push(" AND kind = ").bind(kind.table()).push(" AND start IN (").bind_list(starts).push(")");
    let rows = tx.query_sql(sql).await?;
    let parts = rows.into_iter().map(|row| {
        let mut columns = row.columns();
        let start = columns.take()?;
        let Json(parts) = columns.take()?;
        Ok((start, parts))
    });
    parts.collect()
}

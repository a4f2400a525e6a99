//! Counts periods again that changed. The caller goes through the steps one after the other, each in a transaction.

use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::entry::Entry;
use super::select::{self, Runs};
use super::{Basis, LENGTHS, MOST_RUNS, NO_TIME, SECOND_MICROS, part_length};
use crate::run_history::RunKind;
use crate::{Columns, Dialect, Json, Result, Tx, params};

/// A period of `run_tally`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Whose runs.
    pub workspace: WorkspaceId,
    /// Which runs.
    pub kind: RunKind,
    start: i64,
    length: i64,
}

/// What was found in a period.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured {
    /// More runs than are counted at once.
    TooMany,
    /// So many.
    Counts(Counts),
}

/// The counts of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// How many runs were looked at.
    pub runs: i64,
    by_expected: ByPart,
    by_start: ByPart,
}

/// The entries of the whole, and those of each part.
#[derive(Debug, Clone, Default, PartialEq)]
struct ByPart {
    whole: Vec<Entry>,
    parts: Vec<Vec<Entry>>,
}

/// Takes at most `limit` notes of changes away, the newest periods first, with the counts that are not right any more;
/// returns how many.
pub async fn take_changed(tx: &mut Tx, limit: i64) -> Result<usize> {
    let rows = tx
        .query(
            "SELECT DISTINCT workspace_id, kind, start FROM run_tally_change ORDER BY start DESC LIMIT ?1",
            params![limit],
        )
        .await?;
    let keys: Vec<_> = rows.into_iter().map(|row| row_key(&mut row.columns())).collect::<Result<_>>()?;
    let values =
        |(workspace, kind, start): &(WorkspaceId, RunKind, i64)| params![*workspace, kind.table(), *start];
    let new_rows = keys.iter().map(|key| {
        let mut values = values(key);
        values.push(if key.2 == NO_TIME { 0 } else { LENGTHS[0] }.into());
        values
    });
    tx.execute_many(
        "INSERT INTO run_tally (workspace_id, kind, start, length) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (workspace_id, kind, start) DO UPDATE SET by_expected = NULL, by_start = NULL",
        new_rows.collect(),
    )
    .await?;
    tx.execute_many(
        "DELETE FROM run_tally_change WHERE workspace_id = ?1 AND kind = ?2 AND start = ?3",
        keys.iter().map(values).collect(),
    )
    .await?;
    Ok(keys.len())
}

/// Whether there is anything to do for the builder.
pub async fn is_any_uncounted(tx: &mut Tx) -> Result<bool> {
    let is_any = tx
        .scalar(
            "SELECT EXISTS (SELECT 1 FROM run_tally_change)
                 OR EXISTS (SELECT 1 FROM run_tally WHERE by_expected IS NULL)",
            Vec::new(),
        )
        .await?;
    Ok(is_any == Some(true))
}

/// Periods without counts, the newest first.
pub async fn uncounted(tx: &mut Tx, limit: i64) -> Result<Vec<Period>> {
    let rows = tx
        .query(
            "SELECT workspace_id, kind, start, length FROM run_tally WHERE by_expected IS NULL
             ORDER BY start DESC LIMIT ?1",
            params![limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            let (workspace, kind, start) = row_key(&mut columns)?;
            Ok(Period { workspace, kind, start, length: columns.take()? })
        })
        .collect()
}

fn row_key(columns: &mut Columns) -> Result<(WorkspaceId, RunKind, i64)> {
    let (workspace, kind, start): (_, String, _) = (columns.take()?, columns.take()?, columns.take()?);
    let kind = if kind == RunKind::FlowRuns.table() { RunKind::FlowRuns } else { RunKind::TaskRuns };
    Ok((workspace, kind, start))
}

/// Whoever writes at this moment has a transaction with a smaller number. SQLite has one writer: nothing to wait for.
pub async fn horizon(tx: &mut Tx) -> Result<i64> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(0),
        Dialect::Postgres => {
            transaction_number(
                tx,
                "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)",
            )
            .await
        }
    }
}

/// Whether all transactions have ended that were under way at [`horizon`].
pub async fn has_passed(tx: &mut Tx, horizon: i64) -> Result<bool> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(true),
        Dialect::Postgres => {
            let text = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)";
            Ok(transaction_number(tx, text).await? >= horizon)
        }
    }
}

async fn transaction_number(tx: &mut Tx, text: &'static str) -> Result<i64> {
    let number = tx.scalar(text, Vec::new()).await?;
    number.ok_or_else(|| crate::StoreError::Corrupt("a snapshot has no transaction".to_owned()))
}

/// Counts the runs of the period. What was under way when its note was taken must have ended.
pub async fn measure(tx: &mut Tx, period: &Period) -> Result<Measured> {
    let length = part_length(period.length);
    if length.is_some() {
        for basis in [Basis::Expected, Basis::Start] {
            if select::count_up_to(tx, period.runs(basis), MOST_RUNS + 1).await? > MOST_RUNS {
                return Ok(Measured::TooMany);
            }
        }
    }
    let by_expected = period.entries(tx, Basis::Expected).await?;
    // The runs without a time have none of both, or they would stand by the one that they have.
    let by_start = match period.start {
        NO_TIME => ByPart::default(),
        _ => period.entries(tx, Basis::Start).await?,
    };
    let count = |by: &ByPart| by.whole.iter().map(|entry| entry.runs).sum::<i64>();
    Ok(Measured::Counts(Counts { runs: count(&by_expected) + count(&by_start), by_expected, by_start }))
}

/// Stores what [`measure`] found.
pub async fn keep(tx: &mut Tx, period: &Period, measured: &Measured) -> Result<()> {
    let counts = match measured {
        Measured::TooMany => return divide(tx, period).await,
        Measured::Counts(counts) => counts,
    };
    let key = || params![period.workspace, period.kind.table(), period.start];
    // A piece of a divided hour stays: the hour would be without a row.
    if counts.runs == 0 && (period.length == LENGTHS[0] || period.start == NO_TIME) {
        for text in [
            "DELETE FROM run_tally WHERE workspace_id = ?1 AND kind = ?2 AND start = ?3",
            "DELETE FROM run_tally_part WHERE workspace_id = ?1 AND kind = ?2 AND start = ?3",
        ] {
            tx.execute(text, key()).await?;
        }
        return Ok(());
    }
    let text = |json: crate::Value| match json {
        crate::Value::Json(text) => crate::Value::Text(text),
        other => other,
    };
    let mut values = key();
    values.push(text(Json(&counts.by_expected.whole).into()));
    values.push(text(Json(&counts.by_start.whole).into()));
    tx.execute(
        "UPDATE run_tally SET by_expected = ?4, by_start = ?5
         WHERE workspace_id = ?1 AND kind = ?2 AND start = ?3",
        values,
    )
    .await?;
    if part_length(period.length).is_some() {
        let mut values = key();
        values.push(text(Json(&counts.by_expected.parts).into()));
        values.push(text(Json(&counts.by_start.parts).into()));
        tx.execute(
            "INSERT INTO run_tally_part (workspace_id, kind, start, by_expected, by_start)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (workspace_id, kind, start)
             DO UPDATE SET by_expected = excluded.by_expected, by_start = excluded.by_start",
            values,
        )
        .await?;
    }
    Ok(())
}

/// Makes pieces of the period, none of them counted. Who looked for the period before this is committed notes a change
/// of its first piece; as no piece is counted before that transaction has ended, none misses it.
async fn divide(tx: &mut Tx, period: &Period) -> Result<()> {
    let Some(length) = part_length(period.length) else { return Ok(()) };
    tx.execute(
        "UPDATE run_tally SET length = ?4 WHERE workspace_id = ?1 AND kind = ?2 AND start = ?3",
        params![period.workspace, period.kind.table(), period.start, length],
    )
    .await?;
    let pieces = (1..period.length / length)
        .map(|number| params![period.workspace, period.kind.table(), period.start + number * length, length])
        .collect();
    tx.execute_many(
        "INSERT INTO run_tally (workspace_id, kind, start, length) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (workspace_id, kind, start) DO NOTHING",
        pieces,
    )
    .await?;
    tx.execute(
        "DELETE FROM run_tally_part WHERE workspace_id = ?1 AND kind = ?2 AND start = ?3",
        params![period.workspace, period.kind.table(), period.start],
    )
    .await?;
    Ok(())
}

impl Period {
    fn runs(&self, basis: Basis) -> Runs {
        let between = (self.start != NO_TIME)
            .then(|| (self.start * SECOND_MICROS, (self.start + self.length) * SECOND_MICROS));
        Runs { workspace: self.workspace, kind: self.kind, basis, between }
    }

    async fn entries(&self, tx: &mut Tx, basis: Basis) -> Result<ByPart> {
        let length = part_length(self.length);
        let start = if self.start == NO_TIME {
            Timestamp::EPOCH
        } else {
            Timestamp::from_micros(self.start * SECOND_MICROS)
        };
        let found = select::entries(tx, self.runs(basis), start, length.map(TimeDelta::from_secs)).await?;
        Ok(by_part(found, self.length, length))
    }
}

/// Divides the entries, whose times are those since the beginning of the period, and adds them up.
fn by_part(found: Vec<(i64, Entry)>, length: i64, part_length: Option<i64>) -> ByPart {
    let mut all = ByPart::default();
    let Some(part_length) = part_length else {
        all.whole = found.into_iter().map(|(_, entry)| entry).collect();
        return all;
    };
    let parts = usize::try_from(length / part_length).unwrap_or(0);
    all.parts = vec![Vec::new(); parts];
    for (part, entry) in found {
        match all.whole.iter_mut().find(|whole| whole.is_of_the_kind_of(&entry)) {
            Some(whole) => whole.add(&entry),
            None => all.whole.push(entry.clone()),
        }
        if let Some(entries) = usize::try_from(part).ok().and_then(|part| all.parts.get_mut(part)) {
            entries.push(entry.since(part * part_length * SECOND_MICROS));
        }
    }
    all
}

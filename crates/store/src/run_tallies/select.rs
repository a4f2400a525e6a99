//! The statements that look at the runs themselves.

use sluice_wire::ids::WorkspaceId;
use sluice_wire::states::StateType;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::asked::{HAS_FLOW_RUN, IS_IN_SUBFLOW, IS_SUBFLOW, STANDS_FOR_SUBFLOW};
use super::entry::{Counted, Entry, Other, Running, Waiting};
use super::read::Question;
use super::{Basis, Grid};
use crate::run_history::{RunKind, column, moment, push_between, push_lateness, push_run_time};
use crate::{Result, Row, Sql, Tx};

/// Which runs of a workspace, by one of their times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runs {
    pub(super) workspace: WorkspaceId,
    pub(super) kind: RunKind,
    pub(super) basis: Basis,
    /// Microseconds since 1970, the end not included; `None`: the runs without this time.
    pub(super) between: Option<(i64, i64)>,
}

impl Runs {
    fn push_where(self, sql: &mut Sql) {
        self.push_condition(sql.push(" WHERE "));
    }

    fn push_condition(self, sql: &mut Sql) {
        let table = self.kind.table();
        sql.push(table).push(".workspace_id = ").bind(self.workspace).push(" AND ");
        self.basis.push(sql, self.kind);
        let Some((first, end)) = self.between else {
            sql.push(" IS NULL");
            return;
        };
        sql.push(" >= ").bind(Timestamp::from_micros(first)).push(" AND ");
        self.basis.push(sql, self.kind);
        sql.push(" < ").bind(Timestamp::from_micros(end));
    }
}

/// How many of the runs there are, or `most` if there are as many.
pub(super) async fn count_up_to(tx: &mut Tx, runs: Runs, most: i64) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM (SELECT 1 FROM ");
    sql.push(runs.kind.table());
    runs.push_where(&mut sql);
    sql.push(" LIMIT ").bind(most).push(") AS found");
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}

/// The entries of the runs, each with the number of its part; a part is `length` long, the first begins at `start`.
pub(super) async fn entries(
    tx: &mut Tx,
    runs: Runs,
    start: Timestamp,
    length: Option<TimeDelta>,
) -> Result<Vec<(i64, Entry)>> {
    let (kind, basis) = (runs.kind, runs.basis);
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT part, state_type, state_name, traits, count(*),
             CAST(sum(CASE WHEN state_type = 'RUNNING' OR spent < 0 THEN 0 ELSE spent END) AS bigint),
             count(CASE WHEN state_type = 'RUNNING' THEN since END),
             CAST(sum(CASE WHEN state_type = 'RUNNING' THEN spent - since END) AS bigint),
             max(CASE WHEN state_type = 'RUNNING' THEN since - spent END),
             CAST(sum(late) AS bigint), count(due), CAST(sum(due) AS bigint), min(due), max(due),
             min(other), max(other), count(*) - count(other)
         FROM (SELECT ",
    );
    match length {
        Some(length) => {
            push_between(&mut sql, |sql| basis.push(sql, kind), moment(start));
            sql.push(" / ").bind(length);
        }
        None => {
            sql.push("CAST(0 AS bigint)");
        }
    }
    sql.push(" AS part, state_type, state_name, ");
    push_traits(&mut sql, kind);
    sql.push(" AS traits, total_run_time AS spent, ");
    push_between(&mut sql, column("state_timestamp"), moment(start));
    sql.push(" AS since, CASE WHEN start_time > expected_start_time THEN ");
    push_between(&mut sql, column("start_time"), column("expected_start_time"));
    sql.push(" ELSE 0 END AS late, CASE WHEN start_time IS NULL AND state_type NOT IN (");
    sql.bind_list(StateType::FINAL.map(StateType::as_str)).push(") THEN ");
    push_between(&mut sql, column("expected_start_time"), moment(start));
    sql.push(" END AS due, ");
    push_between(&mut sql, |sql| basis.other().push(sql, kind), moment(start));
    sql.push(" AS other FROM ").push(kind.table());
    runs.push_where(&mut sql);
    sql.push(") AS runs GROUP BY part, state_type, state_name, traits");
    tx.query_sql(sql).await?.into_iter().map(entry).collect()
}

fn entry(row: Row) -> Result<(i64, Entry)> {
    let mut columns = row.columns();
    let part = columns.take()?;
    let (state_type, state_name, traits) = (columns.take()?, columns.take()?, columns.take()?);
    let (runs, run_time) = (columns.take()?, columns.take()?);
    let (running, offset, line_from): (i64, Option<i64>, Option<i64>) =
        (columns.take()?, columns.take()?, columns.take()?);
    let lateness = columns.take()?;
    let (waiting, sum): (i64, Option<i64>) = (columns.take()?, columns.take()?);
    let (first, last): (Option<i64>, Option<i64>) = (columns.take()?, columns.take()?);
    let other = Other(columns.take()?, columns.take()?, columns.take()?);
    let running =
        (running > 0).then(|| Running(running, offset.unwrap_or_default(), line_from.unwrap_or_default()));
    let waiting = (waiting > 0).then(|| {
        Waiting(waiting, sum.unwrap_or_default(), first.unwrap_or_default(), last.unwrap_or_default())
    });
    Ok((part, Entry { state_type, state_name, traits, runs, run_time, running, lateness, waiting, other }))
}

/// What all of these runs add to an answer, by the slot of the grid that they fall into.
pub(super) async fn counted(
    tx: &mut Tx,
    runs: &[Runs],
    question: Question<'_>,
) -> Result<Vec<(i64, Counted)>> {
    let Question { kind, asked, basis, grid, now, .. } = question;
    let mut sql = Sql::new(tx.dialect(), "SELECT slot, state_type, state_name, traits, count(*)");
    for sum in ["run_time", "lateness"] {
        if now.is_some() {
            sql.push(", CAST(sum(CASE WHEN ").push(sum).push(" > 0 THEN ").push(sum);
            sql.push(" ELSE 0 END) AS bigint)");
        } else {
            sql.push(", CAST(0 AS bigint)");
        }
    }
    sql.push(" FROM (SELECT ");
    match grid {
        Grid::One => {
            sql.push("CAST(0 AS bigint)");
        }
        Grid::Slots { start, length, .. } => {
            push_between(&mut sql, |sql| basis.push(sql, kind), moment(start));
            sql.push(" / ").bind(length);
        }
    }
    sql.push(" AS slot, state_type, state_name, ");
    if asked.with | asked.without == 0 {
        sql.push("CAST(0 AS bigint)");
    } else {
        push_traits(&mut sql, kind);
    }
    sql.push(" AS traits");
    if let Some(now) = now {
        sql.push(", ");
        push_run_time(&mut sql, now);
        sql.push(" AS run_time, ");
        push_lateness(&mut sql, now);
        sql.push(" AS lateness");
    }
    sql.push(" FROM ").push(kind.table()).push(" WHERE (");
    for (index, runs) in runs.iter().enumerate() {
        runs.push_condition(sql.push(if index == 0 { "(" } else { " OR (" }));
        sql.push(")");
    }
    sql.push(")");
    let other = asked.window(basis.other());
    if let Some(after) = other.after {
        basis.other().push(sql.push(" AND "), kind);
        sql.push(" >= ").bind(after);
    }
    if let Some(before) = other.before {
        basis.other().push(sql.push(" AND "), kind);
        sql.push(" <= ").bind(before);
    }
    sql.push(") AS runs GROUP BY slot, state_type, state_name, traits");
    let mut found = Vec::new();
    for row in tx.query_sql(sql).await? {
        let mut columns = row.columns();
        let slot = columns.take()?;
        let counted = Counted {
            state_type: columns.take()?,
            state_name: columns.take()?,
            traits: columns.take()?,
            runs: columns.take()?,
            run_time: columns.take()?,
            lateness: columns.take()?,
        };
        if asked.finds(counted.state_type, counted.state_name.as_deref(), counted.traits) {
            found.push((slot, counted));
        }
    }
    Ok(found)
}

/// A sum of the traits of a run, as the filters ask for them.
fn push_traits(sql: &mut Sql, kind: RunKind) {
    let traits = match kind {
        RunKind::FlowRuns => {
            format!("CASE WHEN flow_run.parent_task_run_id IS NULL THEN 0 ELSE {IS_SUBFLOW} END")
        }
        RunKind::TaskRuns => format!(
            "COALESCE((
                 SELECT CASE WHEN owner.parent_task_run_id IS NULL THEN {HAS_FLOW_RUN}
                     ELSE {HAS_FLOW_RUN} + {IS_IN_SUBFLOW} END
                 FROM flow_run AS owner
                 WHERE owner.workspace_id = task_run.workspace_id AND owner.id = task_run.flow_run_id), 0)
             + CASE WHEN EXISTS (
                 SELECT 1 FROM flow_run AS subflow_run
                 WHERE subflow_run.workspace_id = task_run.workspace_id
                     AND subflow_run.parent_task_run_id = task_run.id) THEN {STANDS_FOR_SUBFLOW} ELSE 0 END"
        ),
    };
    sql.push("CAST(").push(&traits).push(" AS bigint)");
}

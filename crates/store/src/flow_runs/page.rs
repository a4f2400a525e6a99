//! Where a page of flow runs is looked for.

use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::time::Timestamp;

use crate::filters::flow_runs::{self, Walk};
use crate::run_history::RunKind;
use crate::run_tallies::{self, Basis, First, Pieces, Place};
use crate::{Dialect, Result, Sql, Tx, filters};

/// Deeper pages are looked for without help.
const DEEPEST: i64 = 10_000;
/// With more runs than this to sort by id, it is quicker to go through them in that order until the page is full.
const MANY: i64 = 5_000;

/// Appends ` WHERE`, with what is known of where the first `wanted` runs are, and ` ORDER BY`.
///
/// The database finds runs by one index: by their order, passing over those that are not asked for, or by a window of
/// time, and then it sorts them. Either may be a million. The tallies tell between which times the page is.
pub(super) async fn push_where_and_order(
    tx: &mut Tx,
    sql: &mut Sql,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    sort: FlowRunSort,
    wanted: i64,
) -> Result<()> {
    let (kind, is_deep) = (RunKind::FlowRuns, wanted > DEEPEST);
    let asked = run_tallies::recognise(kind, related).filter(|_| tx.has_snapshot() && !is_deep);
    let order = order(sort);
    match (asked, order) {
        (Some(asked), Some(order)) if !asked.is_window_of(order.0) => {
            match run_tallies::bounds(tx, workspace, kind, &asked, order, wanted).await? {
                Some(place) => push_place(sql, workspace, related, order.0, &place),
                None => flow_runs::push_where(sql, workspace, related),
            }
        }
        (Some(asked), None)
            if sort == FlowRunSort::IdDesc
                && asked != run_tallies::Asked::default()
                && run_tallies::count(tx, workspace, kind, &asked).await? > MANY =>
        {
            flow_runs::push_where_along(sql, workspace, related, Walk::Order);
        }
        _ => flow_runs::push_where(sql, workspace, related),
    }
    flow_runs::push_order(sql, sort);
    Ok(())
}

/// Appends ` WHERE` for runs in this place.
fn push_place(sql: &mut Sql, workspace: WorkspaceId, related: &RelatedFilters, basis: Basis, place: &Place) {
    flow_runs::push_where_along(sql, workspace, related, Walk::Order);
    // SQLite finds nothing by a column that has a sign: pieces are found by their rows.
    let sign = if place.pieces.is_some() && sql.dialect() == Dialect::Sqlite { "+" } else { "" };
    push_between(sql, &format!("{sign}{}", basis.expression(RunKind::FlowRuns)), place.between);
    if let Some(pieces) = &place.pieces {
        push_pieces(sql, workspace, related, basis, pieces);
    }
}

fn push_pieces(
    sql: &mut Sql,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    basis: Basis,
    pieces: &Pieces,
) {
    // Where a row is stored does not change within a statement, and is found without an index.
    let row = match sql.dialect() {
        Dialect::Sqlite => "flow_run.rowid",
        Dialect::Postgres => "flow_run.ctid",
    };
    sql.push(" AND ").push(row).push(" IN (");
    let mut is_first = true;
    let mut piece = |sql: &mut Sql| {
        sql.push(if is_first { "SELECT " } else { " UNION ALL SELECT " }).push(row).push(" FROM flow_run");
        is_first = false;
    };
    for span in &pieces.expected {
        piece(sql);
        filters::push_workspace(sql, "flow_run", workspace);
        sql.push(" AND flow_run.state_type IN (");
        sql.bind_list(pieces.state_types.iter().map(|state_type| state_type.as_str())).push(")");
        push_between(sql, Basis::Expected.expression(RunKind::FlowRuns), *span);
    }
    for span in &pieces.whole {
        piece(sql);
        // Most runs of such a piece are not asked for, and each would be looked up a second time.
        flow_runs::push_where_along(sql, workspace, related, Walk::Order);
        push_between(sql, basis.expression(RunKind::FlowRuns), *span);
    }
    sql.push(")");
}

fn push_between(sql: &mut Sql, time: &str, (first, end): (i64, i64)) {
    for (comparison, micros) in [(" >= ", first), (" < ", end)] {
        sql.push(" AND ").push(time).push(comparison).bind(Timestamp::from_micros(micros));
    }
}

/// The time that runs are sorted by.
fn order(sort: FlowRunSort) -> Option<(Basis, First)> {
    match sort {
        FlowRunSort::StartTimeAsc => Some((Basis::Start, First::Earliest)),
        FlowRunSort::StartTimeDesc => Some((Basis::Start, First::Latest)),
        FlowRunSort::ExpectedStartTimeAsc => Some((Basis::Expected, First::Earliest)),
        FlowRunSort::ExpectedStartTimeDesc => Some((Basis::Expected, First::Latest)),
        _ => None,
    }
}

use sluice_wire::filters::VariableFilter;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::VariableSort;
use sluice_wire::variables::Variable;

use super::{COLUMNS, from_row};
use crate::{Result, Sql, Tx, filters};

/// The variables that the filter finds, in order: `limit` of them after `offset`.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    variables: Option<&VariableFilter>,
    sort: VariableSort,
    limit: i64,
    offset: i64,
) -> Result<Vec<Variable>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM variable");
    filters::variables::push_where(&mut sql, workspace, variables);
    filters::variables::push_order(&mut sql, sort);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// How many variables the filter finds.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, variables: Option<&VariableFilter>) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM variable");
    filters::variables::push_where(&mut sql, workspace, variables);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}

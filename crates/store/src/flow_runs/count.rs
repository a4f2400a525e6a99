use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;

use crate::{Result, Sql, Tx, filters};

/// How many flow runs match.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, related: &RelatedFilters) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM flow_run");
    filters::flow_runs::push_where(&mut sql, workspace, related);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}

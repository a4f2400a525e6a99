use sluice_wire::ids::WorkspaceId;
use sluice_wire::incidents::IncidentFilter;

use crate::{Result, Sql, Tx, filters};

/// How many incidents the filter finds.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, incidents: Option<&IncidentFilter>) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM incident");
    filters::incidents::push_where(&mut sql, workspace, incidents);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}

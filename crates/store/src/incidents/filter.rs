use sluice_wire::ids::WorkspaceId;
use sluice_wire::incidents::{Incident, IncidentFilter};

use super::{COLUMNS, from_row};
use crate::{Result, Sql, Tx, filters};

/// The incidents that the filter finds, the newest first: `limit` of them after `offset`.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    incidents: Option<&IncidentFilter>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Incident>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM incident");
    filters::incidents::push_where(&mut sql, workspace, incidents);
    filters::incidents::push_order(&mut sql);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

use sluice_wire::ids::{IncidentId, WorkspaceId};
use sluice_wire::incidents::Incident;

use super::{COLUMNS, from_row};
use crate::{Result, Sql, Tx};

/// The incident of this id.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: IncidentId) -> Result<Option<Incident>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM incident WHERE incident.workspace_id = ").bind(workspace);
    sql.push(" AND incident.id = ").bind(id);
    tx.query_sql(sql).await?.into_iter().next().map(from_row).transpose()
}

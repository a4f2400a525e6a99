use sluice_wire::automations::Automation;
use sluice_wire::ids::{AutomationId, WorkspaceId};

use super::{COLUMNS, from_row};
use crate::{FromValue, Result, Row, Sql, StoreError, Tx};

/// The automation, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: AutomationId) -> Result<Option<Automation>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM automation WHERE automation.workspace_id = ").bind(workspace);
    sql.push(" AND automation.id = ").bind(id);
    tx.query_sql(sql).await?.into_iter().next().map(from_row).transpose()
}

/// Every automation that is to be evaluated, of every workspace.
pub async fn read_enabled(tx: &mut Tx) -> Result<Vec<(WorkspaceId, Automation)>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(", automation.workspace_id FROM automation WHERE automation.enabled = ");
    sql.bind(true).push(" ORDER BY automation.id");
    let rows = tx.query_sql(sql).await?;
    rows.into_iter()
        .map(|Row(mut values)| {
            let workspace = values
                .pop()
                .ok_or_else(|| StoreError::Corrupt("the row has fewer columns".to_owned()))
                .and_then(WorkspaceId::from_value)?;
            Ok((workspace, from_row(Row(values))?))
        })
        .collect()
}

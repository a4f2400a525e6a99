use std::collections::HashMap;

use sluice_wire::ids::{FlowId, WorkspaceId};

use crate::{Result, Sql, Tx};

/// How many deployments each of these flows has; flows without any are left out.
pub async fn count_deployments(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flows: &[FlowId],
) -> Result<HashMap<FlowId, i64>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT flow_id, count(*) FROM deployment WHERE workspace_id = ");
    sql.bind(workspace).push(" AND flow_id IN (").bind_list(flows.iter().copied()).push(") GROUP BY flow_id");
    tx.query_sql(sql)
        .await?
        .into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}

use std::collections::BTreeSet;

use sluice_wire::ids::WorkspaceId;

use crate::{Result, Row, Tx, params};

/// Every capability that some schema has, in alphabetical order.
pub async fn capabilities(tx: &mut Tx, workspace: WorkspaceId) -> Result<BTreeSet<String>> {
    let rows = tx
        .query("SELECT DISTINCT capabilities FROM block_schema WHERE workspace_id = ?1", params![workspace])
        .await?;
    let lists = rows.into_iter().map(Row::scalar).collect::<Result<Vec<Vec<String>>>>()?;
    Ok(lists.into_iter().flatten().collect())
}

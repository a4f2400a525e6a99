use std::collections::HashMap;

use sluice_wire::ids::WorkspaceId;

use crate::{Json, Result, Tx, params};

/// The value of every variable, by name: for templates that name them.
pub async fn read_values(tx: &mut Tx, workspace: WorkspaceId) -> Result<HashMap<String, serde_json::Value>> {
    let rows =
        tx.query("SELECT name, value FROM variable WHERE workspace_id = ?1", params![workspace]).await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            let name = columns.take()?;
            let value: Option<Json<serde_json::Value>> = columns.take()?;
            Ok((name, value.map(|Json(value)| value).unwrap_or_default()))
        })
        .collect()
}

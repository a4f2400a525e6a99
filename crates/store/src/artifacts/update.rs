use sluice_wire::artifacts::ArtifactUpdate;
use sluice_wire::ids::{ArtifactId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Json, Result, Sql, Tx, Value};

/// Changes what was sent, also where the artifact is the newest of its key; returns whether it exists.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ArtifactId,
    update: &ArtifactUpdate,
    now: Timestamp,
) -> Result<bool> {
    let mut changed = 0;
    for (table, id_column) in [("artifact", "id"), ("artifact_collection", "latest_id")] {
        let mut sql = Sql::new(tx.dialect(), "UPDATE ");
        sql.push(table).push(" SET updated = ").bind(now);
        push_set(&mut sql, "data", update.data.as_option().map(|data| Value::from(data.cloned())));
        push_set(&mut sql, "description", update.description.as_option().map(Value::from));
        push_set(
            &mut sql,
            "metadata",
            update.metadata_.as_option().map(|metadata| metadata.map(Json).into()),
        );
        sql.push(" WHERE workspace_id = ").bind(workspace).push(" AND ").push(id_column).push(" = ").bind(id);
        changed += tx.execute_sql(sql).await?;
    }
    Ok(changed > 0)
}

fn push_set(sql: &mut Sql, column: &str, value: Option<Value>) {
    match value {
        None => {}
        Some(Value::Null) => {
            sql.push(", ").push(column).push(" = NULL");
        }
        Some(value) => {
            sql.push(", ").push(column).push(" = ").bind(value);
        }
    }
}

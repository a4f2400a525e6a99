use sluice_wire::artifacts::{Artifact, ArtifactCollection};
use sluice_wire::ids::{ArtifactId, WorkspaceId};

use super::{COLLECTION_COLUMNS, COLUMNS, collection_from_row, from_row};
use crate::{Result, Sql, Tx};

/// The artifact, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: ArtifactId) -> Result<Option<Artifact>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS)
        .push(" FROM artifact WHERE workspace_id = ")
        .bind(workspace)
        .push(" AND id = ")
        .bind(id);
    tx.query_sql(sql).await?.into_iter().next().map(from_row).transpose()
}

/// The newest artifact of this key, if there is one.
pub async fn read_latest(
    tx: &mut Tx,
    workspace: WorkspaceId,
    key: &str,
) -> Result<Option<ArtifactCollection>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLLECTION_COLUMNS).push(" FROM artifact_collection WHERE workspace_id = ").bind(workspace);
    sql.push(" AND key = ").bind(key);
    tx.query_sql(sql).await?.into_iter().next().map(collection_from_row).transpose()
}

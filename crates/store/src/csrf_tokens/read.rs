use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::CsrfToken;
use crate::{Result, Tx, params};

/// The token of `client`, unless it has expired.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    client: &str,
    now: Timestamp,
) -> Result<Option<CsrfToken>> {
    let row = tx
        .query_first(
            "SELECT id, created, updated, token, client, expiration FROM csrf_token
             WHERE workspace_id = ?1 AND client = ?2 AND expiration > ?3",
            params![workspace, client, now],
        )
        .await?;
    row.map(|row| {
        let mut columns = row.columns();
        Ok(CsrfToken {
            id: columns.take()?,
            created: columns.take()?,
            updated: columns.take()?,
            token: columns.take()?,
            client: columns.take()?,
            expiration: columns.take()?,
        })
    })
    .transpose()
}

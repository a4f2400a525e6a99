use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::{CsrfToken, read};
use crate::{Result, StoreError, Tx, params};

/// Gives `client` a token in place of the one that it had, and forgets those that have expired.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    client: &str,
    token: &str,
    expiration: Timestamp,
    now: Timestamp,
) -> Result<CsrfToken> {
    tx.execute(
        "INSERT INTO csrf_token (id, workspace_id, created, updated, client, token, expiration)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)
         ON CONFLICT (workspace_id, client) DO UPDATE SET
             token = excluded.token, expiration = excluded.expiration, updated = excluded.updated",
        params![Uuid::new_v4(), workspace, now, client, token, expiration],
    )
    .await?;
    tx.execute("DELETE FROM csrf_token WHERE workspace_id = ?1 AND expiration < ?2", params![workspace, now])
        .await?;
    read(tx, workspace, client, now)
        .await?
        .ok_or_else(|| StoreError::Internal("the token is gone again".to_owned()))
}

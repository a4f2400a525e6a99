use sluice_secrets::{KeyId, KeyRing};
use sluice_wire::ids::{BlockDocumentId, WorkspaceId};

use super::sealing;
use crate::{Result, Row, Tx, params};

/// Seals documents anew with the current key, at most `limit`, of all workspaces. Returns how many it changed and
/// how many are left under other keys that the ring has. What is under a key that the ring does not have stays.
pub async fn rotate_some(tx: &mut Tx, keys: &KeyRing, limit: i64) -> Result<(i64, i64)> {
    let current = keys.current()?;
    let mut changed = 0;
    for key in keys.ids().filter(|key| *key != current) {
        if changed == limit {
            break;
        }
        let rows = tx
            .query_for_update(
                "SELECT workspace_id, id, data FROM block_document WHERE key_id = ?1 ORDER BY id LIMIT ?2",
                params![key.as_str(), limit - changed],
            )
            .await?;
        let mut updates = Vec::with_capacity(rows.len());
        for row in rows {
            let mut columns = row.columns();
            let (workspace, id): (WorkspaceId, BlockDocumentId) = (columns.take()?, columns.take()?);
            let sealed = sealing::sealed(key.as_str().to_owned(), columns.take()?);
            let text = sealing::open_text(keys, workspace, id, &sealed)?;
            let sealed = sealing::seal_text(keys, workspace, id, &text)?;
            updates.push(params![workspace, id, sealed.key_id.as_str(), sealed.bytes]);
            changed += 1;
        }
        tx.execute_many(
            "UPDATE block_document SET key_id = ?3, data = ?4 WHERE workspace_id = ?1 AND id = ?2",
            updates,
        )
        .await?;
    }
    let mut left = 0;
    for key in keys.ids().filter(|key| *key != current) {
        let count: Option<i64> =
            tx.scalar("SELECT count(*) FROM block_document WHERE key_id = ?1", params![key.as_str()]).await?;
        left += count.unwrap_or(0);
    }
    Ok((changed, left))
}

/// The keys that documents are sealed with, each with the number of documents, of all workspaces.
pub async fn keys_in_use(tx: &mut Tx) -> Result<Vec<(KeyId, i64)>> {
    let text = "SELECT key_id, count(*) FROM block_document GROUP BY key_id ORDER BY key_id";
    let read = |row: Row| {
        let mut columns = row.columns();
        Ok((KeyId::from_stored(columns.take()?), columns.take()?))
    };
    tx.query(text, Vec::new()).await?.into_iter().map(read).collect()
}

/// Those of [`keys_in_use`] that the ring does not have.
pub async fn missing_keys(tx: &mut Tx, keys: &KeyRing) -> Result<Vec<(KeyId, i64)>> {
    Ok(keys_in_use(tx).await?.into_iter().filter(|(key, _)| !keys.has(key)).collect())
}

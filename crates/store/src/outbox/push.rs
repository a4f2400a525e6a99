use sluice_wire::events::Event;
use sluice_wire::ids::WorkspaceId;

use crate::{Json, Result, Topic, Tx, params};

/// Commits `event` with the transaction; the event pump stores and publishes it.
pub async fn push(tx: &mut Tx, workspace: WorkspaceId, event: &Event) -> Result<()> {
    tx.execute("INSERT INTO outbox (workspace_id, event) VALUES (?1, ?2)", params![workspace, Json(event)])
        .await?;
    tx.notify(Topic::Outbox);
    Ok(())
}

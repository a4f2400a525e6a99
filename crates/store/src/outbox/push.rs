use std::borrow::Cow;

use sluice_wire::events::Event;
use sluice_wire::ids::WorkspaceId;

use crate::{Json, Result, Topic, Tx, params};

/// Commits `event` with the transaction; the event pump stores and publishes it. It is kept within the limits of events:
/// every one that is pushed can be taken, whatever users call their states and however many tags they give.
pub async fn push(tx: &mut Tx, workspace: WorkspaceId, event: &Event) -> Result<()> {
    let mut event = Cow::Borrowed(event);
    if !event.is_within_limits() {
        event.to_mut().keep_within_limits();
    }
    tx.execute("INSERT INTO outbox (workspace_id, event) VALUES (?1, ?2)", params![workspace, Json(&event)])
        .await?;
    tx.notify(Topic::Outbox);
    Ok(())
}

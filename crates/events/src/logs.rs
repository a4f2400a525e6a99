//! Log lines: stored with the request, then handed to who watches.

use std::sync::Arc;

use sluice_store::{Database, StoreError, logs};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::logs::LogCreate;

use crate::{Events, LiveLogs, Subscription};

impl Events {
    /// Stores log lines and returns when they are on disk.
    pub async fn store_logs(&self, workspace: WorkspaceId, lines: Vec<LogCreate>) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let logs = lines.into_iter().map(LogCreate::into_log).collect();
        let live = Arc::new(LiveLogs { workspace, logs });
        let arguments = (Arc::clone(&live), self.inner.clock.now(), self.inner.origin);
        self.inner
            .store
            .write_to(Database::Telemetry, arguments, |tx, (live, now, origin)| {
                Box::pin(async move { logs::insert(tx, live.workspace, &live.logs, *now, *origin).await })
            })
            .await?;
        self.inner.log_bus.hand_on(vec![live]);
        Ok(())
    }

    /// Listens to the log lines of all workspaces, from now on.
    pub fn subscribe_to_logs(&self) -> Subscription<LiveLogs> {
        self.inner.log_bus.subscribe()
    }
}

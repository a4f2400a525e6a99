//! Which workspaces have rows of a kind. Each is found by one step through an index, however many rows there are.

use sluice_wire::ids::WorkspaceId;

use crate::{Result, Row, Tx};

/// The workspaces that have events. For the telemetry part.
pub async fn with_events(tx: &mut Tx) -> Result<Vec<WorkspaceId>> {
    let rows = tx
        .query(
            "WITH RECURSIVE found (id) AS (
                 SELECT * FROM (SELECT workspace_id FROM event ORDER BY workspace_id LIMIT 1) AS first
                 UNION ALL
                 SELECT (SELECT workspace_id FROM event WHERE workspace_id > found.id ORDER BY workspace_id LIMIT 1)
                 FROM found WHERE found.id IS NOT NULL)
             SELECT id FROM found WHERE id IS NOT NULL",
            Vec::new(),
        )
        .await?;
    rows.into_iter().map(Row::scalar).collect()
}

/// The workspaces that have log lines. For the telemetry part.
pub async fn with_logs(tx: &mut Tx) -> Result<Vec<WorkspaceId>> {
    let rows = tx
        .query(
            "WITH RECURSIVE found (id) AS (
                 SELECT * FROM (SELECT workspace_id FROM log ORDER BY workspace_id LIMIT 1) AS first
                 UNION ALL
                 SELECT (SELECT workspace_id FROM log WHERE workspace_id > found.id ORDER BY workspace_id LIMIT 1)
                 FROM found WHERE found.id IS NOT NULL)
             SELECT id FROM found WHERE id IS NOT NULL",
            Vec::new(),
        )
        .await?;
    rows.into_iter().map(Row::scalar).collect()
}

/// The workspaces that have flow runs.
pub async fn with_flow_runs(tx: &mut Tx) -> Result<Vec<WorkspaceId>> {
    let rows = tx
        .query(
            "WITH RECURSIVE found (id) AS (
                 SELECT * FROM (SELECT workspace_id FROM flow_run ORDER BY workspace_id LIMIT 1) AS first
                 UNION ALL
                 SELECT (SELECT workspace_id FROM flow_run WHERE workspace_id > found.id
                     ORDER BY workspace_id LIMIT 1)
                 FROM found WHERE found.id IS NOT NULL)
             SELECT id FROM found WHERE id IS NOT NULL",
            Vec::new(),
        )
        .await?;
    rows.into_iter().map(Row::scalar).collect()
}

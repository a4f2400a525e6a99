use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::Timestamp;

use crate::{Dialect, Json, Result, Row, Tx, params};

/// Runs of every workspace whose pause has gone on for longer than it may, at most `limit`.
pub async fn expired_pauses(
    tx: &mut Tx,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(WorkspaceId, FlowRunId)>> {
    // Times in JSON are texts of which the fraction may be missing, so seconds are compared.
    let text = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT workspace_id, id, state FROM flow_run WHERE state_type = 'PAUSED'
             AND substr(json_extract(state, '$.state_details.pause_timeout'), 1, 19) <= ?1 LIMIT ?2"
        }
        Dialect::Postgres => {
            "SELECT workspace_id, id, state FROM flow_run WHERE state_type = 'PAUSED'
             AND substr(state -> 'state_details' ->> 'pause_timeout', 1, 19) <= ?1 LIMIT ?2"
        }
    };
    let second: String = now.to_string().chars().take(19).collect();
    let mut expired = Vec::new();
    for row in tx.query(text, params![second, limit]).await? {
        let mut columns = row.columns();
        let (workspace, id) = (columns.take()?, columns.take()?);
        let Json(state): Json<State> = columns.take()?;
        if has_expired(&state, now) {
            expired.push((workspace, id));
        }
    }
    Ok(expired)
}

/// Whether the run is in such a pause; its row is locked until the transaction ends.
pub async fn is_expired_pause(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    now: Timestamp,
) -> Result<bool> {
    let rows = tx
        .query_for_update(
            "SELECT state FROM flow_run WHERE workspace_id = ?1 AND id = ?2 AND state_type = 'PAUSED'",
            params![workspace, id],
        )
        .await?;
    let state: Option<Json<State>> = rows.into_iter().next().map(Row::scalar).transpose()?;
    Ok(state.is_some_and(|Json(state)| has_expired(&state, now)))
}

fn has_expired(state: &State, now: Timestamp) -> bool {
    state.r#type == StateType::Paused
        && state.state_details.pause_timeout.is_some_and(|timeout| timeout < now)
}

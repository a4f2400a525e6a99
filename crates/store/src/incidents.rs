//! Incidents that automations declare.

use serde::Serialize;
use sluice_wire::events::Labels;
use sluice_wire::ids::{AutomationId, EventId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use crate::{Json, Result, Tx, params};

/// An incident to be stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewIncident {
    /// Its id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// What has happened.
    pub summary: String,
    /// How bad it is.
    pub severity: String,
    /// Who declared it.
    pub automation_id: Option<AutomationId>,
    /// What it is about.
    pub resources: Vec<Labels>,
    /// Why it was declared.
    pub triggering_event_id: Option<EventId>,
}

/// Stores an incident that is open.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    incident: &NewIncident,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO incident (id, workspace_id, created, updated, name, summary, severity, status, automation_id, \
         resources, triggering_event_id)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, 'open', ?7, ?8, ?9)",
        params![
            incident.id,
            workspace,
            now,
            &incident.name,
            &incident.summary,
            &incident.severity,
            incident.automation_id,
            Json(&incident.resources),
            incident.triggering_event_id,
        ],
    )
    .await?;
    Ok(())
}

/// How many incidents there are.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId) -> Result<i64> {
    let count =
        tx.scalar("SELECT count(*) FROM incident WHERE workspace_id = ?1", params![workspace]).await?;
    Ok(count.unwrap_or(0))
}

use sluice_wire::events::Labels;
use sluice_wire::ids::{AutomationId, EventId, IncidentId, WorkspaceId};
use sluice_wire::incidents::Severity;
use sluice_wire::time::Timestamp;

use crate::{Json, Result, Tx, params};

/// An incident to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewIncident {
    /// Its id.
    pub id: IncidentId,
    /// For people.
    pub name: String,
    /// What has happened.
    pub summary: String,
    /// How bad it is.
    pub severity: Severity,
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
            incident.severity.as_str(),
            incident.automation_id,
            Json(&incident.resources),
            incident.triggering_event_id,
        ],
    )
    .await?;
    Ok(())
}

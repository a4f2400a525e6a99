//! Incidents: declared by automations, read, changed, resolved and deleted by people.

mod count;
mod create;
mod delete;
mod delete_resolved;
mod event;
mod filter;
mod read;
mod update;

pub use count::count;
pub use create::{NewIncident, create};
pub use delete::delete;
pub use delete_resolved::delete_resolved;
pub use filter::filter;
pub use read::read;
pub use update::update;

use sluice_wire::incidents::{Incident, IncidentStatus, Severity};

use crate::{FromValue, Json, Result, Row, StoreError, Value};

/// The columns of [`from_row`], in its order.
const COLUMNS: &str = "incident.id, incident.created, incident.updated, incident.workspace_id, incident.name, \
                       incident.summary, incident.severity, incident.status, incident.automation_id, \
                       incident.resources, incident.triggering_event_id";

fn from_row(row: Row) -> Result<Incident> {
    let mut columns = row.columns();
    Ok(Incident {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        workspace_id: columns.take()?,
        name: columns.take()?,
        summary: columns.take()?,
        severity: columns.take()?,
        status: columns.take()?,
        automation_id: columns.take()?,
        resources: columns.take().map(|Json(resources)| resources)?,
        triggering_event_id: columns.take()?,
    })
}

impl FromValue for Severity {
    fn from_value(value: Value) -> Result<Self> {
        let word = String::from_value(value)?;
        [Self::Minor, Self::Moderate, Self::Major, Self::Critical]
            .into_iter()
            .find(|severity| severity.as_str() == word)
            .ok_or_else(|| StoreError::Corrupt(format!("{word} is no severity")))
    }
}

impl FromValue for IncidentStatus {
    fn from_value(value: Value) -> Result<Self> {
        let word = String::from_value(value)?;
        [Self::Open, Self::Resolved]
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or_else(|| StoreError::Corrupt(format!("{word} is no status of an incident")))
    }
}

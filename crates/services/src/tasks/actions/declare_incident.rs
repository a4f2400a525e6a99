//! `declare-incident`: an incident is stored, and an event tells of it.

use serde_json::json;
use sluice_store::automations::actions::PendingAction;
use sluice_store::incidents::{self, NewIncident};
use sluice_store::{StoreError, Tx, outbox};
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::ids::IncidentId;
use sluice_wire::incidents::{IncidentStatus, Severity};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use super::outcome::{Refused, Report};

/// Nobody has said how bad it is.
const SEVERITY: Severity = Severity::Moderate;

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Refused> {
    let action = &pending.action;
    let event = action.triggering_event.as_ref();
    let mut resources: Vec<Labels> = Vec::new();
    if let Some(event) = event {
        resources.push(event.resource.clone());
        resources.extend(event.related.iter().cloned());
    }
    let incident = NewIncident {
        id: IncidentId::sequential(),
        name: action.automation.core.name.clone(),
        summary: match event {
            Some(event) => format!("{} of {}", event.event, event.resource_id()),
            None => format!("automation {} fired", action.automation.core.name),
        },
        severity: SEVERITY.to_owned(),
        automation_id: Some(action.automation.id),
        resources,
        triggering_event_id: event.map(|event| event.id),
    };
    incidents::create(tx, pending.workspace, &incident, now).await?;
    let resource_id = format!("prefect.incident.{}", incident.id);
    let resource = Labels::from([
        (RESOURCE_ID.to_owned(), resource_id.clone()),
        (RESOURCE_NAME.to_owned(), incident.name.clone()),
    ]);
    let mut declared = Event::new(now, "prefect.incident.declared", resource);
    declared.related.push(Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.automation.{}", action.automation.id)),
        (RESOURCE_ROLE.to_owned(), "creator".to_owned()),
        (RESOURCE_NAME.to_owned(), action.automation.core.name.clone()),
    ]));
    let payload = json!({
        "name": incident.name,
        "summary": incident.summary,
        "severity": incident.severity,
        "status": IncidentStatus::Open,
    });
    declared.payload =
        RawJson::from_value(&payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    outbox::push(tx, pending.workspace, &declared).await?;
    report.relate(resource_id, "incident", Some(incident.name));
    Ok(())
}

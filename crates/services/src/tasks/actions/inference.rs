//! What an action is about, taken from the event.

use sluice_wire::automations::TriggeredAction;
use sluice_wire::events::{Labels, RESOURCE_ID, ReceivedEvent};
use sluice_wire::ids::FlowRunId;
use uuid::Uuid;

use super::outcome::Refused;

/// The first resource of the event that is of this kind, such as `prefect.flow-run`: its own, or a related one.
pub(super) fn first_of_kind<'e>(event: &'e ReceivedEvent, kind: &str) -> Option<&'e Labels> {
    std::iter::once(&event.resource).chain(&event.related).find(|labels| {
        let id = labels.get(RESOURCE_ID).and_then(|id| id.rsplit_once('.'));
        id.is_some_and(|(found, _)| found == kind)
    })
}

/// The id in the name of a resource of this kind.
pub(super) fn id_in(resource_id: &str, kind: &str) -> Option<Uuid> {
    let (found, id) = resource_id.rsplit_once('.')?;
    if found == kind { id.parse().ok() } else { None }
}

/// What is named, or else what the event is about; `what` as in "No deployment could be inferred".
pub(super) fn target<I: From<Uuid>>(
    action: &TriggeredAction,
    selected: Option<I>,
    kind: &str,
    what: &str,
) -> Result<I, Refused> {
    if let Some(selected) = selected {
        return Ok(selected);
    }
    let Some(event) = &action.triggering_event else {
        return Err(Refused::failed(format!("No event to infer the {what}")));
    };
    first_of_kind(event, kind)
        .and_then(|labels| id_in(labels.get(RESOURCE_ID)?, kind))
        .map(I::from)
        .ok_or_else(|| Refused::failed(format!("No {what} could be inferred")))
}

/// The flow run: of the labels for which the trigger counted, or of the event.
pub(super) fn flow_run(action: &TriggeredAction) -> Result<FlowRunId, Refused> {
    const KIND: &str = "prefect.flow-run";
    let counted = action.firing.triggering_labels.get(RESOURCE_ID).and_then(|id| id_in(id, KIND));
    let involved = || {
        let event = action.triggering_event.as_ref()?;
        id_in(first_of_kind(event, KIND)?.get(RESOURCE_ID)?, KIND)
    };
    counted.or_else(involved).map(FlowRunId).ok_or_else(|| Refused::failed("No flow run could be inferred"))
}

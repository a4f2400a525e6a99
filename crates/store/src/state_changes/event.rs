//! The event `prefect.flow-run.<state name>`.

use serde_json::Value as Tree;
use sluice_orchestration::state_change_event;
use sluice_wire::events::{Event, Labels};
use sluice_wire::flow_runs::CreatedBy;
use sluice_wire::ids::{EventId, FlowRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::states::State;

use super::Related;
use crate::{Result, StoreError, Tx, outbox};

/// The flow run that an event is about.
pub(crate) struct Subject<'a> {
    pub id: FlowRunId,
    pub name: &'a str,
    pub run_count: i64,
    pub tags: &'a [String],
    pub created_by: Option<&'a CreatedBy>,
    pub related: &'a Related,
}

/// Puts the event of this change into the outbox. Its id is that of the new state.
pub(crate) async fn push(
    tx: &mut Tx,
    workspace: WorkspaceId,
    subject: &Subject<'_>,
    initial: Option<&State>,
    state: &State,
) -> Result<()> {
    let resource = state_change_event::resource(subject.id, subject.name, subject.run_count, state);
    let resource: Labels = resource
        .into_iter()
        .filter_map(|(name, value)| match value {
            Tree::String(text) => Some((name, text)),
            _ => None,
        })
        .collect();
    let payload = RawJson::from_value(&state_change_event::payload(initial, state))
        .map_err(|error| StoreError::Internal(error.to_string()))?;
    let event = Event {
        occurred: state.timestamp,
        event: state_change_event::name(state),
        resource,
        related: subject.related.resources(subject.tags, subject.created_by),
        payload,
        id: EventId(state.id.0),
        follows: state_change_event::follows(initial, state).map(|id| EventId(id.0)),
    };
    outbox::push(tx, workspace, &event).await
}

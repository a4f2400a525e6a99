//! The events that tell of an action: that it was triggered, and that it was executed or failed.

use serde_json::{Map, Value, json};
use sluice_store::automations::actions::{PendingAction, UnreadableAction};
use sluice_store::{StoreError, Tx, outbox};
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::json::RawJson;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::outcome::Report;

/// An event that is older follows nothing: who reads events in order would wait for what has long passed.
const CLOSE: TimeDelta = TimeDelta::from_secs(300);

pub(in crate::tasks) async fn executed(
    tx: &mut Tx,
    pending: &PendingAction,
    report: &Report,
    now: Timestamp,
) -> Result<(), StoreError> {
    tell(tx, pending, "prefect.automation.action.executed", report.details.clone(), report, now).await
}

pub(in crate::tasks) async fn failed(
    tx: &mut Tx,
    pending: &PendingAction,
    reason: &str,
    report: &Report,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut details = Map::from_iter([("reason".to_owned(), Value::from(reason))]);
    details.extend(report.details.clone());
    tell(tx, pending, "prefect.automation.action.failed", details, report, now).await
}

/// Tells that an action failed of which little is known.
pub(in crate::tasks) async fn unreadable(
    tx: &mut Tx,
    action: &UnreadableAction,
    now: Timestamp,
) -> Result<(), StoreError> {
    let resource =
        Labels::from([(RESOURCE_ID.to_owned(), format!("prefect.automation.{}", action.automation))]);
    let mut failed = Event::new(now, "prefect.automation.action.failed", resource);
    failed.payload = raw(&json!({
        "invocation": action.id,
        "reason": format!("The stored action cannot be read: {}", action.reason),
    }))?;
    outbox::push(tx, action.workspace, &failed).await
}

async fn tell(
    tx: &mut Tx,
    pending: &PendingAction,
    name: &str,
    details: Map<String, Value>,
    report: &Report,
    now: Timestamp,
) -> Result<(), StoreError> {
    let action = &pending.action;
    let automation = &action.automation;
    let mut resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.automation.{}", automation.id)),
        (RESOURCE_NAME.to_owned(), automation.core.name.clone()),
        ("prefect.trigger-type".to_owned(), automation.core.trigger.kind().to_owned()),
    ]);
    if let Some(posture) = automation.core.trigger.posture() {
        resource.insert("prefect.posture".to_owned(), posture.as_str().to_owned());
    }
    let mut related = report.related.clone();
    if let Some(id) = action.automation_triggered_event_id {
        related.push(event_resource(id, "automation-triggered-event"));
    }
    if let Some(event) = &action.triggering_event {
        related.push(event_resource(event.id, "triggering-event"));
    }
    let base = json!({
        "action_index": action.action_index,
        "action_type": action.action.kind(),
        "invocation": action.id,
    });
    let mut triggered =
        Event::new(action.firing.triggered, "prefect.automation.action.triggered", resource.clone());
    triggered.related.clone_from(&related);
    triggered.payload = raw(&base)?;
    triggered.follows = action.triggering_event.as_ref().and_then(|event| {
        let apart = action.firing.triggered.since(event.occurred).as_micros().abs();
        (apart < CLOSE.as_micros()).then_some(event.id)
    });
    outbox::push(tx, pending.workspace, &triggered).await?;

    let mut ended = Event::new(now, name, resource);
    ended.related = related;
    let mut payload = base;
    if let Value::Object(fields) = &mut payload {
        fields.extend(details);
    }
    ended.payload = raw(&payload)?;
    ended.follows = Some(triggered.id);
    outbox::push(tx, pending.workspace, &ended).await
}

fn event_resource(id: impl std::fmt::Display, role: &str) -> Labels {
    Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.event.{id}")),
        (RESOURCE_ROLE.to_owned(), role.to_owned()),
    ])
}

fn raw(value: &Value) -> Result<RawJson, StoreError> {
    RawJson::from_value(value).map_err(|error| StoreError::Internal(error.to_string()))
}

//! A trigger has fired: the triggers that it is a part of may fire, then the automation acts.

use serde::Serialize;
use sluice_events::triggers::{Evaluated, composite};
use sluice_store::automations::{actions, child_firings};
use sluice_store::{StoreError, Tx, outbox};
use sluice_wire::automations::{Firing, TriggerState, TriggeredAction};
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, ReceivedEvent};
use sluice_wire::json::RawJson;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

/// Gives each firing of a transaction a time of its own: sequences depend on their order.
#[derive(Debug)]
pub(super) struct Firings {
    now: Timestamp,
    next: Timestamp,
}

impl Firings {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, next: now }
    }

    fn time(&mut self) -> Timestamp {
        let time = self.next;
        self.next = time + TimeDelta::from_micros(1);
        time
    }

    pub(super) async fn of_event_trigger(
        &mut self,
        tx: &mut Tx,
        evaluated: &Evaluated,
        labels: Labels,
        event: Option<ReceivedEvent>,
    ) -> Result<(), StoreError> {
        let firing = Firing {
            id: Uuid::now_v7(),
            trigger_id: evaluated.trigger().id(),
            trigger_states: vec![TriggerState::Triggered],
            triggered: self.time(),
            triggering_labels: labels,
            triggering_firings: Vec::new(),
            triggering_event: event,
            triggering_value: None,
        };
        self.fire(tx, evaluated, firing).await
    }

    /// Goes up as long as triggers fire.
    pub(super) async fn fire(
        &mut self,
        tx: &mut Tx,
        evaluated: &Evaluated,
        firing: Firing,
    ) -> Result<(), StoreError> {
        let (mut evaluated, mut firing) = (evaluated.clone(), firing);
        while let Some(parent) = evaluated.parent() {
            // That a part is over is of no use to the whole.
            if !firing.trigger_states.contains(&TriggerState::Triggered) {
                return Ok(());
            }
            let (workspace, automation) = (parent.workspace, parent.automation.id);
            let trigger = parent.trigger();
            let event = firing.triggering_event.clone();
            let triggering_firings = if composite::needs_one(trigger) {
                vec![firing]
            } else {
                let known = child_firings::read(tx, workspace, automation, trigger.id()).await?;
                let known = composite::remember(trigger, known, firing);
                let is_ready = composite::is_ready(trigger, &known);
                let kept: &[Firing] = if is_ready { &[] } else { &known };
                child_firings::write(tx, workspace, automation, trigger.id(), kept).await?;
                if !is_ready {
                    return Ok(());
                }
                known
            };
            firing = Firing {
                id: Uuid::now_v7(),
                trigger_id: trigger.id(),
                trigger_states: vec![TriggerState::Triggered],
                triggered: self.time(),
                triggering_labels: Labels::new(),
                triggering_firings,
                triggering_event: event,
                triggering_value: None,
            };
            evaluated = parent;
        }
        act(tx, &evaluated, firing, self.now).await
    }
}

#[derive(Serialize)]
struct Payload<'f> {
    triggering_labels: &'f Labels,
    triggering_event: Option<&'f ReceivedEvent>,
}

/// Tells of the firing, and commits what is to be done.
async fn act(
    tx: &mut Tx,
    evaluated: &Evaluated,
    mut firing: Firing,
    now: Timestamp,
) -> Result<(), StoreError> {
    let automation = &evaluated.automation;
    firing.trigger_states.sort_unstable();
    let mut told = Vec::new();
    for state in &firing.trigger_states {
        let event = state_change(evaluated, &firing, *state)?;
        outbox::push(tx, evaluated.workspace, &event).await?;
        told.push((*state, event.receive(now)));
    }
    let event_of = |state| told.iter().find(|(of, _)| *of == state).map(|(_, event)| event);
    let primary =
        event_of(TriggerState::Triggered).or(event_of(TriggerState::Resolved)).map(|event| event.id);
    let mut planned = Vec::new();
    let core = &automation.core;
    planned.extend(core.actions.iter().map(|action| (action, firing.triggering_event.clone(), primary)));
    for (state, actions) in [
        (TriggerState::Triggered, &core.actions_on_trigger),
        (TriggerState::Resolved, &core.actions_on_resolve),
    ] {
        let Some(event) = event_of(state) else { continue };
        planned.extend(actions.iter().map(|action| (action, Some(event.clone()), Some(event.id))));
    }
    let planned: Vec<TriggeredAction> = planned
        .into_iter()
        .zip(0..)
        .map(|((action, triggering_event, automation_triggered_event_id), action_index)| TriggeredAction {
            id: Uuid::now_v7(),
            automation: automation.as_ref().clone(),
            firing: firing.clone(),
            triggering_event,
            action: action.clone(),
            action_index,
            automation_triggered_event_id,
        })
        .collect();
    tracing::info!(automation = %automation.id, actions = planned.len(), "an automation fired");
    metrics::counter!("sluice_automation_firings_total").increment(1);
    actions::insert(tx, evaluated.workspace, &planned, now).await
}

fn state_change(evaluated: &Evaluated, firing: &Firing, state: TriggerState) -> Result<Event, StoreError> {
    let automation = &evaluated.automation;
    let mut resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.automation.{}", automation.id)),
        (RESOURCE_NAME.to_owned(), automation.core.name.clone()),
    ]);
    if let Some(posture) = automation.core.trigger.posture() {
        resource.insert("prefect.posture".to_owned(), posture.as_str().to_owned());
    }
    let mut event = Event::new(firing.triggered, state.event_name(), resource);
    if let Some(triggering) = &firing.triggering_event {
        event.related.push(Labels::from([
            (RESOURCE_ID.to_owned(), format!("prefect.event.{}", triggering.id)),
            (RESOURCE_ROLE.to_owned(), "triggering-event".to_owned()),
        ]));
    }
    event.payload = RawJson::from_value(&Payload {
        triggering_labels: &firing.triggering_labels,
        triggering_event: firing.triggering_event.as_ref(),
    })
    .map_err(|error| StoreError::Internal(error.to_string()))?;
    Ok(event)
}

//! What happens between an event and what is done about it. Stored, not sent.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Action, Automation};
use crate::events::{Labels, ReceivedEvent};
use crate::ids::EventId;
use crate::time::Timestamp;

/// What a trigger has become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TriggerState {
    /// It fired.
    Triggered,
    /// What it fired for is over.
    Resolved,
}

impl TriggerState {
    /// The name of the event that tells of it.
    pub fn event_name(self) -> &'static str {
        match self {
            Self::Triggered => "prefect.automation.triggered",
            Self::Resolved => "prefect.automation.resolved",
        }
    }
}

/// The present window of a trigger, for one value of its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Events before it are not counted.
    pub start: Timestamp,
    /// Events at it or later are not counted.
    pub end: Timestamp,
    /// How many events it has. An event that opens a window and counts at once starts it at -1.
    pub count: i64,
    /// The last event that counted.
    pub last_event: Option<ReceivedEvent>,
}

/// One time that a trigger fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    /// Its id.
    pub id: Uuid,
    /// Which trigger.
    pub trigger_id: Uuid,
    /// What it has become.
    pub trigger_states: Vec<TriggerState>,
    /// When.
    pub triggered: Timestamp,
    /// The labels in `for_each` with their values.
    #[serde(default)]
    pub triggering_labels: Labels,
    /// The firings that made it fire.
    #[serde(default)]
    pub triggering_firings: Vec<Firing>,
    /// The last event that had to do with it.
    #[serde(default)]
    pub triggering_event: Option<ReceivedEvent>,
    /// The measure, of metrics.
    #[serde(default)]
    pub triggering_value: Option<f64>,
}

impl Firing {
    /// It and all firings that made it fire.
    pub fn all_firings(&self) -> Vec<&Self> {
        let below = self.triggering_firings.iter().flat_map(Self::all_firings);
        std::iter::once(self).chain(below).collect()
    }

    /// The events of all firings.
    pub fn all_events(&self) -> Vec<&ReceivedEvent> {
        self.all_firings().into_iter().filter_map(|firing| firing.triggering_event.as_ref()).collect()
    }
}

/// Something that is to be done because an automation fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriggeredAction {
    /// Its id; what it makes carries it, so that it is made once.
    pub id: Uuid,
    /// The automation as it was when it fired.
    pub automation: Automation,
    /// Why.
    pub firing: Firing,
    /// The event that the action is about.
    pub triggering_event: Option<ReceivedEvent>,
    /// What to do.
    pub action: Action,
    /// Which of the automation's actions.
    pub action_index: i64,
    /// The event that told of the firing.
    pub automation_triggered_event_id: Option<EventId>,
}

impl TriggeredAction {
    /// What a run that the action makes is known by.
    pub fn idempotency_key(&self) -> String {
        format!("automation {}, action {}, invocation {}", self.automation.id, self.action_index, self.id)
    }
}

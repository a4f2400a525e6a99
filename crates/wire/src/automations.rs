//! Automations: what is done when events happen, or fail to happen (wire-protocol 5.4).

mod actions;
mod firings;
mod triggers;

pub use actions::{
    Action, AutomationTarget, CallWebhook, ChangeFlowRunState, DeploymentTarget, RunDeployment,
    SendEmailNotification, SendNotification, Source, WorkPoolTarget, WorkQueueTarget,
};
pub use firings::{Bucket, Firing, TriggerState, TriggeredAction};
pub use triggers::{
    CompoundTrigger, EventTrigger, Metric, MetricOperator, MetricQuery, MetricTrigger, Posture, Require,
    SequenceTrigger, Trigger, covers_resources,
};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::filters::{AutomationFilter, Page};
use crate::ids::AutomationId;
use crate::sorting::AutomationSort;
use crate::time::Timestamp;

/// An automation, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Automation {
    /// Its id.
    pub id: AutomationId,
    /// When it was created.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
    /// What its author wrote.
    #[serde(flatten)]
    pub core: AutomationCore,
}

/// What the author of an automation writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AutomationCore {
    /// For people.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Whether it is evaluated.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// For people.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When it fires.
    pub trigger: Trigger,
    /// What is done when it fires.
    pub actions: Vec<Action>,
    /// What is done besides when its state becomes Triggered.
    #[serde(default)]
    pub actions_on_trigger: Vec<Action>,
    /// What is done besides when its state becomes Resolved.
    #[serde(default)]
    pub actions_on_resolve: Vec<Action>,
}

/// Body of `POST /automations/`.
#[derive(Debug, Clone)]
pub struct AutomationCreate {
    /// The automation.
    pub core: AutomationCore,
    /// The resource that it belongs to, such as `prefect.deployment.<id>`.
    pub owner_resource: Option<String>,
}

/// Body of `PUT /automations/{id}`.
#[derive(Debug, Clone)]
pub struct AutomationUpdate(pub AutomationCore);

/// Body of `PATCH /automations/{id}`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutomationPartialUpdate {
    /// Left out: nothing changes.
    #[serde(default, deserialize_with = "present")]
    pub enabled: Option<bool>,
}

/// It may be left out, but not be null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    bool::deserialize(deserializer).map(Some)
}

fn enabled() -> bool {
    true
}

/// The fields of both bodies: a struct that is flattened cannot refuse unknown fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateFields {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "enabled")]
    enabled: bool,
    #[serde(default)]
    tags: Vec<String>,
    trigger: Trigger,
    actions: Vec<Action>,
    #[serde(default)]
    actions_on_trigger: Vec<Action>,
    #[serde(default)]
    actions_on_resolve: Vec<Action>,
    #[serde(default)]
    owner_resource: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateFields {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "enabled")]
    enabled: bool,
    #[serde(default)]
    tags: Vec<String>,
    trigger: Trigger,
    actions: Vec<Action>,
    #[serde(default)]
    actions_on_trigger: Vec<Action>,
    #[serde(default)]
    actions_on_resolve: Vec<Action>,
}

impl<'de> Deserialize<'de> for AutomationCreate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = CreateFields::deserialize(deserializer)?;
        let core = AutomationCore {
            name: fields.name,
            description: fields.description,
            enabled: fields.enabled,
            tags: fields.tags,
            trigger: fields.trigger,
            actions: fields.actions,
            actions_on_trigger: fields.actions_on_trigger,
            actions_on_resolve: fields.actions_on_resolve,
        };
        core.check().map_err(de::Error::custom)?;
        Ok(Self { core, owner_resource: fields.owner_resource.filter(|owner| !owner.is_empty()) })
    }
}

impl<'de> Deserialize<'de> for AutomationUpdate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = UpdateFields::deserialize(deserializer)?;
        let core = AutomationCore {
            name: fields.name,
            description: fields.description,
            enabled: fields.enabled,
            tags: fields.tags,
            trigger: fields.trigger,
            actions: fields.actions,
            actions_on_trigger: fields.actions_on_trigger,
            actions_on_resolve: fields.actions_on_resolve,
        };
        core.check().map_err(de::Error::custom)?;
        Ok(Self(core))
    }
}

const INFERRED_LOOP: &str = "Running an inferred deployment from a flow run state change event will lead to an \
    infinite loop of flow runs.  Please choose a specific deployment and add additional filtering labels to the match \
    or match_related for this automation's trigger.";
const SELECTED_LOOP: &str = "Running a selected deployment from a flow run state change event may lead to an infinite \
    loop of flow runs.  Please include additional filtering labels on either match or match_related to narrow down \
    which flow runs will trigger this automation to exclude flow runs from the deployment you've selected.";
/// Every run of a deployment comes through these.
const EVERY_RUN: [&str; 4] = [
    "prefect.flow-run.Scheduled",
    "prefect.flow-run.Pending",
    "prefect.flow-run.Running",
    "prefect.flow-run.*",
];

impl AutomationCore {
    /// Says why the automation would start itself again and again, if it would.
    pub fn check(&self) -> Result<(), &'static str> {
        let Trigger::Event(trigger) = &self.trigger else { return Ok(()) };
        let meets_every_run = trigger.expect.iter().any(|name| EVERY_RUN.contains(&name.as_str()));
        if !self.enabled || trigger.posture != Posture::Reactive || !meets_every_run {
            return Ok(());
        }
        for action in &self.actions {
            let Action::RunDeployment(run) = action else { continue };
            match run.target.source {
                Source::Inferred => return Err(INFERRED_LOOP),
                Source::Selected if trigger.matches_every_resource_of_kind("prefect.flow-run") => {
                    return Err(SELECTED_LOOP);
                }
                Source::Selected => {}
            }
        }
        Ok(())
    }

    /// Every trigger has an id of the server's choice.
    pub fn reset_trigger_ids(&mut self) {
        self.trigger.reset_ids();
    }

    /// Every action, whenever it is done.
    pub fn all_actions(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().chain(&self.actions_on_trigger).chain(&self.actions_on_resolve)
    }
}

/// Body of `POST /automations/filter` and `POST /automations/count`.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "FilterFields")]
pub struct AutomationFilterRequest {
    /// Which.
    pub automations: Option<AutomationFilter>,
    /// In which order.
    pub sort: AutomationSort,
    /// Which part.
    pub page: Page,
}

#[derive(Deserialize)]
struct FilterFields {
    #[serde(default)]
    automations: Option<AutomationFilter>,
    #[serde(default)]
    sort: Option<AutomationSort>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "crate::filters::at_least::<0, _>")]
    offset: Option<i64>,
}

impl From<FilterFields> for AutomationFilterRequest {
    fn from(fields: FilterFields) -> Self {
        Self {
            automations: fields.automations,
            sort: fields.sort.unwrap_or_default(),
            page: Page { limit: fields.limit, offset: fields.offset.unwrap_or(0), page: 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Automation, AutomationCreate, AutomationUpdate};

    fn create(trigger: Value, action: Value, enabled: bool) -> Result<AutomationCreate, String> {
        let body = json!({"name": "a", "enabled": enabled, "trigger": trigger, "actions": [action]});
        serde_json::from_value(body).map_err(|error| error.to_string())
    }

    #[test]
    fn automations_that_start_themselves_are_refused() {
        let deployment = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51";
        let inferred = json!({"type": "run-deployment", "source": "inferred"});
        let selected = json!({"type": "run-deployment", "deployment_id": deployment});
        let every = json!({"posture": "Reactive", "expect": ["prefect.flow-run.*"]});
        let failed = json!({"posture": "Reactive", "expect": ["prefect.flow-run.Failed"]});
        let runs = json!({"posture": "Reactive", "expect": ["prefect.flow-run.Running"],
            "match": {"prefect.resource.id": "prefect.flow-run.*"}});
        let narrow = json!({"posture": "Reactive", "expect": ["prefect.flow-run.Running"],
            "match_related": {"prefect.resource.name": "x"}});
        let proactive = json!({"posture": "Proactive", "expect": ["prefect.flow-run.*"], "within": 10});
        let cases = [
            (&every, &inferred, true, Some("inferred deployment")),
            (&every, &inferred, false, None),
            (&every, &selected, true, Some("selected deployment")),
            (&runs, &selected, true, Some("selected deployment")),
            (&narrow, &selected, true, None),
            (&failed, &inferred, true, None),
            (&proactive, &inferred, true, None),
        ];
        for (trigger, action, enabled, expected) in cases {
            match (create(trigger.clone(), action.clone(), enabled), expected) {
                (Ok(_), None) => {}
                (Err(error), Some(expected)) => assert!(error.contains(expected), "{error}"),
                (outcome, expected) => panic!("{trigger} {action}: {outcome:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn what_is_read_has_every_field_and_reads_back() {
        let created =
            create(json!({"posture": "Reactive"}), json!({"type": "do-nothing"}), true).expect("valid");
        let trigger = serde_json::to_value(&created.core.trigger).expect("writes");
        for field in
            ["type", "id", "match", "match_related", "after", "expect", "for_each", "posture", "threshold"]
        {
            assert!(trigger.get(field).is_some(), "{field}");
        }
        let mut body = serde_json::to_value(&created.core).expect("writes");
        assert!(serde_json::from_value::<AutomationUpdate>(body.clone()).is_ok());
        body["owner_resource"] = "prefect.deployment.x".into();
        assert!(serde_json::from_value::<AutomationUpdate>(body.clone()).is_err());
        body.as_object_mut().expect("an object").remove("owner_resource");
        body["id"] = uuid::Uuid::nil().to_string().into();
        assert!(serde_json::from_value::<AutomationCreate>(body.clone()).is_err(), "ids are the server's");
        body["created"] = "2026-11-22T08:00:00Z".into();
        body["updated"] = "2026-11-22T08:00:00Z".into();
        assert!(serde_json::from_value::<Automation>(body).is_ok());
    }
}

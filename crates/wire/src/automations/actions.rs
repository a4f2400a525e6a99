//! What an automation does.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use crate::deployments::JsonObject;
use crate::ids::{AutomationId, BlockDocumentId, DeploymentId, WorkPoolId, WorkQueueId};
use crate::states::StateType;
use crate::time::TimeDelta;

/// What an automation does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Action {
    /// Nothing.
    DoNothing,
    /// Makes a run of a deployment.
    RunDeployment(RunDeployment),
    /// Pauses a deployment.
    PauseDeployment(DeploymentTarget),
    /// Lets a paused deployment go on.
    ResumeDeployment(DeploymentTarget),
    /// Cancels the flow run of the event.
    CancelFlowRun,
    /// Deletes the flow run of the event.
    DeleteFlowRun,
    /// Brings the flow run of the event to a state.
    ChangeFlowRunState(ChangeFlowRunState),
    /// Pauses a work queue.
    PauseWorkQueue(WorkQueueTarget),
    /// Lets a paused work queue go on.
    ResumeWorkQueue(WorkQueueTarget),
    /// Sends a message through a notification block.
    SendNotification(SendNotification),
    /// Calls a webhook block.
    CallWebhook(CallWebhook),
    /// Pauses an automation.
    PauseAutomation(AutomationTarget),
    /// Lets a paused automation go on.
    ResumeAutomation(AutomationTarget),
    /// Suspends the flow run of the event.
    SuspendFlowRun,
    /// Lets the paused or suspended flow run of the event go on.
    ResumeFlowRun,
    /// Pauses a work pool.
    PauseWorkPool(WorkPoolTarget),
    /// Lets a paused work pool go on.
    ResumeWorkPool(WorkPoolTarget),
    /// Sends an e-mail through the server's own mail settings.
    SendEmailNotification(SendEmailNotification),
    /// Records an incident about what the event is about.
    DeclareIncident,
}

/// Whether an action names what it acts on, or takes it from the event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// It is named.
    #[default]
    Selected,
    /// It is involved in the event.
    Inferred,
}

macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $id:ty })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        pub struct $name {
            /// Named or taken from the event.
            pub source: Source,
            /// The id, when it is named.
            pub $field: Option<$id>,
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                struct Fields {
                    #[serde(default)]
                    source: Source,
                    #[serde(default)]
                    $field: Option<$id>,
                }
                let Fields { source, $field } = Fields::deserialize(deserializer)?;
                match (source, $field.is_some()) {
                    (Source::Selected, false) => {
                        Err(de::Error::custom(concat!(stringify!($field), " is required")))
                    }
                    (Source::Inferred, true) => {
                        Err(de::Error::custom(concat!(stringify!($field), " is not allowed")))
                    }
                    _ => Ok(Self { source, $field }),
                }
            }
        }
    )+};
}

targets! {
    /// A deployment.
    DeploymentTarget { deployment_id: DeploymentId }
    /// A work pool.
    WorkPoolTarget { work_pool_id: WorkPoolId }
    /// A work queue.
    WorkQueueTarget { work_queue_id: WorkQueueId }
    /// An automation.
    AutomationTarget { automation_id: AutomationId }
}

/// See [`Action::RunDeployment`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunDeployment {
    /// Which deployment.
    #[serde(flatten)]
    pub target: DeploymentTarget,
    /// Over those of the deployment; texts may be templates.
    #[serde(default)]
    pub parameters: Option<JsonObject>,
    /// Over those of the deployment.
    #[serde(default)]
    pub job_variables: Option<JsonObject>,
    /// How long to wait before the run, at least nothing.
    #[serde(default, deserialize_with = "not_negative")]
    pub schedule_after: TimeDelta,
}

/// See [`Action::ChangeFlowRunState`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeFlowRunState {
    /// The name of the state; none: that of its type.
    #[serde(default)]
    pub name: Option<String>,
    /// Its type.
    pub state: StateType,
    /// Its message; none: one that names the automation.
    #[serde(default)]
    pub message: Option<String>,
    /// Whether the rules of the engine are left aside.
    #[serde(default)]
    pub force: bool,
}

/// See [`Action::SendNotification`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SendNotification {
    /// The notification block.
    pub block_document_id: BlockDocumentId,
    /// A template.
    #[serde(default = "default_subject")]
    pub subject: String,
    /// A template.
    pub body: String,
}

/// See [`Action::CallWebhook`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallWebhook {
    /// The webhook block.
    pub block_document_id: BlockDocumentId,
    /// A template. JSON that is no text becomes its text.
    #[serde(default, deserialize_with = "text_of")]
    pub payload: String,
}

/// See [`Action::SendEmailNotification`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SendEmailNotification {
    /// To whom; at least one.
    #[serde(deserialize_with = "addresses")]
    pub emails: Vec<String>,
    /// A template.
    #[serde(default = "default_subject")]
    pub subject: String,
    /// A template.
    pub body: String,
}

fn default_subject() -> String {
    "Prefect automated notification".to_owned()
}

fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeDelta, D::Error> {
    let delta = TimeDelta::deserialize(deserializer)?;
    if delta < TimeDelta::default() {
        return Err(de::Error::custom("timedelta must be non-negative"));
    }
    Ok(delta)
}

fn text_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Null => Err(de::Error::custom("[string_type] Input should be a valid string")),
        other => serde_json::to_string_pretty(&other).map_err(de::Error::custom),
    }
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let addresses = Vec::<String>::deserialize(deserializer)?;
    if addresses.is_empty() {
        return Err(de::Error::custom(
            "[too_short] List should have at least 1 item after validation, not 0",
        ));
    }
    Ok(addresses)
}

impl Action {
    /// Its type, as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DoNothing => "do-nothing",
            Self::RunDeployment(_) => "run-deployment",
            Self::PauseDeployment(_) => "pause-deployment",
            Self::ResumeDeployment(_) => "resume-deployment",
            Self::CancelFlowRun => "cancel-flow-run",
            Self::DeleteFlowRun => "delete-flow-run",
            Self::ChangeFlowRunState(_) => "change-flow-run-state",
            Self::PauseWorkQueue(_) => "pause-work-queue",
            Self::ResumeWorkQueue(_) => "resume-work-queue",
            Self::SendNotification(_) => "send-notification",
            Self::CallWebhook(_) => "call-webhook",
            Self::PauseAutomation(_) => "pause-automation",
            Self::ResumeAutomation(_) => "resume-automation",
            Self::SuspendFlowRun => "suspend-flow-run",
            Self::ResumeFlowRun => "resume-flow-run",
            Self::PauseWorkPool(_) => "pause-work-pool",
            Self::ResumeWorkPool(_) => "resume-work-pool",
            Self::SendEmailNotification(_) => "send-email-notification",
            Self::DeclareIncident => "declare-incident",
        }
    }

    /// Whether it sends something to somebody else, instead of changing what this server holds.
    pub fn is_message(&self) -> bool {
        matches!(self, Self::SendNotification(_) | Self::CallWebhook(_) | Self::SendEmailNotification(_))
    }

    /// The texts that are templates, with the names of their fields.
    pub fn templates(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::SendNotification(send) => vec![("subject", &send.subject), ("body", &send.body)],
            Self::SendEmailNotification(send) => vec![("subject", &send.subject), ("body", &send.body)],
            Self::CallWebhook(call) if !call.payload.is_empty() => vec![("payload", &call.payload)],
            _ => Vec::new(),
        }
    }
}

/// The type may be left out: the fields tell.
fn inferred_kind(fields: &Map<String, Value>) -> &'static str {
    let kinds: [(&[&str], &str); 8] = [
        (&["emails"], "send-email-notification"),
        (&["block_document_id", "body"], "send-notification"),
        (&["block_document_id"], "call-webhook"),
        (&["deployment_id"], "run-deployment"),
        (&["state"], "change-flow-run-state"),
        (&["work_queue_id"], "pause-work-queue"),
        (&["work_pool_id"], "pause-work-pool"),
        (&["automation_id"], "pause-automation"),
    ];
    let has = |names: &[&str]| names.iter().all(|name| fields.contains_key(*name));
    kinds.iter().find(|(names, _)| has(names)).map_or("do-nothing", |(_, kind)| kind)
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::<String, Value>::deserialize(deserializer)?;
        let kind = match fields.remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => return Err(de::Error::custom("[literal_error] Input should be 'do-nothing'")),
            None => inferred_kind(&fields).to_owned(),
        };
        from_kind(&kind, Value::Object(fields)).map_err(de::Error::custom)
    }
}

fn from_kind(kind: &str, fields: Value) -> Result<Action, String> {
    fn read<T: for<'de> Deserialize<'de>>(fields: Value) -> Result<T, String> {
        serde_json::from_value(fields).map_err(|error| error.to_string())
    }
    Ok(match kind {
        "do-nothing" => Action::DoNothing,
        "run-deployment" => Action::RunDeployment(read(fields)?),
        "pause-deployment" => Action::PauseDeployment(read(fields)?),
        "resume-deployment" => Action::ResumeDeployment(read(fields)?),
        "cancel-flow-run" => Action::CancelFlowRun,
        "delete-flow-run" => Action::DeleteFlowRun,
        "change-flow-run-state" => Action::ChangeFlowRunState(read(fields)?),
        "pause-work-queue" => Action::PauseWorkQueue(read(fields)?),
        "resume-work-queue" => Action::ResumeWorkQueue(read(fields)?),
        "send-notification" => Action::SendNotification(read(fields)?),
        "call-webhook" => Action::CallWebhook(read(fields)?),
        "pause-automation" => Action::PauseAutomation(read(fields)?),
        "resume-automation" => Action::ResumeAutomation(read(fields)?),
        "suspend-flow-run" => Action::SuspendFlowRun,
        "resume-flow-run" => Action::ResumeFlowRun,
        "pause-work-pool" => Action::PauseWorkPool(read(fields)?),
        "resume-work-pool" => Action::ResumeWorkPool(read(fields)?),
        "send-email-notification" => Action::SendEmailNotification(read(fields)?),
        "declare-incident" => Action::DeclareIncident,
        _ => {
            return Err(format!(
                "[literal_error] '{kind}' is not a type of action; an action that does nothing is 'do-nothing'"
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Action;

    const ID: &str = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51";

    fn read(value: Value) -> Result<Action, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn every_action_reads_back_as_it_is_written() {
        let mut actions = vec![
            json!({"type": "run-deployment", "source": "selected", "deployment_id": ID, "parameters": {"a": 1},
                "job_variables": null, "schedule_after": 5.0}),
            json!({"type": "run-deployment", "source": "inferred", "deployment_id": null, "parameters": null,
                "job_variables": {"image": "x"}, "schedule_after": 0.0}),
            json!({"type": "change-flow-run-state", "name": null, "state": "FAILED", "message": "m", "force": true}),
            json!({"type": "send-notification", "block_document_id": ID, "subject": "s", "body": "{{ event.id }}"}),
            json!({"type": "call-webhook", "block_document_id": ID, "payload": ""}),
            json!({"type": "send-email-notification", "emails": ["a@b.c"], "subject": "s", "body": "b"}),
        ];
        for kind in [
            "do-nothing",
            "cancel-flow-run",
            "delete-flow-run",
            "suspend-flow-run",
            "resume-flow-run",
            "declare-incident",
        ] {
            actions.push(json!({ "type": kind }));
        }
        for (noun, field) in [
            ("deployment", "deployment_id"),
            ("work-queue", "work_queue_id"),
            ("work-pool", "work_pool_id"),
            ("automation", "automation_id"),
        ] {
            for verb in ["pause", "resume"] {
                actions.push(json!({"type": format!("{verb}-{noun}"), "source": "selected", field: ID}));
                actions.push(json!({"type": format!("{verb}-{noun}"), "source": "inferred", field: null}));
            }
        }
        for action in actions {
            let value = read(action.clone()).expect("valid");
            assert_eq!(serde_json::to_value(&value).expect("writes"), action);
            assert_eq!(action["type"], value.kind());
        }
    }

    #[test]
    fn actions_are_checked() {
        let cases = [
            (json!({"type": "run-deployment"}), Some("deployment_id is required")),
            (
                json!({"type": "pause-deployment", "source": "inferred", "deployment_id": ID}),
                Some("deployment_id is not allowed"),
            ),
            (json!({"type": "resume-work-pool"}), Some("work_pool_id is required")),
            (
                json!({"type": "run-deployment", "source": "inferred", "schedule_after": -1}),
                Some("non-negative"),
            ),
            (json!({"type": "send-notification", "block_document_id": ID}), Some("missing field `body`")),
            (json!({"type": "call-webhook", "block_document_id": ID, "payload": null}), Some("valid string")),
            (json!({"type": "send-email-notification", "emails": [], "body": "b"}), Some("at least 1 item")),
            (json!({"type": "sing"}), Some("literal_error")),
            (json!({}), None),
            (json!({"deployment_id": ID}), None),
        ];
        for (value, expected) in cases {
            match (read(value.clone()), expected) {
                (Ok(_), None) => {}
                (Err(error), Some(expected)) => assert!(error.contains(expected), "{value}: {error}"),
                (outcome, expected) => panic!("{value}: {outcome:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn a_payload_that_is_an_object_becomes_its_text() {
        let action =
            read(json!({"type": "call-webhook", "block_document_id": ID, "payload": {"message": "x"}}));
        let Ok(Action::CallWebhook(call)) = action else { panic!("a webhook") };
        assert_eq!(call.payload, "{\n  \"message\": \"x\"\n}");
    }
}

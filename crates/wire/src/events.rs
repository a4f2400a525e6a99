//! Events: what happened to which resource.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::ids::EventId;
use crate::json::RawJson;
use crate::time::Timestamp;

pub mod counting;
pub mod filter;

/// The labels of a resource; `prefect.resource.id` is required, a related resource has `prefect.resource.role`.
pub type Labels = BTreeMap<String, String>;

/// The label that names a resource.
pub const RESOURCE_ID: &str = "prefect.resource.id";
/// The label that says what a related resource is to the event.
pub const RESOURCE_ROLE: &str = "prefect.resource.role";
/// The label with a name for people.
pub const RESOURCE_NAME: &str = "prefect.resource.name";

/// The role of a tag.
const TAG: &str = "tag";

/// The largest event that is kept, in bytes of JSON; larger ones are dropped with a warning.
pub const MAX_EVENT_BYTES: usize = 1_500_000;
/// How many characters the name of an event may have.
pub const MAX_EVENT_NAME_LENGTH: usize = 1_024;
/// How many labels a resource may have.
pub const MAX_LABELS: usize = 500;
/// How many related resources an event may have.
pub const MAX_RELATED: usize = 100;

/// An event as it is sent by clients and by this server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened, by the sender's clock.
    pub occurred: Timestamp,
    /// What happened, such as `prefect.flow-run.Completed`.
    #[serde(deserialize_with = "event_name")]
    pub event: String,
    /// What it happened to.
    #[serde(deserialize_with = "resource")]
    pub resource: Labels,
    /// What else was involved, each with a role.
    #[serde(default, deserialize_with = "related")]
    pub related: Vec<Labels>,
    /// An object that describes it.
    #[serde(default = "RawJson::empty_object", deserialize_with = "payload")]
    pub payload: RawJson,
    /// Chosen by the sender; an event that comes twice is the same event.
    pub id: EventId,
    /// The event that is known to have come before this one.
    #[serde(default)]
    pub follows: Option<EventId>,
}

/// An event as it is read: with the time at which it was received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceivedEvent {
    /// See [`Event::occurred`].
    pub occurred: Timestamp,
    /// See [`Event::event`].
    pub event: String,
    /// See [`Event::resource`].
    pub resource: Labels,
    /// See [`Event::related`].
    #[serde(default)]
    pub related: Vec<Labels>,
    /// See [`Event::payload`].
    #[serde(default = "RawJson::empty_object")]
    pub payload: RawJson,
    /// See [`Event::id`].
    pub id: EventId,
    /// See [`Event::follows`].
    #[serde(default)]
    pub follows: Option<EventId>,
    /// When this server got it.
    pub received: Timestamp,
}

impl Event {
    /// Starts an event about one resource, with an id that grows with time.
    pub fn new(occurred: Timestamp, event: impl Into<String>, resource: Labels) -> Self {
        Self {
            occurred,
            event: event.into(),
            resource,
            related: Vec::new(),
            payload: RawJson::empty_object(),
            id: EventId::sequential(),
            follows: None,
        }
    }

    /// Whether name and related resources are within the limits that events of clients are held to.
    pub fn is_within_limits(&self) -> bool {
        self.related.len() <= MAX_RELATED && self.event.len() <= MAX_EVENT_NAME_LENGTH
    }

    /// Cuts off what is beyond the limits: what follows from names and tags of users is told as far as there is room.
    /// Of the related resources, the last tags go first.
    pub fn keep_within_limits(&mut self) {
        if let Some((end, _)) = self.event.char_indices().nth(MAX_EVENT_NAME_LENGTH) {
            self.event.truncate(end);
        }
        let mut excess = self.related.len().saturating_sub(MAX_RELATED);
        for index in (0..self.related.len()).rev() {
            if excess > 0 && self.related[index].get(RESOURCE_ROLE).is_some_and(|role| role == TAG) {
                self.related.remove(index);
                excess -= 1;
            }
        }
        self.related.truncate(MAX_RELATED);
    }

    /// The event as the server knows it from `received` on.
    pub fn receive(self, received: Timestamp) -> ReceivedEvent {
        ReceivedEvent {
            occurred: self.occurred,
            event: self.event,
            resource: self.resource,
            related: self.related,
            payload: self.payload,
            id: self.id,
            follows: self.follows,
            received,
        }
    }
}

impl ReceivedEvent {
    /// The id of the resource that the event is about.
    pub fn resource_id(&self) -> &str {
        self.resource.get(RESOURCE_ID).map_or("", String::as_str)
    }

    /// The first related resource in `role`.
    pub fn related_in_role(&self, role: &str) -> Option<&Labels> {
        self.related.iter().find(|labels| labels.get(RESOURCE_ROLE).is_some_and(|found| found == role))
    }
}

fn event_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    // Bytes are at least as many as characters.
    if name.len() > MAX_EVENT_NAME_LENGTH && name.chars().count() > MAX_EVENT_NAME_LENGTH {
        return Err(de::Error::custom(format!(
            "Event name must be at most {MAX_EVENT_NAME_LENGTH} characters"
        )));
    }
    Ok(name)
}

fn check_resource(labels: &Labels) -> Result<(), String> {
    if labels.len() > MAX_LABELS {
        return Err(format!("The maximum number of labels per resource is {MAX_LABELS}"));
    }
    match labels.get(RESOURCE_ID) {
        None => Err(format!("Resources must include the {RESOURCE_ID} label")),
        Some(id) if id.is_empty() => Err(format!("The {RESOURCE_ID} label must be non-empty")),
        Some(_) => Ok(()),
    }
}

fn resource<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Labels, D::Error> {
    let labels = Labels::deserialize(deserializer)?;
    check_resource(&labels).map_err(de::Error::custom)?;
    Ok(labels)
}

fn related<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Labels>, D::Error> {
    let related = Vec::<Labels>::deserialize(deserializer)?;
    if related.len() > MAX_RELATED {
        return Err(de::Error::custom(format!("The maximum number of related resources is {MAX_RELATED}")));
    }
    for labels in &related {
        check_resource(labels).map_err(de::Error::custom)?;
        match labels.get(RESOURCE_ROLE) {
            None => {
                return Err(de::Error::custom(format!(
                    "Related Resources must include the {RESOURCE_ROLE} label"
                )));
            }
            Some(role) if role.is_empty() => {
                return Err(de::Error::custom(format!("The {RESOURCE_ROLE} label must be non-empty")));
            }
            Some(_) => {}
        }
    }
    Ok(related)
}

fn payload<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RawJson, D::Error> {
    let payload = RawJson::deserialize(deserializer)?;
    if !payload.text().starts_with('{') {
        return Err(de::Error::custom("[dict_type] Input should be a valid dictionary"));
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::{Event, Labels, MAX_EVENT_NAME_LENGTH, MAX_LABELS, MAX_RELATED, RESOURCE_ID, RESOURCE_ROLE};
    use crate::time::Timestamp;

    fn event(resource: &str, related: &str, payload: &str, name: &str) -> String {
        format!(
            r#"{{"occurred":"2026-11-22T08:00:00Z","event":"{name}","resource":{resource},"related":{related},
                "payload":{payload},"id":"0193a5d2-0000-7000-8000-000000000001"}}"#
        )
    }

    #[test]
    fn refuses_events_that_break_the_rules() {
        let good = r#"{"prefect.resource.id":"a"}"#;
        let labels: Vec<String> = (0..MAX_LABELS).map(|n| format!(r#""l{n}":"""#)).collect();
        let many_labels = format!(r#"{{"prefect.resource.id":"a",{}}}"#, labels.join(","));
        let one_related = r#"{"prefect.resource.id":"a","prefect.resource.role":"r"}"#;
        let many_related = format!("[{}]", vec![one_related; MAX_RELATED + 1].join(","));
        let long_name = "n".repeat(1_025);
        let cases = [
            (event("{}", "[]", "{}", "e"), "Resources must include the prefect.resource.id label"),
            (event(r#"{"prefect.resource.id":""}"#, "[]", "{}", "e"), "must be non-empty"),
            (event(r#"{"prefect.resource.id":1}"#, "[]", "{}", "e"), "expected a string"),
            (event(&many_labels, "[]", "{}", "e"), "The maximum number of labels per resource is 500"),
            (event(good, &many_related, "{}", "e"), "The maximum number of related resources is 100"),
            (event(good, &format!("[{good}]"), "{}", "e"), "must include the prefect.resource.role label"),
            (event(good, "[]", "[]", "e"), "[dict_type] Input should be a valid dictionary"),
            (event(good, "[]", "{}", &long_name), "Event name must be at most 1024 characters"),
        ];
        for (text, expected) in cases {
            let error = serde_json::from_str::<Event>(&text).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error} should contain {expected}");
        }
    }

    #[test]
    fn the_payload_travels_as_it_came() {
        let text = event(
            r#"{"prefect.resource.id":"a"}"#,
            r#"[{"prefect.resource.id":"b","prefect.resource.role":"r"}]"#,
            r#"{"z": 1.0, "a": [1e3]}"#,
            "e",
        );
        let event: Event = serde_json::from_str(&text).expect("a valid event");
        assert_eq!(event.payload.text(), r#"{"z": 1.0, "a": [1e3]}"#);
        assert_eq!(event.related.len(), 1);
        assert_eq!(event.follows, None);
    }

    #[test]
    fn what_is_beyond_the_limits_is_cut_off() {
        let labels = |id: String, role: &str| {
            Labels::from([(RESOURCE_ID.to_owned(), id), (RESOURCE_ROLE.to_owned(), role.to_owned())])
        };
        let mut event =
            Event::new(Timestamp::from_micros(0), "é".repeat(2_000), labels("run".to_owned(), "run"));
        event.related.push(labels("flow".to_owned(), "flow"));
        event.related.extend((0..150).map(|number| labels(format!("tag {number}"), "tag")));
        event.related.push(labels("automation".to_owned(), "creator"));
        assert!(!event.is_within_limits());
        event.keep_within_limits();
        assert_eq!(event.event.chars().count(), MAX_EVENT_NAME_LENGTH);
        assert_eq!(event.related.len(), MAX_RELATED);
        let ids: Vec<&str> = event.related.iter().map(|labels| labels[RESOURCE_ID].as_str()).collect();
        assert_eq!((ids[0], ids[1], ids[98], ids[99]), ("flow", "tag 0", "tag 97", "automation"));
        let text = serde_json::to_string(&event).expect("JSON");
        assert_eq!(serde_json::from_str::<Event>(&text).expect("within the limits"), event);

        event.related = vec![labels("flow".to_owned(), "flow"); MAX_RELATED + 1];
        event.keep_within_limits();
        assert_eq!(event.related.len(), MAX_RELATED);
    }
}

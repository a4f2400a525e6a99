//! Triggers of automations as the API takes them. People leave out what the reference's client fills in, and its server
//! insists on.

use serde_json::{Map, Value, json};

/// The fields of triggers of every type. What else stands in one belongs to its automation, or means nothing.
const FIELDS: &[&str] = &[
    "type",
    "match",
    "match_related",
    "after",
    "expect",
    "for_each",
    "posture",
    "threshold",
    "within",
    "metric",
    "triggers",
    "require",
];

/// A trigger with its type and the other defaults of the reference's client, and without fields that no trigger has.
/// The error says what is wrong with it.
pub(crate) fn with_defaults(written: &Map<String, Value>) -> Result<Value, String> {
    let kind = match written.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None if written.get("posture") == Some(&json!("Metric")) => "metric",
        None if written.contains_key("triggers") && written.contains_key("require") => "compound",
        None if written.contains_key("triggers") => "sequence",
        None => "event",
    };
    let mut trigger: Map<String, Value> = written
        .iter()
        .filter(|(key, value)| FIELDS.contains(&key.as_str()) && !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    trigger.insert("type".to_owned(), kind.into());
    match kind {
        "event" => {
            let posture = trigger.entry("posture").or_insert_with(|| json!("Reactive")).clone();
            trigger.entry("threshold").or_insert_with(|| json!(1));
            let within = if posture == "Proactive" { 10 } else { 0 };
            trigger.entry("within").or_insert_with(|| json!(within));
        }
        "metric" => drop(trigger.insert("posture".to_owned(), json!("Metric"))),
        "compound" | "sequence" => {
            let inner = written.get("triggers").and_then(Value::as_array).cloned().unwrap_or_default();
            let inner: Result<Vec<Value>, String> = inner
                .iter()
                .map(|inner| {
                    inner.as_object().map_or_else(|| Err("a trigger is a mapping".to_owned()), with_defaults)
                })
                .collect();
            trigger.insert("triggers".to_owned(), Value::Array(inner?));
        }
        other => {
            return Err(format!(
                "there are no triggers of type {other:?}; there are event, metric, compound and sequence"
            ));
        }
    }
    Ok(Value::Object(trigger))
}

/// The fields that [`with_defaults`] leaves out, of the trigger and of those in it. The id that the server gave to a
/// trigger is none of them.
pub(crate) fn meaningless(written: &Map<String, Value>) -> Vec<&str> {
    let own = written.keys().map(String::as_str).filter(|key| !FIELDS.contains(key) && *key != "id");
    let inner = written.get("triggers").and_then(Value::as_array).into_iter().flatten();
    own.chain(inner.filter_map(Value::as_object).flat_map(meaningless)).collect()
}

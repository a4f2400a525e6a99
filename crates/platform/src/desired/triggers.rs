//! Triggers as automations that belong to the deployment.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::templates::Filling;

/// The fields of a trigger's automation and action; all others are of the trigger itself.
const OF_TRIGGER: &[&str] = &[
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

/// The automation of the trigger at `index` of a deployment, without owner and deployment id. Parameters are not
/// templates of this file: they are filled in when the automation fires.
pub(super) fn automation(
    written: &Map<String, Value>,
    deployment: &str,
    index: usize,
    filling: &Filling<'_>,
) -> Result<Map<String, Value>, String> {
    let mut templates = written.clone();
    let parameters = templates.shift_remove("parameters").unwrap_or_default();
    let filled = filling.fill(&Value::Object(templates), &mut BTreeSet::new());
    let Some(Value::Object(filled)) = filled else { return Err("a trigger is a mapping".to_owned()) };
    let given = |key: &str| filled.get(key).filter(|value| !value.is_null());
    let name =
        given("name").cloned().unwrap_or_else(|| json!(format!("{deployment}__automation_{}", index + 1)));
    let enabled = match given("enabled") {
        None => true,
        Some(Value::Bool(enabled)) => *enabled,
        Some(Value::String(text)) if ["true", "false"].contains(&text.to_lowercase().as_str()) => {
            text.eq_ignore_ascii_case("true")
        }
        Some(other) => return Err(format!("`enabled` of a trigger is true or false, not {other}")),
    };
    let action = json!({
        "type": "run-deployment",
        "source": "selected",
        "parameters": parameters,
        "job_variables": given("job_variables").cloned().unwrap_or_default(),
        "schedule_after": given("schedule_after").cloned().unwrap_or_else(|| json!(0)),
    });
    let automation = json!({
        "name": name,
        "description": given("description").cloned().unwrap_or_else(|| json!("")),
        "enabled": enabled,
        "trigger": trigger(&filled)?,
        "actions": [action],
    });
    Ok(automation.as_object().cloned().unwrap_or_default())
}

/// A trigger with what the client's own defaults add.
fn trigger(written: &Map<String, Value>) -> Result<Value, String> {
    let kind = match written.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None if written.get("posture") == Some(&json!("Metric")) => "metric",
        None if written.contains_key("triggers") && written.contains_key("require") => "compound",
        None if written.contains_key("triggers") => "sequence",
        None => "event",
    };
    let mut trigger: Map<String, Value> = written
        .iter()
        .filter(|(key, value)| OF_TRIGGER.contains(&key.as_str()) && !value.is_null())
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
                    inner.as_object().map_or_else(|| Err("a trigger is a mapping".to_owned()), self::trigger)
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

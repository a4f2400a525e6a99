//! Triggers as automations that belong to the deployment.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::templates::Filling;
use crate::trigger;

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
        "trigger": trigger::with_defaults(&filled)?,
        "actions": [action],
    });
    Ok(automation.as_object().cloned().unwrap_or_default())
}

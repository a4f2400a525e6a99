//! What of a deployment differs, field by field.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};
use sluice_wire::automations::AutomationCore;

use super::existing::Existing;
use super::is_of;
use crate::desired::Desired;
use crate::project::PROJECT_LABEL;

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// Its name; parameters and job variables are named one by one: `parameters.limit`.
    pub field: String,
    /// What is on the server; null where there is nothing.
    pub old: Value,
    /// What comes.
    pub new: Value,
}

impl FieldChange {
    fn new(field: impl Into<String>, old: Value, new: Value) -> Self {
        Self { field: field.into(), old, new }
    }

    /// Hides texts that come from blocks.
    pub(crate) fn hide(&mut self, secrets: &BTreeSet<String>) {
        hide(&mut self.old, secrets);
        hide(&mut self.new, secrets);
    }
}

/// The shortest text of a block that is hidden inside of other texts.
const SHORTEST_HIDDEN: usize = 4;

fn hide(value: &mut Value, secrets: &BTreeSet<String>) {
    match value {
        Value::String(text) => {
            for secret in secrets {
                // Within other text only what is not likely to stand there by chance.
                if text == secret || (secret.len() >= SHORTEST_HIDDEN && text.contains(secret.as_str())) {
                    *text = text.replace(secret.as_str(), "********");
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secrets)),
        Value::Object(object) => object.values_mut().for_each(|value| hide(value, secrets)),
        _ => {}
    }
}

/// The fields whose values are compared entry by entry.
const BY_ENTRY: &[&str] = &["parameters", "job_variables"];
/// What is sent but not kept, or compared in another way.
const NOT_COMPARED: &[&str] = &["version_info", "parameter_openapi_schema"];

/// What differs between what should be and what is, or everything that is given for a deployment that is new.
pub(crate) fn of(
    desired: &Desired,
    existing: Option<&Existing>,
    labels: &Map<String, Value>,
) -> Vec<FieldChange> {
    let current = existing.map(current_fields).unwrap_or_default();
    let mut changes = Vec::new();
    for (field, new) in &desired.fields {
        let old = current.get(field).cloned().unwrap_or_default();
        if NOT_COMPARED.contains(&field.as_str()) {
            continue;
        }
        if BY_ENTRY.contains(&field.as_str()) {
            changes.extend(by_entry(field, &old, new));
        } else if !same_field(field, &old, new) && (existing.is_some() || !is_nothing(new)) {
            changes.push(FieldChange::new(field, old, new.clone()));
        }
    }
    changes.extend(schema_changes(
        current.get("parameter_openapi_schema").unwrap_or(&Value::Null),
        desired.fields.get("parameter_openapi_schema").unwrap_or(&Value::Null),
        existing.is_some(),
    ));
    changes.extend(schedule_changes(desired, existing));
    changes.extend(automation_changes(desired, existing));
    if let Some(existing) = existing {
        let current = existing.labels();
        if !is_of(&current, labels) {
            let old = current.get(PROJECT_LABEL).cloned().unwrap_or_default();
            changes.push(FieldChange::new(
                "project",
                old,
                labels.get(PROJECT_LABEL).cloned().unwrap_or_default(),
            ));
        }
    }
    changes
}

/// The fields of a deployment under the names of `POST /deployments/`.
pub(crate) fn current_fields(existing: &Existing) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(&existing.deployment) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let limit = existing.deployment.global_concurrency_limit.as_ref().map(|limit| limit.limit);
    fields.insert("concurrency_limit".to_owned(), json!(limit));
    fields
}

fn same_field(field: &str, old: &Value, new: &Value) -> bool {
    match field {
        // The queue of a pool that nobody names.
        "work_queue_name" => old == new || (new.is_null() && *old == "default"),
        "concurrency_options" => same(&without_nulls(old), &without_nulls(new)),
        "pull_steps" => same(old, new) || (is_nothing(old) && is_nothing(new)),
        "tags" => {
            let set = |value: &Value| -> BTreeSet<String> {
                value.as_array().into_iter().flatten().map(Value::to_string).collect()
            };
            set(old) == set(new)
        }
        _ => same(old, new),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Whether two values are the same; `1` and `1.0` are.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}

fn by_entry(field: &str, old: &Value, new: &Value) -> Vec<FieldChange> {
    let empty = Map::new();
    let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| match (old.get(*name), new.get(*name)) {
            (Some(old), Some(new)) => !same(old, new),
            _ => true,
        })
        .map(|name| {
            let value = |object: &Map<String, Value>| object.get(name).cloned().unwrap_or_default();
            FieldChange::new(format!("{field}.{name}"), value(old), value(new))
        })
        .collect()
}

/// The parameters of the flow that differ.
fn schema_changes(old: &Value, new: &Value, exists: bool) -> Vec<FieldChange> {
    if same(old, new) || !exists {
        return Vec::new();
    }
    let changes = by_entry("parameter_openapi_schema", &old["properties"], &new["properties"]);
    if changes.is_empty() {
        return vec![FieldChange::new("parameter_openapi_schema", old.clone(), new.clone())];
    }
    changes
}

/// Schedules are compared as a set; they are told as two lists.
fn schedule_changes(desired: &Desired, existing: Option<&Existing>) -> Option<FieldChange> {
    let new = desired.schedules.as_ref()?;
    let old: Vec<Value> = existing
        .map(|existing| existing.deployment.schedules.iter().map(current_schedule).collect())
        .unwrap_or_default();
    let mut rest: Vec<&Value> = old.iter().collect();
    let is_there = |schedule: &Value, rest: &mut Vec<&Value>| {
        let at = rest.iter().position(|current| same_schedule(current, schedule));
        at.map(|at| rest.remove(at)).is_some()
    };
    let all_there = new.iter().all(|schedule| is_there(schedule, &mut rest));
    if all_there && rest.is_empty() {
        return None;
    }
    Some(FieldChange::new("schedules", Value::Array(old), Value::Array(new.clone())))
}

/// A schedule as a body of `POST`: what nobody has to say is left out.
pub(crate) fn current_schedule(schedule: &sluice_wire::deployments::DeploymentSchedule) -> Value {
    let mut body = json!({ "schedule": schedule.schedule, "active": schedule.active });
    let parameters = serde_json::to_value(&schedule.parameters).unwrap_or_default();
    if !is_nothing(&parameters) {
        body["parameters"] = parameters;
    }
    if let Some(slug) = &schedule.slug {
        body["slug"] = json!(slug);
    }
    if let Some(most) = schedule.max_scheduled_runs {
        body["max_scheduled_runs"] = json!(most);
    }
    body
}

fn same_schedule(current: &Value, desired: &Value) -> bool {
    let mut old = current["schedule"].clone();
    let mut new = desired["schedule"].clone();
    // Without an anchor any will do.
    if new.get("interval").is_some() && new.get("anchor_date").is_none_or(Value::is_null) {
        old.as_object_mut().map(|old| old.shift_remove("anchor_date"));
        new.as_object_mut().map(|new| new.shift_remove("anchor_date"));
    }
    // A rule without a start begins where the server says.
    let starts = |schedule: &Value| schedule["rrule"].as_str().is_some_and(|rule| rule.contains("DTSTART"));
    if !starts(&new)
        && let Some((start, rule)) = old["rrule"].as_str().and_then(|rule| rule.split_once('\n'))
        && start.starts_with("DTSTART")
    {
        old["rrule"] = json!(rule);
    }
    for schedule in [&mut old, &mut new] {
        if schedule.get("timezone").is_none_or(|zone| zone.is_null() || *zone == "UTC") {
            schedule.as_object_mut().map(|schedule| schedule.shift_remove("timezone"));
        }
    }
    let or_none = |body: &Value, key: &str| body.get(key).cloned().unwrap_or_default();
    let active = desired.get("active").cloned().unwrap_or(Value::Bool(true));
    same(&old, &new)
        && current["active"] == active
        && ["parameters", "slug", "max_scheduled_runs"]
            .iter()
            .all(|key| same(&or_none(current, key), &or_none(desired, key)))
}

/// Automations of the file that are not there, and those with the names of the file that should not be there.
fn automation_changes(desired: &Desired, existing: Option<&Existing>) -> Option<FieldChange> {
    let current: Vec<Value> = existing
        .map(|existing| existing.automations.iter().map(|automation| comparable(&automation.core)).collect())
        .unwrap_or_default();
    let mut rest: Vec<Value> = current.clone();
    let mut new = Vec::new();
    let mut is_changed = false;
    for automation in &desired.automations {
        let wanted = existing
            .and_then(|existing| understood(automation, existing))
            .unwrap_or_else(|| Value::Object(automation.clone()));
        match rest.iter().position(|current| same(current, &wanted)) {
            Some(at) => drop(rest.remove(at)),
            None => is_changed = true,
        }
        new.push(wanted);
    }
    let prefix = format!("{}__automation_", desired.name);
    let own = |automation: &Value| {
        let name = automation["name"].as_str().unwrap_or_default();
        name.starts_with(&prefix)
            || desired.automations.iter().any(|other| other.get("name") == automation.get("name"))
    };
    is_changed |= rest.iter().any(own);
    let names = |automations: &[Value]| {
        Value::Array(automations.iter().map(|automation| automation["name"].clone()).collect())
    };
    if !is_changed {
        return None;
    }
    let old: Vec<Value> = current.into_iter().filter(|automation| own(automation)).collect();
    let told = if names(&old) == names(&new) {
        (Value::Array(old), Value::Array(new))
    } else {
        (names(&old), names(&new))
    };
    Some(FieldChange::new("triggers", told.0, told.1))
}

/// A desired automation as the server would say it.
fn understood(automation: &Map<String, Value>, existing: &Existing) -> Option<Value> {
    let mut automation = automation.clone();
    with_deployment(&mut automation, &existing.deployment.id.to_string());
    let core: AutomationCore = serde_json::from_value(Value::Object(automation)).ok()?;
    Some(comparable(&core))
}

/// Says in the action of an automation which deployment it runs.
pub(crate) fn with_deployment(automation: &mut Map<String, Value>, id: &str) {
    let actions = automation.get_mut("actions").and_then(Value::as_array_mut);
    for action in actions.into_iter().flatten().filter_map(Value::as_object_mut) {
        action.insert("deployment_id".to_owned(), json!(id));
    }
}

/// An automation without the ids that triggers get on the server.
fn comparable(core: &AutomationCore) -> Value {
    let mut value = serde_json::to_value(core).unwrap_or_default();
    if let Some(trigger) = value.get_mut("trigger") {
        without_ids(trigger);
    }
    value
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.shift_remove("id");
            object.values_mut().for_each(without_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        _ => {}
    }
}

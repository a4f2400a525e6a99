//! What a request sets, as columns and values, and which of them an event reports.

use serde_json::{Map, Value as JsonValue};
use sluice_wire::deployments::{DeploymentCreate, DeploymentUpdate, JsonObject, empty_parameter_schema};
use sluice_wire::json::RawJson;
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::patch::Patch;

use super::StoredDeployment;
use crate::{Json, Result, StoreError, Value};

/// Columns of `deployment` with their new values.
pub(super) type Assignments = Vec<(&'static str, Value)>;

/// What `POST /deployments/` sets. Parameters and labels are always set: null and absent mean none.
pub(super) fn of_create(create: &DeploymentCreate, labels: &KeyValueLabels) -> Assignments {
    let mut set = vec![("parameters", object(&create.parameters)), ("labels", Value::from(Json(labels)))];
    value(&mut set, "paused", create.paused);
    value(&mut set, "enforce_parameter_schema", create.enforce_parameter_schema);
    value(&mut set, "tags", create.tags.as_ref());
    value(&mut set, "job_variables", create.job_variables.as_ref().map(object));
    schema(&mut set, &create.parameter_openapi_schema);
    patch(&mut set, "concurrency_options", create.concurrency_options.as_option().map(|some| some.map(Json)));
    patch(
        &mut set,
        "concurrency_limit_id",
        create.global_concurrency_limit_id.as_option().map(Option::<&_>::copied),
    );
    patch(&mut set, "pull_steps", create.pull_steps.as_option());
    patch(&mut set, "work_queue_name", create.work_queue_name.as_option());
    patch(&mut set, "storage_document_id", create.storage_document_id.as_option().map(Option::<&_>::copied));
    patch(
        &mut set,
        "infrastructure_document_id",
        create.infrastructure_document_id.as_option().map(Option::<&_>::copied),
    );
    patch(&mut set, "description", create.description.as_option());
    patch(&mut set, "path", create.path.as_option());
    patch(&mut set, "version", create.version.as_option());
    patch(&mut set, "entrypoint", create.entrypoint.as_option());
    set
}

/// What `PATCH /deployments/{id}` sets.
pub(super) fn of_update(update: &DeploymentUpdate) -> Assignments {
    let mut set = Vec::new();
    value(&mut set, "paused", update.paused);
    value(&mut set, "enforce_parameter_schema", update.enforce_parameter_schema.value().copied());
    value(&mut set, "tags", update.tags.as_ref());
    value(&mut set, "parameters", update.parameters.as_ref().map(object));
    value(&mut set, "job_variables", update.job_variables.as_ref().map(object));
    schema(&mut set, &update.parameter_openapi_schema);
    patch(&mut set, "concurrency_options", update.concurrency_options.as_option().map(|some| some.map(Json)));
    patch(
        &mut set,
        "concurrency_limit_id",
        update.global_concurrency_limit_id.as_option().map(Option::<&_>::copied),
    );
    patch(&mut set, "pull_steps", update.pull_steps.as_option());
    patch(&mut set, "work_queue_name", update.work_queue_name.as_option());
    patch(&mut set, "storage_document_id", update.storage_document_id.as_option().map(Option::<&_>::copied));
    patch(
        &mut set,
        "infrastructure_document_id",
        update.infrastructure_document_id.as_option().map(Option::<&_>::copied),
    );
    patch(&mut set, "description", update.description.as_option());
    patch(&mut set, "path", update.path.as_option());
    patch(&mut set, "version", update.version.as_option());
    patch(&mut set, "entrypoint", update.entrypoint.as_option());
    set
}

fn value<T: Into<Value>>(set: &mut Assignments, column: &'static str, new: Option<T>) {
    if let Some(new) = new {
        set.push((column, new.into()));
    }
}

fn patch<T: Into<Value>>(set: &mut Assignments, column: &'static str, new: Option<Option<T>>) {
    if let Some(new) = new {
        set.push((column, new.into()));
    }
}

/// `{}` becomes the schema of a flow without parameters; null stays null.
fn schema(set: &mut Assignments, schema: &Patch<JsonObject>) {
    match schema {
        Patch::Absent => {}
        Patch::Null => set.push(("parameter_openapi_schema", Value::Null)),
        Patch::Value(schema) if schema.is_empty() => {
            set.push(("parameter_openapi_schema", object(&empty_parameter_schema())));
        }
        Patch::Value(schema) => set.push(("parameter_openapi_schema", object(schema))),
    }
}

pub(super) fn object(object: &JsonObject) -> Value {
    Value::from(Json(object))
}

/// The fields whose changes an event reports, by the names that it uses.
type Reported = Map<String, JsonValue>;

/// Which reported fields differ, with both values: `{"paused": {"from": false, "to": true}}`.
pub(super) fn changed_fields(before: &StoredDeployment, after: &StoredDeployment) -> Result<Reported> {
    let (before, after) = (reported(before)?, reported(after)?);
    let changed = before.into_iter().filter_map(|(field, from)| {
        let to = after.get(&field).cloned().unwrap_or_default();
        (from != to).then(|| (field, serde_json::json!({ "from": from, "to": to })))
    });
    Ok(changed.collect())
}

fn reported(stored: &StoredDeployment) -> Result<Reported> {
    let deployment = &stored.deployment;
    let limit_id = deployment.global_concurrency_limit.as_ref().map(|limit| limit.id);
    let fields = [
        ("description", json(&deployment.description)?),
        ("tags", json(&deployment.tags)?),
        ("parameters", parsed(Some(&deployment.parameters))?),
        ("parameter_openapi_schema", parsed(deployment.parameter_openapi_schema.as_ref())?),
        ("enforce_parameter_schema", json(&deployment.enforce_parameter_schema)?),
        ("entrypoint", json(&deployment.entrypoint)?),
        ("path", json(&deployment.path)?),
        ("pull_steps", parsed(deployment.pull_steps.as_ref())?),
        ("work_queue_id", json(&deployment.work_queue_id)?),
        ("infra_overrides", parsed(Some(&deployment.job_variables))?),
        ("paused", json(&deployment.paused)?),
        ("labels", parsed(Some(&deployment.labels))?),
        ("version", json(&deployment.version)?),
        ("concurrency_limit_id", json(&limit_id)?),
        ("concurrency_options", json(&deployment.concurrency_options)?),
    ];
    Ok(fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect())
}

fn json<T: serde::Serialize>(value: &T) -> Result<JsonValue> {
    serde_json::to_value(value).map_err(|error| StoreError::Internal(error.to_string()))
}

fn parsed(json: Option<&RawJson>) -> Result<JsonValue> {
    json.map_or(Ok(JsonValue::Null), |json| {
        json.parse().map_err(|error| StoreError::Corrupt(format!("{error} in stored JSON")))
    })
}

//! What templates of an action see: the automation, the event, the firing, and those objects that they name.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use sluice_store::automations::actions::PendingAction;
use sluice_store::concurrency_limits::{self, Key};
use sluice_store::{
    StoreError, Tx, deployments, flow_runs, flows, task_runs, variables, work_pools, work_queues,
};
use sluice_templating::{Model, event, labels, names_in, uses_templates};
use sluice_wire::deployments::JsonObject;
use sluice_wire::events::{Labels, RESOURCE_ID};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::inference;
use crate::Context;

/// Objects that are read when a template names them, and the kinds of their resources.
const OBJECTS: [(&str, &str); 7] = [
    ("deployment", "prefect.deployment"),
    ("flow", "prefect.flow"),
    ("flow_run", "prefect.flow-run"),
    ("task_run", "prefect.task-run"),
    ("work_pool", "prefect.work-pool"),
    ("work_queue", "prefect.work-queue"),
    ("concurrency_limit", "prefect.concurrency-limit"),
];
const VARIABLES: &str = "variables";

/// The texts in parameters that are templates.
pub(super) fn texts_in(parameters: &JsonObject) -> Vec<String> {
    fn collect(value: &Value, texts: &mut Vec<String>) {
        match value {
            Value::String(text) if uses_templates(text) => texts.push(text.clone()),
            Value::Object(fields) if fields.contains_key("__prefect_kind") => {
                // Whatever it describes is made, templates or not.
                texts.push(String::new());
                fields.values().for_each(|value| collect(value, texts));
            }
            Value::Object(fields) => fields.values().for_each(|value| collect(value, texts)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    parameters.values().for_each(|value| collect(value, &mut texts));
    texts
}

/// What the templates in `texts` see.
pub(in crate::tasks) async fn read(
    context: &Context,
    pending: &PendingAction,
    texts: &[String],
) -> Result<BTreeMap<String, sluice_templating::Value>, StoreError> {
    let action = &pending.action;
    let ui_url = &context.settings.ui_url;
    let none = || sluice_templating::Value::from(());
    let firing = &action.firing;
    let mut values = BTreeMap::from([
        ("automation".to_owned(), Model::value("prefect.automation", &tree(&action.automation)?)),
        (
            "event".to_owned(),
            action.triggering_event.as_ref().map_or_else(none, |found| event(found, ui_url)),
        ),
        ("labels".to_owned(), labels(&firing.triggering_labels)),
        ("firing".to_owned(), Model::value("firing", &tree(firing)?)),
        (
            "firings".to_owned(),
            firing
                .all_firings()
                .into_iter()
                .map(|firing| Ok(Model::value("firing", &tree(firing)?)))
                .collect::<Result<Vec<_>, StoreError>>()?
                .into(),
        ),
        (
            "events".to_owned(),
            firing.all_events().into_iter().map(|found| event(found, ui_url)).collect::<Vec<_>>().into(),
        ),
    ]);
    let Some(triggering) = &action.triggering_event else { return Ok(values) };
    let mut names: Vec<&str> = OBJECTS.iter().map(|(name, _)| *name).collect();
    names.push(VARIABLES);
    let mut named: Vec<&str> = texts.iter().flat_map(|text| names_in(text, &names)).collect();
    named.sort_unstable();
    named.dedup();
    for name in named {
        if name == VARIABLES {
            let all = context
                .store()
                .read(pending.workspace, |tx, workspace| Box::pin(variables::read_values(tx, *workspace)))
                .await?;
            values.insert(name.to_owned(), Model::value(VARIABLES, &tree(&all)?));
            continue;
        }
        let Some((_, kind)) = OBJECTS.iter().find(|(object, _)| *object == name) else { continue };
        let Some(resource) = inference::first_of_kind(triggering, kind) else { continue };
        let id = resource.get(RESOURCE_ID).and_then(|id| inference::id_in(id, kind));
        let Some(id) = id else { continue };
        let found = context
            .store()
            .read((pending.workspace, *kind, id, context.now()), |tx, (workspace, kind, id, now)| {
                Box::pin(object(tx, *workspace, kind, *id, *now))
            })
            .await?;
        if let Some(mut found) = found {
            state_of_event(&mut found, resource);
            values.insert(name.to_owned(), Model::value(kind, &found));
        }
    }
    Ok(values)
}

async fn object(
    tx: &mut Tx,
    workspace: WorkspaceId,
    kind: &str,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<Value>, StoreError> {
    fn some<T: Serialize>(found: Option<T>) -> Result<Option<Value>, StoreError> {
        found.as_ref().map(tree).transpose()
    }
    match kind {
        "prefect.deployment" => {
            some(deployments::read(tx, workspace, id.into()).await?.map(|stored| stored.deployment))
        }
        "prefect.flow" => some(flows::read(tx, workspace, id.into()).await?),
        "prefect.flow-run" => some(flow_runs::read(tx, workspace, id.into(), now).await?),
        "prefect.task-run" => some(task_runs::read(tx, workspace, id.into(), now).await?),
        "prefect.work-pool" => some(work_pools::read(tx, workspace, id.into()).await?),
        "prefect.work-queue" => some(work_queues::read(tx, workspace, id.into()).await?),
        "prefect.concurrency-limit" => {
            let found = concurrency_limits::read(tx, workspace, &Key::Id(id.into())).await?;
            some(found.map(|row| row.limit.name)).map(|name| name.map(|name| json!({"id": id, "name": name})))
        }
        _ => Ok(None),
    }
}

/// The run may have changed its state since; templates see the state that the event is about.
fn state_of_event(found: &mut Value, resource: &Labels) {
    let label = |name: &str| resource.get(&format!("prefect.state-{name}"));
    if let (Some(message), Some(name), Some(timestamp), Some(kind)) =
        (label("message"), label("name"), label("timestamp"), label("type"))
        && found.get("state").is_some()
    {
        found["state"] = json!({"type": kind, "name": name, "timestamp": timestamp, "message": message});
    }
}

fn tree<T: Serialize>(value: &T) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|error| StoreError::Internal(error.to_string()))
}

//! From a run and the template of its pool to a job that a launcher can start.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sluice_client::{CLIENT_VERSION, Client, ClientError};
use sluice_wire::deployments::Deployment;
use sluice_wire::flows::Flow;
use sluice_wire::ids::BlockDocumentId;
use sluice_wire::work_pools::{ScheduledFlowRun, WorkPool};

use crate::launchers::{Command, Job};
use crate::template::{self, TemplateError, Values, python_text};

/// A job cannot be made of a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("block not found: {name:?} of type {slug:?}; a deployment or work pool refers to it")]
    NoBlock { slug: String, name: String },
    #[error("the job variables or the template are no JSON objects: {0}")]
    Json(#[from] serde_json::Error),
}

/// What a job is made of.
pub(crate) struct Ingredients<'a> {
    pub(crate) flow_run: &'a ScheduledFlowRun,
    pub(crate) deployment: Option<&'a Deployment>,
    pub(crate) flow: &'a Flow,
    pub(crate) pool: &'a WorkPool,
    pub(crate) worker: &'a str,
    /// Settings that every run gets.
    pub(crate) run_environment: &'a BTreeMap<String, String>,
}

/// Renders the template of the pool for a run; blocks and variables that it names are read from the server.
pub(crate) async fn prepare(client: &Client, ingredients: &Ingredients<'_>) -> Result<Job, JobError> {
    let of_deployment = match ingredients.deployment {
        Some(deployment) => deployment.job_variables.parse().unwrap_or_default(),
        None => Map::new(),
    };
    let of_run: Option<Map<String, Value>> =
        ingredients.flow_run.job_variables.as_ref().map(|variables| variables.parse()).transpose()?;
    let variables = template::merge_job_variables(&of_deployment, &of_run.unwrap_or_default());
    let base: Value = ingredients.pool.base_job_template.parse()?;
    let rendered = template::render(&base, &variables, &|name| std::env::var(name).ok())?;
    let configuration = resolve(client, Value::Object(rendered)).await?;
    Ok(finish(configuration, ingredients))
}

async fn resolve(client: &Client, rendered: Value) -> Result<Value, JobError> {
    let references = template::references(&rendered)?;
    let mut values = Values::default();
    for (slug, name) in references.blocks {
        let found = client.block_document(&slug, &name, true).await?;
        let Some(block) = found else { return Err(JobError::NoBlock { slug, name }) };
        values.blocks.insert((slug, name), Value::Object(block.data));
    }
    for id in references.block_ids {
        let missing = || JobError::NoBlock { slug: "any".to_owned(), name: id.clone() };
        let parsed: BlockDocumentId = id.parse().map_err(|_| missing())?;
        let block = client.block_document_by_id(parsed, true).await?;
        values.block_ids.insert(id.clone(), Value::Object(block.data));
    }
    let with_blocks = template::resolve_blocks(&rendered, &values)?;
    // Values of blocks may name variables, too.
    for name in template::references(&with_blocks)?.variables {
        if let Some(variable) = client.variable(&name).await? {
            values.variables.insert(name, serde_json::to_value(&variable.value)?);
        }
    }
    Ok(template::resolve_variables(&with_blocks, &values))
}

/// Adds what every job has: its environment, its labels, its name.
fn finish(configuration: Value, ingredients: &Ingredients<'_>) -> Job {
    let mut configuration = match configuration {
        Value::Object(configuration) => configuration,
        _ => Map::new(),
    };
    let flow_run = ingredients.flow_run;
    let mut environment: BTreeMap<String, Option<String>> =
        base_environment(ingredients).into_iter().map(|(name, value)| (name, Some(value))).collect();
    if let Some(Value::Object(own)) = configuration.get("env") {
        // Null takes a variable away.
        environment.extend(
            own.iter().map(|(name, value)| (name.clone(), (!value.is_null()).then(|| python_text(value)))),
        );
    }
    let mut labels = base_labels(ingredients);
    if let Some(Value::Object(own)) = configuration.get("labels") {
        labels.extend(own.iter().map(|(name, value)| (name.clone(), python_text(value))));
    }
    let line = configuration.get("command").and_then(Value::as_str).filter(|line| !line.is_empty());
    let command = line.map_or(Command::Engine, |line| Command::Line(line.to_owned()));
    let name = configuration.get("name").cloned().filter(|name| name.as_str() != Some(""));
    let name = name.and_then(|name| template::fill_in(&name, &context(ingredients), &|_| None));
    let name =
        name.filter(|name| !name.is_null()).map_or_else(|| flow_run.name.clone(), |name| python_text(&name));
    configuration.insert("name".to_owned(), name.into());
    Job {
        flow_run: flow_run.id,
        flow_run_name: flow_run.name.clone(),
        command,
        environment: environment.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        labels,
        configuration,
    }
}

/// What a name may refer to: `{{ ctx.flow_run.name }}`.
fn context(ingredients: &Ingredients<'_>) -> Value {
    json!({ "ctx": { "flow": ingredients.flow, "flow_run": ingredients.flow_run } })
}

fn base_environment(ingredients: &Ingredients<'_>) -> BTreeMap<String, String> {
    let mut environment = ingredients.run_environment.clone();
    let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
    set("PREFECT__FLOW_RUN_ID", ingredients.flow_run.id.to_string());
    set("PREFECT__WORKER_NAME", ingredients.worker.to_owned());
    set("PREFECT__FLOW_ID", ingredients.flow_run.flow_id.to_string());
    set("PREFECT__FLOW_NAME", ingredients.flow.name.clone());
    if let Some(id) = ingredients.flow_run.deployment_id {
        set("PREFECT__DEPLOYMENT_ID", id.to_string());
    }
    if let Some(deployment) = ingredients.deployment {
        set("PREFECT__DEPLOYMENT_NAME", deployment.name.clone());
    }
    environment
}

fn base_labels(ingredients: &Ingredients<'_>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut set = |name: &str, value: String| labels.insert(format!("prefect.io/{name}"), value);
    set("flow-run-id", ingredients.flow_run.id.to_string());
    set("flow-run-name", ingredients.flow_run.name.clone());
    set("version", CLIENT_VERSION.to_owned());
    set("work-pool-name", ingredients.pool.name.clone());
    set("work-pool-id", ingredients.pool.id.to_string());
    set("worker-name", ingredients.worker.to_owned());
    set("flow-id", ingredients.flow.id.to_string());
    set("flow-name", ingredients.flow.name.clone());
    if let Some(deployment) = ingredients.deployment {
        set("deployment-id", deployment.id.to_string());
        set("deployment-name", deployment.name.clone());
        set("deployment-updated", deployment.updated.isoformat());
    }
    labels
}

//! What is on the server.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use sluice_client::Client;
use sluice_wire::automations::{Action, Automation, RunDeployment};
use sluice_wire::deployments::Deployment;
use sluice_wire::ids::{DeploymentId, FlowId};

use crate::desired::Desired;
use crate::error::PlatformError;
use crate::templates::visit;

/// The most of anything that is asked for.
const MOST: usize = 100_000;

/// A deployment with the automations that run it.
#[derive(Debug, Clone)]
pub(crate) struct Existing {
    pub(crate) deployment: Deployment,
    pub(crate) automations: Vec<Automation>,
}

impl Existing {
    pub(crate) fn labels(&self) -> Map<String, Value> {
        match serde_json::to_value(&self.deployment.labels) {
            Ok(Value::Object(labels)) => labels,
            _ => Map::new(),
        }
    }
}

/// Those of the deployments that exist, by `flow/deployment`.
pub(crate) async fn of(
    client: &Client,
    desired: &[Desired],
) -> Result<BTreeMap<String, Existing>, PlatformError> {
    let names: BTreeSet<&str> = desired.iter().map(|desired| desired.name.as_str()).collect();
    let flows: BTreeSet<&str> = desired.iter().map(|desired| desired.flow_name.as_str()).collect();
    let body =
        json!({ "deployments": { "name": { "any_": names } }, "flows": { "name": { "any_": flows } } });
    let deployments = client.deployments(&body, MOST).await?;
    named(client, deployments).await
}

/// The deployments that carry the labels of a project.
pub(crate) async fn made_by(
    client: &Client,
    project: &Map<String, Value>,
) -> Result<BTreeMap<String, Existing>, PlatformError> {
    let all = client.deployments(&json!({}), MOST).await?;
    let own = all
        .into_iter()
        .filter(|deployment| {
            let labels = serde_json::to_value(&deployment.labels).unwrap_or_default();
            labels.as_object().is_some_and(|labels| super::is_of(labels, project))
        })
        .collect();
    named(client, own).await
}

async fn named(
    client: &Client,
    deployments: Vec<Deployment>,
) -> Result<BTreeMap<String, Existing>, PlatformError> {
    if deployments.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: BTreeSet<String> = deployments.iter().map(|deployment| deployment.flow_id.to_string()).collect();
    let flows = client.flows(&json!({ "flows": { "id": { "any_": ids } } }), MOST).await?;
    let flows: HashMap<FlowId, String> = flows.into_iter().map(|flow| (flow.id, flow.name)).collect();
    let mut automations: HashMap<DeploymentId, Vec<Automation>> = HashMap::new();
    for automation in client.automations(&json!({}), MOST).await? {
        if let Some(id) = only_runs(&automation) {
            automations.entry(id).or_default().push(automation);
        }
    }
    Ok(deployments
        .into_iter()
        .filter_map(|deployment| {
            let name = format!("{}/{}", flows.get(&deployment.flow_id)?, deployment.name);
            let automations = automations.remove(&deployment.id).unwrap_or_default();
            Some((name, Existing { deployment, automations }))
        })
        .collect())
}

/// The deployment that an automation runs, if it does nothing else.
fn only_runs(automation: &Automation) -> Option<DeploymentId> {
    match automation.core.actions.as_slice() {
        [Action::RunDeployment(RunDeployment { target, .. })] => {
            let target = serde_json::to_value(target).ok()?;
            serde_json::from_value(target.get("deployment_id")?.clone()).ok()
        }
        _ => None,
    }
}

/// The blocks that pull steps name and that do not exist, as `type/name`. Workers read them, not the deploy.
pub(crate) async fn missing_blocks(
    client: &Client,
    desired: &[Desired],
) -> Result<BTreeSet<String>, PlatformError> {
    let mut named = BTreeSet::new();
    for steps in desired.iter().filter_map(|desired| desired.fields.get("pull_steps")) {
        visit(steps, &mut |placeholder| {
            let mut parts = placeholder.block().unwrap_or_default().split('.');
            if let (Some(slug), Some(name)) = (parts.next(), parts.next()) {
                named.insert((slug.to_owned(), name.to_owned()));
            }
        });
    }
    let mut missing = BTreeSet::new();
    for (slug, name) in named {
        if client.block_document(&slug, &name, false).await?.is_none() {
            missing.insert(format!("{slug}/{name}"));
        }
    }
    Ok(missing)
}

/// The type of each pool that is named, `None` where there is no such pool; and the queues that do not exist yet.
pub(crate) async fn pools(
    client: &Client,
    desired: &[Desired],
) -> Result<(BTreeMap<String, Option<String>>, BTreeSet<String>), PlatformError> {
    let mut pools = BTreeMap::new();
    let mut new_queues = BTreeSet::new();
    let wanted: BTreeSet<(&str, Option<&str>)> = desired
        .iter()
        .filter_map(|desired| Some((desired.text("work_pool_name")?, desired.text("work_queue_name"))))
        .collect();
    for (pool, queue) in wanted {
        if !pools.contains_key(pool) {
            let found = client.work_pool(pool).await?;
            pools.insert(pool.to_owned(), found.map(|found| found.r#type));
        }
        if let (Some(queue), Some(Some(_))) = (queue, pools.get(pool))
            && client.pool_queue(pool, queue).await?.is_none()
        {
            new_queues.insert(format!("{pool}/{queue}"));
        }
    }
    Ok((pools, new_queues))
}

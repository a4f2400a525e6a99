//! Deployments.

use std::collections::BTreeMap;

use serde_json::json;
use sluice_client::DeploymentLookup;
use sluice_wire::deployments::Deployment;
use sluice_wire::ids::FlowId;

use super::{MOST_LOOKED_THROUGH, Named, by_prefix, missing, only};
use crate::exit::Failure;
use crate::session::Session;

/// The deployment that `text` names: `flow/deployment`, an id or its beginning, or the name of the deployment alone
/// where it is the only one.
pub(crate) async fn deployment(session: &Session, text: &str) -> Result<Deployment, Failure> {
    let client = &session.client;
    let id = |deployment: &Deployment| deployment.id.to_string();
    let lookup = match (Named::parse(text), text.split_once('/')) {
        (Named::Id(id), _) => Some(DeploymentLookup::Id(id.into())),
        (_, Some((flow, deployment))) => {
            Some(DeploymentLookup::Name { flow: flow.to_owned(), deployment: deployment.to_owned() })
        }
        _ => None,
    };
    if let Some(lookup) = lookup {
        if let Some(found) = client.look_up_deployment(&lookup).await? {
            return Ok(found);
        }
    } else {
        let named = client.deployments(&json!({ "deployments": { "name": { "any_": [text] } } }), 4).await?;
        if let Some(found) = only("deployment", text, named, id)? {
            return Ok(found);
        }
    }
    let all = client.deployments(&json!({ "sort": "CREATED_DESC" }), MOST_LOOKED_THROUGH).await?;
    let names: Vec<String> = deployment_names(session, &all).await?;
    if let Named::Prefix(prefix) = Named::parse(text)
        && let Some(found) = by_prefix("deployment", &prefix, all, id)?
    {
        return Ok(found);
    }
    Err(missing("deployment", text, &names, "sluice deployment ls"))
}

/// `flow/deployment` of each.
pub(crate) async fn deployment_names(
    session: &Session,
    deployments: &[Deployment],
) -> Result<Vec<String>, Failure> {
    let flows: BTreeMap<FlowId, String> =
        flow_names(session, deployments.iter().map(|deployment| deployment.flow_id).collect()).await?;
    let name = |deployment: &Deployment| {
        let flow = flows.get(&deployment.flow_id).map_or("?", String::as_str);
        format!("{flow}/{}", deployment.name)
    };
    Ok(deployments.iter().map(name).collect())
}

/// The names of flows.
pub(crate) async fn flow_names(
    session: &Session,
    mut ids: Vec<FlowId>,
) -> Result<BTreeMap<FlowId, String>, Failure> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let filter = json!({ "flows": { "id": { "any_": ids } } });
    let flows = session.client.flows(&filter, ids.len()).await?;
    Ok(flows.into_iter().map(|flow| (flow.id, flow.name)).collect())
}

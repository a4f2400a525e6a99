//! Events about what the server did to a flow run on its own account.

use serde_json::Value;
use sluice_store::StoreError;
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::ids::{DeploymentId, FlowId, FlowRunId};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

/// The run that an event is about.
pub(crate) struct Subject<'a> {
    pub id: FlowRunId,
    pub name: &'a str,
    pub flow_id: FlowId,
    pub deployment_id: Option<DeploymentId>,
    pub tags: &'a [String],
}

/// The event `sluice.flow-run.<what>`, related to the flow, the deployment and the tags of the run.
pub(crate) fn run_event(
    now: Timestamp,
    what: &str,
    subject: &Subject<'_>,
    payload: &Value,
) -> Result<Event, StoreError> {
    let resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.flow-run.{}", subject.id)),
        (RESOURCE_NAME.to_owned(), subject.name.to_owned()),
    ]);
    let mut event = Event::new(now, format!("sluice.flow-run.{what}"), resource);
    let flow = ("flow", format!("prefect.flow.{}", subject.flow_id));
    let deployment = subject.deployment_id.map(|id| ("deployment", format!("prefect.deployment.{id}")));
    let tags = subject.tags.iter().map(|tag| ("tag", format!("prefect.tag.{tag}")));
    event.related = std::iter::once(flow)
        .chain(deployment)
        .chain(tags)
        .map(|(role, id)| {
            Labels::from([(RESOURCE_ID.to_owned(), id), (RESOURCE_ROLE.to_owned(), role.to_owned())])
        })
        .collect();
    event.payload = RawJson::from_value(payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    Ok(event)
}

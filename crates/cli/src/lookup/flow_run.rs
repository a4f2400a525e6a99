//! Flow runs.

use serde_json::json;
use sluice_wire::flow_runs::FlowRun;

use super::{MOST_LOOKED_THROUGH, Named, by_prefix, missing, only};
use crate::exit::Failure;
use crate::session::Session;

/// The flow run that `text` names. Names belong to many runs, so one that does is refused.
pub(crate) async fn flow_run(session: &Session, text: &str) -> Result<FlowRun, Failure> {
    let client = &session.client;
    let nothing = || missing("flow run", text, &[""; 0], "sluice flow-run ls");
    let id = |run: &FlowRun| run.id.to_string();
    if let Named::Id(uuid) = Named::parse(text) {
        return client
            .flow_run(uuid.into())
            .await
            .map_err(|error| if error.is_not_found() { nothing() } else { error.into() });
    }
    let named = client.flow_runs(&json!({ "flow_runs": { "name": { "any_": [text] } } }), 4).await?;
    if let Some(run) = only("flow run", text, named, id)? {
        return Ok(run);
    }
    if let Named::Prefix(prefix) = Named::parse(text) {
        let newest = client.flow_runs(&json!({ "sort": "ID_DESC" }), MOST_LOOKED_THROUGH).await?;
        if let Some(run) = by_prefix("flow run", &prefix, newest, id)? {
            return Ok(run);
        }
    }
    Err(nothing())
}

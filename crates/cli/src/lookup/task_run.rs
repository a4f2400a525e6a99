//! Task runs.

use serde_json::json;
use sluice_wire::task_runs::TaskRun;

use super::{MOST_LOOKED_THROUGH, Named, by_prefix, missing, only};
use crate::exit::Failure;
use crate::session::Session;

/// The task run that `text` names.
pub(crate) async fn task_run(session: &Session, text: &str) -> Result<TaskRun, Failure> {
    let client = &session.client;
    let nothing = || missing("task run", text, &[""; 0], "sluice task-run ls");
    let id = |run: &TaskRun| run.id.to_string();
    if let Named::Id(uuid) = Named::parse(text) {
        return client
            .task_run(uuid.into())
            .await
            .map_err(|error| if error.is_not_found() { nothing() } else { error.into() });
    }
    let named = client.task_runs(&json!({ "task_runs": { "name": { "any_": [text] } } }), 4).await?;
    if let Some(run) = only("task run", text, named, id)? {
        return Ok(run);
    }
    if let Named::Prefix(prefix) = Named::parse(text) {
        let newest = client.task_runs(&json!({ "sort": "ID_DESC" }), MOST_LOOKED_THROUGH).await?;
        if let Some(run) = by_prefix("task run", &prefix, newest, id)? {
            return Ok(run);
        }
    }
    Err(nothing())
}

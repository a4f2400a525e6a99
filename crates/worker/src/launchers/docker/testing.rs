//! What the tests beside the rules share.

use std::collections::BTreeMap;

use serde_json::Map;
use sluice_wire::ids::FlowRunId;

use crate::launchers::{Command, Job};

/// A job of a pool that says nothing.
pub(super) fn job() -> Job {
    let api_url = ("PREFECT_API_URL".to_owned(), "https://sluice.test/api".to_owned());
    Job {
        flow_run: FlowRunId::random(),
        flow_run_name: "fizzy-lizard".to_owned(),
        command: Command::Engine,
        environment: BTreeMap::from([api_url]),
        labels: BTreeMap::new(),
        configuration: Map::new(),
    }
}

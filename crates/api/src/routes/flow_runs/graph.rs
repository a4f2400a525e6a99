use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use sluice_store::flow_runs::{self, GraphLimits, GraphOutcome};
use sluice_wire::flow_runs::{Graph, TaskRunDependencies};
use sluice_wire::ids::FlowRunId;
use sluice_wire::time::Timestamp;

use super::no_such_run;
use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// The limits of the reference.
const LIMITS: GraphLimits = GraphLimits { nodes: 10_000, artifacts: 10_000 };

/// Query of `GET /flow_runs/{id}/graph-v2`.
#[derive(Debug, Deserialize)]
pub struct Since {
    since: Option<String>,
}

/// `GET /flow_runs/{id}/graph`: the task runs with what each was given.
pub async fn graph(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
) -> Result<Json<Vec<TaskRunDependencies>>, ApiError> {
    let now = app.clock.now();
    let runs = app
        .store
        .read((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(flow_runs::task_run_dependencies(tx, *workspace, *id, *now))
        })
        .await?;
    runs.map(Json).ok_or_else(|| no_such_run(id))
}

/// `GET /flow_runs/{id}/graph-v2?since=`: task runs and subflows as nodes with edges.
pub async fn graph_v2(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
    Query(Since { since }): Query<Since>,
) -> Result<Json<Graph>, ApiError> {
    let since = match since.as_deref() {
        // A plus that was not escaped arrives as a space.
        Some(text) => text
            .parse()
            .or_else(|_| text.replace(' ', "+").parse())
            .map_err(|_| ApiError::invalid_time_in_query("since", text))?,
        None => Timestamp::from_micros(i64::MIN / 2),
    };
    let outcome = app
        .store
        .read((workspace, id, since), |tx, (workspace, id, since)| {
            Box::pin(flow_runs::graph(tx, *workspace, *id, *since, LIMITS))
        })
        .await?;
    match outcome {
        GraphOutcome::Graph(graph) => Ok(Json(graph)),
        GraphOutcome::NotFound => Err(ApiError::object_not_found(format!("Flow run {id} not found"))),
        GraphOutcome::TooLarge => {
            let detail = format!("The graph of flow run {id} has more than {} nodes.", LIMITS.nodes);
            Err(ApiError::detail(StatusCode::BAD_REQUEST, detail))
        }
    }
}

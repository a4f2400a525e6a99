use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sluice_orchestration::FlowPolicy;
use sluice_store::flow_runs;
use sluice_wire::filters::{FlowRunFilter, RelatedFilters};
use sluice_wire::flow_runs::FlowRunOrchestrationResult;
use sluice_wire::ids::StateId;
use sluice_wire::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};
use sluice_wire::states::StateCreate;

use super::BULK_LIMIT;
use crate::extract::{Caller, OptionalBody, Workspace, bulk_limit};
use crate::{ApiError, App};

/// Body of `POST /flow_runs/bulk_set_state`.
#[derive(Debug, Deserialize)]
pub struct BulkSetState {
    #[serde(default)]
    flow_runs: Option<FlowRunFilter>,
    state: StateCreate,
    #[serde(default)]
    force: bool,
    #[serde(default)]
    limit: Option<i64>,
}

/// Answer of `POST /flow_runs/bulk_set_state`.
#[derive(Debug, Serialize)]
pub struct BulkSetStateResults {
    results: Vec<FlowRunOrchestrationResult>,
}

/// `POST /flow_runs/bulk_set_state`: each run in a transaction of its own.
pub async fn bulk_set_state(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    OptionalBody(request): OptionalBody<BulkSetState>,
) -> Result<Json<BulkSetStateResults>, ApiError> {
    let limit = bulk_limit(request.limit, BULK_LIMIT)?;
    let filters = RelatedFilters { flow_runs: request.flow_runs, ..RelatedFilters::default() };
    let ids = app
        .store
        .read((workspace, filters, limit), |tx, (workspace, filters, limit)| {
            Box::pin(flow_runs::filter_ids(tx, *workspace, filters, *limit))
        })
        .await?;
    let policy = FlowPolicy::for_request(request.force);
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let environment = caller.environment(&app, app.clock.now());
        let state = request.state.clone().into_state(StateId::sequential(), environment.now);
        let outcome = app
            .store
            .write(
                (workspace, id, policy, state, environment),
                |tx, (workspace, id, policy, state, environment)| {
                    Box::pin(flow_runs::commit_state(
                        tx,
                        *workspace,
                        *id,
                        *policy,
                        state.clone(),
                        environment,
                    ))
                },
            )
            .await;
        let result = match outcome {
            Ok(Some(change)) => change.result,
            Ok(None) => aborted(format!("Flow run with id {id} not found")),
            Err(error) => aborted(error.to_string()),
        };
        results.push(FlowRunOrchestrationResult::new(id, result));
    }
    Ok(Json(BulkSetStateResults { results }))
}

fn aborted(reason: String) -> OrchestrationResult {
    OrchestrationResult {
        state: None,
        status: SetStateStatus::Abort,
        details: StateResponseDetails::Abort { reason: Some(reason) },
    }
}

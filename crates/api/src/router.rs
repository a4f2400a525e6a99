//! Every route of the API, once. The comment of a group names its folder in `routes/`.

use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};
use tower::ServiceExt;
use tower::util::MapRequest;

use crate::middleware::trailing_slash;
use crate::routes::flows;
use crate::{ApiError, App};

/// The whole API under `/api`, ready to be served.
pub fn service(app: App) -> MapRequest<Router, fn(Request) -> Request> {
    let api = Router::new()
        .merge(admin_routes())
        .merge(artifacts_routes())
        .merge(automations_routes())
        .merge(collections_routes())
        .merge(concurrency_limits_routes())
        .merge(csrf_token_routes())
        .merge(deployments_routes())
        .merge(events_routes())
        .merge(flow_run_states_routes())
        .merge(flow_runs_routes())
        .merge(flows_routes())
        .merge(health_routes())
        .merge(logs_routes())
        .merge(saved_searches_routes())
        .merge(task_run_states_routes())
        .merge(task_runs_routes())
        .merge(task_workers_routes())
        .merge(v2_concurrency_limits_routes())
        .merge(variables_routes())
        .merge(work_pools_routes())
        .merge(work_queues_routes())
        .merge(websocket_routes())
        .method_not_allowed_fallback(async || {
            ApiError::detail(axum::http::StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        });
    let router =
        Router::new().nest("/api", api).fallback(async || ApiError::not_found("Not Found")).with_state(app);
    router.map_request(trailing_slash::strip as fn(Request) -> Request)
}

fn flows_routes() -> Router<App> {
    Router::new()
        .route("/flows", post(flows::create))
        .route("/flows/{id}", get(flows::read).patch(flows::update).delete(flows::delete))
        .route("/flows/name/{name}", get(flows::read_by_name))
}

fn admin_routes() -> Router<App> {
    Router::new()
}

fn artifacts_routes() -> Router<App> {
    Router::new()
}

fn automations_routes() -> Router<App> {
    Router::new()
}

fn collections_routes() -> Router<App> {
    Router::new()
}

fn concurrency_limits_routes() -> Router<App> {
    Router::new()
}

fn csrf_token_routes() -> Router<App> {
    Router::new()
}

fn deployments_routes() -> Router<App> {
    Router::new()
}

fn events_routes() -> Router<App> {
    Router::new()
}

fn flow_run_states_routes() -> Router<App> {
    Router::new()
}

fn flow_runs_routes() -> Router<App> {
    Router::new()
}

fn health_routes() -> Router<App> {
    Router::new()
}

fn logs_routes() -> Router<App> {
    Router::new()
}

fn saved_searches_routes() -> Router<App> {
    Router::new()
}

fn task_run_states_routes() -> Router<App> {
    Router::new()
}

fn task_runs_routes() -> Router<App> {
    Router::new()
}

fn task_workers_routes() -> Router<App> {
    Router::new()
}

fn v2_concurrency_limits_routes() -> Router<App> {
    Router::new()
}

fn variables_routes() -> Router<App> {
    Router::new()
}

fn work_pools_routes() -> Router<App> {
    Router::new()
}

fn work_queues_routes() -> Router<App> {
    Router::new()
}

fn websocket_routes() -> Router<App> {
    Router::new()
}

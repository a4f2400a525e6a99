//! Every route of the API, once. The comment of a group names its folder in `routes/`.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, patch, post, put};
use tower::ServiceExt;
use tower::util::MapRequest;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};

// Every noun of `routes` is used here.
use crate::middleware::{api_version, authentication, csrf, observe, trailing_slash, whole_body};
use crate::routes::*;
use crate::{ApiError, App, websockets};

/// Answers of at least this many bytes are compressed when the client accepts it.
const COMPRESS_FROM_BYTES: u64 = 500;

/// The whole API under `/api`, ready to be served.
pub fn service(app: App) -> MapRequest<Router, fn(Request) -> Request> {
    let api = Router::new()
        .merge(admin_routes())
        .merge(artifacts_routes())
        .merge(automations_routes())
        .merge(block_capabilities_routes())
        .merge(block_documents_routes())
        .merge(block_schemas_routes())
        .merge(block_types_routes())
        .merge(collections_routes())
        .merge(concurrency_limits_routes())
        .merge(csrf_token_routes())
        .merge(deployments_routes())
        .merge(events_routes())
        .merge(flow_run_states_routes())
        .merge(flow_runs_routes())
        .merge(flows_routes())
        .merge(health_routes())
        .merge(incidents_routes())
        .merge(logs_routes())
        .merge(saved_searches_routes())
        .merge(task_run_states_routes())
        .merge(task_runs_routes())
        .merge(task_workers_routes())
        .merge(templates_routes())
        .merge(v2_concurrency_limits_routes())
        .merge(variables_routes())
        .merge(work_pools_routes())
        .merge(work_queues_routes())
        .merge(websocket_routes())
        .method_not_allowed_fallback(async || {
            ApiError::detail(axum::http::StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .layer(from_fn(api_version::check));
    let api = protected(api, &app)
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_FROM_BYTES).and(is_json)))
        .layer(any_origin())
        .layer(from_fn(whole_body::read))
        .layer(from_fn(observe::observe));
    let router = Router::new()
        .nest("/api", api)
        .route_service("/openapi.json", get(openapi::read))
        .fallback(async || ApiError::not_found("Not Found"))
        .with_state(app);
    router.map_request(trailing_slash::strip as fn(Request) -> Request)
}

/// What the settings do not ask for is no layer at all: each costs time with every request.
fn protected(mut api: Router<App>, app: &App) -> Router<App> {
    if app.settings.auth_string.is_some() {
        api = api.layer(from_fn_with_state(app.clone(), authentication::check));
    }
    if app.settings.csrf_enabled {
        api = api.layer(from_fn_with_state(app.clone(), csrf::check));
    }
    api
}

/// Pages of any origin may ask, as in the reference; what a browser keeps for this server is not sent along.
fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(std::time::Duration::from_secs(600))
}

fn is_json(
    _: axum::http::StatusCode,
    _: axum::http::Version,
    headers: &axum::http::HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    headers.get(axum::http::header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

fn flows_routes() -> Router<App> {
    Router::new()
        .route("/flows", post(flows::create))
        .route("/flows/bulk_delete", post(flows::bulk_delete))
        .route("/flows/count", post(flows::count))
        .route("/flows/filter", post(flows::filter))
        .route("/flows/paginate", post(flows::paginate))
        .route("/flows/{id}", get(flows::read).patch(flows::update).delete(flows::delete))
        .route("/flows/name/{name}", get(flows::read_by_name))
        .route("/ui/flows/count-deployments", post(ui::flows::count_deployments))
        .route("/ui/flows/next-runs", post(ui::flows::next_runs))
}

fn admin_routes() -> Router<App> {
    Router::new()
        .route("/admin/settings", get(admin::settings))
        .route("/admin/version", get(admin::version))
        .route(
            "/admin/storage",
            get(admin::read_storage).put(admin::update_storage).delete(admin::clear_storage),
        )
}

fn artifacts_routes() -> Router<App> {
    Router::new()
        .route("/artifacts", post(artifacts::create))
        .route("/artifacts/count", post(artifacts::count))
        .route("/artifacts/filter", post(artifacts::filter))
        .route("/artifacts/latest/count", post(artifacts::count_latest))
        .route("/artifacts/latest/filter", post(artifacts::filter_latest))
        .route("/artifacts/{id}", get(artifacts::read).patch(artifacts::update).delete(artifacts::delete))
        .route("/artifacts/{id}/latest", get(artifacts::read_latest))
}

fn automations_routes() -> Router<App> {
    Router::new()
        .route("/automations", post(automations::create))
        .route("/automations/filter", post(automations::filter))
        .route("/automations/count", post(automations::count))
        .route("/automations/templates/validate", post(automations::templates::validate))
        .route(
            "/automations/{id}",
            get(automations::read)
                .put(automations::update)
                .patch(automations::update_enabled)
                .delete(automations::delete),
        )
        .route("/automations/owned-by/{resource_id}", delete(automations::delete_owned_by))
        .route("/automations/related-to/{resource_id}", get(automations::related_to))
}

fn block_capabilities_routes() -> Router<App> {
    Router::new().route("/block_capabilities", get(block_capabilities::list))
}

fn block_documents_routes() -> Router<App> {
    Router::new()
        .route("/block_documents", post(block_documents::create))
        .route("/block_documents/count", post(block_documents::count))
        .route("/block_documents/filter", post(block_documents::filter))
        .route(
            "/block_documents/{id}",
            get(block_documents::read).patch(block_documents::update).delete(block_documents::delete),
        )
}

fn block_schemas_routes() -> Router<App> {
    Router::new()
        .route("/block_schemas", post(block_schemas::create))
        .route("/block_schemas/filter", post(block_schemas::filter))
        .route("/block_schemas/{id}", get(block_schemas::read).delete(block_schemas::delete))
        .route("/block_schemas/checksum/{checksum}", get(block_schemas::read_by_checksum))
}

fn block_types_routes() -> Router<App> {
    Router::new()
        .route("/block_types", post(block_types::create))
        .route("/block_types/filter", post(block_types::filter))
        .route("/block_types/install_system_block_types", post(block_types::install_system_block_types))
        .route(
            "/block_types/{id}",
            get(block_types::read).patch(block_types::update).delete(block_types::delete),
        )
        .route("/block_types/slug/{slug}", get(block_types::read_by_slug))
        .route("/block_types/slug/{slug}/block_documents", get(block_types::block_documents))
        .route(
            "/block_types/slug/{slug}/block_documents/name/{name}",
            get(block_types::block_document_by_name),
        )
}

fn collections_routes() -> Router<App> {
    Router::new().route("/collections/views/{view}", get(collections::read_view))
}

fn concurrency_limits_routes() -> Router<App> {
    Router::new()
        .route("/concurrency_limits", post(concurrency_limits::create))
        .route("/concurrency_limits/filter", post(concurrency_limits::filter))
        .route("/concurrency_limits/increment", post(concurrency_limits::increment))
        .route("/concurrency_limits/decrement", post(concurrency_limits::decrement))
        .route("/concurrency_limits/{id}", get(concurrency_limits::read).delete(concurrency_limits::delete))
        .route(
            "/concurrency_limits/tag/{tag}",
            get(concurrency_limits::read_by_tag).delete(concurrency_limits::delete_by_tag),
        )
        .route("/concurrency_limits/tag/{tag}/reset", post(concurrency_limits::reset))
}

fn csrf_token_routes() -> Router<App> {
    Router::new().route("/csrf-token", get(csrf_token::create))
}

fn deployments_routes() -> Router<App> {
    Router::new()
        .route("/deployments", post(deployments::create))
        .route("/deployments/filter", post(deployments::filter))
        .route("/deployments/paginate", post(deployments::paginate))
        .route("/deployments/count", post(deployments::count))
        .route("/deployments/bulk_delete", post(deployments::bulk_delete))
        .route("/deployments/get_scheduled_flow_runs", post(deployments::get_scheduled_flow_runs))
        .route("/deployments/{id}/schedule", post(deployments::schedule))
        .route("/deployments/{id}/create_flow_run", post(deployments::create_flow_run))
        .route("/deployments/{id}/create_flow_run/bulk", post(deployments::create_flow_runs))
        .route("/deployments/name/{flow_name}/{deployment_name}", get(deployments::read_by_name))
        .route(
            "/deployments/{id}",
            get(deployments::read).patch(deployments::update).delete(deployments::delete),
        )
        .route("/deployments/{id}/pause_deployment", post(deployments::pause_deployment))
        .route("/deployments/{id}/resume_deployment", post(deployments::resume_deployment))
        .route("/deployments/{id}/work_queue_check", get(deployments::work_queue_check))
        .route(
            "/deployments/{id}/schedules",
            get(deployments::schedules::read).post(deployments::schedules::create),
        )
        .route(
            "/deployments/{id}/schedules/{schedule_id}",
            patch(deployments::schedules::update).delete(deployments::schedules::delete),
        )
        .route("/ui/schemas/validate", post(ui::schemas::validate))
}

fn events_routes() -> Router<App> {
    Router::new()
        .route("/events", post(events::create))
        .route("/events/filter", post(events::filter))
        .route("/events/filter/next", get(events::filter_next))
        .route("/events/count-by/{countable}", post(events::count_by))
}

fn flow_run_states_routes() -> Router<App> {
    Router::new()
        .route("/flow_run_states", get(flow_run_states::list))
        .route("/flow_run_states/{id}", get(flow_run_states::read))
}

fn flow_runs_routes() -> Router<App> {
    Router::new()
        .route("/flow_runs", post(flow_runs::create))
        .route("/flow_runs/count", post(flow_runs::count))
        .route("/flow_runs/filter", post(flow_runs::filter))
        .route("/flow_runs/history", post(flow_runs::history))
        .route("/flow_runs/lateness", post(flow_runs::lateness))
        .route("/flow_runs/paginate", post(flow_runs::paginate))
        .route("/flow_runs/bulk_delete", post(flow_runs::bulk_delete))
        .route("/flow_runs/bulk_set_state", post(flow_runs::bulk_set_state))
        .route("/flow_runs/{id}", get(flow_runs::read).patch(flow_runs::update).delete(flow_runs::delete))
        .route("/flow_runs/{id}/set_state", post(flow_runs::set_state))
        .route("/flow_runs/{id}/resume", post(flow_runs::resume))
        .route("/flow_runs/{id}/graph", get(flow_runs::graph))
        .route("/flow_runs/{id}/graph-v2", get(flow_runs::graph_v2))
        .route("/flow_runs/{id}/logs/download", get(flow_runs::logs_download))
        .route("/flow_runs/{id}/labels", patch(flow_runs::labels))
        .route("/flow_runs/{id}/input", post(flow_runs::create_input))
        .route("/flow_runs/{id}/input/filter", post(flow_runs::filter_input))
        .route("/flow_runs/{id}/input/{key}", get(flow_runs::read_input).delete(flow_runs::delete_input))
        .route("/ui/flow_runs/history", post(ui::flow_runs::history))
        .route("/ui/flow_runs/count-task-runs", post(ui::flow_runs::count_task_runs))
}

fn health_routes() -> Router<App> {
    Router::new()
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/hello", get(health::hello))
        .route("/version", get(health::version))
        .route("/metrics", get(metrics::metrics))
        .route("/openapi.json", get(openapi::read))
}

fn incidents_routes() -> Router<App> {
    Router::new()
        .route("/incidents/count", post(incidents::count))
        .route("/incidents/filter", post(incidents::filter))
        .route("/incidents/{id}", get(incidents::read).patch(incidents::update).delete(incidents::delete))
}

fn logs_routes() -> Router<App> {
    Router::new().route("/logs", post(logs::create)).route("/logs/filter", post(logs::filter))
}

fn saved_searches_routes() -> Router<App> {
    Router::new()
        .route("/saved_searches", put(saved_searches::save))
        .route("/saved_searches/filter", post(saved_searches::filter))
        .route("/saved_searches/{id}", get(saved_searches::read).delete(saved_searches::delete))
}

fn task_run_states_routes() -> Router<App> {
    Router::new()
        .route("/task_run_states", get(task_run_states::list))
        .route("/task_run_states/{id}", get(task_run_states::read))
}

fn task_runs_routes() -> Router<App> {
    Router::new()
        .route("/task_runs", post(task_runs::create))
        .route("/task_runs/count", post(task_runs::count))
        .route("/task_runs/filter", post(task_runs::filter))
        .route("/task_runs/history", post(task_runs::history))
        .route("/task_runs/paginate", post(task_runs::paginate))
        .route("/task_runs/{id}", get(task_runs::read).patch(task_runs::update).delete(task_runs::delete))
        .route("/task_runs/{id}/set_state", post(task_runs::set_state))
        .route("/ui/task_runs/dashboard/counts", post(ui::task_runs::dashboard_counts))
        .route("/ui/task_runs/count", post(ui::task_runs::count))
        .route("/ui/task_runs/{id}", get(ui::task_runs::read))
}

fn task_workers_routes() -> Router<App> {
    Router::new().route("/task_workers/filter", post(task_workers::filter))
}

fn templates_routes() -> Router<App> {
    Router::new().route("/templates/validate", post(templates::validate))
}

fn v2_concurrency_limits_routes() -> Router<App> {
    Router::new()
        .route("/v2/concurrency_limits", post(v2_concurrency_limits::create))
        .route("/v2/concurrency_limits/filter", post(v2_concurrency_limits::filter))
        .route("/v2/concurrency_limits/increment", post(v2_concurrency_limits::increment))
        .route(
            "/v2/concurrency_limits/increment-with-lease",
            post(v2_concurrency_limits::increment_with_lease),
        )
        .route("/v2/concurrency_limits/decrement", post(v2_concurrency_limits::decrement))
        .route(
            "/v2/concurrency_limits/decrement-with-lease",
            post(v2_concurrency_limits::decrement_with_lease),
        )
        .route("/v2/concurrency_limits/leases/{lease_id}/renew", post(v2_concurrency_limits::renew_lease))
        .route(
            "/v2/concurrency_limits/{id_or_name}",
            get(v2_concurrency_limits::read)
                .patch(v2_concurrency_limits::update)
                .delete(v2_concurrency_limits::delete),
        )
}

fn variables_routes() -> Router<App> {
    Router::new()
        .route("/variables", post(variables::create))
        .route("/variables/count", post(variables::count))
        .route("/variables/filter", post(variables::filter))
        .route("/variables/{id}", get(variables::read).patch(variables::update).delete(variables::delete))
        .route(
            "/variables/name/{name}",
            get(variables::read_by_name).patch(variables::update_by_name).delete(variables::delete_by_name),
        )
}

fn work_pools_routes() -> Router<App> {
    Router::new()
        .route("/work_pools", post(work_pools::create))
        .route("/work_pools/filter", post(work_pools::filter))
        .route("/work_pools/count", post(work_pools::count))
        .route(
            "/work_pools/{name}",
            get(work_pools::read).patch(work_pools::update).delete(work_pools::delete),
        )
        .route("/work_pools/{name}/concurrency_status", post(work_pools::concurrency_status))
        .route("/work_pools/{name}/get_scheduled_flow_runs", post(work_pools::get_scheduled_flow_runs))
        .route("/work_pools/{name}/queues", post(work_pools::queues::create))
        .route("/work_pools/{name}/queues/filter", post(work_pools::queues::filter))
        .route(
            "/work_pools/{name}/queues/{queue}",
            get(work_pools::queues::read)
                .patch(work_pools::queues::update)
                .delete(work_pools::queues::delete),
        )
        .route("/work_pools/{name}/workers/heartbeat", post(work_pools::workers::heartbeat))
        .route("/work_pools/{name}/workers/filter", post(work_pools::workers::filter))
        .route("/work_pools/{name}/workers/{worker}", delete(work_pools::workers::delete))
}

fn work_queues_routes() -> Router<App> {
    Router::new()
        .route("/work_queues", post(work_queues::create))
        .route("/work_queues/filter", post(work_queues::filter))
        .route("/work_queues/name/{name}", get(work_queues::read_by_name))
        .route(
            "/work_queues/{id}",
            get(work_queues::read).patch(work_queues::update).delete(work_queues::delete),
        )
        .route("/work_queues/{id}/concurrency_status", post(work_queues::concurrency_status))
        .route("/work_queues/{id}/get_runs", post(work_queues::get_runs))
        .route("/work_queues/{id}/status", get(work_queues::status))
}

fn websocket_routes() -> Router<App> {
    Router::new()
        .route("/events/in", get(websockets::events_in))
        .route("/events/out", get(websockets::events_out))
        .route("/logs/out", get(websockets::logs_out))
        .route("/work_pools/{name}/workers/connect", get(websockets::worker_channel))
        .route("/task_runs/subscriptions/scheduled", get(websockets::scheduled_task_runs))
}

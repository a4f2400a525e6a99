//! `/metrics`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sluice_store::Database;

use crate::{ApiError, App};

/// `GET /metrics`: what the process measures, in the Prometheus text format; 404 when it is switched off.
pub async fn metrics(State(app): State<App>) -> Response {
    let Some(render) = &app.metrics else {
        return ApiError::not_found("Not Found").into_response();
    };
    #[expect(clippy::cast_precision_loss, reason = "a queue is far shorter than 2^52")]
    for (database, name) in [(Database::Main, "main"), (Database::Telemetry, "telemetry")] {
        metrics::gauge!("sluice_store_queue_depth", "database" => name)
            .set(app.store.queue_depth(database) as f64);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], render.render()).into_response()
}

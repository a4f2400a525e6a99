//! `/metrics`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sluice_store::Database;
use sluice_store::statistics::{self, Statistics};

use crate::{ApiError, App};

/// `GET /metrics`: what the process measures, in the Prometheus text format; 404 when it is switched off.
pub async fn metrics(State(app): State<App>) -> Response {
    let Some(render) = &app.metrics else {
        return ApiError::not_found("Not Found").into_response();
    };
    for (database, name) in [(Database::Main, "main"), (Database::Telemetry, "telemetry")] {
        let depth = i64::try_from(app.store.queue_depth(database)).unwrap_or(i64::MAX);
        metrics::gauge!("sluice_store_queue_depth", "database" => name).set(as_gauge(depth));
    }
    match app.store.read((), |tx, ()| Box::pin(statistics::read(tx))).await {
        Ok(statistics) => publish(&statistics),
        // What the process itself knows is worth more than no answer.
        Err(error) => tracing::warn!(%error, "the metrics lack what the database knows"),
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], render.render()).into_response()
}

fn publish(statistics: &Statistics) {
    metrics::gauge!("sluice_late_runs").set(as_gauge(statistics.late_runs));
    metrics::gauge!("sluice_running_runs").set(as_gauge(statistics.running_runs));
    metrics::gauge!("sluice_concurrency_slots_in_use").set(as_gauge(statistics.slots_in_use));
    metrics::gauge!("sluice_outbox_events").set(as_gauge(statistics.outbox_events));
    metrics::gauge!("sluice_queued_task_runs").set(as_gauge(statistics.queued_task_runs));
}

#[expect(clippy::cast_precision_loss, reason = "what is counted here is far below 2^52")]
fn as_gauge(count: i64) -> f64 {
    count as f64
}

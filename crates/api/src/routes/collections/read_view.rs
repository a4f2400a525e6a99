use axum::http::header;
use axum::response::IntoResponse;

use crate::ApiError;
use crate::extract::PathText;

/// The kinds of pools and the job template that each begins with. Keys, variables, types and defaults are those of
/// the published integrations.
const WORKERS: &str = include_str!("aggregate-worker-metadata.json");

/// Views that clients may ask for although this server has nothing to say about them.
const EMPTY_VIEWS: [&str; 3] = ["aggregate-block-metadata", "aggregate-flow-metadata", "demo-flows"];

/// `GET /collections/views/{view}`: 404 for a view that does not exist.
pub async fn read_view(PathText(view): PathText<String>) -> Result<impl IntoResponse, ApiError> {
    match &*view {
        "aggregate-worker-metadata" => Ok(([(header::CONTENT_TYPE, "application/json")], WORKERS)),
        view if EMPTY_VIEWS.contains(&view) => {
            Err(ApiError::not_found(format!("Requested content missing for view {view}")))
        }
        view => Err(ApiError::not_found(format!("View {view} not found in registry"))),
    }
}

use axum::Json;

use crate::version::REFERENCE_VERSION;

/// `GET /admin/version`: the version that clients compare with their own.
pub async fn version() -> Json<&'static str> {
    Json(REFERENCE_VERSION)
}

//! The size of a page.

use crate::{ApiError, App};

/// The limit of the request, or the default. 422 above the maximum or below zero.
pub fn page_limit(app: &App, requested: Option<i64>) -> Result<i64, ApiError> {
    let most = app.settings.default_limit;
    match requested {
        None => Ok(most),
        Some(limit) if limit > most => {
            Err(ApiError::unprocessable(format!("Invalid limit: must be less than or equal to {most}.")))
        }
        Some(limit) if limit < 0 => {
            Err(ApiError::unprocessable("Invalid limit: must be greater than or equal to 0."))
        }
        Some(limit) => Ok(limit),
    }
}

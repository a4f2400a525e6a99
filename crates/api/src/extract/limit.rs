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

/// The limit of a bulk request, at most and by default `most`. 422 outside of 1 to `most`.
pub fn bulk_limit(requested: Option<i64>, most: i64) -> Result<i64, ApiError> {
    let problem =
        |r#type: &str, msg: String| Err(ApiError::invalid_field(&["limit"], r#type, msg, requested.into()));
    match requested {
        None => Ok(most),
        Some(limit) if limit < 1 => {
            problem("greater_than_equal", "Input should be greater than or equal to 1".to_owned())
        }
        Some(limit) if limit > most => {
            problem("less_than_equal", format!("Input should be less than or equal to {most}"))
        }
        Some(limit) => Ok(limit),
    }
}

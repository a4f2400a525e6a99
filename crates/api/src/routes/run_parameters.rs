//! How large the parameters of runs may be.

use serde_json::Value;
use sluice_wire::json::RawJson;

use crate::{ApiError, App};

/// 422 when the parameters are larger than the settings allow.
pub(crate) fn check_size(app: &App, parameters: &RawJson) -> Result<(), ApiError> {
    let most = app.settings.max_parameter_bytes;
    if most == 0 || parameters.text().len() <= most {
        return Ok(());
    }
    // White space does not count, so only a text that is too long is looked at closely.
    let tree: Value = parameters.parse().unwrap_or_default();
    let size = tree.to_string().len();
    if size <= most {
        return Ok(());
    }
    let message = format!(
        "Value error, Flow run parameters must be less than {} bytes when serialized (got {} bytes).",
        with_commas(most),
        with_commas(size)
    );
    Err(ApiError::invalid_field(&["parameters"], "value_error", message, Value::Null))
}

fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::with_commas;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (524_288, "524,288")] {
            assert_eq!(with_commas(number), text);
        }
    }
}

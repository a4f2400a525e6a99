//! How a request fails.

use serde_json::Value;

/// A request that was not answered as it should.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers, or the connection broke.
    #[error("cannot reach {url}: {cause}; is the server running? (`sluice server start` starts one)")]
    Unreachable {
        /// The address of the API.
        url: String,
        /// What the network said.
        cause: String,
    },
    /// 401 or 403.
    #[error(
        "{url} does not accept the credentials: {detail}; set PREFECT_API_AUTH_STRING or PREFECT_API_KEY"
    )]
    Unauthorized {
        /// The address of the API.
        url: String,
        /// What the server said.
        detail: String,
    },
    /// 404.
    #[error("{detail}")]
    NotFound {
        /// What the server said.
        detail: String,
    },
    /// Any other status that is not 2xx.
    #[error("the server answered {status} to {request}: {detail}")]
    Refused {
        /// The method and path.
        request: String,
        /// The status.
        status: u16,
        /// What the server said, in one line.
        detail: String,
    },
    /// The answer is not what the protocol says.
    #[error("the answer to {request} makes no sense: {cause}")]
    Nonsense {
        /// The method and path.
        request: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The address or credentials cannot be used at all.
    #[error("{0}")]
    Unusable(String),
}

impl ClientError {
    /// The status of the answer, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized { .. } => Some(401),
            Self::NotFound { .. } => Some(404),
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether the same request may succeed a little later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// The text of a refusal: `detail` of most, `exception_message` with the fields that are wrong of a 422.
pub(crate) fn detail(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        return first_line(body);
    };
    let problems = value["exception_detail"].as_array().or_else(|| value["detail"].as_array());
    if let Some(problems) = problems {
        let lines: Vec<String> = problems.iter().map(problem).collect();
        return lines.join("; ");
    }
    ["detail", "exception_message"]
        .iter()
        .find_map(|key| value[*key].as_str())
        .map_or_else(|| first_line(body), str::to_owned)
}

/// `body.name: Field required`, of one problem of a 422.
fn problem(problem: &Value) -> String {
    let message = problem["msg"].as_str().unwrap_or("not accepted");
    let place: Vec<String> = problem["loc"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|part| *part != "body")
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    if place.is_empty() { message.to_owned() } else { format!("{}: {message}", place.join(".")) }
}

fn first_line(body: &str) -> String {
    let line = body.trim().lines().next().unwrap_or_default();
    if line.is_empty() { "no reason given".to_owned() } else { line.chars().take(300).collect() }
}

#[cfg(test)]
mod tests {
    use super::detail;

    #[test]
    fn the_reason_of_a_refusal_is_one_line() {
        let cases = [
            (r#"{"detail":"Flow run not found"}"#, "Flow run not found"),
            (
                r#"{"exception_message":"Invalid request received.","exception_detail":[{"type":"missing","loc":["body","name"],"msg":"Field required"},{"loc":["body"],"msg":"odd"}]}"#,
                "name: Field required; odd",
            ),
            (r#"{"exception_message":"Internal Server Error"}"#, "Internal Server Error"),
            ("<html>\nbad gateway</html>", "<html>"),
            ("", "no reason given"),
        ];
        for (body, expected) in cases {
            assert_eq!(detail(body), expected, "{body}");
        }
    }
}

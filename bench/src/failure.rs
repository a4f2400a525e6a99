//! Why a run of the load generator, or one scenario of it, could not be carried out.

use std::path::PathBuf;

/// A failure of the benchmark itself. Answers that a server gives to measured requests are counted in the
/// measurement and are no failures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("`{path}` not found: {advice}")]
    ProgramMissing { path: PathBuf, advice: &'static str },
    #[error("the server did not answer 200 on /api/health within {seconds} s; its log ends with:\n{log}")]
    NotHealthy { seconds: u64, log: String },
    #[error("{method} {path} answered {status}: {body}")]
    UnexpectedStatus { method: &'static str, path: String, status: u16, body: String },
    #[error("the answer to {path} has no `{field}`")]
    MissingField { path: String, field: &'static str },
    #[error("the event stream failed: {0}")]
    EventStream(String),
    #[error("seeding the reference's database failed: {0}")]
    Seeding(String),
    #[error("http: {0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a worker of the load generator stopped: {0}")]
    Worker(#[from] tokio::task::JoinError),
    #[error("interrupted: the servers were stopped and nothing was reported")]
    Interrupted,
}

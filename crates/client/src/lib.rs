//! A typed client of the API: what the command line and the workers speak with a server, be it Sluice or the
//! reference. [`Target`] says which server, [`Client`] asks it, [`streams`] holds its WebSockets open.
//!
//! Errors are [`ClientError`]: one line for people, and the status for those who decide by it.

mod error;
mod http;
mod nouns;
pub mod streams;
mod target;

pub use error::ClientError;
pub use http::Client;
pub use nouns::{
    CreateFlowRun, DeploymentLookup, EventPage, IncrementedWithLease, NewLog, Page, ServerInfo, SetStateBody,
    WorkerHeartbeatBody,
};
pub use target::{Credentials, Profiles, Target, TargetError};

/// The version of the API that this client speaks, as `X-PREFECT-API-VERSION` says it.
pub const API_VERSION: &str = "0.8.4";
/// The version of Prefect whose client this one behaves as; servers decide by it what a client can do.
pub const CLIENT_VERSION: &str = "3.8.8";

//! What a server says of itself: `/health`, `/ready`, `/admin`.

use sluice_wire::json::RawJson;

use crate::{Client, ClientError};

/// A server that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// The version of Prefect that it is, or is compatible with.
    pub version: String,
}

impl Client {
    /// Whether the server answers at all.
    pub async fn health(&self) -> Result<(), ClientError> {
        self.get_text("/health").await.map(drop)
    }

    /// Whether the server can serve: it reaches its database.
    pub async fn ready(&self) -> Result<(), ClientError> {
        self.get_text("/ready").await.map(drop)
    }

    /// Asks for the server's version.
    pub async fn server_info(&self) -> Result<ServerInfo, ClientError> {
        Ok(ServerInfo { version: self.get("/admin/version").await? })
    }

    /// The settings of the server.
    pub async fn server_settings(&self) -> Result<RawJson, ClientError> {
        self.get("/admin/settings").await
    }
}

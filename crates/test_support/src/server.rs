//! A whole server in the process of the test.

use std::sync::Arc;

use serde_json::Value;
use sluice_api::ApiSettings;
use sluice_server::{RunningServer, SecretKeys, ServerOptions};
use sluice_services::ServiceSettings;
use sluice_store::StoreOptions;
use sluice_wire::time::TimeDelta;

use crate::{TestDatabase, secret_keys, sqlite};

/// A server on a free port of this machine, on a fresh SQLite database unless told otherwise.
#[derive(Debug)]
pub struct TestServer {
    /// The running server.
    pub server: RunningServer,
    client: reqwest::Client,
    database: TestDatabase,
}

impl TestServer {
    /// Starts on SQLite with default settings.
    pub async fn start() -> Self {
        Self::start_on(sqlite().await).await
    }

    /// Starts on `database` with default settings.
    pub async fn start_on(database: TestDatabase) -> Self {
        Self::start_with(database, ApiSettings::default()).await
    }

    /// Starts on `database` with `api` settings.
    pub async fn start_with(database: TestDatabase, api: ApiSettings) -> Self {
        let options = ServerOptions {
            host: "127.0.0.1".to_owned(),
            port: 0,
            database: database.url.clone(),
            store: StoreOptions { connections: 8, ..StoreOptions::default() },
            migrate: true,
            metrics: true,
            secret_keys: SecretKeys::Given(secret_keys()),
            api,
            // Tests send events of any age.
            services: Arc::new(ServiceSettings {
                event_retention: TimeDelta::from_secs(100 * 365 * 86_400),
                ..ServiceSettings::default()
            }),
        };
        crate::use_ring();
        let server = sluice_server::start(options).await.expect("the server starts");
        Self { server, client: reqwest::Client::new(), database }
    }

    /// Stops the server as a signal does; returns its database.
    pub async fn stop(self) -> TestDatabase {
        self.server.stop().await;
        self.database
    }

    /// `http://127.0.0.1:PORT/api` + `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/api{path}", self.server.address)
    }

    /// Sends a request with a JSON body; returns the status and the JSON of the answer (null when empty).
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request = self.client.request(method, self.url(path));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("the server answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("the answer is text");
        let value = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        (status, value)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send("POST", path, Some(&body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.send("PATCH", path, Some(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> (u16, Value) {
        self.send("DELETE", path, None).await
    }
}

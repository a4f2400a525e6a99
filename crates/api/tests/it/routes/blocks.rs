//! What the tests of block types, schemas and documents share.

use serde_json::{Value, json};
use sluice_api::ApiSettings;
use sluice_test_support::{TestServer, postgres, sqlite};

/// A server on SQLite, and one on PostgreSQL where there is one.
pub async fn servers() -> Vec<TestServer> {
    let mut servers = vec![TestServer::start_with(sqlite().await, ApiSettings::default()).await];
    if let Some(database) = postgres().await {
        servers.push(TestServer::start_with(database, ApiSettings::default()).await);
    }
    servers
}

/// The id of something that was answered.
pub fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

/// Makes a type with one schema; returns the ids of both.
pub async fn kind(server: &TestServer, slug: &str, fields: Value, capabilities: Value) -> (String, String) {
    let (status, block_type) = server.post("/block_types/", json!({"name": slug, "slug": slug})).await;
    assert_eq!(status, 201, "{block_type}");
    let block_type = id(&block_type);
    let schema = schema(server, &block_type, fields, capabilities).await;
    (block_type, schema)
}

/// Makes one more schema of a type; returns its id.
pub async fn schema(server: &TestServer, block_type: &str, fields: Value, capabilities: Value) -> String {
    let body = json!({"fields": fields, "block_type_id": block_type, "capabilities": capabilities});
    let (status, schema) = server.post("/block_schemas/", body).await;
    assert_eq!(status, 201, "{schema}");
    id(&schema)
}

/// Makes a document; returns it.
pub async fn document(server: &TestServer, kind: &(String, String), name: &str, data: Value) -> Value {
    let body = json!({"name": name, "data": data, "block_type_id": kind.0, "block_schema_id": kind.1});
    let (status, document) = server.post("/block_documents/", body).await;
    assert_eq!(status, 201, "{document}");
    document
}

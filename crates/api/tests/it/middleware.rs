//! What happens around every request.

use serde_json::{Value, json};
use sluice_api::ApiSettings;
use sluice_test_support::{TestServer, sqlite};

async fn send(server: &TestServer, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let mut request = reqwest::Client::new().request(method.parse().expect("a method"), server.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.body(r#"{"name":"a"}"#).send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn only_who_knows_the_auth_string_gets_in_but_for_probes() {
    let api = ApiSettings { auth_string: Some("admin:secret".to_owned()), ..ApiSettings::default() };
    let server = TestServer::start_with(sqlite().await, api).await;
    let unauthorized = (401, json!({"exception_message": "Unauthorized"}));
    let basic = |credentials: &str| {
        use base64::Engine;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(credentials))
    };
    assert_eq!(server.get("/health").await.0, 200);
    assert_eq!(server.get("/ready").await.0, 200);
    assert_eq!(server.get("/admin/version").await, unauthorized);
    for wrong in [
        basic("admin:wrong"),
        basic("admin:secret2"),
        basic(""),
        "Bearer admin:secret".to_owned(),
        "Basic %%".to_owned(),
    ] {
        assert_eq!(
            send(&server, "GET", "/admin/version", &[("authorization", &wrong)]).await,
            unauthorized,
            "{wrong}"
        );
    }
    let right = basic("admin:secret");
    assert_eq!(
        send(&server, "GET", "/admin/version", &[("authorization", &right)]).await,
        (200, json!("3.8.8"))
    );
}

#[tokio::test]
async fn with_csrf_protection_a_change_needs_its_clients_token() {
    let api = ApiSettings { csrf_enabled: true, ..ApiSettings::default() };
    let server = TestServer::start_with(sqlite().await, api).await;
    let refused = |detail: &str| (403, json!({"detail": detail}));
    assert_eq!(send(&server, "POST", "/flows/", &[]).await, refused("Missing CSRF token."));
    let (status, token) = server.get("/csrf-token?client=me").await;
    assert_eq!(status, 200);
    let token = token["token"].as_str().expect("a token");
    assert_eq!(
        send(&server, "POST", "/flows/", &[("prefect-csrf-token", token)]).await,
        refused("Missing client identifier.")
    );
    assert_eq!(
        send(&server, "POST", "/flows/", &[("prefect-csrf-token", token), ("prefect-csrf-client", "you")])
            .await,
        refused("Invalid CSRF token or client identifier.")
    );
    let mine = [("prefect-csrf-token", token), ("prefect-csrf-client", "me")];
    assert_eq!(send(&server, "POST", "/flows/", &mine).await.0, 201);
    assert_eq!(send(&server, "GET", "/flows/name/a", &[]).await.0, 200, "reading needs no token");
}

#[tokio::test]
async fn without_csrf_protection_clients_are_told_not_to_ask() {
    let server = TestServer::start().await;
    assert_eq!(
        server.get("/csrf-token?client=me").await,
        (422, json!({"detail": "CSRF protection is disabled."}))
    );
}

#[tokio::test]
async fn old_and_malformed_api_versions_are_refused() {
    let server = TestServer::start().await;
    let ask = async |version: &str| {
        send(&server, "GET", "/admin/version", &[("x-prefect-api-version", version)]).await.0
    };
    for (version, status) in
        [("0.8.4", 200), ("0.8.0", 200), ("1.0.0", 200), ("0.7.9", 400), ("x", 400), ("1.2", 400), ("", 200)]
    {
        assert_eq!(ask(version).await, status, "{version}");
    }
}

#[tokio::test]
async fn a_request_keeps_its_id_or_gets_one() {
    let server = TestServer::start().await;
    let client = reqwest::Client::new();
    let named =
        client.get(server.url("/health")).header("x-request-id", "mine").send().await.expect("an answer");
    assert_eq!(named.headers()["x-request-id"], "mine");
    let unnamed = client.get(server.url("/health")).send().await.expect("an answer");
    assert_eq!(unnamed.headers()["x-request-id"].len(), 32);
}

#[tokio::test]
async fn pages_of_any_origin_may_ask_without_what_a_browser_keeps() {
    let server = TestServer::start().await;
    let request = |method: reqwest::Method| {
        reqwest::Client::new()
            .request(method, server.url("/flows/filter"))
            .header("origin", "https://x.example")
    };
    let answer = request(reqwest::Method::POST).send().await.expect("an answer");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    let asked = request(reqwest::Method::OPTIONS)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization")
        .send()
        .await
        .expect("an answer");
    assert_eq!(asked.status().as_u16(), 200);
    assert_eq!(asked.headers()["access-control-allow-headers"], "authorization");
}

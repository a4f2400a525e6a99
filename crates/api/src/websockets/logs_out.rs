//! `/logs/out`: log lines that meet a filter, each as it is stored. Nothing is sent of what was stored before.

use std::pin::pin;

use axum::extract::State;
use axum::extract::ws::{WebSocketUpgrade, close_code};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluice_wire::filters::LogFilter;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::logs::Log;

use super::handshake::{Socket, Terms, accept};
use crate::App;
use crate::extract::Workspace;

#[derive(Serialize)]
struct Frame<'l> {
    r#type: &'static str,
    log: &'l Log,
}

/// Sends log lines until the client goes away.
pub async fn logs_out(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    upgrade: WebSocketUpgrade,
) -> Response {
    let serving = app.clone();
    accept(upgrade, &app, Terms::default(), move |socket| serve(serving, workspace, socket))
}

async fn serve(app: App, workspace: WorkspaceId, mut socket: Socket) {
    let Some(message) = socket.receive_json::<Value>().await else { return };
    if message.get("type").and_then(Value::as_str) != Some("filter") {
        return socket.close(close_code::PROTOCOL, "Expected 'filter' message").await;
    }
    let filter = match LogFilter::deserialize(message.get("filter").unwrap_or(&Value::Null)) {
        Ok(filter) => filter,
        Err(error) => return socket.close(close_code::PROTOCOL, &format!("Invalid filter: {error}")).await,
    };
    let mut live = app.events.subscribe_to_logs();
    let mut stopping = pin!(app.events.stopping());
    loop {
        let next = tokio::select! {
            next = live.next() => next,
            message = socket.receive() => match message {
                // Reading answers pings; nothing else is expected from the client.
                Some(_) => continue,
                None => return,
            },
            () = &mut stopping => {
                return socket.close(close_code::AWAY, "the server is stopping").await;
            }
        };
        match next {
            Some(Ok(batch)) if batch.workspace == workspace => {
                for log in batch.logs.iter().filter(|log| filter.matches(log)) {
                    if !socket.send_json(&Frame { r#type: "log", log }).await {
                        return;
                    }
                }
            }
            Some(Ok(_)) => {}
            Some(Err(_)) => tracing::warn!("a client reads log lines too slowly; some were left out"),
            None => return,
        }
    }
}

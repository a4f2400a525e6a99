//! `/work_pools/{name}/workers/connect`: the channel of a worker. It shows that the worker lives, tells it of changes
//! of its pool, and hands it what is to be torn down. Runs are not handed out here: workers ask for them, and those that
//! want it are told when it is worth while.

mod connection;
mod due_runs;
mod setup;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use sluice_store::Topic;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::worker_channel::{CloseReason, ServerFrame, WorkerFrame};

use super::handshake::{Socket, Terms, accept};
use crate::App;
use crate::extract::{PathText, Workspace};
use connection::Connection;

/// Serves one worker until it goes away.
pub async fn worker_channel(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(pool_name): PathText<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let serving = app.clone();
    let terms = Terms { requires_subprotocol: true, refusal_reason: Some("authentication_failed") };
    accept(upgrade, &app, terms, move |socket| serve(serving, workspace, pool_name, socket))
}

async fn serve(app: App, workspace: WorkspaceId, pool_name: String, mut socket: Socket) {
    let Some(text) = socket.receive_text().await else { return };
    let Some(WorkerFrame::Hello(hello)) = WorkerFrame::parse(&text) else {
        return close(socket, CloseReason::ProtocolError).await;
    };
    // Listened to before the pool is read, so that no change falls between the two.
    let pool_changes = app.store.subscribe(Topic::WorkPools);
    let cleanup_changes = app.store.subscribe(Topic::Cleanup);
    let scheduled = app.store.subscribe_scheduled();
    let ready = match setup::setup(&app, workspace, &pool_name, &hello).await {
        Ok(ready) => ready,
        Err(reason) => return close(socket, reason).await,
    };
    let pool = ready.initial_snapshot.work_pool.clone();
    let queues = ready.resolved_work_queues.iter().map(|queue| queue.id).collect();
    if !socket.send_json(&ServerFrame::ready(app.clock.now(), ready)).await {
        return;
    }
    Connection::new(app, workspace, hello, pool, queues, socket)
        .run(pool_changes, cleanup_changes, scheduled)
        .await;
}

async fn close(socket: Socket, reason: CloseReason) {
    tracing::debug!(reason = reason.as_str(), "closed the channel of a worker");
    socket.close(reason.code(), reason.as_str()).await;
}

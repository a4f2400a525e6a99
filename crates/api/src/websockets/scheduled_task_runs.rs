//! `/task_runs/subscriptions/scheduled`: hands background task runs to task workers (wire-protocol 1.2). A run that
//! was sent stays the server's until the worker acknowledges it.

use std::pin::pin;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use sluice_store::{StoreError, Topic, task_queue};
use sluice_wire::ids::{LeaseId, TaskRunId, WorkspaceId};
use sluice_wire::task_runs::TaskRun;
use sluice_wire::time::TimeDelta;

use super::handshake::{Socket, Terms, accept};
use crate::App;
use crate::extract::Workspace;

/// The code for what the protocol does not allow.
const VIOLATION: u16 = 4001;
const NORMAL: u16 = 1000;
/// How long a worker is listed after its connection ended.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long a run that was sent is held when this process dies without giving it back.
const DELIVERY: TimeDelta = TimeDelta::from_secs(30);
/// How often a held run is held on to while the worker takes its time, and how often an idle connection looks for
/// runs that another process left behind.
const CHECK: Duration = Duration::from_secs(10);

/// Sends task runs of the tasks that the worker names, one at a time.
pub async fn scheduled_task_runs(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    upgrade: WebSocketUpgrade,
) -> Response {
    let serving = app.clone();
    accept(upgrade, &app, Terms::default(), move |socket| serve(serving, workspace, socket))
}

async fn serve(app: App, workspace: WorkspaceId, mut socket: Socket) {
    let Some(message) = socket.receive_json::<Value>().await else { return };
    let subscription = match Subscription::from_message(&message) {
        Ok(subscription) => subscription,
        Err(reason) => return socket.close(VIOLATION, &format!("Protocol violation: {reason}")).await,
    };
    let identifier = subscription.client_id.clone();
    tracing::info!(worker = identifier, tasks = ?subscription.keys, "a task worker subscribed");
    app.task_workers.connect(&identifier, &subscription.keys, app.clock.now());
    let connection = format!("{identifier}/{}", LeaseId::random());
    let workers = app.task_workers.clone();
    let delivery = Delivery { app, workspace, subscription, connection };
    if let Err(error) = delivery.run(socket).await {
        tracing::error!(worker = identifier, %error, "a task worker's subscription ended");
    }
    // A worker that connects again at once was never gone; the reference forgets it as late.
    let generation = workers.disconnect(&identifier);
    tokio::time::sleep(FAREWELL).await;
    workers.forget(&identifier, generation);
}

struct Subscription {
    keys: Vec<String>,
    client_id: String,
}

impl Subscription {
    fn from_message(message: &Value) -> Result<Self, &'static str> {
        if message.get("type").and_then(Value::as_str) != Some("subscribe") {
            return Err("expected 'subscribe' message");
        }
        let keys = message.get("keys").and_then(|keys| Vec::<String>::deserialize(keys).ok());
        let keys = keys.filter(|keys| !keys.is_empty()).ok_or("expected 'keys' in subscribe message")?;
        let client_id = message.get("client_id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let client_id = client_id.ok_or("expected 'client_id' in subscribe message")?.to_owned();
        Ok(Self { keys, client_id })
    }
}

/// What the worker says of a run that it was sent.
enum Answer {
    Acknowledged,
    /// It took the run and wants no other.
    Quit,
    Violation,
    Gone,
}

struct Delivery {
    app: App,
    workspace: WorkspaceId,
    subscription: Subscription,
    /// Names the holder of a run: a worker that connects again is another one.
    connection: String,
}

impl Delivery {
    async fn run(self, mut socket: Socket) -> Result<(), StoreError> {
        let mut queued = self.app.store.subscribe(Topic::TaskQueue);
        let mut stopping = pin!(self.app.events.stopping());
        loop {
            queued.mark_unchanged();
            if let Some(run) = self.reserve().await? {
                let id = run.id;
                let answer = if socket.send_json(&run).await {
                    self.answer(&mut socket, id).await?
                } else {
                    Answer::Gone
                };
                match answer {
                    Answer::Acknowledged => {
                        self.acknowledge(id).await?;
                        self.app.task_workers.observe(&self.subscription.client_id, self.app.clock.now());
                        continue;
                    }
                    Answer::Gone => return self.give_back(id).await,
                    Answer::Quit => {
                        self.acknowledge(id).await?;
                        socket.close(NORMAL, "").await;
                    }
                    Answer::Violation => {
                        self.give_back(id).await?;
                        socket.close(VIOLATION, "Protocol violation: expected 'ack' message").await;
                    }
                }
                return Ok(());
            }
            tokio::select! {
                _ = queued.changed() => {}
                () = tokio::time::sleep(CHECK) => {
                    self.app.task_workers.observe(&self.subscription.client_id, self.app.clock.now());
                }
                message = socket.receive() => if message.is_none() { return Ok(()) },
                () = &mut stopping => {
                    socket.close(axum::extract::ws::close_code::AWAY, "the server is stopping").await;
                    return Ok(());
                }
            }
        }
    }

    /// Waits for the answer to a run that was sent, and holds on to the run meanwhile.
    async fn answer(&self, socket: &mut Socket, id: TaskRunId) -> Result<Answer, StoreError> {
        loop {
            tokio::select! {
                text = socket.receive_text() => {
                    let Some(text) = text else { return Ok(Answer::Gone) };
                    let message: Value = serde_json::from_str(&text).unwrap_or_default();
                    return Ok(match message.get("type").and_then(Value::as_str) {
                        Some("ack") => Answer::Acknowledged,
                        Some("quit") => Answer::Quit,
                        _ => Answer::Violation,
                    });
                }
                () = tokio::time::sleep(CHECK) => self.hold(id).await?,
            }
        }
    }

    async fn reserve(&self) -> Result<Option<TaskRun>, StoreError> {
        let now = self.app.clock.now();
        let arguments = (self.workspace, self.subscription.keys.clone(), now);
        let is_waiting = self
            .app
            .store
            .read(arguments, |tx, (workspace, keys, now)| {
                Box::pin(task_queue::is_waiting(tx, *workspace, keys, *now))
            })
            .await?;
        if !is_waiting {
            return Ok(None);
        }
        let arguments = (self.workspace, self.subscription.keys.clone(), self.connection.clone(), now);
        self.app
            .store
            .write(arguments, |tx, (workspace, keys, connection, now)| {
                Box::pin(task_queue::reserve(tx, *workspace, keys, connection, *now, *now + DELIVERY))
            })
            .await
    }

    async fn hold(&self, id: TaskRunId) -> Result<(), StoreError> {
        let expires = self.app.clock.now() + DELIVERY;
        self.app
            .store
            .write(
                (self.workspace, id, self.connection.clone(), expires),
                |tx, (workspace, id, holder, expires)| {
                    Box::pin(task_queue::hold(tx, *workspace, *id, holder, *expires))
                },
            )
            .await
    }

    async fn acknowledge(&self, id: TaskRunId) -> Result<(), StoreError> {
        self.app
            .store
            .write((self.workspace, id), |tx, (workspace, id)| {
                Box::pin(task_queue::acknowledge(tx, *workspace, *id))
            })
            .await
    }

    async fn give_back(&self, id: TaskRunId) -> Result<(), StoreError> {
        self.app
            .store
            .write((self.workspace, id, self.connection.clone()), |tx, (workspace, id, holder)| {
                Box::pin(task_queue::release(tx, *workspace, *id, holder))
            })
            .await
    }
}

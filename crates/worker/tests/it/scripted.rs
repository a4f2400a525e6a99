//! A launcher that starts nothing, a pool that it serves, and a server that is spoken with over a wire that can be cut.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use sluice_client::{Client, Target};
use sluice_wire::ids::FlowRunId;
use sluice_worker::launchers::{Exit, Job, LaunchError, Launched, Launcher, LeftOver, OutputSink, StopError};
use sluice_worker::{AtShutdown, WorkerOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Notes what it is asked for. Its jobs run until they are stopped, or end at once.
pub struct Scripted {
    pub left: Mutex<Vec<LeftOver>>,
    /// The runs that were launched.
    pub launched: watch::Sender<Vec<FlowRunId>>,
    /// The identifiers of those that were stopped.
    pub stopped: watch::Sender<Vec<String>>,
    ends_at_once: bool,
}

impl Scripted {
    pub fn new(ends_at_once: bool) -> Arc<Self> {
        let (launched, stopped) = (watch::Sender::default(), watch::Sender::default());
        Arc::new(Self { left: Mutex::default(), launched, stopped, ends_at_once })
    }
}

impl Launcher for Scripted {
    fn pool_type(&self) -> &'static str {
        "process"
    }

    fn launch<'a>(&'a self, job: &'a Job, _: OutputSink) -> BoxFuture<'a, Result<Launched, LaunchError>> {
        self.launched.send_modify(|launched| launched.push(job.flow_run));
        let (identifier, mut stopped) = (job.flow_run.to_string(), self.stopped.subscribe());
        let (own, ends_at_once) = (identifier.clone(), self.ends_at_once);
        let ended = async move {
            if !ends_at_once {
                let _ = stopped.wait_for(|stopped| stopped.contains(&own)).await;
            }
            Exit { code: Some(0), ..Exit::default() }
        };
        async move { Ok(Launched { identifier, ended: ended.boxed() }) }.boxed()
    }

    fn stop<'a>(&'a self, identifier: &'a str, _: Duration) -> BoxFuture<'a, Result<(), StopError>> {
        self.stopped.send_modify(|stopped| stopped.push(identifier.to_owned()));
        async { Ok(()) }.boxed()
    }

    fn left_over<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<LeftOver>, LaunchError>> {
        let left = std::mem::take(&mut *self.left.lock().unwrap());
        async { Ok(left) }.boxed()
    }
}

pub fn options() -> WorkerOptions {
    WorkerOptions {
        pool: "scripted".to_owned(),
        name: "the-worker".to_owned(),
        queues: Vec::new(),
        limit: None,
        prefetch: Duration::from_secs(10),
        poll_interval: Duration::from_secs(10),
        heartbeat_interval: Duration::from_secs(30),
        cancellation_poll_interval: Duration::from_secs(30),
        shutdown_grace: Duration::from_secs(60),
        at_shutdown: AtShutdown::Crash,
        time_limit: None,
        run_once: true,
        health: None,
        create_pool: true,
        base_job_template: Some(json!({
            "job_configuration": { "command": "{{ command }}" },
            "variables": { "properties": { "command": { "type": "string" } } },
        })),
        run_environment: BTreeMap::new(),
    }
}

/// Makes runs of a deployment in the pool, due now; the pool must be there.
pub async fn due_runs(client: &Client, count: usize) -> Vec<FlowRunId> {
    let flow: Value = client.post("/flows/", &json!({ "name": "f" })).await.unwrap();
    let body = json!({ "name": "d", "flow_id": flow["id"], "work_pool_name": "scripted" });
    let deployment: Value = client.post("/deployments/", &body).await.unwrap();
    let path = format!("/deployments/{}/create_flow_run", deployment["id"].as_str().unwrap());
    let mut runs = Vec::new();
    for _ in 0..count {
        let run: Value = client.post(&path, &json!({ "state": { "type": "SCHEDULED" } })).await.unwrap();
        runs.push(run["id"].as_str().unwrap().parse().unwrap());
    }
    runs
}

/// The state of a run: its type, and its message.
pub async fn state_of(client: &Client, run: FlowRunId) -> (String, Option<String>) {
    let run: Value = client.get(&format!("/flow_runs/{run}")).await.unwrap();
    let message = run["state"]["message"].as_str().map(str::to_owned);
    (run["state_type"].as_str().unwrap().to_owned(), message)
}

/// What happens to a request on its way.
pub enum Fate {
    Passes,
    /// The server gets it, and nobody hears the answer.
    LosesItsAnswer,
}

/// Decides by the first line of a request, before the server gets it.
pub type Interference = Arc<dyn Fn(String) -> BoxFuture<'static, Fate> + Send + Sync>;

/// A client whose requests meet `interference` on their way to the server at `url`.
pub async fn interfered(url: &str, interference: Interference) -> Client {
    let server = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client_url = url.replace(&server, &address.to_string());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(carry(client, server, Arc::clone(&interference)));
        }
    });
    Client::new(Target::at(&client_url).unwrap()).unwrap().with_retries(3)
}

/// Carries one request and its answer, or what becomes of the connection after an upgrade.
async fn carry(mut client: TcpStream, mut server: TcpStream, interference: Interference) -> Option<()> {
    let mut request = Vec::new();
    let head = loop {
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if client.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    while request.len() < head + length.unwrap_or(0) {
        client.read_buf(&mut request).await.ok()?;
    }
    let first_line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
    let fate = interference(first_line).await;
    if text.contains("\r\nupgrade:") {
        server.write_all(&request).await.ok()?;
        copy_bidirectional(&mut client, &mut server).await.ok()?;
        return None;
    }
    // The server closes the connection after its answer, whose end is then known.
    let line_end = request.windows(2).position(|window| window == b"\r\n")? + 2;
    request.splice(line_end..line_end, *b"connection: close\r\n");
    server.write_all(&request).await.ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.ok()?;
    if matches!(fate, Fate::Passes) {
        client.write_all(&answer).await.ok()?;
    }
    client.shutdown().await.ok()
}

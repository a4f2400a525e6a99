//! What an earlier worker of the same name has left behind.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use sluice_client::{Client, Target};
use sluice_test_support::TestServer;
use sluice_wire::ids::FlowRunId;
use sluice_worker::launchers::{Exit, Job, LaunchError, Launched, Launcher, LeftOver, OutputSink, StopError};
use sluice_worker::{Request, WorkerOptions, find_pool, work};
use tokio::sync::mpsc;

use crate::scripted::{self, Scripted, due_runs};

/// Has what it is given, and starts nothing.
struct Remains {
    left: Mutex<Vec<LeftOver>>,
    stopped: Arc<Mutex<Vec<String>>>,
}

impl Launcher for Remains {
    fn pool_type(&self) -> &'static str {
        "docker"
    }

    fn launch<'a>(&'a self, _: &'a Job, _: OutputSink) -> BoxFuture<'a, Result<Launched, LaunchError>> {
        async { Err(LaunchError::Infrastructure("it starts nothing".to_owned())) }.boxed()
    }

    fn stop<'a>(&'a self, identifier: &'a str, _: Duration) -> BoxFuture<'a, Result<(), StopError>> {
        self.stopped.lock().unwrap().push(identifier.to_owned());
        async { Ok(()) }.boxed()
    }

    fn left_over<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<Vec<LeftOver>, LaunchError>> {
        assert_eq!(worker, "the-worker");
        let left = std::mem::take(&mut *self.left.lock().unwrap());
        async { Ok(left) }.boxed()
    }
}

fn left(run: &Value, identifier: &str, code: i32) -> LeftOver {
    let flow_run: FlowRunId = run["id"].as_str().unwrap().parse().unwrap();
    let exit = Exit { code: Some(code), ..Exit::default() };
    let launched = Launched { identifier: identifier.to_owned(), ended: async { exit }.boxed() };
    LeftOver { flow_run, launched, output: mpsc::channel(1).1 }
}

fn options() -> WorkerOptions {
    WorkerOptions { pool: "remains".to_owned(), base_job_template: None, ..scripted::options() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_that_go_on_are_seen_through_and_the_rest_is_stopped() {
    let server = TestServer::start().await;
    let client = Client::new(Target::at(&server.url("")).unwrap()).unwrap();
    let flow: Value = client.post("/flows/", &json!({ "name": "f" })).await.unwrap();
    let mut runs = Vec::new();
    for state in ["RUNNING", "RUNNING", "COMPLETED"] {
        let body = json!({ "flow_id": flow["id"], "state": { "type": state } });
        runs.push(client.post::<Value>("/flow_runs/", &body).await.unwrap());
    }
    let stopped = Arc::new(Mutex::new(Vec::new()));
    let launcher = Arc::new(Remains {
        left: Mutex::new(vec![
            left(&runs[0], "crashed", 137),
            left(&runs[1], "fine", 0),
            left(&runs[2], "over", 0),
        ]),
        stopped: Arc::clone(&stopped),
    });

    let pool = find_pool(&client, &options(), Some("docker")).await.unwrap();
    let (_requests, receiver) = mpsc::channel::<Request>(1);
    work(client.clone(), options(), launcher, pool, receiver).await.unwrap();

    let mut states = Vec::new();
    for run in &runs {
        let path = format!("/flow_runs/{}", run["id"].as_str().unwrap());
        states.push(client.get::<Value>(&path).await.unwrap()["state_type"].clone());
    }
    // The engine of the second has reported, or will: only who saw an error says that a run crashed.
    assert_eq!(states, ["CRASHED", "RUNNING", "COMPLETED"]);
    assert_eq!(*stopped.lock().unwrap(), ["over"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_that_were_left_count_against_the_limit() {
    let server = TestServer::start().await;
    let client = Client::new(Target::at(&server.url("")).unwrap()).unwrap();
    let options = WorkerOptions { limit: NonZeroUsize::new(2), ..scripted::options() };
    let pool = find_pool(&client, &options, Some("process")).await.unwrap();
    due_runs(&client, 2).await;
    let flow: Value = client.post("/flows/", &json!({ "name": "f" })).await.unwrap();
    let body = json!({ "flow_id": flow["id"], "state": { "type": "RUNNING" } });
    let run: Value = client.post("/flow_runs/", &body).await.unwrap();
    let launcher = Scripted::new(true);
    let mut launched = launcher.launched.subscribe();
    // It goes on until another run was started.
    let ended = async move {
        let _ = launched.wait_for(|launched| !launched.is_empty()).await;
        Exit { code: Some(0), ..Exit::default() }
    };
    let launched = Launched { identifier: "left".to_owned(), ended: ended.boxed() };
    let flow_run = run["id"].as_str().unwrap().parse().unwrap();
    launcher.left.lock().unwrap().push(LeftOver { flow_run, launched, output: mpsc::channel(1).1 });

    let (_requests, receiver) = mpsc::channel::<Request>(1);
    work(client, options, launcher.clone(), pool, receiver).await.unwrap();

    assert_eq!(launcher.launched.borrow().len(), 1, "one of the two places was taken");
}

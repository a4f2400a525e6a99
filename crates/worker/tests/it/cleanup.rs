//! What the server asks to be torn down, because a run's cancellation took too long, is torn down and acknowledged.

use std::time::Duration;

use sluice_client::{Client, Target};
use sluice_test_support::{CleanupMessages, TestServer, sqlite};
use sluice_wire::ids::FlowRunId;
use sluice_worker::{Request, WorkerOptions, find_pool, work};
use tokio::sync::mpsc;

use crate::scripted::{Scripted, due_runs, options};

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_secs(30);

async fn until_none_is_left(messages: &CleanupMessages) {
    let wait = async {
        while messages.any_left().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("the worker acknowledges every message");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_a_run_that_was_given_up_is_torn_down() {
    let database = sqlite().await;
    let url = database.url.clone();
    let server = TestServer::start_on(database).await;
    let client = Client::new(Target::at(&server.url("")).unwrap()).unwrap();
    let options = WorkerOptions { run_once: false, ..options() };
    let pool = find_pool(&client, &options, Some("process")).await.unwrap();
    let messages = CleanupMessages::of(&url, pool.id).await;
    // More than it takes at once, and one that names nothing.
    for number in 0..6 {
        messages.enqueue(FlowRunId::random(), Some(&format!("elsewhere:{number}"))).await;
    }
    messages.enqueue(FlowRunId::random(), None).await;
    let launcher = Scripted::new(false);

    let (requests, receiver) = mpsc::channel::<Request>(1);
    let worker = tokio::spawn(work(client.clone(), options, launcher.clone(), pool, receiver));
    until_none_is_left(&messages).await;
    let mut stopped = launcher.stopped.borrow().clone();
    stopped.sort();
    assert_eq!(stopped, (0..6).map(|number| format!("elsewhere:{number}")).collect::<Vec<_>>());

    // A run of this worker, of whose infrastructure the message says nothing.
    let [run] = due_runs(&client, 1).await[..] else { panic!("one run") };
    launcher.launched.subscribe().wait_for(|launched| launched.contains(&run)).await.unwrap();
    while client.flow_run(run).await.unwrap().infrastructure_pid.is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    messages.enqueue(run, None).await;
    until_none_is_left(&messages).await;
    assert_eq!(launcher.stopped.borrow().last(), Some(&run.to_string()));

    requests.send(Request::Stop).await.unwrap();
    worker.await.unwrap().unwrap();
}

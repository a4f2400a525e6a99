//! What a worker says of a run that it stopped does not take the place of what the run itself has said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use sluice_client::{Client, SetStateBody, Target};
use sluice_test_support::TestServer;
use sluice_wire::states::StateType;
use sluice_worker::{AtShutdown, Request, WorkerOptions, find_pool, work};
use tokio::sync::mpsc;

use crate::scripted::{Fate, Scripted, due_runs, interfered, options, state_of};

/// Lets a run be stopped, and in the moment in which the worker has looked and proposes a state, lets its engine report
/// `reported`. Returns what the run has become.
async fn settled(cause: StateType, at_shutdown: AtShutdown, reported: Option<StateType>) -> String {
    let server = TestServer::start().await;
    let direct = Client::new(Target::at(&server.url("")).unwrap()).unwrap();
    let launcher = Scripted::new(false);
    let options = WorkerOptions {
        run_once: false,
        at_shutdown,
        cancellation_poll_interval: Duration::from_millis(100),
        ..options()
    };
    let pool = find_pool(&direct, &options, Some("process")).await.unwrap();
    let [run] = due_runs(&direct, 1).await[..] else { panic!("one run") };
    let (stops, engine) = (Arc::clone(&launcher), direct.clone());
    let has_reported = Arc::new(AtomicBool::new(reported.is_none()));
    let report_meanwhile = move |request: String| {
        let is_settling = request.contains("/set_state ") && !stops.stopped.borrow().is_empty();
        let is_time = is_settling && !has_reported.swap(true, Ordering::SeqCst);
        let engine = engine.clone();
        async move {
            if let Some(reported) = reported.filter(|_| is_time) {
                let state = SetStateBody::new(reported).with_message("by the engine");
                engine.set_flow_run_state(run, &state, true).await.unwrap();
            }
            Fate::Passes
        }
        .boxed()
    };
    let client = interfered(&server.url(""), Arc::new(report_meanwhile)).await;

    let (requests, receiver) = mpsc::channel::<Request>(1);
    let worker = tokio::spawn(work(client, options, launcher.clone(), pool, receiver));
    launcher.launched.subscribe().wait_for(|launched| !launched.is_empty()).await.unwrap();
    direct.set_flow_run_state(run, &SetStateBody::new(StateType::Running), false).await.unwrap();
    if cause == StateType::Cancelling {
        // The launcher is asked for it when the worker has heard.
        direct.set_flow_run_state(run, &SetStateBody::new(cause), true).await.unwrap();
        launcher.stopped.subscribe().wait_for(|stopped| !stopped.is_empty()).await.unwrap();
        requests.send(Request::Stop).await.unwrap();
    } else {
        requests.send(Request::StopNow).await.unwrap();
    }
    worker.await.unwrap().unwrap();

    let (state, message) = state_of(&direct, run).await;
    if reported.is_some() {
        assert_eq!(message.as_deref(), Some("by the engine"), "{state}");
    }
    state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_engine_reports_while_its_run_is_stopped_stays() {
    use AtShutdown::{Crash, HandBack};
    use StateType::{Cancelled, Cancelling, Completed, Failed, Running};
    let cases = [
        (Cancelling, Crash, None, "CANCELLED"),
        (Cancelling, Crash, Some(Cancelled), "CANCELLED"),
        (Cancelling, Crash, Some(Completed), "COMPLETED"),
        (Running, Crash, None, "CRASHED"),
        (Running, Crash, Some(Completed), "COMPLETED"),
        (Running, Crash, Some(Failed), "FAILED"),
        (Running, HandBack, None, "SCHEDULED"),
    ];
    let all = cases.map(|(cause, at_shutdown, reported, expected)| async move {
        let became = settled(cause, at_shutdown, reported).await;
        assert_eq!(became, expected, "{cause} {at_shutdown:?} {reported:?}");
    });
    futures::future::join_all(all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_takes_too_long_is_stopped_and_crashes() {
    let server = TestServer::start().await;
    let client = Client::new(Target::at(&server.url("")).unwrap()).unwrap();
    let options = WorkerOptions { time_limit: Some(Duration::from_millis(100)), ..options() };
    let pool = find_pool(&client, &options, Some("process")).await.unwrap();
    let [run] = due_runs(&client, 1).await[..] else { panic!("one run") };
    let launcher = Scripted::new(false);

    let (_requests, receiver) = mpsc::channel::<Request>(1);
    work(client.clone(), options, launcher.clone(), pool, receiver).await.unwrap();

    assert_eq!(*launcher.stopped.borrow(), [run.to_string()]);
    let (state, message) = state_of(&client, run).await;
    assert_eq!(state, "CRASHED");
    let expected = "Flow run was stopped, because it took longer than the 0.1 seconds that it may.";
    assert_eq!(message.as_deref(), Some(expected));
}

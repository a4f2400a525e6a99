//! A run is taken once, and by whoever was told so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use sluice_client::{Client, Target};
use sluice_test_support::TestServer;
use sluice_worker::{Request, find_pool, work};
use tokio::sync::mpsc;

use crate::scripted::{Fate, Scripted, due_runs, interfered, options, state_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_answer_is_lost_is_made_again_and_counts() {
    let server = TestServer::start().await;
    let direct = Client::new(Target::at(&server.url("")).unwrap()).unwrap();
    let claims = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&claims);
    let lose_the_first = move |request: String| {
        let is_claim = request.contains("/set_state ");
        let is_lost = is_claim && counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move { if is_lost { Fate::LosesItsAnswer } else { Fate::Passes } }.boxed()
    };
    let client = interfered(&server.url(""), Arc::new(lose_the_first)).await;
    let pool = find_pool(&client, &options(), Some("process")).await.unwrap();
    let [run] = due_runs(&direct, 1).await[..] else { panic!("one run") };
    let launcher = Scripted::new(true);

    let (_requests, receiver) = mpsc::channel::<Request>(1);
    work(client, options(), launcher.clone(), pool, receiver).await.unwrap();

    assert!(claims.load(Ordering::SeqCst) >= 2, "the answer to the first claim was lost");
    assert_eq!(*launcher.launched.borrow(), [run]);
    assert_eq!(state_of(&direct, run).await.0, "PENDING");
}

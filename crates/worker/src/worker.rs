//! The worker from its start to its end: finds its pool, asks for runs whenever some may be due, and stops in order.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_client::{Client, ClientError};
use sluice_wire::json::RawJson;
use sluice_wire::time::TimeDelta;
use sluice_wire::work_pools::WorkPool;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use crate::flow_run::{see_through, stop};
use crate::launchers::{Launcher, StopCause};
use crate::options::{AtShutdown, WorkerOptions};
use crate::run_logs::RunLogs;
use crate::shared::{InFlight, Shared};
use crate::worker_events::Events;
use crate::{adoption, cancellation, channel, health};

/// As many runs as the server hands out at once: when they have come, more may be there.
const A_LOT: usize = 100;
/// How long the last events and log lines may take to be sent.
const FAREWELL: Duration = Duration::from_secs(5);

/// A worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// There is no such pool, and none is to be created.
    #[error(
        "there is no work pool {0:?}; create it, or let the worker do so with --create-pool-if-not-found"
    )]
    NoPool(String),
    /// The server does not know how jobs of this type look like.
    #[error("the server knows no job template for the type {0:?}; say one with --base-job-template")]
    NoTemplate(String),
    /// The server cannot be spoken with.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The health endpoint cannot be served.
    #[error("cannot serve /health: {0}")]
    Health(#[from] std::io::Error),
}

/// What a worker is asked to do while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Take no more runs, let those under way finish for a while, then end.
    Stop,
    /// End at once.
    StopNow,
}

/// The pool that a worker serves, created if it must be and may be. `pool_type` is that of a pool that is created.
pub async fn find_pool(
    client: &Client,
    options: &WorkerOptions,
    pool_type: Option<&str>,
) -> Result<WorkPool, WorkerError> {
    let name = &options.pool;
    if let Some(pool) = client.work_pool(name).await? {
        return with_template(client, options, pool).await;
    }
    if !options.create_pool {
        return Err(WorkerError::NoPool(name.clone()));
    }
    let pool_type = pool_type.unwrap_or("process");
    let template = match &options.base_job_template {
        Some(template) => RawJson::from_value(template).unwrap_or_default(),
        None => client
            .default_job_template(pool_type)
            .await?
            .ok_or_else(|| WorkerError::NoTemplate(pool_type.to_owned()))?,
    };
    let body = json!({ "name": name, "type": pool_type, "base_job_template": template });
    match client.create_work_pool(&body).await {
        Ok(pool) => {
            tracing::info!(pool = name, pool_type, "created the work pool");
            Ok(pool)
        }
        // Another worker was faster.
        Err(error) if error.status() == Some(409) => {
            client.work_pool(name).await?.ok_or_else(|| WorkerError::NoPool(name.clone()))
        }
        Err(error) => Err(error.into()),
    }
}

/// A pool that was created without a job template gets that of its type from the first worker.
async fn with_template(
    client: &Client,
    options: &WorkerOptions,
    pool: WorkPool,
) -> Result<WorkPool, WorkerError> {
    if !pool.base_job_template.text().trim().trim_matches(['{', '}']).trim().is_empty() {
        return Ok(pool);
    }
    let template = match &options.base_job_template {
        Some(template) => RawJson::from_value(template).ok(),
        None => client.default_job_template(&pool.r#type).await?,
    };
    let Some(template) = template else { return Ok(pool) };
    client.update_work_pool(&pool.name, &json!({ "base_job_template": template })).await?;
    tracing::info!(pool = pool.name, "gave the work pool the job template of its type, as it had none");
    Ok(client.work_pool(&pool.name).await?.unwrap_or(pool))
}

/// Works until it is asked to stop.
pub async fn work(
    client: Client,
    options: WorkerOptions,
    launcher: Arc<dyn Launcher>,
    pool: WorkPool,
    mut requests: mpsc::Receiver<Request>,
) -> Result<(), WorkerError> {
    let (events, sending_events) = Events::start(client.clone(), &options.name, launcher.pool_type());
    let (logs, sending_logs) = RunLogs::start(client.clone());
    let shared = Arc::new(Shared::new(client, options, launcher, pool, events, logs));
    let mut background = JoinSet::new();
    if let Some(address) = shared.options.health {
        let shared = Arc::clone(&shared);
        background.spawn(async move {
            if let Err(error) = health::serve(address, shared).await {
                tracing::error!(%error, "cannot serve /health");
            }
        });
    }
    channel::beat(&shared).await;
    background.spawn(channel::keep(Arc::clone(&shared)));
    background.spawn(cancellation::watch(Arc::clone(&shared)));
    let started = shared.events.started(&shared.pool());
    let mut runs = JoinSet::new();
    adoption::adopt(&shared, &mut runs).await;
    let requested = take_runs(&shared, &mut runs, &mut requests).await;
    finish(&shared, &mut runs, &mut requests, requested).await;
    shared.events.stopped(&shared.pool(), started);
    background.shutdown().await;
    drop(shared);
    let _ = timeout(FAREWELL, async { tokio::join!(sending_events, sending_logs) }).await;
    Ok(())
}

/// Takes what is due, until asked to stop.
async fn take_runs(
    shared: &Arc<Shared>,
    runs: &mut JoinSet<()>,
    requests: &mut mpsc::Receiver<Request>,
) -> Option<Request> {
    let mut rounds = interval(shared.options.poll_interval);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            request = requests.recv() => return Some(request.unwrap_or(Request::Stop)),
            _ = rounds.tick() => {}
            () = shared.wake.notified() => {}
            Some(_) = runs.join_next() => continue,
        }
        if let Err(error) = take_due(shared, runs).await {
            tracing::warn!(%error, "cannot ask for runs; trying again");
        }
        if shared.options.run_once {
            return None;
        }
    }
}

/// Asks for what is due and starts to see it through.
async fn take_due(shared: &Arc<Shared>, runs: &mut JoinSet<()>) -> Result<(), ClientError> {
    let options = &shared.options;
    let free = shared.free_slots();
    if free == Some(0) {
        shared.note_poll();
        return Ok(());
    }
    let prefetch = TimeDelta::from_secs_f64(options.prefetch.as_secs_f64());
    // Those that are being claimed may still come, and must not take the places of others.
    let limit = free.map(|free| free + shared.in_flight().len());
    let due = client_runs(shared, limit, prefetch).await?;
    shared.note_poll();
    let mut taken = 0;
    let came = due.len();
    for run in due {
        let id = run.flow_run.id;
        if shared.in_flight().contains_key(&id) {
            continue;
        }
        if shared.free_slots() == Some(0) {
            break;
        }
        shared.in_flight().insert(id, InFlight::default());
        runs.spawn(see_through(Arc::clone(shared), run.flow_run));
        taken += 1;
    }
    if taken > 0 && came >= A_LOT {
        shared.wake.notify_one();
    }
    Ok(())
}

async fn client_runs(
    shared: &Shared,
    limit: Option<usize>,
    prefetch: TimeDelta,
) -> Result<Vec<sluice_wire::work_pools::WorkerFlowRun>, ClientError> {
    let options = &shared.options;
    let before = shared.now() + prefetch;
    match shared.client.scheduled_runs(&options.pool, &options.queues, before, limit).await {
        Err(error) if error.is_not_found() => {
            tracing::warn!(pool = options.pool, "the work pool or a queue of it does not exist");
            Ok(Vec::new())
        }
        answer => answer,
    }
}

/// Lets runs finish, and deals with those that take too long as it was told.
async fn finish(
    shared: &Arc<Shared>,
    runs: &mut JoinSet<()>,
    requests: &mut mpsc::Receiver<Request>,
    requested: Option<Request>,
) {
    let deadline = match requested {
        // Everything that was taken is seen through, however long it takes.
        None => None,
        Some(Request::Stop) => Some(Instant::now() + shared.options.shutdown_grace),
        Some(Request::StopNow) => Some(Instant::now()),
    };
    if !runs.is_empty() {
        tracing::info!(runs = shared.in_flight().len(), "waits for runs to finish");
    }
    let mut deadline = deadline;
    loop {
        tokio::select! {
            ended = runs.join_next() => if ended.is_none() { return },
            () = at(deadline) => break,
            request = requests.recv() => match (request, deadline) {
                (Some(Request::Stop), None) => {
                    deadline = Some(Instant::now() + shared.options.shutdown_grace);
                }
                _ => break,
            },
        }
    }
    let left: Vec<_> = shared.in_flight().iter().map(|(id, entry)| (*id, entry.clone())).collect();
    tracing::warn!(runs = left.len(), policy = ?shared.options.at_shutdown, "ends runs that are still under way");
    let stops = left.into_iter().map(|(id, entry)| {
        let cause = match shared.options.at_shutdown {
            // What has not begun is handed back in any case.
            _ if entry.identifier.is_none() => StopCause::HandBack,
            AtShutdown::HandBack => StopCause::HandBack,
            AtShutdown::Crash => StopCause::Shutdown,
        };
        let shared = Arc::clone(shared);
        async move { stop(&shared, id, cause).await }
    });
    futures::future::join_all(stops).await;
    while runs.join_next().await.is_some() {}
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

//! Runs services: each when its time has come or its topic was raised, on one replica at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_clock::SharedClock;
use sluice_store::service_leases::{self, Acquire, Fence};
use sluice_store::{Dialect, Store, StoreError, Topic};
use sluice_wire::time::{TimeDelta, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{Context, ServiceError, ServiceSettings};

/// How long a replica has a service without renewing its lease: how long the service stands still after a crash.
const LEASE: TimeDelta = TimeDelta::from_secs(10);
/// One process has the SQLite file; its lease need not end.
const LEASE_ALONE: TimeDelta = TimeDelta::from_secs(86_400 * 365 * 100);
/// After an error, and for a replica that does not have the lease.
const RETRY: Duration = Duration::from_secs(3);

/// When a service wants to run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At once: a full batch was done, more may wait.
    Again,
    /// After its period.
    Period,
    /// At this time, or after its period if that is sooner.
    At(Timestamp),
}

/// A reconciler.
pub trait Service: Send + Sync + 'static {
    /// Its name, as in settings, logs and metrics.
    fn name(&self) -> &'static str;

    /// How often it runs when nothing else wakes it.
    fn period(&self, settings: &ServiceSettings) -> Duration;

    /// What wakes it before its time.
    fn wakes_on(&self) -> Option<Topic> {
        None
    }

    /// Does one bounded piece of work.
    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>>;

    /// Waits, for a bounded time, for what it has begun beside its rounds. Called when it stops.
    fn finish<'a>(&'a self) -> BoxFuture<'a, ()> {
        std::future::ready(()).boxed()
    }
}

/// The running services.
#[derive(Debug)]
pub struct Driver {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts every service that is not disabled.
pub fn start(
    services: Vec<Box<dyn Service>>,
    store: &Store,
    clock: &SharedClock,
    settings: &Arc<ServiceSettings>,
) -> Driver {
    let (stop, stopping) = watch::channel(false);
    let holder = Uuid::new_v4();
    let tasks = services
        .into_iter()
        .filter(|service| !settings.disabled.iter().any(|name| name == service.name()))
        .map(|service| {
            let runner = Runner {
                service,
                store: store.clone(),
                clock: Arc::clone(clock),
                settings: Arc::clone(settings),
                holder,
                lease: None,
            };
            tokio::spawn(runner.run(stopping.clone()))
        })
        .collect();
    Driver { stop, tasks }
}

impl Driver {
    /// Ends the round that runs and gives all leases back.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            // A panic of a service was logged where it happened.
            let _ = task.await;
        }
    }
}

struct Runner {
    service: Box<dyn Service>,
    store: Store,
    clock: SharedClock,
    settings: Arc<ServiceSettings>,
    holder: Uuid,
    lease: Option<(Fence, Timestamp)>,
}

impl Runner {
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut raised = self.service.wakes_on().map(|topic| self.store.subscribe(topic));
        while !*stopping.borrow() {
            if let Some(raised) = &mut raised {
                raised.mark_unchanged();
            }
            let wait = self.round().await;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = woken(raised.as_mut()) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
        }
        self.service.finish().await;
        if let Some((fence, _)) = self.lease.take() {
            let released: Result<(), StoreError> =
                self.store.write(fence, |tx, fence| Box::pin(service_leases::release(tx, fence))).await;
            if let Err(error) = released {
                tracing::warn!(service = self.service.name(), %error, "could not give the lease back");
            }
        }
    }

    /// One activation; returns how long to wait for the next.
    async fn round(&mut self) -> Duration {
        let fence = match self.fence().await {
            Ok(Some(fence)) => fence,
            Ok(None) => return RETRY,
            Err(error) => {
                tracing::warn!(service = self.service.name(), %error, "no lease for the service");
                return RETRY;
            }
        };
        let context =
            Context::new(self.store.clone(), Arc::clone(&self.clock), Arc::clone(&self.settings), fence);
        let started = Instant::now();
        let outcome = self.service.run(&context).await;
        self.observe(started, outcome.is_ok());
        let period = self.service.period(&self.settings);
        match outcome {
            Ok(Next::Again) => Duration::ZERO,
            Ok(Next::Period) => period,
            Ok(Next::At(time)) => {
                let micros = time.since(self.clock.now()).as_micros().max(0);
                Duration::from_micros(micros.unsigned_abs()).min(period)
            }
            Err(error) => {
                tracing::error!(service = self.service.name(), %error, "a service failed; it is tried again");
                RETRY
            }
        }
    }

    /// `sluice_service_last_run_timestamp` against the time of day is the lag of a service.
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
    fn observe(&self, started: Instant, is_ok: bool) {
        let name = self.service.name();
        let outcome = if is_ok { "ok" } else { "error" };
        metrics::counter!("sluice_service_runs_total", "service" => name, "outcome" => outcome).increment(1);
        metrics::histogram!("sluice_service_run_seconds", "service" => name)
            .record(started.elapsed().as_secs_f64());
        if is_ok {
            let now = self.clock.now().as_micros() as f64 / 1e6;
            metrics::gauge!("sluice_service_last_run_timestamp", "service" => name).set(now);
        }
    }

    /// The lease, renewed when less than half of it is left.
    async fn fence(&mut self) -> Result<Option<Fence>, StoreError> {
        let now = self.clock.now();
        let is_alone = self.store.dialect() == Dialect::Sqlite;
        let ttl = if is_alone { LEASE_ALONE } else { LEASE };
        if let Some((fence, expires)) = &self.lease
            && expires.since(now).as_micros() > ttl.as_micros() / 2
        {
            return Ok(Some(fence.clone()));
        }
        let request = Acquire { service: self.service.name(), holder: self.holder, ttl, take_over: is_alone };
        let fence = self
            .store
            .write((request, now), |tx, (request, now)| Box::pin(service_leases::acquire(tx, request, *now)))
            .await?;
        self.lease = fence.clone().map(|fence| (fence, now + ttl));
        Ok(fence)
    }
}

async fn woken(raised: Option<&mut watch::Receiver<u64>>) {
    let is_raised = match raised {
        Some(raised) => raised.changed().await.is_ok(),
        None => false,
    };
    if !is_raised {
        std::future::pending().await
    }
}

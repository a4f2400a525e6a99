//! Takes what was accepted in batches, commits each batch, then hands it on.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sluice_clock::SharedClock;
use sluice_store::events::{self, NewEvent};
use sluice_store::flow_run_heartbeats::{self, NewHeartbeat};
use sluice_store::{Database, Dialect, Store, StoreError, task_runs as store_task_runs};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::task_runs::RecordedTaskRun;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;

use crate::live::LiveEvent;
use crate::{Bus, flow_run_heartbeats as reported_heartbeats, task_runs};

/// How many events are committed together.
const BATCH: usize = 2_000;
/// How long an event waits for others to be committed with it, when nobody waits for the event.
const LINGER: Duration = Duration::from_millis(10);
/// After the database failed; doubled up to the maximum.
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// What is put into the queue.
#[derive(Debug)]
pub(crate) enum Item {
    /// To be committed.
    Event(Box<Accepted>),
    /// To be answered when everything before it is committed.
    Barrier(oneshot::Sender<()>),
    /// Nothing comes after it.
    End,
}

/// An event that waits for its commit.
#[derive(Debug)]
pub(crate) struct Accepted {
    live: Arc<LiveEvent>,
    row: NewEvent,
    task_run: Option<RecordedTaskRun>,
    heartbeat: Option<NewHeartbeat>,
    /// Given back when the event is committed.
    _room: OwnedSemaphorePermit,
}

impl Accepted {
    pub(crate) fn new(live: LiveEvent, row: NewEvent, room: OwnedSemaphorePermit) -> Self {
        let task_run = task_runs::reported(&live.event);
        let heartbeat = reported_heartbeats::reported(live.workspace, &live.event);
        Self { live: Arc::new(live), row, task_run, heartbeat, _room: room }
    }
}

pub(crate) struct Committer {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) bus: Arc<Bus<LiveEvent>>,
}

impl Committer {
    /// Runs until [`Item::End`].
    pub(crate) async fn run(self, mut items: mpsc::UnboundedReceiver<Item>) {
        loop {
            let mut round = gather(&mut items).await;
            let reports = take_reports(&mut round.batch);
            let batch = Arc::new(round.batch);
            self.commit(&batch, reports).await;
            for barrier in round.barriers {
                // Who waited may have gone away.
                let _ = barrier.send(());
            }
            if round.is_last {
                return;
            }
        }
    }

    async fn commit(&self, batch: &Arc<Vec<Accepted>>, reports: Vec<Arc<Reports>>) {
        if batch.is_empty() {
            return;
        }
        // Two files on SQLite: both are written at the same time. What a crash keeps from being noted in the second, the
        // service that looks for silent runs notes when it starts.
        let heartbeats: Vec<NewHeartbeat> = match self.store.dialect() {
            Dialect::Sqlite => heartbeats_of(batch),
            Dialect::Postgres => Vec::new(),
        };
        let (is_new, (), ()) = futures::join!(
            self.store_events(batch),
            self.record_task_runs(reports),
            self.record_heartbeats(heartbeats)
        );
        let new = batch.iter().zip(is_new).filter(|(_, is_new)| *is_new);
        let new: Vec<_> = new.map(|(accepted, _)| Arc::clone(&accepted.live)).collect();
        metrics::counter!("sluice_events_total", "source" => "client").increment(new.len() as u64);
        self.bus.hand_on(new);
    }

    async fn record_task_runs(&self, reports: Vec<Arc<Reports>>) {
        for reports in reports {
            let count = reports.runs.len();
            let Err(error) = persist(|| self.record(&reports, 0, count)).await else { continue };
            tracing::warn!(%error, count, "reports of task runs were refused; recording one by one");
            for (position, run) in reports.runs.iter().enumerate() {
                if let Err(error) = persist(|| self.record(&reports, position, position + 1)).await {
                    tracing::error!(%error, id = %run.id, "a task run cannot be recorded; its event is kept");
                }
            }
        }
    }

    /// A heartbeat that cannot be noted is stored as an event all the same; the next one comes soon.
    async fn record_heartbeats(&self, heartbeats: Vec<NewHeartbeat>) {
        if heartbeats.is_empty() {
            return;
        }
        let heartbeats = Arc::new(heartbeats);
        let recorded = persist(|| {
            let (store, heartbeats) = (self.store.clone(), Arc::clone(&heartbeats));
            Box::pin(async move {
                store
                    .write(heartbeats, |tx, heartbeats| Box::pin(flow_run_heartbeats::record(tx, heartbeats)))
                    .await
            })
        });
        if let Err(error) = recorded.await {
            tracing::error!(%error, count = heartbeats.len(), "heartbeats of flow runs cannot be noted");
        }
    }

    fn record(
        &self,
        reports: &Arc<Reports>,
        from: usize,
        to: usize,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let store = self.store.clone();
        let arguments = (Arc::clone(reports), from, to, self.clock.now());
        Box::pin(async move {
            store
                .write(arguments, |tx, (reports, from, to, now)| {
                    Box::pin(async move {
                        store_task_runs::record(tx, reports.workspace, &reports.runs[*from..*to], *now).await
                    })
                })
                .await
        })
    }

    /// Stores the batch; returns for each event whether it is new. Tries until the database takes it. An event
    /// that the database will never take is dropped with an error in the log.
    async fn store_events(&self, batch: &Arc<Vec<Accepted>>) -> Vec<bool> {
        match persist(|| self.insert(batch, 0, batch.len())).await {
            Ok(is_new) => is_new,
            Err(error) => {
                tracing::warn!(%error, events = batch.len(), "a batch of events was refused; storing one by one");
                let mut is_new = Vec::with_capacity(batch.len());
                for (position, accepted) in batch.iter().enumerate() {
                    let stored = persist(|| self.insert(batch, position, position + 1)).await;
                    if let Err(error) = &stored {
                        let id = accepted.row.id();
                        tracing::error!(%error, %id, "dropped an event that the database does not take");
                    }
                    is_new.push(stored.is_ok_and(|is_new| is_new.contains(&true)));
                }
                is_new
            }
        }
    }

    fn insert(
        &self,
        batch: &Arc<Vec<Accepted>>,
        from: usize,
        to: usize,
    ) -> BoxFuture<'static, Result<Vec<bool>, StoreError>> {
        let store = self.store.clone();
        let arguments = (Arc::clone(batch), from, to);
        Box::pin(async move {
            store
                .write_to(Database::Telemetry, arguments, |tx, (batch, from, to)| {
                    Box::pin(async move {
                        let batch = &batch[*from..*to];
                        let is_new =
                            events::insert(tx, batch.iter().map(|accepted| &accepted.row).collect()).await?;
                        if tx.dialect() == Dialect::Postgres {
                            flow_run_heartbeats::record(tx, &heartbeats_of(batch)).await?;
                        }
                        Ok(is_new)
                    })
                })
                .await
        })
    }
}

fn heartbeats_of(batch: &[Accepted]) -> Vec<NewHeartbeat> {
    batch.iter().filter_map(|accepted| accepted.heartbeat).collect()
}

/// Tries until it works; returns an error only when trying again cannot help.
pub(crate) async fn persist<T>(
    mut attempt: impl FnMut() -> BoxFuture<'static, Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let mut pause = FIRST_RETRY;
    loop {
        match attempt().await {
            Err(error @ (StoreError::Unavailable(_) | StoreError::Conflict(_))) => {
                tracing::warn!(%error, "cannot store events; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LAST_RETRY);
            }
            outcome => return outcome,
        }
    }
}

/// Task runs of one workspace that a batch reports.
struct Reports {
    workspace: WorkspaceId,
    runs: Vec<RecordedTaskRun>,
}

fn take_reports(batch: &mut [Accepted]) -> Vec<Arc<Reports>> {
    let mut reports: Vec<Reports> = Vec::new();
    for accepted in batch {
        let Some(run) = accepted.task_run.take() else { continue };
        let workspace = accepted.live.workspace;
        match reports.iter_mut().find(|reports| reports.workspace == workspace) {
            Some(reports) => reports.runs.push(run),
            None => reports.push(Reports { workspace, runs: vec![run] }),
        }
    }
    reports.into_iter().map(Arc::new).collect()
}

struct Round {
    batch: Vec<Accepted>,
    barriers: Vec<oneshot::Sender<()>>,
    is_last: bool,
}

/// What to commit next: up to a full batch, as soon as somebody waits for it or the time is over. An id that
/// comes twice is taken once.
async fn gather(items: &mut mpsc::UnboundedReceiver<Item>) -> Round {
    let mut round = Round { batch: Vec::new(), barriers: Vec::new(), is_last: false };
    let mut ids = HashSet::new();
    let mut deadline = None;
    while round.batch.len() < BATCH {
        let next = match items.try_recv() {
            Ok(item) => Some(item),
            Err(mpsc::error::TryRecvError::Disconnected) => None,
            Err(mpsc::error::TryRecvError::Empty) if !round.barriers.is_empty() => break,
            Err(mpsc::error::TryRecvError::Empty) => match deadline {
                None => items.recv().await,
                Some(deadline) => match tokio::time::timeout_at(deadline, items.recv()).await {
                    Ok(item) => item,
                    Err(_) => break,
                },
            },
        };
        match next {
            Some(Item::Event(accepted)) => {
                deadline.get_or_insert_with(|| Instant::now() + LINGER);
                if ids.insert(accepted.row.id()) {
                    round.batch.push(*accepted);
                }
            }
            Some(Item::Barrier(barrier)) => round.barriers.push(barrier),
            Some(Item::End) | None => {
                round.is_last = true;
                break;
            }
        }
    }
    round
}

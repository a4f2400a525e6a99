//! The handle that the rest of the server holds.

use std::sync::{Arc, Mutex};

use sluice_clock::SharedClock;
use sluice_store::events::NewEvent;
use sluice_store::{Dialect, Store, StoreError};
use sluice_wire::events::{Event, Labels, MAX_EVENT_BYTES, ReceivedEvent};
use sluice_wire::ids::WorkspaceId;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::committer::{Accepted, Committer, Item};
use crate::live::{LiveEvent, LiveLogs};
use crate::{Bus, Subscription, outbox_pump, replicas};

/// How much may wait to be committed, in units of [`ROOM_UNIT`].
const ROOM_UNITS: usize = 64 << 10;
/// One KiB, the smallest an event is counted as.
const ROOM_UNIT: usize = 1 << 10;
/// An event is held twice, typed and as rows, and a string costs more than its characters.
const MEMORY_FACTOR: usize = 3;

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The text is not an event.
    #[error("not an event: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes events, makes them durable and hands them on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Events {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    /// What tells this process from the other replicas in the rows that it writes.
    pub(crate) origin: i64,
    pub(crate) bus: Arc<Bus<LiveEvent>>,
    pub(crate) log_bus: Bus<LiveLogs>,
    pub(crate) stopping: watch::Sender<bool>,
    queue: mpsc::UnboundedSender<Item>,
    room: Arc<Semaphore>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Events {
    /// Starts the tasks that commit, that empty the outbox, and that listen to the other replicas. The store must
    /// be migrated.
    pub fn start(store: &Store, clock: &SharedClock) -> Self {
        let (queue, items) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            store: store.clone(),
            clock: Arc::clone(clock),
            #[expect(clippy::cast_possible_wrap, reason = "any 63 bits will do")]
            origin: (uuid::Uuid::new_v4().as_u64_pair().1 >> 1) as i64,
            bus: Arc::new(Bus::default()),
            log_bus: Bus::default(),
            stopping: watch::Sender::new(false),
            queue,
            room: Arc::new(Semaphore::new(ROOM_UNITS)),
            tasks: Mutex::new(Vec::new()),
        });
        let committer =
            Committer { store: store.clone(), clock: Arc::clone(clock), bus: Arc::clone(&inner.bus) };
        let mut tasks =
            vec![tokio::spawn(committer.run(items)), tokio::spawn(outbox_pump::run(Arc::clone(&inner)))];
        if store.dialect() == Dialect::Postgres {
            tasks.push(tokio::spawn(replicas::follow_events(Arc::clone(&inner))));
            tasks.push(tokio::spawn(replicas::follow_logs(Arc::clone(&inner))));
        }
        if let Ok(mut running) = inner.tasks.lock() {
            *running = tasks;
        }
        Self { inner }
    }

    /// Takes an event as a client sent it and returns before it is durable; [`Events::settle`] waits for that. An
    /// event that is too large is dropped with a warning, as in the reference.
    pub async fn accept_text(&self, workspace: WorkspaceId, text: &str) -> Result<(), EventsError> {
        if text.len() > MAX_EVENT_BYTES {
            tracing::warn!(bytes = text.len(), "dropped an event of more than {MAX_EVENT_BYTES} bytes");
            return Ok(());
        }
        let event = serde_json::from_str(text)?;
        self.accept_sized(workspace, event, text.len()).await
    }

    /// As [`Events::accept_text`], for an event that was read already.
    pub async fn accept(&self, workspace: WorkspaceId, event: Event) -> Result<(), EventsError> {
        let bytes = size(&event);
        if bytes > MAX_EVENT_BYTES {
            tracing::warn!(bytes, event.event, "dropped an event of more than {MAX_EVENT_BYTES} bytes");
            return Ok(());
        }
        self.accept_sized(workspace, event, bytes).await
    }

    async fn accept_sized(
        &self,
        workspace: WorkspaceId,
        mut event: Event,
        bytes: usize,
    ) -> Result<(), EventsError> {
        if *self.inner.stopping.borrow() {
            return Err(EventsError::Stopping);
        }
        if self.inner.store.dialect() == Dialect::Postgres {
            remove_nuls(&mut event);
        }
        let units = u32::try_from((bytes * MEMORY_FACTOR).div_ceil(ROOM_UNIT)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.inner.room).acquire_many_owned(units).await;
        let room = room.map_err(|_| EventsError::Stopping)?;
        let event = event.receive(self.inner.clock.now());
        let row = NewEvent::new(workspace, &event, self.inner.origin);
        let accepted = Accepted::new(LiveEvent::new(workspace, event), row, room);
        self.inner.queue.send(Item::Event(Box::new(accepted))).map_err(|_| EventsError::Stopping)
    }

    /// Waits until everything that was accepted before this call is on disk.
    pub async fn settle(&self) -> Result<(), EventsError> {
        let (settled, waiting) = oneshot::channel();
        self.inner.queue.send(Item::Barrier(settled)).map_err(|_| EventsError::Stopping)?;
        waiting.await.map_err(|_| EventsError::Stopping)
    }

    /// Takes events and returns when they are on disk.
    pub async fn publish(&self, workspace: WorkspaceId, events: Vec<Event>) -> Result<(), EventsError> {
        for event in events {
            self.accept(workspace, event).await?;
        }
        self.settle().await
    }

    /// Listens to the events of all workspaces, from now on.
    pub fn subscribe(&self) -> Subscription<LiveEvent> {
        self.inner.bus.subscribe()
    }

    /// Returns when the server stops; who listens should end.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stopping = self.inner.stopping.subscribe();
        async move {
            // An error means that the server is gone already.
            let _ = stopping.wait_for(|stop| *stop).await.map(|_| ());
        }
    }

    /// Takes no more events, and returns when those that were accepted are on disk.
    pub async fn stop(&self) {
        self.inner.stopping.send_replace(true);
        // An error means that the committer is gone, which happens when this is called twice.
        let _ = self.settle().await;
        let tasks = self.inner.tasks.lock().map(|mut tasks| std::mem::take(&mut *tasks)).unwrap_or_default();
        // Each ends its round and sees that the server stops; the committer ends with a last item.
        let _ = self.inner.queue.send(Item::End);
        for task in tasks {
            // A panic was logged where it happened.
            let _ = task.await;
        }
    }
}

/// About how long the event is as JSON.
fn size(event: &Event) -> usize {
    let labels =
        |labels: &Labels| labels.iter().map(|(label, value)| label.len() + value.len() + 6).sum::<usize>();
    event.payload.text().len()
        + event.event.len()
        + labels(&event.resource)
        + event.related.iter().map(labels).sum::<usize>()
        + 200
}

/// PostgreSQL stores no NUL in text; nobody misses it.
fn remove_nuls(event: &mut Event) {
    let has_nul = |text: &str| text.as_bytes().contains(&0);
    let clean = |labels: &mut Labels| {
        if labels.iter().any(|(label, value)| has_nul(label) || has_nul(value)) {
            *labels = std::mem::take(labels)
                .into_iter()
                .map(|(label, value)| (label.replace('\0', ""), value.replace('\0', "")))
                .collect();
        }
    };
    clean(&mut event.resource);
    event.related.iter_mut().for_each(clean);
    if has_nul(&event.event) {
        event.event = event.event.replace('\0', "");
    }
}

impl Inner {
    /// Hands on events that another way than the committer has made durable.
    pub(crate) fn hand_on(&self, events: Vec<(WorkspaceId, ReceivedEvent)>) {
        let events = events.into_iter().map(|(workspace, event)| Arc::new(LiveEvent::new(workspace, event)));
        self.bus.hand_on(events.collect());
    }
}

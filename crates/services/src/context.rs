//! What a service works with.

use std::fmt::Display;
use std::sync::Arc;

use sluice_clock::SharedClock;
use sluice_secrets::KeyRing;
use sluice_store::service_leases::{self, Fence};
use sluice_store::{Database, JobError, JobFuture, Store, StoreError, Tx};
use sluice_wire::time::Timestamp;

use crate::ServiceSettings;

/// Why a round of a service failed. It is logged, shown with the service's status, and tried again.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored object cannot be worked on.
    #[error("{0}")]
    Invalid(String),
}

/// What became of one object among many: an error that lies in the object must not stop the work on the others. Logs it,
/// and returns `None`.
pub(crate) fn unless_broken<T>(
    outcome: Result<T, StoreError>,
    object: &dyn Display,
) -> Result<Option<T>, StoreError> {
    match outcome {
        Err(error @ (StoreError::Corrupt(_) | StoreError::Internal(_) | StoreError::InvalidText(_))) => {
            tracing::error!(%object, %error, "cannot work on this; it is passed over");
            Ok(None)
        }
        outcome => outcome.map(Some),
    }
}

/// What a service works with.
#[derive(Debug, Clone)]
pub struct Context {
    store: Store,
    clock: SharedClock,
    fence: Fence,
    /// What services are told.
    pub settings: Arc<ServiceSettings>,
}

impl Context {
    /// A context for `fence`.
    pub fn new(store: Store, clock: SharedClock, settings: Arc<ServiceSettings>, fence: Fence) -> Self {
        Self { store, clock, fence, settings }
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where to read. Write through [`Context::write`].
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What opens the secrets of blocks.
    pub fn secrets(&self) -> Arc<KeyRing> {
        self.settings.secrets.as_ref().map_or_else(Arc::default, |source| source.ring())
    }

    /// Runs `job` in a transaction on the main database, provided that this replica still runs the service.
    pub async fn write<A, T, F>(&self, arguments: A, job: F) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T> + Send + Sync + 'static,
    {
        self.write_or(arguments, job).await
    }

    /// As [`Context::write`], for a job that may end with an error of its own.
    pub async fn write_or<A, T, E, F>(&self, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        let arguments = (self.fence.clone(), arguments, job);
        self.store
            .write(arguments, |tx, (fence, arguments, job)| {
                Box::pin(async move {
                    service_leases::check(tx, fence).await?;
                    job(tx, arguments).await
                })
            })
            .await
    }

    /// Runs `job` in a transaction on the telemetry. Its file on SQLite holds no leases: such a job must be
    /// harmless when two replicas run it.
    pub async fn write_telemetry<A, T, F>(&self, arguments: A, job: F) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T> + Send + Sync + 'static,
    {
        self.store.write_to(Database::Telemetry, arguments, job).await
    }
}

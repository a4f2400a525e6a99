//! Start and stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sluice_api::{ApiSettings, App};
use sluice_clock::{SharedClock, SystemClock};
use sluice_events::Events;
use sluice_services::{Driver, ServiceSettings};
use sluice_store::{DatabaseUrl, Store, StoreError, StoreOptions, block_types};
use sluice_wire::ids::WorkspaceId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::only_server;
use crate::secret_keys::{self, SecretKeys, SecretKeysError};

/// How long requests that are under way may take once the server stops.
const DRAIN: Duration = Duration::from_secs(10);

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// Where the data is.
    pub database: DatabaseUrl,
    /// How much the store may use.
    pub store: StoreOptions,
    /// Whether to bring the schema to the newest version.
    pub migrate: bool,
    /// Whether to serve `/api/metrics`.
    pub metrics: bool,
    /// How the API behaves.
    pub api: ApiSettings,
    /// Where the keys for secrets are.
    pub secret_keys: SecretKeys,
    /// What services are told.
    pub services: Arc<ServiceSettings>,
}

impl ServerOptions {
    /// How many threads should serve the network: all cores on PostgreSQL, half of them on SQLite. There the database
    /// has threads of its own, and network threads that wait for its one writer wake each other up for nothing
    /// (measured with two of them: three times the futex calls a request).
    pub fn network_threads(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        match self.database {
            DatabaseUrl::Sqlite(_) => (cores / 2).max(1),
            DatabaseUrl::Postgres(_) => cores,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The address is taken or not one of this machine.
    #[error("cannot listen on {address}: {cause}; choose another address with --host and --port")]
    Listen {
        /// What was asked for.
        address: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Another server has the SQLite database.
    #[error(
        "another server uses {}: a SQLite database serves one server; stop the other one, or use PostgreSQL for several",
        path.display()
    )]
    InUse {
        /// The database.
        path: std::path::PathBuf,
    },
    /// The schema is old and must not be changed.
    #[error(
        "the database has schema version {found}, this program needs {known}: run `sluice database migrate`"
    )]
    NotMigrated {
        /// The version in the database.
        found: i64,
        /// The version that this program needs.
        known: i64,
    },
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] crate::SettingsError),
    /// The keys for secrets cannot be used.
    #[error(transparent)]
    SecretKeys(#[from] SecretKeysError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A server that runs until [`RunningServer::stop`].
#[derive(Debug)]
pub struct RunningServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its storage.
    pub store: Store,
    /// Where events and logs are handed in and listened to.
    pub events: Events,
    stop: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
    driver: Driver,
    /// Held as long as the server runs.
    _claim: Option<std::fs::File>,
}

/// Listens, opens and migrates the database, and serves.
pub async fn start(options: ServerOptions) -> Result<RunningServer, BootError> {
    let address = format!("{}:{}", options.host, options.port);
    let listen_error = |cause| BootError::Listen { address: address.clone(), cause };
    let listener = TcpListener::bind(&address).await.map_err(listen_error)?;
    let local_address = listener.local_addr().map_err(listen_error)?;

    // First, because the store keeps the metrics that it fills.
    let metrics = if options.metrics { crate::telemetry::start_metrics() } else { None };
    let store = Store::open(&options.database, options.store).await?;
    let claim = only_server::claim(&options.database)?;
    if options.migrate {
        store.migrate().await?;
    } else {
        let status = store.migration_status().await?;
        if status.found > status.known {
            return Err(StoreError::TooNew { found: status.found, known: status.known }.into());
        }
        if !status.is_current() {
            return Err(BootError::NotMigrated { found: status.found, known: status.known });
        }
    }
    let clock: SharedClock = Arc::new(SystemClock);
    let secrets = secret_keys::start(&options.secret_keys, &store, &clock).await?;
    register_system_blocks(&store, &clock).await?;
    let mut services = options.services.as_ref().clone();
    services.secrets = Some(Arc::clone(&secrets));
    if services.ui_url.is_empty() {
        services.ui_url = format!("http://{local_address}");
    }
    let events = Events::start(&store, &clock);
    services.events = Some(events.clone());
    let driver = sluice_services::start(sluice_services::tasks::all(), &store, &clock, &Arc::new(services));
    let app = App {
        store: store.clone(),
        clock,
        events: events.clone(),
        secrets,
        settings: Arc::new(options.api),
        metrics,
        task_workers: Arc::default(),
    };

    let (stop, mut stopping) = watch::channel(false);
    let make_service =
        axum::ServiceExt::<axum::extract::Request>::into_make_service(sluice_api::service(app));
    let serving = tokio::spawn(async move {
        axum::serve(listener, make_service)
            .with_graceful_shutdown(async move {
                // A dropped handle means the same as a stop.
                let _ = stopping.wait_for(|stop| *stop).await;
            })
            .await
    });
    Ok(RunningServer { address: local_address, store, events, stop, serving, driver, _claim: claim })
}

/// The blocks that clients expect to find.
async fn register_system_blocks(store: &Store, clock: &SharedClock) -> Result<(), StoreError> {
    let now = clock.now();
    let workspace = WorkspaceId::DEFAULT;
    let are_known = store
        .read(workspace, |tx, workspace| Box::pin(block_types::is_system_registered(tx, *workspace)))
        .await?;
    if are_known {
        return Ok(());
    }
    let register = (workspace, now);
    store
        .write(register, |tx, (workspace, now)| Box::pin(block_types::register_system(tx, *workspace, *now)))
        .await
}

impl RunningServer {
    /// Stops accepting, finishes what is under way, and closes the database.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        self.driver.stop().await;
        let aborter = self.serving.abort_handle();
        match tokio::time::timeout(DRAIN, self.serving).await {
            Ok(Ok(Err(error))) => tracing::error!(%error, "the server stopped with an error"),
            Ok(_) => {}
            Err(_) => {
                tracing::warn!("some requests were still under way; they are cut off");
                aborter.abort();
            }
        }
        // Last: what requests and services have left behind is committed.
        self.events.stop().await;
    }
}

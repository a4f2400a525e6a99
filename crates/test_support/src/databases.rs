//! Fresh databases.

use sluice_store::cleanup_messages::{NewCleanupMessage, any_waiting, enqueue};
use sluice_store::{DatabaseUrl, Store, StoreError, StoreOptions};
use sluice_wire::ids::{FlowRunId, WorkPoolId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::worker_channel::CleanupKind;

/// A database that no other test uses.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its URL.
    pub url: DatabaseUrl,
    _directory: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// A database that exists already, for a second server on it.
    pub fn at(url: DatabaseUrl) -> Self {
        Self { url, _directory: None }
    }

    /// Opens it with the newest schema.
    pub async fn open(&self) -> Store {
        let options = StoreOptions { connections: 4, ..StoreOptions::default() };
        let store = Store::open(&self.url, options).await.expect("the test database opens");
        store.migrate().await.expect("the test database migrates");
        store
    }
}

/// What has been stored for the workers of a pool to tear down, seen and written behind a server's back.
#[derive(Debug)]
pub struct CleanupMessages {
    store: Store,
    pool: WorkPoolId,
}

impl CleanupMessages {
    /// Those of a pool.
    pub async fn of(database: &DatabaseUrl, pool: WorkPoolId) -> Self {
        let store =
            Store::open(database, StoreOptions::default()).await.expect("the test database opens again");
        Self { store, pool }
    }

    /// Queues a message about a run whose cancellation nobody confirmed.
    pub async fn enqueue(&self, flow_run_id: FlowRunId, infrastructure_pid: Option<&str>) {
        let message = NewCleanupMessage {
            idempotency_key: flow_run_id.to_string(),
            work_pool_id: self.pool,
            work_queue_id: None,
            flow_run_id,
            infrastructure_pid: infrastructure_pid.map(str::to_owned),
            kind: CleanupKind::CancellingTimeoutTeardown,
        };
        let stored: Result<bool, StoreError> = self
            .store
            .write(message, |tx, message| {
                // In the past, so that it need not wait for a worker of its own queue.
                Box::pin(enqueue(tx, WorkspaceId::DEFAULT, message, Timestamp::EPOCH))
            })
            .await;
        assert!(stored.expect("the message is stored"));
    }

    /// Whether a message is left, as workers would be given it when all that is reserved is given away again.
    pub async fn any_left(&self) -> bool {
        let pool = self.pool;
        let far_away = Timestamp::from_micros(i64::MAX / 2);
        let found: Result<bool, StoreError> =
            self.store.read(pool, move |tx, pool| Box::pin(any_waiting(tx, *pool, far_away))).await;
        found.expect("the messages are read")
    }
}

/// A SQLite database in a directory that goes away with it.
pub async fn sqlite() -> TestDatabase {
    let directory = tempfile::tempdir().expect("a temporary directory");
    TestDatabase { url: DatabaseUrl::Sqlite(directory.path().join("sluice.db")), _directory: Some(directory) }
}

/// A PostgreSQL database on the server that `SLUICE_TEST_POSTGRES_URL` names; none when it is not set.
pub async fn postgres() -> Option<TestDatabase> {
    let Ok(server) = std::env::var("SLUICE_TEST_POSTGRES_URL") else {
        eprintln!("SLUICE_TEST_POSTGRES_URL is not set: not run on PostgreSQL");
        return None;
    };
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let (client, connection) =
        tokio_postgres::connect(&server, tokio_postgres::NoTls).await.expect("the test PostgreSQL answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database is created");
    drop(client);
    let _ = connection.await;
    let (base, _) = server.rsplit_once('/').expect("the URL ends in /database");
    Some(TestDatabase { url: DatabaseUrl::Postgres(format!("{base}/{name}")), _directory: None })
}

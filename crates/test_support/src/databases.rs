//! Fresh databases.

use sluice_store::{DatabaseUrl, Store, StoreOptions};

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

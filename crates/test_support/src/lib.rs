//! What the tests of all crates share: databases, servers, builders.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

mod databases;
mod server;

pub use databases::{CleanupMessages, TestDatabase, postgres, sqlite};
pub use server::TestServer;

/// Lets HTTP clients of tests be made: in a build of the whole workspace they have TLS, and want to know whose.
pub fn use_ring() {
    // An error says that a provider is installed already: it is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Keys for secrets, always the same.
pub fn secret_keys() -> std::sync::Arc<sluice_secrets::KeyRing> {
    std::sync::Arc::new(sluice_secrets::KeyRing::new([sluice_secrets::SecretKey::from_bytes([7; 32])]))
}

/// Makes two tests of each `async fn name(store: Store)`: one on SQLite, one on PostgreSQL (which runs when
/// `SLUICE_TEST_POSTGRES_URL` names a server; `make test` starts one).
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: Store) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn run($store: sluice_store::Store) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let database = $crate::sqlite().await;
                run(database.open().await).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = $crate::postgres().await {
                    run(database.open().await).await;
                }
            }
        }
    )+};
}

//! Looking at and migrating a database without serving.

pub use sluice_store::MigrationStatus;
use sluice_store::Store;

use crate::{BootError, Settings};

/// Brings the schema to the newest version; returns what was found before.
pub async fn migrate(settings: &Settings) -> Result<MigrationStatus, BootError> {
    let store = Store::open(&settings.database()?, settings.store_options()).await?;
    Ok(store.migrate().await?)
}

/// Which version the schema has.
pub async fn status(settings: &Settings) -> Result<MigrationStatus, BootError> {
    let store = Store::open(&settings.database()?, settings.store_options()).await?;
    Ok(store.migration_status().await?)
}

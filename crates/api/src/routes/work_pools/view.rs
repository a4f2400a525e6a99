//! Work pools as each client understands them.

use serde::ser::Error;
use serde::{Serialize, Serializer};
use sluice_wire::client_version::Client;
use sluice_wire::work_pools::WorkPool;

/// A pool for one client. Clients up to 3.3.7 fail on a storage configuration with a key that they do not know.
#[derive(Debug)]
pub struct WorkPoolView {
    pool: WorkPool,
    has_result_storage: bool,
}

impl WorkPoolView {
    /// The pool as `client` understands it.
    pub(super) fn new(pool: WorkPool, client: &Client) -> Self {
        Self { pool, has_result_storage: client.knows_default_result_storage() }
    }
}

impl Serialize for WorkPoolView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.has_result_storage {
            return self.pool.serialize(serializer);
        }
        let mut pool = serde_json::to_value(&self.pool).map_err(S::Error::custom)?;
        if let Some(storage) = pool["storage_configuration"].as_object_mut() {
            storage.remove("default_result_storage_block_id");
        }
        pool.serialize(serializer)
    }
}

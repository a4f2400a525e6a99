//! The block that results are stored with when a flow names none.

mod clear;
mod read;
mod set;

pub use clear::{clear, clear_if_gone};
pub use read::read;
pub use set::set;

use serde::{Deserialize, Serialize};
use sluice_wire::ids::BlockDocumentId;

/// Where it stands.
const KEY: &str = "server-default-result-storage";

/// What `GET /admin/storage` answers, and how it is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultResultStorage {
    /// The block document; none: results stay where the client decides.
    pub default_result_storage_block_id: Option<BlockDocumentId>,
}

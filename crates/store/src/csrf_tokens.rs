//! Tokens that show that a request comes from who asked for the token.

mod create;
mod read;

pub use create::create;
pub use read::read;

use serde::Serialize;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

/// A token, as it is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CsrfToken {
    pub id: Uuid,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub token: String,
    pub client: String,
    pub expiration: Timestamp,
}

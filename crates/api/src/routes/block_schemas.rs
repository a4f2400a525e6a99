//! `/block_schemas`

mod create;
mod delete;
mod filter;
mod read;

pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use read::{read, read_by_checksum};

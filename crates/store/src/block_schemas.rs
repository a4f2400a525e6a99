//! Schemas of blocks: which fields a kind of block has. A schema that others are nested in is stored without them;
//! reading puts them together again.

mod capabilities;
mod create;
mod delete;
mod filter;
mod loaded;
mod read;

pub use capabilities::capabilities;
pub use create::{Created, Refusal, create};
pub use delete::delete;
pub use filter::filter;
pub(crate) use loaded::Loaded;
pub use read::{read, read_by_checksum};

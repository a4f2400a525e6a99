//! `/block_types`

mod block_documents;
mod create;
mod delete;
mod filter;
mod install_system_block_types;
mod read;
mod update;

pub use block_documents::{block_document_by_name, block_documents};
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use install_system_block_types::install_system_block_types;
pub use read::{read, read_by_slug};
pub use update::update;

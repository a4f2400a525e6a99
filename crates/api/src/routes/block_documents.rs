//! `/block_documents`

mod count;
mod create;
mod delete;
mod filter;
mod read;
mod update;

pub use count::count;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use read::read;
pub use update::update;

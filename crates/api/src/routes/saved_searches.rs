//! `/saved_searches`

mod delete;
mod filter;
mod read;
mod save;

pub use delete::delete;
pub use filter::filter;
pub use read::read;
pub use save::save;

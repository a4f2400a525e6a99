//! `/incidents`

mod count;
mod delete;
mod filter;
mod read;
mod update;

pub use count::count;
pub use delete::delete;
pub use filter::filter;
pub use read::read;
pub use update::update;

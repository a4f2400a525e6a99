//! `/artifacts`

mod count;
mod count_latest;
mod create;
mod delete;
mod filter;
mod filter_latest;
mod read;
mod read_latest;
mod update;

pub use count::count;
pub use count_latest::count_latest;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use filter_latest::filter_latest;
pub use read::read;
pub use read_latest::read_latest;
pub use update::update;

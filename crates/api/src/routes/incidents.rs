//! `/incidents`

mod filter;
mod read;
mod update;

pub use filter::filter;
pub use read::read;
pub use update::update;

//! `/block_capabilities`

mod list;

pub use list::list;

//! Events: recorded, read by filter page by page, counted.

mod count_by;
mod create;
mod filter;
mod filter_next;
mod page;

pub use count_by::count_by;
pub use create::create;
pub use filter::filter;
pub use filter_next::filter_next;

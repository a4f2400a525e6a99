//! `/concurrency_limits`: limits on the task runs of a tag, in the older form. They are the limits named
//! `tag:<tag>` of `/v2/concurrency_limits`; a task run holds its slot by a lease.

mod create;
mod decrement;
mod delete;
mod filter;
mod increment;
mod read;
mod reset;
mod view;

pub use create::create;
pub use decrement::decrement;
pub use delete::{delete, delete_by_tag};
pub use filter::filter;
pub use increment::increment;
pub use read::{read, read_by_tag};
pub use reset::reset;

//! Events that are committed together with the change that they tell of.

mod lifecycle;
mod push;
mod take;

pub use lifecycle::lifecycle_event;
pub use push::push;
pub use take::{delete_through, take};

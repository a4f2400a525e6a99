//! Events that are committed together with the change that they tell of.

mod push;
mod take;

pub use push::push;
pub use take::{delete_through, take};

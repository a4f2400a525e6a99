//! Values of a workspace under a key.

mod delete;
mod read;

pub use delete::delete;
pub use read::read;

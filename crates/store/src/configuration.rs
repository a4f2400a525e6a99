//! Values of a workspace under a key.

mod delete;
mod read;
mod write;

pub use delete::delete;
pub use read::read;
pub use write::{write, write_new};

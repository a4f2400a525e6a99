//! Block documents: the values of blocks, encrypted. A document may hold others; they are stored as references and
//! filled in when it is read.

mod create;
mod delete;
mod event;
mod exists;
mod filter;
mod loaded;
mod read;
mod references;
mod rotate;
mod sealing;
mod update;

pub use create::create;
pub use delete::delete;
pub use exists::exists;
pub use filter::{Reading, count, filter};
pub use read::{read, read_by_name};
pub use references::Refusal;
pub use rotate::{keys_in_use, missing_keys, rotate_some};
pub use update::update;

pub use crate::filters::block_documents::Filters;

//! What handlers take: bodies, ids of the path, the workspace, the caller's version.

mod body;
mod limit;
mod path;
mod problems;
mod shape;
mod workspace;

pub use body::{Body, OptionalBody};
pub use limit::page_limit;
pub use path::{Id, PathText};
pub use workspace::Workspace;

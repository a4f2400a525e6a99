//! What handlers take: bodies, ids of the path, the workspace, the caller's version.

mod all_problems;
mod body;
mod caller;
mod depth;
mod include_secrets;
mod lax;
mod limit;
mod path;
mod problems;
mod query;
mod shape;
mod workspace;

pub use body::{Body, OptionalBody};
pub use caller::Caller;
pub use include_secrets::IncludeSecrets;
pub use limit::{bulk_limit, page_limit};
pub use path::{CheckedId, Id, PathText};
pub(crate) use problems::syntax_error;
pub use query::QueryId;
pub use workspace::Workspace;

//! `/flow_runs`

mod bulk_delete;
mod bulk_set_state;
mod count;
mod create;
mod delete;
mod filter;
mod graph;
mod history;
mod input;
mod labels;
mod lateness;
mod logs_download;
mod paginate;
mod read;
mod resume;
mod set_state;
mod update;

pub use bulk_delete::bulk_delete;
pub use bulk_set_state::bulk_set_state;
pub use count::count;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use graph::{graph, graph_v2};
pub use history::history;
pub use input::{create_input, delete_input, filter_input, read_input};
pub use labels::labels;
pub use lateness::lateness;
pub use logs_download::logs_download;
pub use paginate::paginate;
pub use read::read;
pub use resume::resume;
pub use set_state::set_state;
pub use update::update;

use sluice_wire::ids::FlowRunId;

use crate::ApiError;

/// How many runs a bulk request changes at most.
const BULK_LIMIT: i64 = 50;

fn not_found() -> ApiError {
    ApiError::not_found("Flow run not found")
}

/// As the routes say it that the reference answers from its models.
fn no_such_run(id: FlowRunId) -> ApiError {
    ApiError::object_not_found(format!("Flow run with id {id} not found"))
}

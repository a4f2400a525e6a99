//! Deployments and their schedules.

mod bulk_delete;
mod count;
mod create;
mod create_flow_run;
mod create_flow_runs;
mod delete;
mod filter;
mod get_scheduled_flow_runs;
pub(crate) mod job_variables;
mod paginate;
pub(crate) mod parameters;
mod pause_deployment;
mod read;
mod read_by_name;
mod resume_deployment;
mod schedule;
pub mod schedules;
mod update;
mod work_queue;
mod work_queue_check;

pub use bulk_delete::bulk_delete;
pub use count::count;
pub use create::create;
pub use create_flow_run::create_flow_run;
pub use create_flow_runs::create_flow_runs;
pub use delete::delete;
pub use filter::filter;
pub use get_scheduled_flow_runs::get_scheduled_flow_runs;
pub use paginate::paginate;
pub use pause_deployment::pause_deployment;
pub use read::read;
pub use read_by_name::read_by_name;
pub use resume_deployment::resume_deployment;
pub use schedule::schedule;
pub use update::update;
pub use work_queue_check::work_queue_check;

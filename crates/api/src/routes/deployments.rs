//! Deployments and their schedules.

mod bulk_delete;
mod count;
mod create;
mod delete;
mod filter;
mod job_variables;
mod paginate;
mod parameters;
mod pause_deployment;
mod read;
mod read_by_name;
mod resume_deployment;
pub mod schedules;
mod update;
mod work_queue;
mod work_queue_check;

pub use bulk_delete::bulk_delete;
pub use count::count;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use paginate::paginate;
pub use pause_deployment::pause_deployment;
pub use read::read;
pub use read_by_name::read_by_name;
pub use resume_deployment::resume_deployment;
pub use update::update;
pub use work_queue_check::work_queue_check;

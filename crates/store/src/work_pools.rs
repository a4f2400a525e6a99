//! Work pools: where deployments send their runs and workers take them.

pub(crate) mod announce;
mod create;
mod delete;
mod deserted;
mod due;
mod ensure_default;
mod read;
mod row;
mod scheduled_runs;
mod slots;
mod update;

pub use create::create;
pub use delete::delete;
pub use deserted::ready_without_workers;
pub use due::{DueRuns, due_runs};
pub use ensure_default::{DEFAULT_AGENT_POOL, ensure_default_agent_pool};
pub use read::{count, filter, read, read_by_name};
pub use scheduled_runs::{ScheduledRuns, scheduled_runs};
pub use slots::taken;
pub use update::{set_status, update};

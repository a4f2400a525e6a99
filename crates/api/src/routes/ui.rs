//! `/ui`: what the user interface asks for in one call.

pub mod flow_runs;
pub mod flows;
pub mod schemas;
pub mod task_runs;

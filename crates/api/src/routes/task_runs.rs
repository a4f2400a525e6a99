//! `/task_runs`

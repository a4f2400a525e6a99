//! `/task_workers`

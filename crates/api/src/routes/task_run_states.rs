//! `/task_run_states`

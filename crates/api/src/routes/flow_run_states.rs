//! `/flow_run_states`

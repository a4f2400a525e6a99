//! `/flow_runs`

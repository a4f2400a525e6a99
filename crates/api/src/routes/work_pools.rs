//! `/work_pools`

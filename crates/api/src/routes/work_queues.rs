//! `/work_queues`

//! The commands that speak with a server, against a real one: a snapshot of what each prints as text and as JSON, and
//! of one of its errors.

mod api;
mod artifact;
mod automation;
mod block;
mod concurrency;
mod config;
mod coverage;
mod deploy;
mod deployment;
mod doctor;
mod event;
mod flow;
mod flow_run;
mod task_run;
mod variable;
mod watch;
mod work_pool;
mod world;

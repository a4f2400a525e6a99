//! The binary as its users drive it, and what must hold for the whole workspace.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

mod cli;
mod command_line;
mod crate_graph;
mod documentation;
mod openapi;
mod route_files;
mod server;
mod support;

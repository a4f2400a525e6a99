//! The binary as its users drive it, and what must hold for the whole workspace.

mod command_line;
mod crate_graph;
mod documentation;
mod route_files;
mod server;
mod support;

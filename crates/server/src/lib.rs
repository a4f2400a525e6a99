//! Puts the server together: settings, boot, shutdown.

mod boot;

pub use boot::{BootError, RunningServer, ServerOptions, start};

//! Puts the server together: settings, boot, shutdown.

mod boot;
pub mod database;
mod only_server;
mod secret_keys;
pub mod secret_rotation;
mod settings;
pub mod telemetry;

pub use boot::{BootError, RunningServer, ServerOptions, start};
pub use secret_keys::{SecretKeys, SecretKeysError};
pub use settings::{Kind, SETTINGS, Setting, Settings, SettingsError, Source};
pub use sluice_store::THREAD_STACK_BYTES;

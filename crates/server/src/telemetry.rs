//! What the process tells about itself: logs on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::Settings;

/// Starts logging as the settings say. Does nothing when logging was started already.
pub fn start_logging(settings: &Settings) {
    let level = settings.get("log-level").unwrap_or("info").to_lowercase().replace("warning", "warn");
    let filter = EnvFilter::try_new(&level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Only the first subscriber of a process counts.
    let _ = if settings.get("log-format") == Some("json") {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
}

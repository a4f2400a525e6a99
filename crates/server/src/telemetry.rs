//! What the process tells about itself: logs on standard error, metrics at `/api/metrics`.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sluice_api::RenderMetrics;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::Settings;

/// Starts logging as the settings say. Does nothing when logging was started already.
pub fn start_logging(settings: &Settings) {
    let level = settings.get("log-level").unwrap_or("info").to_lowercase().replace("warning", "warn");
    let filter = EnvFilter::try_new(&level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder =
        fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // Only the first subscriber of a process counts.
    let _ = if settings.get("log-format") == Some("json") {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
}

/// Bounds of the histograms, in seconds.
const BUCKETS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

const UPKEEP: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Recorder(PrometheusHandle);

impl RenderMetrics for Recorder {
    fn render(&self) -> String {
        self.0.render()
    }
}

/// Starts measuring; the same for every server of a process.
pub fn start_metrics() -> Option<Arc<dyn RenderMetrics>> {
    static RECORDER: OnceLock<Option<Arc<dyn RenderMetrics>>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
                .ok()?;
            let handle = builder.install_recorder().ok()?;
            let upkeep = handle.clone();
            // Measurements pile up until somebody reads them or they are folded into the buckets.
            std::thread::Builder::new()
                .name("metrics-upkeep".to_owned())
                .spawn(move || {
                    loop {
                        std::thread::sleep(UPKEEP);
                        upkeep.run_upkeep();
                    }
                })
                .ok()?;
            Some(Arc::new(Recorder(handle)) as Arc<dyn RenderMetrics>)
        })
        .clone()
}

//! What the process tells about itself: logs on standard error, metrics at `/api/metrics`.

mod histograms;

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sluice_api::RenderMetrics;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use self::histograms::{HistogramRecorder, Histograms};
use crate::Settings;

/// Starts logging as the settings say. Does nothing when logging was started already.
pub fn start_logging(settings: &Settings) {
    let level = settings.get("log-level").unwrap_or("info").to_lowercase().replace("warning", "warn");
    let filter = EnvFilter::try_new(&level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // A line that cannot be written, because the disk with the log is full, would be complained of on the same
        // stream, which panics.
        .log_internal_errors(false);
    // Only the first subscriber of a process counts.
    let _ = if settings.get("log-format") == Some("json") {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
}

#[derive(Debug)]
struct Measurements {
    histograms: Arc<Histograms>,
    others: PrometheusHandle,
}

impl RenderMetrics for Measurements {
    fn render(&self) -> String {
        self.others.render() + &self.histograms.render()
    }
}

/// Starts measuring; the same for every server of a process.
pub fn start_metrics() -> Option<Arc<dyn RenderMetrics>> {
    static MEASUREMENTS: OnceLock<Option<Arc<dyn RenderMetrics>>> = OnceLock::new();
    MEASUREMENTS
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let others = recorder.handle();
            let histograms = Arc::new(Histograms::default());
            metrics::set_global_recorder(HistogramRecorder::new(recorder, Arc::clone(&histograms))).ok()?;
            Some(Arc::new(Measurements { histograms, others }) as Arc<dyn RenderMetrics>)
        })
        .clone()
}

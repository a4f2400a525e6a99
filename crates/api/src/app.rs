//! What handlers share.

use std::sync::Arc;

use sluice_clock::SharedClock;
use sluice_events::Events;
use sluice_orchestration::slots::SlotSettings;
use sluice_secrets::KeySource;
use sluice_store::Store;

/// What handlers share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// Where everything is stored.
    pub store: Store,
    /// What time it is.
    pub clock: SharedClock,
    /// Where events and logs are handed in and listened to.
    pub events: Events,
    /// The keys that block documents are encrypted with.
    pub secrets: Arc<dyn KeySource>,
    /// How the API behaves.
    pub settings: Arc<ApiSettings>,
    /// Writes out what the process measures. None: not served.
    pub metrics: Option<Arc<dyn RenderMetrics>>,
    /// The workers of background tasks that are connected to this process.
    pub task_workers: Arc<crate::task_workers::TaskWorkers>,
}

/// Writes out what the process measures, in the Prometheus text format.
pub trait RenderMetrics: std::fmt::Debug + Send + Sync {
    /// The text.
    fn render(&self) -> String;
}

/// The settings that the API reads.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// How many objects a page has when the request does not say, and at most.
    pub default_limit: i64,
    /// The largest body that is read, in bytes.
    pub max_body_bytes: usize,
    /// The largest `parameters` of a flow run or deployment, in bytes.
    pub max_parameter_bytes: usize,
    /// `user:password` of HTTP Basic; also the token of WebSockets. None: no authentication.
    pub auth_string: Option<String>,
    /// Whether mutating requests need a CSRF token.
    pub csrf_enabled: bool,
    /// How long a CSRF token is valid, in seconds.
    pub csrf_token_seconds: i64,
    /// How long clients are told to wait at a full concurrency limit.
    pub slots: SlotSettings,
    /// What the rules of state changes read; their `slots` are those above.
    pub orchestration: sluice_orchestration::Settings,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            default_limit: 200,
            max_body_bytes: 64 << 20,
            max_parameter_bytes: 512 << 10,
            auth_string: None,
            csrf_enabled: false,
            csrf_token_seconds: 3_600,
            slots: SlotSettings::default(),
            orchestration: sluice_orchestration::Settings::default(),
        }
    }
}

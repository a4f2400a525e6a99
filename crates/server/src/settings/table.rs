//! Every setting.

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number of seconds, possibly with a fraction, or an ISO-8601 duration.
    Seconds,
    /// Words with commas between them.
    Words,
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name: `--name` on the command line, `name` in the file, `SLUICE_NAME` in the environment.
    pub name: &'static str,
    /// The reference's variable that means the same, if there is one.
    pub accepts: Option<&'static str>,
    /// What its values look like.
    pub kind: Kind,
    /// Its default, as text; empty: not set.
    pub default: &'static str,
    /// What it does.
    pub help: &'static str,
}

impl Setting {
    /// The variable of the environment that sets it: `SLUICE_DATABASE_URL` for `database-url`.
    pub fn variable(&self) -> String {
        format!("SLUICE_{}", self.name.replace('-', "_").to_uppercase())
    }
}

macro_rules! settings {
    ($($name:literal, $accepts:expr, $kind:ident, $default:literal, $help:literal;)+) => {
        /// Every setting.
        pub const SETTINGS: &[Setting] = &[
            $(Setting { name: $name, accepts: $accepts, kind: Kind::$kind, default: $default, help: $help }),+
        ];
    };
}

settings! {
    "host", Some("PREFECT_SERVER_API_HOST"), Text, "127.0.0.1", "Address to listen on";
    "port", Some("PREFECT_SERVER_API_PORT"), Integer, "4200", "Port to listen on; 0 takes any free port";
    "home", None, Text, "", "Directory for data and the settings file [default: ~/.sluice]";
    "secrets-key", Some("PREFECT_SERVER_ENCRYPTION_KEY"), Secret, "",
        "Keys that secrets are encrypted with, 32 bytes in base64 each, with commas between them: the first encrypts, all decrypt [default: secrets.key in the home directory, made at first start]";
    "database-url", Some("PREFECT_API_DATABASE_CONNECTION_URL"), Text, "",
        "sqlite:///path/to/file.db or postgres://user:password@host:5432/database [default: sluice.db in the home directory]";
    "database-connections", None, Integer, "16", "Connections to PostgreSQL at most";
    "database-reader-threads", None, Integer, "2", "Threads that read from each SQLite file";
    "database-migrate-on-start", Some("PREFECT_API_DATABASE_MIGRATE_ON_START"), Bool, "true",
        "Bring the schema to the newest version at start";
    "auth-string", Some("PREFECT_SERVER_API_AUTH_STRING"), Secret, "",
        "user:password that clients must send; not set: no authentication";
    "csrf-enabled", Some("PREFECT_SERVER_CSRF_PROTECTION_ENABLED"), Bool, "false",
        "Require a CSRF token on requests that change something";
    "csrf-token-seconds", Some("PREFECT_SERVER_CSRF_TOKEN_EXPIRATION"), Seconds, "3600",
        "How long a CSRF token is valid";
    "default-limit", Some("PREFECT_API_DEFAULT_LIMIT"), Integer, "200",
        "Objects on a page: the default and the most";
    "max-body-bytes", None, Integer, "67108864", "The largest request body that is read";
    "max-parameter-bytes", Some("PREFECT_SERVER_API_MAX_PARAMETER_SIZE"), Integer, "524288",
        "The largest parameters of a flow run or deployment";
    "log-level", Some("PREFECT_SERVER_LOGGING_LEVEL"), Text, "info",
        "error, warn, info, debug or trace; also per module, as in info,sluice_store=debug";
    "log-format", None, Text, "text", "text or json";
    "metrics-enabled", Some("PREFECT_SERVER_METRICS_ENABLED"), Bool, "true", "Serve /api/metrics";
    "services-disabled", None, Words, "", "Background services that this process does not run";
    "scheduler-loop-seconds", Some("PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS"), Seconds, "60",
        "How often schedules are looked at when nothing changes";
    "scheduler-min-runs", Some("PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS"), Integer, "3",
        "Runs made ahead at least";
    "scheduler-max-runs", Some("PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS"), Integer, "100",
        "Runs made ahead at most";
    "scheduler-min-scheduled-seconds", Some("PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME"), Seconds, "3600",
        "How far ahead runs are made at least";
    "scheduler-max-scheduled-seconds", Some("PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME"), Seconds,
        "8640000", "How far ahead runs are made at most";
    "late-runs-after-seconds", Some("PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS"), Seconds, "15",
        "A scheduled run is late this long after its time";
    "foreman-loop-seconds", Some("PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS"), Seconds, "15",
        "How often workers, work pools, work queues and deployments are looked at";
    "last-polled-timeout-seconds",
        Some("PREFECT_SERVER_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS"), Seconds, "60",
        "A deployment or work queue that nobody polled for this long is not ready";
    "worker-missed-heartbeats", Some("PREFECT_SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE"), Integer, "3",
        "A worker is offline after this many missed heartbeats";
    "worker-heartbeat-seconds", Some("PREFECT_SERVER_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS"),
        Seconds, "30", "The heartbeat interval of a worker that does not say";
    "cancelling-timeout-seconds",
        Some("PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS"), Seconds, "300",
        "A run that is still Cancelling after this time becomes Cancelled";
    "flow-run-heartbeat-seconds", Some("PREFECT_FLOWS_HEARTBEAT_FREQUENCY"), Seconds, "180",
        "The heartbeat interval of a flow run as long as its own is not known";
    "flow-run-missed-heartbeats", None, Integer, "3",
        "A running flow run that sent heartbeats is crashed after this many missed ones";
    "zombie-runs-after-seconds", None, Seconds, "90",
        "But never sooner than this after its last heartbeat";
    "zombie-runs-unheard", None, Bool, "false",
        "Expect heartbeats of every running flow run from its beginning, also of those that never sent one";
    "stranded-runs-claim-seconds", None, Seconds, "120",
        "A pending run whose worker is gone is handed out again after this time, if no infrastructure was reported";
    "stranded-runs-infrastructure-seconds", None, Seconds, "600",
        "The same if infrastructure was reported, which may start without the worker";
    "stranded-runs-despite-worker-seconds", None, Seconds, "",
        "The same if its worker is there; not set: never";
    "stranded-runs-hand-outs", None, Integer, "3",
        "How often a run is handed out again before it is crashed";
    "deployment-lease-seconds", Some("PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION"), Seconds, "300",
        "How long a run may hold a deployment's slot before its first renewal";
    "deployment-slot-wait-seconds",
        Some("PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS"), Seconds, "30",
        "How long a run waits before it asks again for a deployment's slot";
    "slot-wait-seconds", Some("PREFECT_SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS"), Seconds, "30",
        "How long a client is told to wait at most at a full concurrency limit";
    "tag-slot-wait-seconds", Some("PREFECT_SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS"), Seconds, "10",
        "How long a task run waits at most before it asks again for a tag's slot";
    "event-retention-seconds", Some("PREFECT_SERVER_EVENTS_RETENTION_PERIOD"), Seconds, "604800",
        "How long events are kept";
    "run-retention-seconds", None, Seconds, "",
        "How long finished runs are kept, with their logs and artifacts; not set: for ever";
    "incident-retention-seconds", None, Seconds, "",
        "How long incidents are kept after they were resolved; not set: for ever";
    "retention-batch", Some("PREFECT_SERVER_SERVICES_DB_VACUUM_BATCH_SIZE"), Integer, "1000",
        "Rows that a clean-up deletes at once";
    "notifications-private-addresses", None, Text, "by-block",
        "Whether webhooks and notifications may go to private addresses: by-block (as each block's allow_private_urls says), never or always";
    "smtp-host", None, Text, "",
        "Mail server for the action send-email-notification; not set: no mail is sent";
    "smtp-port", None, Integer, "", "Port of the mail server [default: 587, 465 with smtp-tls implicit, 25 with none]";
    "smtp-tls", None, Text, "starttls",
        "How the way to the mail server is encrypted: starttls, implicit or none";
    "smtp-user", None, Text, "", "User at the mail server; not set: no authentication";
    "smtp-password", None, Secret, "", "Password at the mail server";
    "smtp-from", None, Text, "", "Who mails come from, as in Sluice <sluice@example.com>";
}

//! The options of `sluice deploy`, named as those of `prefect deploy`.

use std::path::PathBuf;

use clap::Args;
use sluice_platform::Options;

#[derive(Debug, Args)]
pub(super) struct DeployArguments {
    /// A flow: path/to/file.py:function
    #[arg(value_name = "ENTRYPOINT")]
    pub(super) entrypoint: Option<String>,
    /// Only these: name, flow/name or pattern
    #[arg(long = "name", short = 'n', value_name = "NAME")]
    names: Vec<String>,
    /// Everything, as without --name
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// The project file
    #[arg(long, value_name = "FILE", default_value = "prefect.yaml")]
    pub(super) prefect_file: PathBuf,
    /// Do not ask
    #[arg(long, short = 'y', visible_alias = "no-prompt")]
    pub(super) yes: bool,
    /// Only show what would change
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Delete what the file has no more
    #[arg(long, conflicts_with = "names")]
    pub(super) prune: bool,
    /// Work pool
    #[arg(long, short = 'p', value_name = "POOL")]
    pool: Option<String>,
    /// Work queue; made where there is none
    #[arg(long = "work-queue", short = 'q', value_name = "QUEUE")]
    queue: Option<String>,
    /// Description, not the flow's
    #[arg(long, short = 'd', value_name = "TEXT")]
    description: Option<String>,
    /// Version
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// vcs:git, prefect:simple, ...
    #[arg(long, value_name = "TYPE")]
    version_type: Option<String>,
    /// Tag; may be repeated
    #[arg(long = "tag", short = 't', value_name = "TAG")]
    tags: Vec<String>,
    /// Job variable; or a JSON object
    #[arg(long = "job-variable", value_name = "KEY=VALUE")]
    job_variables: Vec<String>,
    /// Cron schedule; may be repeated
    #[arg(long, value_name = "CRON")]
    cron: Vec<String>,
    /// Interval schedule; may be repeated
    #[arg(long, value_name = "SECONDS")]
    interval: Vec<i64>,
    /// Anchor of interval schedules
    #[arg(long, value_name = "DATE")]
    anchor_date: Option<String>,
    /// Recurrence rule; may be repeated
    #[arg(long, value_name = "RULE")]
    rrule: Vec<String>,
    /// Time zone of all schedules
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Trigger as JSON, or a file of them
    #[arg(long = "trigger", value_name = "JSON")]
    triggers: Vec<String>,
    /// Service level agreement; checked, not deployed
    #[arg(long, value_name = "JSON")]
    sla: Vec<String>,
    /// Parameter, as JSON or text
    #[arg(long, value_name = "KEY=VALUE")]
    param: Vec<String>,
    /// Parameters as a JSON object
    #[arg(long, value_name = "JSON", conflicts_with = "param")]
    params: Option<String>,
    /// How many runs at a time
    #[arg(long, value_name = "NUMBER")]
    concurrency_limit: Option<i64>,
    /// What happens to a run above the limit
    #[arg(long, value_name = "STRATEGY", value_parser = ["ENQUEUE", "CANCEL_NEW"])]
    collision_strategy: Option<String>,
    /// Refuse parameters that do not fit
    #[arg(long, overrides_with = "no_enforce_parameter_schema")]
    enforce_parameter_schema: bool,
    /// Take parameters that do not fit
    #[arg(long, overrides_with = "enforce_parameter_schema")]
    no_enforce_parameter_schema: bool,
    /// Profile that names the server
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// How to print
    #[arg(long, short = 'o', value_name = "FORMAT", value_parser = ["text", "json"], default_value = "text")]
    pub(super) output: String,
}

impl DeployArguments {
    /// What they say over the file.
    pub(super) fn options(&self) -> Options {
        Options {
            entrypoint: self.entrypoint.clone(),
            names: self.names.clone(),
            description: self.description.clone(),
            version: self.version.clone(),
            version_type: self.version_type.clone(),
            tags: self.tags.clone(),
            concurrency_limit: self.concurrency_limit,
            collision_strategy: self.collision_strategy.clone(),
            pool: self.pool.clone(),
            default_pool: None,
            queue: self.queue.clone(),
            job_variables: self.job_variables.clone(),
            cron: self.cron.clone(),
            interval: self.interval.clone(),
            anchor_date: self.anchor_date.clone(),
            rrule: self.rrule.clone(),
            timezone: self.timezone.clone(),
            triggers: self.triggers.clone(),
            param: self.param.clone(),
            params: self.params.clone(),
            sla: self.sla.clone(),
            enforce_parameter_schema: match (self.enforce_parameter_schema, self.no_enforce_parameter_schema)
            {
                (false, false) => None,
                (enforce, _) => Some(enforce),
            },
        }
    }
}

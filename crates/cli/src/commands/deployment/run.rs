//! `sluice deployment run`

use std::io::Read;
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value, json};
use sluice_client::CreateFlowRun;
use sluice_wire::deployments::Deployment;
use sluice_wire::time::Timestamp;

use super::DeploymentName;
use crate::exit::Failure;
use crate::output::ago;
use crate::session::Session;
use crate::watch::{self, Watching};
use crate::{assignments, lookup, start_time};

/// Run a deployment, now or later
#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    deployment: DeploymentName,
    /// A parameter of the flow; a value that is JSON is what it says; may be given several times
    #[arg(long, short = 'p', value_name = "KEY=VALUE")]
    param: Vec<String>,
    /// Parameters as a JSON object, or - to read it from standard input; --param goes before it
    #[arg(long, value_name = "JSON")]
    params: Option<String>,
    /// A variable of the job template; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    job_variable: Vec<String>,
    /// Start after this time, such as '5 minutes'
    #[arg(long, value_name = "TIME", conflicts_with = "start_at")]
    start_in: Option<String>,
    /// Start at this time, such as '17:30' or '2026-08-01 17:30'
    #[arg(long, value_name = "TIME")]
    start_at: Option<String>,
    /// A tag of the run; may be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// The name of the run [default: a random one]
    #[arg(long, value_name = "NAME")]
    flow_run_name: Option<String>,
    /// Show how the run goes until it has ended; the exit code is 0 when it completed
    #[arg(long)]
    watch: bool,
    /// How often to ask how the run goes, in seconds
    #[arg(long, value_name = "SECONDS", requires = "watch")]
    watch_interval: Option<u64>,
    /// Stop watching after this time, in seconds
    #[arg(long, value_name = "SECONDS", requires = "watch")]
    watch_timeout: Option<u64>,
}

impl Run {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut body = CreateFlowRun {
            parameters: self.parameters()?,
            name: self.flow_run_name.clone(),
            tags: self.tag.clone(),
            job_variables: assignments::parse_all("--job-variable", &self.job_variable)?,
            ..CreateFlowRun::default()
        };
        let start = self.start()?;
        if let Some(start) = start {
            body.state = json!({ "type": "SCHEDULED", "state_details": { "scheduled_time": start } });
        }
        let deployment = lookup::deployment(session, self.deployment.text()).await?;
        self.refuse_unknown(&deployment, &body.parameters)?;
        let run = session.client.create_flow_run(deployment.id, &body).await?;
        let (name, id) = (&run.name, run.id);
        if self.watch {
            eprintln!("Flow run '{name}' ({id}) is created.");
            let watching = Watching {
                interval: self.watch_interval.map(Duration::from_secs),
                timeout: self.watch_timeout.map(Duration::from_secs),
            };
            return watch::flow_run(session, id, &watching).await;
        }
        let when = start.map_or_else(
            || "starts as soon as a worker takes it".to_owned(),
            |start| format!("starts {}", ago(start, session.printer.now)),
        );
        let sentence = format!("Flow run '{name}' {when}; `sluice flow-run watch {id}` shows how it goes.");
        session.printer.done(&run, &sentence)
    }

    fn parameters(&self) -> Result<Map<String, Value>, Failure> {
        let mut parameters = match self.params.as_deref() {
            None => Map::new(),
            Some("-") => {
                let mut text = String::new();
                std::io::stdin().lock().read_to_string(&mut text)?;
                assignments::object("--params", &text)?
            }
            Some(text) => assignments::object("--params", text)?,
        };
        parameters.extend(assignments::parse_all("--param", &self.param)?);
        Ok(parameters)
    }

    fn start(&self) -> Result<Option<Timestamp>, Failure> {
        let now = jiff::Zoned::now();
        let start = match (&self.start_in, &self.start_at) {
            (Some(text), _) => start_time::start_in(text, &now)?,
            (None, Some(text)) => start_time::start_at(text, &now)?,
            (None, None) => return Ok(None),
        };
        Ok(Some(Timestamp::from_jiff(start)))
    }

    /// A misspelt parameter is refused before a run is made, where the deployment says which ones it has.
    fn refuse_unknown(&self, deployment: &Deployment, given: &Map<String, Value>) -> Result<(), Failure> {
        let schema: Option<Value> =
            deployment.parameter_openapi_schema.as_ref().and_then(|text| text.parse().ok());
        let Some(known) = schema.as_ref().and_then(|schema| schema["properties"].as_object()) else {
            return Ok(());
        };
        let Some(unknown) = given.keys().find(|name| !known.contains_key(*name)) else { return Ok(()) };
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        let list = if names.is_empty() {
            "it takes none".to_owned()
        } else {
            format!("it takes {}", names.join(", "))
        };
        Err(Failure::usage(format!(
            "deployment '{}' has no parameter '{unknown}'; {list}",
            self.deployment.text()
        )))
    }
}

//! A server with what a test puts into it, and commands that are run against it.

use std::process::Command;

use serde_json::{Value, json};
use sluice_client::{Client, Target};

use crate::server::Server;
use crate::support::{outcome, shown, sluice};

/// What would happen by itself, at a time of its own.
const SERVICES: &str = "cancellation_cleanup,event_retention,foreman,late_runs,pause_expirations,repossessor,run_retention,scheduler";

/// What is different each time, and what is put in its place.
const FILTERS: [(&str, &str); 7] = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[ID]"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "[TIME]"),
    (r"just now|\d+ seconds? ago", "[AGO]"),
    (r"\b\d+(\.\d+)?s\b", "[TOOK]"),
    (
        r#""(total_run_time|estimated_run_time|estimated_start_time_delta|time_in_current_state)": [\d.e-]+"#,
        r#""$1": [SECONDS]"#,
    ),
    (r"127\.0\.0\.1:\d{4,5}", "[SERVER]"),
    // The width of columns goes by what is replaced.
    (r"(\S) {2,}", "$1  "),
];

pub struct World {
    /// What the names of its snapshots begin with.
    group: &'static str,
    pub home: tempfile::TempDir,
    pub api: String,
    client: Client,
    runtime: tokio::runtime::Runtime,
    _server: Server,
}

impl World {
    /// Starts a server for the tests of a group of commands.
    pub fn start(group: &'static str) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let server = Server::start_with(home.path(), &["--services-disabled", SERVICES]);
        let api = format!("http://{}", server.address);
        let client = Client::new(Target::at(&api).expect("an address")).expect("a client");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { group, home, api, client, runtime, _server: server }
    }

    /// `POST path`
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.runtime.block_on(self.client.post::<Value>(path, body));
        answer.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// `GET path`
    pub fn get(&self, path: &str) -> Value {
        self.runtime.block_on(self.client.get(path)).expect("an answer")
    }

    /// The id of a new flow.
    pub fn flow(&self, name: &str) -> Value {
        self.post("/flows/", &json!({ "name": name }))["id"].clone()
    }

    /// The id of a new flow run.
    pub fn flow_run(&self, flow: &Value, name: &str, state: &str) -> Value {
        let body = json!({ "flow_id": flow, "name": name, "state": { "type": state, "message": "as said" }, "tags": ["nightly"] });
        self.post("/flow_runs/", &body)["id"].clone()
    }

    /// The id of a new task run.
    pub fn task_run(&self, flow_run: &Value, name: &str, state: &str) -> Value {
        let body = json!({
            "flow_run_id": flow_run, "name": name, "task_key": name, "dynamic_key": "0", "state": { "type": state }
        });
        self.post("/task_runs/", &body)["id"].clone()
    }

    /// Stores log lines of a run.
    pub fn log(&self, flow_run: &Value, task_run: &Value, messages: &[&str]) {
        let logs: Vec<Value> = (0..)
            .zip(messages)
            .map(|(second, message)| {
                json!({
                    "name": "prefect.flow_runs", "level": 20, "message": message, "flow_run_id": flow_run,
                    "task_run_id": task_run, "timestamp": format!("2026-01-02T03:04:{second:02}Z"),
                })
            })
            .collect();
        self.runtime.block_on(self.client.post_only("/logs/", &logs)).expect("the lines are stored");
    }

    /// A worker of a pool says that it lives.
    pub fn heartbeat(&self, pool: &str, worker: &str) {
        let body = json!({ "name": worker, "heartbeat_interval_seconds": 30 });
        let path = format!("/work_pools/{pool}/workers/heartbeat");
        self.runtime.block_on(self.client.post_only(&path, &body)).expect("the server hears it");
    }

    /// The id of a new deployment `etl/nightly`, of a pool of type process.
    pub fn deployment(&self) -> Value {
        self.post("/work_pools/", &json!({ "name": "laptop", "type": "process" }));
        let flow = self.flow("etl");
        let body = json!({
            "flow_id": flow, "name": "nightly", "work_pool_name": "laptop", "entrypoint": "etl.py:etl",
            "parameter_openapi_schema": { "type": "object", "properties": { "day": { "type": "integer" } } },
            "schedules": [{ "schedule": { "cron": "0 3 * * *", "timezone": "UTC" }, "active": true, "slug": "night" }],
        });
        self.post("/deployments/", &body)["id"].clone()
    }

    /// The binary, which means the server of this world.
    pub fn sluice(&self) -> Command {
        let mut command = sluice(self.home.path());
        command.env("PREFECT_API_URL", &self.api).env("TZ", "UTC");
        command
    }

    /// What a user sees of commands that are typed one after the other. `{NAME}`s are replaced by the ids given.
    pub fn transcript(&self, commands: &[&str], ids: &[(&str, &Value)]) -> String {
        commands
            .iter()
            .map(|line| {
                let with_ids = ids.iter().fold((*line).to_owned(), |line, (name, id)| {
                    line.replace(&format!("{{{name}}}"), id.as_str().unwrap_or_default())
                });
                let outcome = outcome(self.home.path(), self.sluice().args(words(&with_ids)));
                format!("$ sluice {line}\n{outcome}\n")
            })
            .collect()
    }

    /// Compares what the commands print with the snapshot of this name.
    pub fn assert(&self, name: &str, commands: &[&str], ids: &[(&str, &Value)]) {
        assert_transcript(&format!("{}_{name}", self.group), &self.transcript(commands, ids));
    }

    /// The same for commands of which every word is given: those with the path of a file in them.
    pub fn assert_typed(&self, name: &str, commands: &[&[&str]]) {
        let typed = |words: &&[&str]| shown(self.home.path(), self.sluice().args(*words)) + "\n";
        let transcript: String = commands.iter().map(typed).collect();
        assert_transcript(&format!("{}_{name}", self.group), &transcript);
    }
}

/// Compares a transcript with its snapshot.
pub fn assert_transcript(name: &str, transcript: &str) {
    insta::with_settings!({
        filters => FILTERS.to_vec(),
        snapshot_path => "snapshots",
        prepend_module_to_snapshot => false,
    }, {
        insta::assert_snapshot!(name, transcript);
    });
}

/// The words of a line; spaces between single quotes are part of a word.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in line.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().expect("there is a first word").push(character),
        }
    }
    words
}

//! Asks the project's interpreter, with the SDK that is installed for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::FlowFacts;

/// Loads each entrypoint as the SDK's own deploy does; one line of JSON at the end, whatever the user's code prints.
const LOAD_FLOWS: &str = r#"
import json, sys
answers = {}
sys.path.insert(0, "")
entrypoints = json.load(sys.stdin)
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
for entrypoint in entrypoints:
    try:
        flow = load_flow_from_entrypoint(entrypoint)
        answers[entrypoint] = {"flow": {
            "name": flow.name,
            "description": flow.description,
            "version": flow.version,
            "parameter_openapi_schema": parameter_schema(flow).model_dump(mode="json", exclude_unset=True),
        }}
    except BaseException as error:
        answers[entrypoint] = {"error": f"{type(error).__name__}: {error}"}
print("\n" + json.dumps(answers))
"#;

/// An interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// Its path, or `python3` as `PATH` finds it.
    pub(crate) path: PathBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Flow(FlowFacts),
    Error(String),
}

impl Interpreter {
    /// The interpreter of the active environment, of the project's `.venv`, or of `PATH`.
    pub(crate) fn find(directory: &Path, virtual_env: Option<&str>) -> Self {
        let environments = [virtual_env.map(PathBuf::from), Some(directory.join(".venv"))];
        let path = environments
            .into_iter()
            .flatten()
            .map(|environment| environment.join("bin/python"))
            .find(|python| python.is_file())
            .unwrap_or_else(|| PathBuf::from("python3"));
        Self { path }
    }

    /// What the SDK says of these entrypoints; for each the flow or why there is none.
    pub(crate) async fn load_flows(
        &self,
        directory: &Path,
        entrypoints: &[String],
    ) -> Result<HashMap<String, Result<FlowFacts, String>>, String> {
        let input = serde_json::to_vec(entrypoints).map_err(|error| error.to_string())?;
        let output = self.run(directory, LOAD_FLOWS, &input, &[]).await?;
        let answers: HashMap<String, Answer> = last_line(&output)
            .and_then(|line| serde_json::from_str(line).ok())
            .ok_or_else(|| format!("{} gave no answer", self.path.display()))?;
        Ok(answers
            .into_iter()
            .map(|(entrypoint, answer)| match answer {
                Answer::Flow(facts) => (entrypoint, Ok(facts)),
                Answer::Error(cause) => (entrypoint, Err(cause)),
            })
            .collect())
    }

    /// Runs a program with a text as its input, and returns what it prints.
    pub(crate) async fn run(
        &self,
        directory: &Path,
        program: &str,
        input: &[u8],
        environment: &[(&str, String)],
    ) -> Result<String, String> {
        let mut child = Command::new(&self.path)
            .arg("-c")
            .arg(program)
            .current_dir(directory)
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", self.path.display()))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that fails before it reads says itself why.
            let _ = stdin.write_all(input).await;
        }
        let output = child.wait_with_output().await.map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let cause = last_line(&errors).unwrap_or("it failed without a word");
        if cause.contains("No module named 'prefect'") {
            return Err(format!(
                "{} has no prefect: install it there, or activate the environment that has it",
                self.path.display()
            ));
        }
        Err(format!("{}: {cause}", self.path.display()))
    }
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

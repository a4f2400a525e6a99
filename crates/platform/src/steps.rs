//! Runs build and push steps: the usual ones here, those of other packages with the project's interpreter.

mod docker;
mod shell;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use sluice_client::Client;

use crate::error::PlatformError;
use crate::project::Project;
use crate::python::interpreter::Interpreter;
use crate::references::References;
use crate::templates::Filling;

/// Runs one step with the SDK's own function. What the step prints goes to standard error, its outputs are the last
/// line.
const RUN_STEP: &str = r#"
import asyncio, contextlib, json, os, sys
given = json.load(sys.stdin)
from prefect.deployments.steps.core import run_step
with contextlib.redirect_stdout(sys.stderr):
    outputs = asyncio.run(run_step(given["step"], given["outputs"]))
print("\n" + json.dumps({"outputs": outputs if isinstance(outputs, dict) else {}, "directory": os.getcwd()}, default=str))
"#;

/// Runs steps one after another; each sees the outputs of those before it.
pub(crate) struct Runner<'r> {
    client: &'r Client,
    interpreter: &'r Interpreter,
    environment: &'r Map<String, Value>,
    /// `set_working_directory` changes it.
    directory: PathBuf,
    outputs: Map<String, Value>,
    images: &'r Images,
    report: &'r (dyn Fn(&str) + 'r),
}

/// What was built and pushed before: the same step with the same inputs in the same directory is not run again, as
/// deployments share an image more often than all their steps. `ignore_cache` runs it all the same.
#[derive(Debug, Default)]
pub(crate) struct Images(RefCell<BTreeMap<String, Map<String, Value>>>);

impl Images {
    /// What the step returned when it was run before, unless its inputs say that this does not count.
    fn find(&self, key: &str, inputs: &Map<String, Value>) -> Option<Map<String, Value>> {
        if inputs.get("ignore_cache").and_then(Value::as_bool) == Some(true) {
            return None;
        }
        self.0.borrow().get(key).cloned()
    }
}

impl<'r> Runner<'r> {
    pub(crate) fn new(
        client: &'r Client,
        project: &'r Project,
        images: &'r Images,
        report: &'r (dyn Fn(&str) + 'r),
    ) -> Self {
        Self {
            client,
            interpreter: &project.interpreter,
            environment: &project.surroundings.environment,
            directory: project.surroundings.directory.clone(),
            outputs: Map::new(),
            images,
            report,
        }
    }

    /// The outputs so far: of each step under its id, and of all of them together.
    pub(crate) fn outputs(&self) -> &Map<String, Value> {
        &self.outputs
    }

    pub(crate) async fn run(&mut self, steps: &[Value]) -> Result<(), PlatformError> {
        for step in steps {
            let Some(object) = step.as_object() else { continue };
            let Some((name, inputs)) = object.iter().next() else { continue };
            if object.len() > 1 {
                return Err(failed(name, "a step is a mapping of one key; indent its inputs further"));
            }
            let inputs = inputs.as_object().cloned().unwrap_or_default();
            (self.report)(&format!("running {}", name.rsplit('.').next().unwrap_or(name)));
            let outputs = self.run_one(name, inputs.clone()).await?;
            if let Some(id) = inputs.get("id").and_then(Value::as_str) {
                self.outputs.insert(id.to_owned(), Value::Object(outputs.clone()));
            }
            self.outputs.extend(outputs);
        }
        Ok(())
    }

    async fn run_one(
        &mut self,
        name: &str,
        written: Map<String, Value>,
    ) -> Result<Map<String, Value>, PlatformError> {
        let kind = name
            .strip_prefix("prefect.deployments.steps.")
            .map(|rest| rest.rsplit('.').next().unwrap_or(rest));
        let docker = name.strip_prefix("prefect_docker.deployments.steps.");
        match (kind, docker) {
            (Some("run_shell_script"), _) => {
                let inputs = self.resolve(&written).await?;
                shell::run_script(&inputs, &self.directory, self.report)
                    .await
                    .map_err(|cause| failed(name, cause))
            }
            (Some("set_working_directory"), _) => {
                let inputs = self.resolve(&written).await?;
                let directory = inputs.get("directory").and_then(Value::as_str).unwrap_or_default();
                let directory = self.directory.join(directory);
                if !directory.is_dir() {
                    return Err(failed(name, format!("there is no directory {}", directory.display())));
                }
                self.directory = directory.canonicalize().unwrap_or(directory);
                Ok(Map::from_iter([("directory".to_owned(), json!(self.directory))]))
            }
            (Some("pip_install_requirements"), _) => {
                let inputs = self.resolve(&written).await?;
                shell::pip_install(&inputs, &self.directory, &self.interpreter.path, self.report)
                    .await
                    .map_err(|cause| failed(name, cause))
            }
            (_, Some(step @ ("build_docker_image" | "push_docker_image"))) => {
                let inputs = self.resolve(&written).await?;
                self.run_docker(step, &inputs).await.map_err(|cause| failed(name, cause))
            }
            _ => self.run_in_python(name, &written).await,
        }
    }

    async fn run_docker(
        &self,
        step: &str,
        inputs: &Map<String, Value>,
    ) -> Result<Map<String, Value>, String> {
        let mut content = inputs.clone();
        content.shift_remove("ignore_cache");
        content.sort_keys();
        let key = json!([step, self.directory, content]).to_string();
        if let Some(outputs) = self.images.find(&key, inputs) {
            (self.report)("done before, with the same inputs");
            return Ok(outputs);
        }
        let outputs = match step {
            "build_docker_image" => {
                docker::build(inputs, &self.directory, self.interpreter, self.report).await?
            }
            _ => docker::push(inputs, &self.directory, self.report).await?,
        };
        self.images.0.borrow_mut().insert(key, outputs.clone());
        Ok(outputs)
    }

    /// Everything that is not one of ours: the SDK fills the templates in and runs it.
    async fn run_in_python(
        &mut self,
        name: &str,
        written: &Map<String, Value>,
    ) -> Result<Map<String, Value>, PlatformError> {
        let input = json!({ "step": { name: written }, "outputs": self.outputs }).to_string();
        let api = self.client.target().api.to_string();
        let output = self
            .interpreter
            .run(&self.directory, RUN_STEP, input.as_bytes(), &[("PREFECT_API_URL", api)])
            .await
            .map_err(|cause| failed(name, cause))?;
        let answer = output.lines().rev().find(|line| !line.trim().is_empty());
        let answer: Option<Value> = answer.and_then(|line| serde_json::from_str(line).ok());
        let Some(answer) = answer else { return Err(failed(name, "it gave no answer")) };
        if let Some(directory) = answer["directory"].as_str() {
            self.directory = PathBuf::from(directory);
        }
        Ok(answer["outputs"].as_object().cloned().unwrap_or_default())
    }

    /// The inputs with outputs, blocks, variables and the environment filled in, without what only concerns the run.
    async fn resolve(&self, written: &Map<String, Value>) -> Result<Map<String, Value>, PlatformError> {
        let mut inputs = written.clone();
        inputs.shift_remove("id");
        inputs.shift_remove("requires");
        let fill = |values: &Map<String, Value>, inputs: &Value| {
            let filling =
                Filling { values, environment: self.environment, remove_missing: true, stays: &|_| false };
            filling.fill(inputs, &mut BTreeSet::new()).unwrap_or_default()
        };
        let filled = fill(&self.outputs, &Value::Object(inputs));
        let references = References::fetch(self.client, &[&filled]).await?;
        match fill(self.environment, &references.resolve(&filled)?) {
            Value::Object(inputs) => Ok(inputs),
            _ => Ok(Map::new()),
        }
    }
}

fn failed(step: &str, cause: impl Into<String>) -> PlatformError {
    PlatformError::Step { step: step.to_owned(), cause: cause.into() }
}

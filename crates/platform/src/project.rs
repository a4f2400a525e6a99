//! A project that is about to be deployed: the deployments that were chosen, their flows, and what they refer to.

mod options;
mod select;

pub use options::Options;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sluice_client::Client;

use crate::desired::{Description, Surroundings, resolve_early};
use crate::error::PlatformError;
use crate::project_file::{Note, ProjectFile};
use crate::python::interpreter::Interpreter;
use crate::python::{AnalysisError, FlowFacts, analyze, entrypoint};
use crate::references::References;
use crate::version;

/// The label that says which project made a deployment.
pub const PROJECT_LABEL: &str = "sluice.project";
/// The label that says from which file.
pub const FILE_LABEL: &str = "sluice.project.file";

/// A project with everything that a plan needs.
pub struct Project {
    /// What deployments are marked with: the name of the project and its file.
    pub(crate) labels: Map<String, Value>,
    pub(crate) descriptions: Vec<Description>,
    pub(crate) surroundings: Surroundings,
    pub(crate) interpreter: Interpreter,
    /// Whether all deployments of the file were chosen.
    pub(crate) is_whole: bool,
    /// What to know of the file.
    pub(crate) file_notes: Vec<Note>,
    /// What to know besides.
    pub(crate) notes: Vec<String>,
}

impl Project {
    /// Reads what the chosen deployments of `file` need: blocks and variables of the server, and the flows. `directory`
    /// is where entrypoints start; `environment` are the variables of the process.
    pub async fn load(
        client: &Client,
        file: ProjectFile,
        directory: &Path,
        environment: Map<String, Value>,
        options: &Options,
    ) -> Result<Self, PlatformError> {
        let chosen = select::select(&file, options)?;
        let is_whole = chosen.len() >= file.deployments.len() && options.names.is_empty();
        let mut notes = Vec::new();
        let (unnamed, named): (Vec<_>, Vec<_>) =
            chosen.into_iter().partition(|config| config.get("name").is_none_or(Value::is_null));
        if !unnamed.is_empty() {
            if named.is_empty() {
                return Err(PlatformError::Selection(
                    "the deployment has no name; give it one with --name".to_owned(),
                ));
            }
            notes.push(format!("{} without a name left out", count(unnamed.len(), "deployment")));
        }
        let mut configs = Vec::new();
        for config in named {
            configs.push(options::apply(options, config).map_err(PlatformError::Selection)?);
        }
        if !options.sla.is_empty() {
            notes.push(
                "--sla is not deployed: no open-source server stores service level agreements; an automation with \
                 a proactive trigger tells when runs are late (--trigger, `sluice automation create`)"
                    .to_owned(),
            );
        }
        let values: Vec<Value> = configs.iter().map(|chosen| Value::Object(chosen.config.clone())).collect();
        let references = References::fetch(client, &values.iter().collect::<Vec<_>>()).await?;
        let mut early = Vec::new();
        let mut problems = Vec::new();
        for options::Chosen { config, .. } in &configs {
            match resolve_early(config, &references, &environment) {
                Ok(resolved) => early.push(resolved),
                Err(cause) => problems.push(format!("{}: {cause}", name_of(config))),
            }
        }
        if !problems.is_empty() {
            return Err(PlatformError::Invalid(problems));
        }
        let virtual_env = environment.get("VIRTUAL_ENV").and_then(Value::as_str);
        let interpreter = Interpreter::find(directory, virtual_env);
        let flows = find_flows(&early, directory, &interpreter, &mut notes).await?;
        let mut version_of = BTreeMap::new();
        for config in &early {
            let kind = config.get("version_type").and_then(Value::as_str).map(str::to_owned);
            if let std::collections::btree_map::Entry::Vacant(entry) = version_of.entry(kind) {
                let inferred = version::infer(directory, &environment, entry.key().as_deref()).await;
                entry.insert(inferred.map_err(PlatformError::Selection)?);
            }
        }
        let descriptions = configs
            .into_iter()
            .zip(flows)
            .map(|(chosen, flow)| Description { config: chosen.config, variables: chosen.variables, flow })
            .collect();
        Ok(Self {
            labels: labels(&file, directory).await,
            descriptions,
            surroundings: Surroundings {
                directory: directory.to_owned(),
                actions: file.actions,
                references,
                environment,
                version_of,
            },
            interpreter,
            is_whole,
            file_notes: file.notes,
            notes,
        })
    }
}

/// `1 deployment`, `2 deployments`.
pub(crate) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn name_of(config: &Map<String, Value>) -> &str {
    config.get("name").and_then(Value::as_str).unwrap_or("(no name)")
}

/// What a flow file says of one entrypoint of the project; for looking, without a server.
pub async fn inspect_flow(
    entrypoint: &str,
    directory: &Path,
    virtual_env: Option<&str>,
) -> Result<(FlowFacts, Option<String>), PlatformError> {
    // Problems are told by name; here the entrypoint is all there is.
    let config = ["entrypoint", "name"].map(|key| (key.to_owned(), Value::String(entrypoint.to_owned())));
    let config = Map::from_iter(config);
    let mut notes = Vec::new();
    let interpreter = Interpreter::find(directory, virtual_env);
    let mut flows = find_flows(&[config], directory, &interpreter, &mut notes).await?;
    match flows.pop() {
        Some(flow) => Ok((flow, notes.pop())),
        None => Err(PlatformError::Invalid(vec![format!("{entrypoint}: no flow")])),
    }
}

/// The flow of each deployment, in their order. Every file is read once; the interpreter is asked once for all that
/// need it.
async fn find_flows(
    configs: &[Map<String, Value>],
    directory: &Path,
    interpreter: &Interpreter,
    notes: &mut Vec<String>,
) -> Result<Vec<FlowFacts>, PlatformError> {
    let mut known: HashMap<String, FlowFacts> = HashMap::new();
    let mut unclear: BTreeMap<String, String> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut sources: HashMap<PathBuf, String> = HashMap::new();
    let entrypoints: Vec<&str> = configs
        .iter()
        .map(|config| config.get("entrypoint").and_then(Value::as_str).unwrap_or_default())
        .collect();
    for (config, written) in configs.iter().zip(&entrypoints) {
        let written = *written;
        if written.is_empty() {
            problems
                .push(format!("{}: it has no `entrypoint`; write path/to/file.py:function", name_of(config)));
            continue;
        }
        if known.contains_key(written) || unclear.contains_key(written) {
            continue;
        }
        match look_at(written, directory, &mut sources) {
            Ok(facts) => drop(known.insert(written.to_owned(), facts)),
            Err(Outcome::Ask(reason)) => drop(unclear.insert(written.to_owned(), reason)),
            Err(Outcome::Wrong(cause)) => problems.push(format!("{}: {cause}", name_of(config))),
        }
    }
    if !problems.is_empty() {
        return Err(PlatformError::Invalid(problems));
    }
    if !unclear.is_empty() {
        let asked: Vec<String> = unclear.keys().cloned().collect();
        let list = |cause: &str| {
            PlatformError::Invalid(
                unclear
                    .iter()
                    .map(|(entrypoint, reason)| format!("{entrypoint}: {reason}; {cause}"))
                    .collect(),
            )
        };
        let mut answers = interpreter.load_flows(directory, &asked).await.map_err(|cause| list(&cause))?;
        for (entrypoint, reason) in &unclear {
            match answers.remove(entrypoint) {
                Some(Ok(facts)) => {
                    notes.push(format!("{entrypoint}: {reason}; asked {}", interpreter.path.display()));
                    known.insert(entrypoint.clone(), facts);
                }
                Some(Err(cause)) => problems.push(format!("{entrypoint}: {reason}; {cause}")),
                None => problems.push(format!("{entrypoint}: {reason}; the interpreter gave no answer")),
            }
        }
    }
    if !problems.is_empty() {
        return Err(PlatformError::Invalid(problems));
    }
    Ok(entrypoints.iter().filter_map(|entrypoint| known.get(*entrypoint).cloned()).collect())
}

enum Outcome {
    /// Only Python can tell, for this reason.
    Ask(String),
    /// It cannot work.
    Wrong(String),
}

fn look_at(
    written: &str,
    directory: &Path,
    sources: &mut HashMap<PathBuf, String>,
) -> Result<FlowFacts, Outcome> {
    let entrypoint = entrypoint::read(written, directory).map_err(Outcome::Wrong)?;
    let Some(file) = entrypoint.file else {
        return Err(Outcome::Ask("its module is not in the project".to_owned()));
    };
    if !sources.contains_key(&file) {
        let text = std::fs::read_to_string(directory.join(&file))
            .map_err(|error| Outcome::Wrong(format!("cannot read {}: {error}", file.display())))?;
        sources.insert(file.clone(), text);
    }
    let source = sources.get(&file).map_or("", String::as_str);
    analyze(source, &entrypoint.function).map_err(|error| match error {
        AnalysisError::Unclear(reason) => Outcome::Ask(reason),
        other => Outcome::Wrong(format!("{}: {other}", file.display())),
    })
}

/// What deployments of this project are marked with. A project without a name is named by its repository or folder;
/// the file is named from the root of the repository, so that several files of one repository stay apart.
async fn labels(file: &ProjectFile, directory: &Path) -> Map<String, Value> {
    let path = std::path::absolute(directory.join(&file.path)).unwrap_or_else(|_| file.path.clone());
    let root = version::git(directory, &["rev-parse", "--show-toplevel"]).await.map(PathBuf::from);
    let root = root.filter(|root| path.starts_with(root)).unwrap_or_else(|| directory.to_owned());
    let folder =
        root.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    let name = file.name.clone().filter(|name| !name.is_empty()).unwrap_or(folder);
    let path = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
    Map::from_iter([(PROJECT_LABEL.to_owned(), name.into()), (FILE_LABEL.to_owned(), path.into())])
}

/// The blocks whose values a plan hides.
impl Project {
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        self.surroundings.references.secrets()
    }
}

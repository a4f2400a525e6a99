//! `prefect.yaml`: read, checked, and brought into the form of version 3.

mod keys;
mod version_2;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::PlatformError;
use crate::yaml::{self, Document, Place, escape};

/// What a file says, in the form of version 3.
#[derive(Debug, Clone, Default)]
pub struct ProjectFile {
    /// Where it is.
    pub path: PathBuf,
    /// The name of the project.
    pub name: Option<String>,
    /// Steps for every deployment that has none of its own.
    pub(crate) actions: Actions,
    /// The deployments, as they are written but for what version 2 wrote differently.
    pub deployments: Vec<Map<String, Value>>,
    /// What the reader should know of it.
    pub notes: Vec<Note>,
}

/// Steps. `pull` is null where the file has none: then one is made up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Actions {
    pub(crate) build: Value,
    pub(crate) push: Value,
    pub(crate) pull: Value,
}

/// Something that works, but not as its author may think.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where it stands in the file.
    pub place: Option<Place>,
    /// What to know, and what to write instead.
    pub text: String,
}

impl ProjectFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, PlatformError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| PlatformError::Unreadable { file: path.to_owned(), cause: error.to_string() })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a file.
    pub fn parse(path: &Path, text: &str) -> Result<Self, PlatformError> {
        let refuse = |cause: String| PlatformError::File { file: path.to_owned(), cause };
        let document = yaml::read(text).map_err(|error| refuse(error.to_string()))?;
        let mut reader = Reader { document: &document, notes: Vec::new(), problems: Vec::new() };
        for (place, key) in &document.repeated {
            reader.notes.push(Note {
                place: Some(*place),
                text: format!("{key:?} stands twice; the last one counts"),
            });
        }
        let root = match &document.value {
            Value::Null => Map::new(),
            Value::Object(root) => root.clone(),
            _ => return Err(refuse("a prefect.yaml is a mapping of keys such as `deployments:`".to_owned())),
        };
        let mut file = reader.file(&root);
        file.path = path.to_owned();
        file.notes = reader.notes;
        file.notes.sort_by_key(|note| note.place);
        if let Some(problems) = Some(reader.problems).filter(|problems| !problems.is_empty()) {
            return Err(refuse(problems.join("; ")));
        }
        Ok(file)
    }
}

struct Reader<'d> {
    document: &'d Document,
    notes: Vec<Note>,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn file(&mut self, root: &Map<String, Value>) -> ProjectFile {
        self.check_keys("", root, keys::FILE);
        let name = self.text("", root, "name");
        if let Some(version) = self.text("", root, "prefect-version")
            && version.starts_with("2.")
        {
            self.note(
                "/prefect-version",
                format!("the file was written for version {version}; it is read as version 3"),
            );
        }
        let mut actions = Actions {
            build: self.steps("", root, "build"),
            push: self.steps("", root, "push"),
            pull: self.steps("", root, "pull"),
        };
        for (key, steps) in
            [("build", &mut actions.build), ("push", &mut actions.push), ("pull", &mut actions.pull)]
        {
            self.rename_steps(&format!("/{key}"), steps);
        }
        let mut deployments = Vec::new();
        match root.get("deployments") {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let pointer = format!("/deployments/{index}");
                    match item {
                        Value::Object(deployment) => deployments.push(self.deployment(&pointer, deployment)),
                        _ => self.problem(&pointer, "a deployment is a mapping of keys such as `name:`"),
                    }
                }
            }
            Some(_) => self.problem("/deployments", "`deployments` is a list"),
        }
        ProjectFile { name, actions, deployments, ..ProjectFile::default() }
    }

    fn deployment(&mut self, pointer: &str, written: &Map<String, Value>) -> Map<String, Value> {
        let mut deployment = written.clone();
        self.modernize(pointer, &mut deployment);
        self.check_keys(pointer, &deployment, keys::DEPLOYMENT);
        for key in ["name", "version", "version_type", "description", "flow_name", "entrypoint"] {
            let value = self.text(pointer, &deployment, key);
            if deployment.contains_key(key) {
                deployment.insert(key.to_owned(), value.map_or(Value::Null, Value::String));
            }
        }
        for key in ["build", "push", "pull"] {
            if deployment.contains_key(key) {
                let mut steps = self.steps(pointer, &deployment, key);
                self.rename_steps(&format!("{pointer}/{key}"), &mut steps);
                deployment.insert(key.to_owned(), steps);
            }
        }
        self.expect(pointer, &deployment, "tags", "a list of texts", |value| {
            value.is_array() || value.is_string()
        });
        self.expect(pointer, &deployment, "parameters", "a mapping", Value::is_object);
        self.expect(pointer, &deployment, "triggers", "a list of mappings", |value| {
            value.as_array().is_some_and(|items| items.iter().all(Value::is_object))
        });
        self.expect(pointer, &deployment, "paused", "true or false", Value::is_boolean);
        self.expect(pointer, &deployment, "enforce_parameter_schema", "true or false", Value::is_boolean);
        self.expect(pointer, &deployment, "concurrency_limit", "a number or a mapping", |value| {
            value.is_i64() || value.is_u64() || value.is_object() || value.is_string()
        });
        if let Some(Value::Object(limit)) = deployment.get("concurrency_limit") {
            self.check_keys(&format!("{pointer}/concurrency_limit"), limit, keys::CONCURRENCY_LIMIT);
        }
        self.expect(pointer, &deployment, "work_pool", "a mapping", Value::is_object);
        if let Some(Value::Object(pool)) = deployment.get("work_pool") {
            let pointer = format!("{pointer}/work_pool");
            self.check_keys(&pointer, pool, keys::WORK_POOL);
            self.expect(&pointer, pool, "job_variables", "a mapping", Value::is_object);
        }
        self.expect(pointer, &deployment, "schedules", "a list of mappings", |value| {
            value.as_array().is_some_and(|items| items.iter().all(Value::is_object))
        });
        if let Some(Value::Array(schedules)) = deployment.get("schedules") {
            for (index, schedule) in schedules.iter().enumerate() {
                if let Value::Object(schedule) = schedule {
                    self.check_keys(&format!("{pointer}/schedules/{index}"), schedule, keys::SCHEDULE);
                }
            }
        }
        if deployment.contains_key("sla") {
            self.note(
                &format!("{pointer}/sla"),
                "`sla` is not deployed: no open-source server stores service level agreements",
            );
        }
        deployment.retain(|key, _| keys::DEPLOYMENT.contains(&key.as_str()) && key != "sla");
        deployment
    }

    /// A list of steps; one mapping counts as a list of one.
    fn steps(&mut self, pointer: &str, object: &Map<String, Value>, key: &str) -> Value {
        match object.get(key) {
            None | Some(Value::Null) => Value::Null,
            Some(Value::Object(step)) if step.is_empty() => Value::Array(Vec::new()),
            Some(Value::Object(step)) => Value::Array(vec![Value::Object(step.clone())]),
            Some(Value::Array(steps)) if steps.iter().all(|step| step.is_object() || step.is_null()) => {
                Value::Array(steps.iter().filter(|step| step.is_object()).cloned().collect())
            }
            Some(_) => {
                self.problem(
                    &format!("{pointer}/{key}"),
                    &format!("`{key}` is a list of steps, each a mapping"),
                );
                Value::Null
            }
        }
    }

    /// A text; a number counts as one.
    fn text(&mut self, pointer: &str, object: &Map<String, Value>, key: &str) -> Option<String> {
        match object.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => {
                self.problem(&format!("{pointer}/{key}"), &format!("`{key}` is a text"));
                None
            }
        }
    }

    fn expect(
        &mut self,
        pointer: &str,
        object: &Map<String, Value>,
        key: &str,
        what: &str,
        fits: impl Fn(&Value) -> bool,
    ) {
        if object.get(key).is_some_and(|value| !value.is_null() && !fits(value)) {
            self.problem(&format!("{pointer}/{key}"), &format!("`{key}` is {what}"));
        }
    }

    fn check_keys(&mut self, pointer: &str, object: &Map<String, Value>, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            // Where YAML anchors are kept.
            if pointer.is_empty() && (key == "definitions" || key.starts_with("x-") || key.starts_with('.')) {
                continue;
            }
            let hint =
                keys::nearest(key, known).map_or_else(String::new, |near| format!("; is `{near}` meant?"));
            self.note(
                &format!("{pointer}/{}", escape(key)),
                format!("`{key}` is not known and has no effect{hint}"),
            );
        }
    }

    fn note(&mut self, pointer: &str, text: impl Into<String>) {
        self.notes.push(Note { place: self.document.places.get(pointer).copied(), text: text.into() });
    }

    fn problem(&mut self, pointer: &str, cause: &str) {
        self.problems.push(match self.document.places.get(pointer) {
            Some(place) => format!("line {}, column {}: {cause}", place.line, place.column),
            None => cause.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::ProjectFile;

    fn read(text: &str) -> ProjectFile {
        ProjectFile::parse(Path::new("prefect.yaml"), text).unwrap()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("- a", "prefect.yaml: a prefect.yaml is a mapping of keys such as `deployments:`"),
            ("deployments: 1", "prefect.yaml: line 1, column 1: `deployments` is a list"),
            (
                "deployments:\n  - name: a\n    parameters: [1]\n    paused: 3\n",
                "prefect.yaml: line 3, column 5: `parameters` is a mapping; line 4, column 5: `paused` is true or false",
            ),
            ("pull: text", "prefect.yaml: line 1, column 1: `pull` is a list of steps, each a mapping"),
            ("a: [", "prefect.yaml: line 2"),
        ] {
            let error = ProjectFile::parse(Path::new("prefect.yaml"), text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn unknown_keys_are_noted_with_the_nearest() {
        let file = read(
            "nmae: x\ndefinitions: {}\ndeployments:\n  - name: a\n    work_pool: {nam: p}\n    zzzzzzzz: 1\n",
        );
        let notes: Vec<(usize, &str)> =
            file.notes.iter().map(|note| (note.place.unwrap().line, note.text.as_str())).collect();
        assert_eq!(
            notes,
            [
                (1, "`nmae` is not known and has no effect; is `name` meant?"),
                (5, "`nam` is not known and has no effect; is `name` meant?"),
                (6, "`zzzzzzzz` is not known and has no effect"),
            ]
        );
    }

    #[test]
    fn version_2_becomes_version_3() {
        let file = read(
            "prefect-version: 2.14.12\n\
             pull:\n  - prefect.projects.steps.git_clone_project: {repository: r}\n\
             deployments:\n\
             - name: a\n  schedule: {cron: 0 5 * * *}\n  is_schedule_active: false\n\
             - name: b\n  schedule: {}\n  infra_overrides: {cpu: 1, image: x}\n  work_pool: {name: p, job_variables: {cpu: 2}}\n\
             - name: c\n  schedule:\n  version: 1.5\n  build:\n",
        );
        assert_eq!(
            file.actions.pull,
            json!([{ "prefect.deployments.steps.git_clone": { "repository": "r" } }])
        );
        let expected = [
            json!({ "name": "a", "schedules": [{ "cron": "0 5 * * *", "active": false }] }),
            json!({ "name": "b", "work_pool": { "name": "p", "job_variables": { "cpu": 2, "image": "x" } } }),
            json!({ "name": "c", "version": "1.5", "build": null }),
        ];
        let found: Vec<Value> = file.deployments.iter().cloned().map(Value::Object).collect();
        assert_eq!(found, expected);
        assert_eq!(file.notes.iter().filter(|note| note.place.is_some()).count(), file.notes.len());
        assert_eq!(file.notes.len(), 7, "{:#?}", file.notes);
    }
}

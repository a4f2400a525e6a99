//! How workers come by the code: the steps of the file, or one that is made up.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::project_file::Actions;

const SET_WORKING_DIRECTORY: &str = "prefect.deployments.steps.set_working_directory";
const BUILD_DOCKER_IMAGE: &str = "prefect_docker.deployments.steps.build_docker_image";

/// The pull steps, and what to know of them. `written` is the deployment as it stands in the file, whose references to
/// blocks are kept for the worker; `resolved` has them filled in.
pub(super) fn of(
    written: &Map<String, Value>,
    resolved: &Map<String, Value>,
    actions: &Actions,
    directory: &Path,
) -> (Value, Option<String>) {
    let pull = written.get("pull").unwrap_or(&actions.pull);
    match pull.as_array() {
        Some(steps) if steps.is_empty() => return (json!([]), None),
        Some(_) => return (pull.clone(), None),
        None => {}
    }
    // A null of the deployment does not hide the steps of the file.
    if let Some(steps) = actions.pull.as_array()
        && !steps.is_empty()
    {
        return (actions.pull.clone(), None);
    }
    let build = resolved.get("build").filter(|steps| steps.as_array().is_some_and(|steps| !steps.is_empty()));
    let build = build.unwrap_or(&actions.build).as_array().map_or(&[][..], Vec::as_slice);
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(docker) = build.iter().find_map(|step| step.get(BUILD_DOCKER_IMAGE)) {
        if docker["dockerfile"] == "auto" {
            return (in_directory(&format!("/opt/prefect/{folder}")), None);
        }
        let note =
            "there are no pull steps: the image has to contain the flow's code at its working directory";
        return (json!([]), Some(note.to_owned()));
    }
    let image = &resolved.get("work_pool").unwrap_or(&Value::Null)["job_variables"]["image"];
    if image.as_str().is_some_and(|image| !image.is_empty()) {
        let note = "there are no pull steps: the code is expected at /opt/prefect in the image";
        return (in_directory("/opt/prefect"), Some(note.to_owned()));
    }
    let directory = directory.to_string_lossy();
    let note =
        format!("there are no pull steps: workers load the code from {directory} on their own machine");
    (in_directory(&directory), Some(note))
}

fn in_directory(directory: &str) -> Value {
    json!([{ SET_WORKING_DIRECTORY: { "directory": directory } }])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Map, Value, json};

    use super::of;
    use crate::project_file::Actions;

    #[test]
    fn steps_are_those_of_the_file_or_made_up() {
        let clone = json!([{ "prefect.deployments.steps.git_clone": { "repository": "r" } }]);
        let docker = |dockerfile: &str| json!([{ "prefect_docker.deployments.steps.build_docker_image": { "dockerfile": dockerfile } }]);
        let set = |directory: &str| json!([{ "prefect.deployments.steps.set_working_directory": { "directory": directory } }]);
        let image = json!({ "job_variables": { "image": "app" } });
        let cases = [
            (json!({}), Value::Null, Value::Null, set("/home/project")),
            (json!({ "pull": [] }), Value::Null, clone.clone(), json!([])),
            (json!({ "pull": null }), Value::Null, clone.clone(), clone.clone()),
            (json!({}), Value::Null, clone.clone(), clone.clone()),
            (json!({ "pull": clone.clone() }), docker("auto"), Value::Null, clone.clone()),
            (json!({}), docker("auto"), Value::Null, set("/opt/prefect/project")),
            (json!({}), docker("Dockerfile"), Value::Null, json!([])),
            (json!({ "build": docker("auto") }), Value::Null, Value::Null, set("/opt/prefect/project")),
            (json!({ "work_pool": image }), Value::Null, Value::Null, set("/opt/prefect")),
        ];
        for (config, build, pull, expected) in cases {
            let config: Map<String, Value> = config.as_object().cloned().unwrap();
            let actions = Actions { build, push: Value::Null, pull };
            let (steps, _) = of(&config, &config, &actions, Path::new("/home/project"));
            assert_eq!(steps, expected, "{config:?}");
        }
    }
}

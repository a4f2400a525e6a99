//! Images, through the docker command line: its logins, contexts and builders are the user's.

mod build_arguments;
mod image;
mod login;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tokio::process::Command;

use self::image::{Image, NAMESPACE, time_as_tag};
use super::shell::run;
use crate::python::interpreter::Interpreter;

/// Prints the tag of the image that has the interpreter's versions.
const VERSIONS: &str = r#"
import sys
from importlib.metadata import version
print(f"{version('prefect').partition('+')[0]}-python{sys.version_info.major}.{sys.version_info.minor}")
"#;
const USUAL_PYTHON: &str = "3.12";

/// `build_docker_image`. Returns `image`, `image_name`, `tag`, `image_id` and `additional_tags`.
pub(super) async fn build(
    inputs: &Map<String, Value>,
    directory: &Path,
    interpreter: &Interpreter,
    report: &dyn Fn(&str),
) -> Result<Map<String, Value>, String> {
    let mut image = Image::read(inputs, std::env::var(NAMESPACE).ok().as_deref())?;
    image.tag.get_or_insert_with(|| time_as_tag(jiff::Timestamp::now()));
    let is_buildx = is_buildx(inputs)?;
    let is_set = |key: &str, default: bool| inputs.get(key).and_then(Value::as_bool).unwrap_or(default);
    let context = directory.join(inputs.get("path").and_then(Value::as_str).unwrap_or("."));
    let dockerfile = match inputs.get("dockerfile").and_then(Value::as_str) {
        Some("auto") => {
            Dockerfile::make_up(inputs, directory, &base_image(interpreter, directory, report).await)?
        }
        name => Dockerfile::Written(context.join(name.unwrap_or("Dockerfile"))),
    };
    let scratch =
        tempfile::tempdir().map_err(|error| format!("cannot make a directory for the build: {error}"))?;
    let id_file = scratch.path().join("image-id");

    let mut command = Command::new("docker");
    command.args(if is_buildx { &["buildx", "build"][..] } else { &["build"] });
    if is_buildx {
        command.arg(if is_set("push", false) { "--push" } else { "--load" });
    }
    command.arg("--file").arg(dockerfile.path()).arg("--iidfile").arg(&id_file);
    for reference in image.references() {
        command.arg("--tag").arg(reference);
    }
    if is_set("pull", true) {
        command.arg("--pull");
    }
    for (name, value) in inputs.get("labels").and_then(Value::as_object).into_iter().flatten() {
        command.arg("--label").arg(format!("{name}={}", crate::templates::as_text(value)));
    }
    command.arg("--label").arg(format!("io.prefect.version={}", sluice_client::CLIENT_VERSION));
    command.args(build_arguments::arguments(inputs)?).arg(&context).current_dir(directory);
    run(command, report).await.map_err(explained)?;

    let id = std::fs::read_to_string(&id_file)
        .map_err(|error| format!("docker did not say the image's id: {error}"))?;
    let mut outputs = image.outputs();
    outputs.insert("image_id".to_owned(), json!(id.trim()));
    Ok(outputs)
}

/// `push_docker_image`. Returns `image`, `image_name`, `tag` and `additional_tags`.
pub(super) async fn push(
    inputs: &Map<String, Value>,
    directory: &Path,
    report: &dyn Fn(&str),
) -> Result<Map<String, Value>, String> {
    const KNOWN: [&str; 6] =
        ["image_name", "tag", "credentials", "additional_tags", "ignore_cache", "build_backend"];
    if let Some(unknown) = inputs.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(format!("there is no input {unknown:?}; leave it away, or correct its name"));
    }
    is_buildx(inputs)?;
    let image = Image::read(inputs, std::env::var(NAMESPACE).ok().as_deref())?;
    let login = match inputs.get("credentials") {
        Some(Value::Object(credentials)) => {
            let usual = login::usual_configuration(|name| std::env::var(name).ok());
            Some(login::configuration(credentials, usual.as_deref())?)
        }
        _ => None,
    };
    let mut pushes: Vec<Vec<String>> =
        image.references().into_iter().map(|reference| vec![reference]).collect();
    if image.tag.is_none() {
        pushes.insert(0, vec!["--all-tags".to_owned(), image.name.clone()]);
    }
    for arguments in pushes {
        let mut command = Command::new("docker");
        command.arg("push").args(arguments).current_dir(directory);
        if let Some(login) = &login {
            command.env("DOCKER_CONFIG", login.path());
        }
        run(command, report).await.map_err(explained)?;
    }
    Ok(image.outputs())
}

/// Whether the newer builder is asked for: `build_backend` is `docker-py` or `buildx`.
fn is_buildx(inputs: &Map<String, Value>) -> Result<bool, String> {
    match inputs.get("build_backend") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(backend)) if backend == "docker-py" => Ok(false),
        Some(Value::String(backend)) if backend == "buildx" => Ok(true),
        Some(other) => Err(format!("`build_backend` is docker-py or buildx, not {other}")),
    }
}

/// What to do about refusals that happen to everybody once.
fn explained(cause: String) -> String {
    if cause.starts_with("cannot start docker") {
        return format!("{cause}; install the docker command, or leave the step away");
    }
    if cause.to_lowercase().contains("denied") {
        return format!("{cause} (is the image's name right, and is there a login for its registry?)");
    }
    cause
}

/// The file that a build follows.
enum Dockerfile {
    Written(PathBuf),
    /// Made up for this build, and gone with it.
    Generated(PathBuf),
}

impl Dockerfile {
    /// `dockerfile: auto`.
    fn make_up(inputs: &Map<String, Value>, directory: &Path, base: &str) -> Result<Self, String> {
        let path = directory.join("Dockerfile");
        if path.exists() {
            return Err(
                "`dockerfile: auto` makes a Dockerfile, but there is one already; name it instead".to_owned()
            );
        }
        let text = auto_dockerfile(directory, base);
        let write = |path: &Path| {
            std::fs::write(path, &text).map_err(|error| format!("cannot write {}: {error}", path.display()))
        };
        if inputs.get("persist_dockerfile").and_then(Value::as_bool) == Some(true) {
            let kept = inputs.get("dockerfile_output_path").and_then(Value::as_str);
            write(&directory.join(kept.unwrap_or("Dockerfile.generated")))?;
        }
        write(&path)?;
        Ok(Self::Generated(path))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Written(path) | Self::Generated(path) => path,
        }
    }
}

impl Drop for Dockerfile {
    fn drop(&mut self) {
        if let Self::Generated(path) = self {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The image with the versions of Prefect and Python that the project has here.
async fn base_image(interpreter: &Interpreter, directory: &Path, report: &dyn Fn(&str)) -> String {
    let tag = match interpreter.run(directory, VERSIONS, &[], &[]).await {
        Ok(versions) => versions.trim().to_owned(),
        Err(cause) => {
            let tag = format!("{}-python{USUAL_PYTHON}", sluice_client::CLIENT_VERSION);
            report(&format!("takes {tag} for the image, as the project's versions are not known: {cause}"));
            tag
        }
    };
    format!("prefecthq/prefect:{tag}")
}

/// A Dockerfile that installs the requirements and copies the project to where its workers look for it.
fn auto_dockerfile(directory: &Path, base: &str) -> String {
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut lines = vec![format!("FROM {base}")];
    if directory.join("requirements.txt").is_file() {
        lines.push(format!("COPY requirements.txt /opt/prefect/{folder}/requirements.txt"));
        lines.push(format!("RUN uv pip install -r /opt/prefect/{folder}/requirements.txt"));
    }
    lines.push(format!("COPY . /opt/prefect/{folder}/"));
    lines.push(format!("WORKDIR /opt/prefect/{folder}/"));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Dockerfile, Interpreter, USUAL_PYTHON, base_image, explained};

    #[test]
    fn a_dockerfile_that_is_made_up_goes_with_the_build_unless_it_is_to_be_kept() {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join("requirements.txt"), "six\n").unwrap();
        let make_up = |inputs: serde_json::Value| {
            Dockerfile::make_up(inputs.as_object().unwrap(), project.path(), "base:1")
        };
        let made_up = make_up(json!({})).unwrap();
        let text = std::fs::read_to_string(made_up.path()).unwrap();
        assert!(text.starts_with("FROM base:1\n") && text.contains("RUN uv pip install -r"), "{text}");
        assert!(make_up(json!({})).is_err(), "it would be overwritten");
        drop(made_up);
        assert!(!project.path().join("Dockerfile").exists());

        drop(make_up(json!({ "persist_dockerfile": true })).unwrap());
        let kept = std::fs::read_to_string(project.path().join("Dockerfile.generated")).unwrap();
        assert_eq!(kept, text);
        assert!(!project.path().join("Dockerfile").exists());
    }

    #[tokio::test]
    async fn the_base_image_has_the_versions_of_the_project() {
        let project = tempfile::tempdir().unwrap();
        let python = project.path().join("python");
        let answers = |script: &str| {
            std::fs::write(&python, format!("#!/bin/sh\ncat > /dev/null\n{script}\n")).unwrap();
            let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&python, executable).unwrap();
        };
        let interpreter = Interpreter { path: python.clone() };
        let told = std::cell::RefCell::new(String::new());
        let report = |line: &str| told.borrow_mut().push_str(line);
        answers("echo 3.7.1-python3.13");
        let base = base_image(&interpreter, project.path(), &report).await;
        assert_eq!((base.as_str(), told.borrow().as_str()), ("prefecthq/prefect:3.7.1-python3.13", ""));
        answers("echo 'No package metadata was found for prefect' >&2; exit 1");
        let base = base_image(&interpreter, project.path(), &report).await;
        assert_eq!(base, format!("prefecthq/prefect:{}-python{USUAL_PYTHON}", sluice_client::CLIENT_VERSION));
        assert!(told.borrow().contains("No package metadata was found"), "{told:?}");
    }

    #[test]
    fn common_refusals_say_what_to_do() {
        for (cause, expected) in [
            ("cannot start docker: No such file", "; install the docker command, or leave the step away"),
            (
                "docker ended with exit status: 1: denied: requested access to the resource is denied",
                " (is the image's name right, and is there a login for its registry?)",
            ),
            ("docker ended with exit status: 1: no space left on device", ""),
        ] {
            assert_eq!(explained(cause.to_owned()), format!("{cause}{expected}"));
        }
    }
}

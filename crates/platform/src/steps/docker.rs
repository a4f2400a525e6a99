//! Images, through the docker command line.

use std::path::Path;

use serde_json::{Map, Value, json};
use tokio::process::Command;

use super::shell::run;

/// `build_docker_image`. Returns `image`, `image_name`, `tag`, `image_id` and `additional_tags`.
pub(super) async fn build(
    inputs: &Map<String, Value>,
    directory: &Path,
    report: &dyn Fn(&str),
) -> Result<Map<String, Value>, String> {
    let image = Image::read(inputs)?;
    let dockerfile = inputs.get("dockerfile").and_then(Value::as_str).unwrap_or("Dockerfile");
    let generated = if dockerfile == "auto" {
        let path = directory.join("Dockerfile");
        if path.exists() {
            return Err(
                "`dockerfile: auto` makes a Dockerfile, but there is one already; name it instead".to_owned()
            );
        }
        std::fs::write(&path, auto_dockerfile(directory)).map_err(|error| error.to_string())?;
        Some(path)
    } else {
        None
    };
    let mut command = Command::new("docker");
    command.arg("build").arg("--file").arg(if generated.is_some() { "Dockerfile" } else { dockerfile });
    command.arg("--tag").arg(image.full());
    if let Some(platform) = inputs.get("platform").and_then(Value::as_str) {
        command.arg("--platform").arg(platform);
    }
    if inputs.get("ignore_cache").and_then(Value::as_bool) == Some(true) {
        command.arg("--no-cache");
    }
    for (name, value) in inputs.get("buildargs").and_then(Value::as_object).into_iter().flatten() {
        command.arg("--build-arg").arg(format!("{name}={}", crate::templates::as_text(value)));
    }
    command.arg(inputs.get("path").and_then(Value::as_str).unwrap_or(".")).current_dir(directory);
    let built = run(command, report).await;
    if let Some(path) =
        generated.filter(|_| inputs.get("persist_dockerfile").and_then(Value::as_bool) != Some(true))
    {
        let _ = std::fs::remove_file(path);
    }
    built?;
    for tag in &image.additional_tags {
        let mut command = Command::new("docker");
        command.args(["tag", &image.full(), &format!("{}:{tag}", image.name)]);
        run(command, report).await?;
    }
    let mut command = Command::new("docker");
    command.args(["image", "inspect", "--format", "{{.Id}}", &image.full()]);
    let (id, _) = run(command, &|_| {}).await?;
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
    let image = Image::read(inputs)?;
    if let Some(Value::Object(credentials)) = inputs.get("credentials") {
        log_in(credentials, report).await?;
    }
    for tag in std::iter::once(&image.tag).chain(&image.additional_tags) {
        let mut command = Command::new("docker");
        command.args(["push", &format!("{}:{tag}", image.name)]).current_dir(directory);
        run(command, report).await?;
    }
    Ok(image.outputs())
}

/// The password travels over standard input, so that no list of processes shows it.
async fn log_in(credentials: &Map<String, Value>, report: &dyn Fn(&str)) -> Result<(), String> {
    let text = |key: &str| credentials.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg("printf %s \"$SLUICE_REGISTRY_PASSWORD\" | docker login --username \"$1\" --password-stdin \"$2\"")
        .arg("docker-login")
        .arg(text("username"))
        .arg(text("registry_url"))
        .env("SLUICE_REGISTRY_PASSWORD", text("password"));
    run(command, report).await.map(drop)
}

struct Image {
    name: String,
    tag: String,
    additional_tags: Vec<String>,
}

impl Image {
    fn read(inputs: &Map<String, Value>) -> Result<Self, String> {
        let name = inputs.get("image_name").and_then(Value::as_str).ok_or("it has no `image_name`")?;
        let (name, own_tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (name, None),
        };
        let tag = inputs.get("tag").filter(|tag| !tag.is_null()).map(crate::templates::as_text);
        let tag = tag.filter(|tag| !tag.is_empty()).or(own_tag).unwrap_or_else(now_as_tag);
        let additional = inputs.get("additional_tags").and_then(Value::as_array);
        let additional_tags = additional.into_iter().flatten().map(crate::templates::as_text).collect();
        Ok(Self { name: name.to_owned(), tag, additional_tags })
    }

    fn full(&self) -> String {
        format!("{}:{}", self.name, self.tag)
    }

    fn outputs(&self) -> Map<String, Value> {
        Map::from_iter([
            ("image_name".to_owned(), json!(self.name)),
            ("tag".to_owned(), json!(self.tag)),
            ("image".to_owned(), json!(self.full())),
            ("additional_tags".to_owned(), json!(self.additional_tags)),
        ])
    }
}

/// The time of the build: what images without a tag get.
fn now_as_tag() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dt%H-%M-%S-%6fz").to_string()
}

/// A Dockerfile that installs the requirements and copies the project to where its workers look for it.
fn auto_dockerfile(directory: &Path) -> String {
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut lines = vec![format!("FROM prefecthq/prefect:{}-python3.12", sluice_client::CLIENT_VERSION)];
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

    use super::Image;

    #[test]
    fn images_have_names_and_tags() {
        for (inputs, expected) in [
            (json!({ "image_name": "app", "tag": "1" }), "app:1"),
            (json!({ "image_name": "host:5000/app", "tag": 2 }), "host:5000/app:2"),
            (json!({ "image_name": "host:5000/app:x" }), "host:5000/app:x"),
        ] {
            assert_eq!(Image::read(inputs.as_object().unwrap()).unwrap().full(), expected);
        }
        let untagged = Image::read(json!({ "image_name": "app", "tag": "" }).as_object().unwrap()).unwrap();
        assert_eq!(untagged.tag.len(), "2026-01-01t00-00-00-000000z".len());
        assert!(Image::read(json!({}).as_object().unwrap()).is_err());
    }
}

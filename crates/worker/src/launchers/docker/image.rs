//! Which image a container is made of, and whether it is pulled first.

use bollard::auth::DockerCredentials;
use bollard::errors::Error;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures::TryStreamExt;
use serde::Deserialize;

use super::engine::Engine;
use super::errors::{is_missing, launch_error};
use crate::launchers::LaunchError;

/// The image where a pool names none: Prefect's own, of the version that Sluice speaks.
pub(super) const DEFAULT_IMAGE: &str = "prefecthq/prefect:3.8.8-python3.12";

/// When an image is pulled. Named as Kubernetes names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum PullPolicy {
    /// Before every run.
    Always,
    /// Where the engine does not have it.
    IfNotPresent,
    /// Before every run; where that fails, the engine's own will do.
    IfPossible,
    /// Not at all.
    Never,
}

impl PullPolicy {
    /// The policy where the pool names none: an image whose tag moves is pulled every time.
    pub fn of_tag(image: &str) -> Self {
        match Reference::parse(image).tag {
            None | Some("latest") => Self::Always,
            Some(_) => Self::IfNotPresent,
        }
    }
}

/// The parts of an image's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// What stands before the tag.
    pub repository: &'a str,
    /// The tag, or the digest that stands in its place.
    pub tag: Option<&'a str>,
}

impl<'a> Reference<'a> {
    pub fn parse(image: &'a str) -> Self {
        if let Some((repository, digest)) = image.split_once('@') {
            return Self { repository, tag: Some(digest) };
        }
        // A colon before the last slash belongs to the registry's port.
        match image.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => Self { repository, tag: Some(tag) },
            _ => Self { repository: image, tag: None },
        }
    }

    /// The registry that the image is pulled from.
    pub fn registry(&self) -> &'a str {
        match self.repository.split_once('/') {
            Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
            _ => "docker.io",
        }
    }
}

/// Sees to it that the engine has the image, as the policy wants it.
pub(super) async fn provide(
    engine: &Engine,
    image: &str,
    policy: PullPolicy,
    credentials: Option<DockerCredentials>,
) -> Result<(), LaunchError> {
    match policy {
        PullPolicy::Never => Ok(()),
        PullPolicy::Always => pull(engine, image, credentials).await,
        PullPolicy::IfNotPresent => {
            if is_present(engine, image).await? {
                Ok(())
            } else {
                pull(engine, image, credentials).await
            }
        }
        PullPolicy::IfPossible => match pull(engine, image, credentials).await {
            Ok(()) => Ok(()),
            Err(error) if is_present(engine, image).await? => {
                tracing::warn!(image, %error, "cannot pull the image, taking the engine's own");
                Ok(())
            }
            Err(error) => Err(error),
        },
    }
}

async fn is_present(engine: &Engine, image: &str) -> Result<bool, LaunchError> {
    match engine.docker.inspect_image(image).await {
        Ok(_) => Ok(true),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(launch_error(&engine.address, &format!("look for the image {image}"), &error)),
    }
}

/// How much longer than usual a registry may take until the first word of a pull.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

async fn pull(
    engine: &Engine,
    image: &str,
    credentials: Option<DockerCredentials>,
) -> Result<(), LaunchError> {
    let reference = Reference::parse(image);
    let tag = reference.tag.unwrap_or("latest");
    let options = CreateImageOptionsBuilder::default().from_image(reference.repository).tag(tag).build();
    tracing::info!(image, "pulling the image");
    let docker = engine.patient(PATIENCE);
    let mut progress = std::pin::pin!(docker.create_image(Some(options), None, credentials));
    loop {
        let step = match progress.try_next().await {
            Ok(Some(step)) => step,
            Ok(None) => return Ok(()),
            Err(error) => {
                return Err(launch_error(&engine.address, &format!("pull the image {image}"), &error));
            }
        };
        if let Some(message) = step.error_detail.and_then(|detail| detail.message) {
            let error = Error::DockerStreamError { error: message };
            return Err(launch_error(&engine.address, &format!("pull the image {image}"), &error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_images_name_has_a_registry_a_repository_and_a_tag() {
        let cases = [
            ("flows", "docker.io", "flows", None),
            ("flows:1", "docker.io", "flows", Some("1")),
            ("prefecthq/prefect:3-latest", "docker.io", "prefecthq/prefect", Some("3-latest")),
            ("registry.test:5000/team/flows", "registry.test:5000", "registry.test:5000/team/flows", None),
            (
                "registry.test:5000/team/flows:v1",
                "registry.test:5000",
                "registry.test:5000/team/flows",
                Some("v1"),
            ),
            ("localhost/flows", "localhost", "localhost/flows", None),
            ("ghcr.io/team/flows@sha256:ab", "ghcr.io", "ghcr.io/team/flows", Some("sha256:ab")),
        ];
        for (image, registry, repository, tag) in cases {
            let reference = Reference::parse(image);
            assert_eq!(reference, Reference { repository, tag }, "{image}");
            assert_eq!(reference.registry(), registry, "{image}");
        }
    }

    #[test]
    fn an_image_whose_tag_moves_is_pulled_every_time() {
        let cases = [
            ("flows", PullPolicy::Always),
            ("flows:latest", PullPolicy::Always),
            ("flows:1", PullPolicy::IfNotPresent),
            ("registry.test:5000/flows", PullPolicy::Always),
            ("flows@sha256:ab", PullPolicy::IfNotPresent),
            (DEFAULT_IMAGE, PullPolicy::IfNotPresent),
        ];
        for (image, expected) in cases {
            assert_eq!(PullPolicy::of_tag(image), expected, "{image}");
        }
    }
}

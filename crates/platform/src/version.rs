//! The version that version control gives a deployment, from the variables of a CI system or from git.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Map, Value};
use tokio::process::Command;

/// A version with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InferredVersion {
    /// `vcs:git` and the like.
    pub(crate) kind: &'static str,
    /// The first eight letters of the commit.
    pub(crate) version: String,
    pub(crate) commit_sha: String,
    pub(crate) message: String,
    pub(crate) branch: String,
    pub(crate) repository: String,
    pub(crate) url: String,
}

/// A CI system, and its variables for commit, branch and repository.
struct Provider {
    kind: &'static str,
    commit: &'static str,
    branch: &'static str,
    repository: &'static str,
    url: fn(&Map<String, Value>, commit: &str, repository: &str) -> String,
}

/// In the order in which the reference asks them.
const PROVIDERS: &[Provider] = &[
    Provider {
        kind: "vcs:github",
        commit: "GITHUB_SHA",
        branch: "GITHUB_REF_NAME",
        repository: "GITHUB_REPOSITORY",
        url: |all, commit, repository| {
            format!("{}/{repository}/tree/{commit}", variable(all, "GITHUB_SERVER_URL"))
        },
    },
    Provider {
        kind: "vcs:gitlab",
        commit: "CI_COMMIT_SHA",
        branch: "CI_COMMIT_REF_NAME",
        repository: "CI_PROJECT_NAME",
        url: |all, commit, _| format!("{}/-/tree/{commit}", variable(all, "CI_PROJECT_URL")),
    },
    Provider {
        kind: "vcs:bitbucket",
        commit: "BITBUCKET_COMMIT",
        branch: "BITBUCKET_BRANCH",
        repository: "BITBUCKET_REPO_SLUG",
        url: |all, commit, _| format!("{}/src/{commit}", variable(all, "BITBUCKET_GIT_HTTP_ORIGIN")),
    },
    Provider {
        kind: "vcs:azuredevops",
        commit: "BUILD_SOURCEVERSION",
        branch: "BUILD_SOURCEBRANCHNAME",
        repository: "BUILD_REPOSITORY_NAME",
        url: |all, commit, _| format!("{}?version=GC{commit}", variable(all, "BUILD_REPOSITORY_URI")),
    },
];

/// The version of the project in `directory`. A `version_type` asks only that source; `prefect:simple` asks none.
pub(crate) async fn infer(
    directory: &Path,
    environment: &Map<String, Value>,
    version_type: Option<&str>,
) -> Result<Option<InferredVersion>, String> {
    let is_known = |kind: &str| kind == "vcs:git" || PROVIDERS.iter().any(|provider| provider.kind == kind);
    match version_type {
        Some("prefect:simple") => return Ok(None),
        Some(kind) if !is_known(kind) => return Err(format!("there is no version type {kind:?}")),
        _ => {}
    }
    let Some(message) = git(directory, &["log", "-1", "--pretty=%B"]).await else { return Ok(None) };
    let message = message.lines().next().unwrap_or_default().to_owned();
    let wanted = |kind: &str| version_type.is_none_or(|wanted| wanted == kind);
    for provider in PROVIDERS.iter().filter(|provider| wanted(provider.kind)) {
        let [commit, branch, repository] =
            [provider.commit, provider.branch, provider.repository].map(|name| variable(environment, name));
        if !commit.is_empty() && !branch.is_empty() && !repository.is_empty() {
            let url = (provider.url)(environment, &commit, &repository);
            return Ok(Some(version(provider.kind, commit, message, branch, repository, url)));
        }
    }
    if !wanted("vcs:git") {
        return Ok(None);
    }
    let commit = git(directory, &["rev-parse", "HEAD"]).await;
    let branch = git(directory, &["rev-parse", "--abbrev-ref", "HEAD"]).await;
    let url = git(directory, &["config", "--get", "remote.origin.url"]).await.filter(|url| !url.is_empty());
    let (Some(commit), Some(branch), Some(url)) = (commit, branch, url) else { return Ok(None) };
    let path = url
        .split_once("://")
        .map_or(url.as_str(), |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let repository = path.trim_matches('/').trim_end_matches(".git").to_owned();
    Ok(Some(version("vcs:git", commit, message, branch, repository, url)))
}

fn version(
    kind: &'static str,
    commit_sha: String,
    message: String,
    branch: String,
    repository: String,
    url: String,
) -> InferredVersion {
    let version = commit_sha.chars().take(8).collect();
    InferredVersion { kind, version, commit_sha, message, branch, repository, url }
}

fn variable(environment: &Map<String, Value>, name: &str) -> String {
    environment.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What git prints; `None` when there is no git, no repository or no answer.
pub(crate) async fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

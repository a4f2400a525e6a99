//! Which crate may know which: the invariants of `docs/ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::{repository, rust_files};

/// What does I/O, or drives it.
const IO: &[&str] = &["tokio", "axum", "hyper", "reqwest", "rusqlite", "tokio-postgres", "deadpool-postgres"];
const DATABASES: &[&str] = &["rusqlite", "tokio-postgres", "deadpool-postgres"];

/// The packages that each package is built from, as cargo resolved them; tests and build scripts left out.
struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    fn read() -> Self {
        // Without a platform cargo wants packages that nobody builds here.
        let version = Command::new("rustc").arg("-vV").output().expect("rustc runs");
        let version = String::from_utf8(version.stdout).expect("text");
        let platform = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a platform");
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--offline"])
            .args(["--filter-platform", platform])
            .current_dir(repository())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let names: BTreeMap<&str, &str> = metadata["packages"]
            .as_array()
            .expect("packages")
            .iter()
            .map(|package| (package["id"].as_str().expect("id"), package["name"].as_str().expect("name")))
            .collect();
        let name = |id: &Value| names[id.as_str().expect("an id")].to_owned();
        let is_normal = |dependency: &&Value| {
            let kinds = dependency["dep_kinds"].as_array().expect("kinds");
            kinds.iter().any(|kind| kind["kind"].is_null())
        };
        let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes").iter();
        let edges = nodes.map(|node| {
            let dependencies = node["deps"].as_array().expect("dependencies").iter();
            (name(&node["id"]), dependencies.filter(is_normal).map(|other| name(&other["pkg"])).collect())
        });
        Self(edges.collect())
    }

    fn members(&self) -> impl Iterator<Item = &String> {
        self.0.keys().filter(|name| name.starts_with("sluice"))
    }

    fn direct(&self, name: &str) -> &BTreeSet<String> {
        self.0.get(name).unwrap_or_else(|| panic!("there is no package {name}"))
    }

    fn all(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut next = vec![name.to_owned()];
        while let Some(name) = next.pop() {
            let new: Vec<_> = self.direct(&name).iter().filter(|other| !found.contains(*other)).collect();
            next.extend(new.iter().map(|name| (*name).clone()));
            found.extend(new.into_iter().cloned());
        }
        found
    }
}

#[test]
fn the_pure_crates_know_no_io() {
    let graph = Graph::read();
    for pure in [
        "sluice-wire",
        "sluice-clock",
        "sluice-orchestration",
        "sluice-blocks",
        "sluice-notifications",
        "sluice-parameters",
        "sluice-secrets",
        "sluice-schedules",
        "sluice-templating",
    ] {
        let all = graph.all(pure);
        for io in IO {
            assert!(!all.contains(*io), "{pure} depends on {io}");
        }
    }
}

#[test]
fn only_the_store_knows_databases() {
    let graph = Graph::read();
    let may = ["sluice-store", "sluice-sqlite-log", "sluice-test-support"];
    for name in graph.members().filter(|name| !may.contains(&name.as_str())) {
        for database in DATABASES {
            assert!(!graph.direct(name).contains(*database), "{name} depends on {database}");
        }
    }
}

#[test]
fn crates_look_in_one_direction() {
    let graph = Graph::read();
    for (name, forbidden) in [
        ("sluice-client", &["sluice-store", "sluice-api", "sluice-server"][..]),
        ("sluice-worker", &["sluice-store", "sluice-api", "sluice-server", "axum"]),
        ("sluice-platform", &["sluice-store", "sluice-api", "sluice-server", "axum"]),
        ("sluice-orchestration", &["sluice-store", "sluice-schedules"]),
        ("sluice-store", &["sluice-events", "sluice-services", "sluice-api", "sluice-server"]),
        ("sluice-operations", &["sluice-services", "sluice-api", "sluice-server", "axum"]),
        ("sluice-delivery", &["sluice-store", "sluice-services", "sluice-api", "sluice-server", "axum"]),
        ("sluice-events", &["sluice-services", "sluice-api", "sluice-server"]),
        ("sluice-services", &["sluice-api", "sluice-server"]),
        ("sluice-api", &["sluice-services", "sluice-server", "sluice-cli"]),
    ] {
        let all = graph.all(name);
        for other in forbidden {
            assert!(!all.contains(*other), "{name} depends on {other}");
        }
    }
    for name in ["sluice-cli", "sluice-worker"] {
        // The server is started through its own crate: the command line itself sees no database.
        let knows_the_store = graph.0.get(name).is_some_and(|direct| direct.contains("sluice-store"));
        assert!(!knows_the_store, "{name} depends on sluice-store");
    }
}

#[test]
fn statements_stand_in_the_store_only() {
    let is_statement = |line: &str| {
        ["SELECT ", "INSERT INTO ", "DELETE FROM "].iter().any(|verb| line.contains(verb))
            || (line.contains("UPDATE ") && line.contains(" SET "))
    };
    let crates = repository().join("crates");
    let mut searched = 0;
    for entry in std::fs::read_dir(&crates).expect("the crates") {
        let package = entry.expect("a crate").path();
        let source = package.join("src");
        if package.ends_with("store") || !source.exists() {
            continue;
        }
        for file in rust_files(&source) {
            searched += 1;
            let text = std::fs::read_to_string(&file).expect("a source file");
            let found: Vec<_> = text.lines().filter(|line| is_statement(line)).collect();
            assert!(found.is_empty(), "{} holds SQL; move it to crates/store: {found:?}", file.display());
        }
    }
    assert!(searched > 50, "the sources lie elsewhere");
    let store = rust_files(&crates.join("store/src"));
    let has_some = |file: &std::path::PathBuf| {
        std::fs::read_to_string(file).expect("a source file").lines().any(is_statement)
    };
    assert!(store.iter().any(has_some), "statements look different from what is searched for");
}

#[test]
fn unsafe_code_stands_in_one_crate_that_knows_nothing_of_the_project() {
    let root = repository();
    let crates = std::fs::read_dir(root.join("crates")).expect("the crates");
    let packages = crates.map(|entry| entry.expect("a crate").path());
    let packages: Vec<_> = packages.chain(["app", "bench", "fuzz"].map(|name| root.join(name))).collect();
    let may: Vec<_> = packages
        .iter()
        .filter(|package| {
            let manifest = std::fs::read_to_string(package.join("Cargo.toml")).expect("a manifest");
            !manifest.contains("[lints]\nworkspace = true\n")
        })
        .map(|package| package.file_name().expect("a name").to_owned())
        .collect();
    assert_eq!(may, ["sqlite_log"], "these do not take the workspace's lints, which forbid unsafe code");
    let graph = Graph::read();
    let all = graph.all("sluice-sqlite-log");
    assert!(!all.iter().any(|name| name.starts_with("sluice")), "{all:?}");
}

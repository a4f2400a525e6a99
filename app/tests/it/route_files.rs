//! The path of a URL is the path of its handler's file.

use std::collections::BTreeSet;

use crate::support::repository;

/// Every `.route("PATH", HANDLERS)` of the router.
fn routes() -> Vec<(String, String)> {
    let router = repository().join("crates/api/src/router.rs");
    let text = std::fs::read_to_string(router).expect("the router");
    let mut routes = Vec::new();
    for part in text.split(".route(").skip(1) {
        let path = part.split('"').nth(1).expect("a path").to_owned();
        let after_path = part.split_once(&format!("\"{path}\"")).expect("a path").1;
        let mut depth = 1;
        let handlers = after_path.chars().take_while(|character| {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth > 0
        });
        routes.push((path, handlers.collect()));
    }
    routes
}

/// The handlers of a route: `flows::create` of `post(flows::create)`.
fn handlers(text: &str) -> Vec<&str> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || "_:".contains(character);
    text.split(|character| !is_name(character)).filter(|word| word.contains("::")).collect()
}

/// The module under `routes/` that a path belongs to.
fn noun(path: &str) -> String {
    let mut segments = path.trim_start_matches('/').split('/');
    let first = segments.next().unwrap_or_default();
    match first {
        "health" | "ready" | "hello" | "version" => "health".to_owned(),
        "openapi.json" => "openapi".to_owned(),
        "v2" => format!("v2_{}", segments.next().unwrap_or_default()),
        first => first.replace('-', "_"),
    }
}

#[test]
fn every_route_has_its_folder() {
    let sources = repository().join("crates/api/src");
    let routes = routes();
    assert!(routes.len() > 50, "the router looks different from what is searched for");
    for (path, text) in &routes {
        let handlers = handlers(text);
        assert!(!handlers.is_empty(), "{path} has no handler");
        for handler in handlers {
            let modules = handler.rsplit_once("::").expect("a path").0.replace("::", "/");
            if modules == "websockets" {
                let file = sources.join(format!("{}.rs", handler.replace("::", "/")));
                assert!(file.exists(), "{path}: no file {}", file.display());
                continue;
            }
            let folder = sources.join("routes").join(&modules);
            assert!(
                folder.is_dir() || folder.with_extension("rs").exists(),
                "{path}: no folder {}",
                folder.display()
            );
            assert_eq!(
                modules.split('/').next(),
                Some(noun(path).as_str()),
                "{path} is handled by {handler}"
            );
        }
    }
}

#[test]
fn every_route_is_listed_once() {
    let routes = routes();
    let paths: BTreeSet<_> = routes.iter().map(|(path, _)| path).collect();
    assert_eq!(paths.len(), routes.len(), "a path is listed twice");
    for path in paths {
        assert!(!path.ends_with('/'), "{path}: the slash at the end is taken away before routing");
    }
}

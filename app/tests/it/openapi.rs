//! `openapi.json` and the router tell of the same operations.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::repository;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// Served, and no operations of the document: WebSockets, and the document itself.
const NOT_IN_THE_DOCUMENT: [&str; 6] = [
    "get /events/in",
    "get /events/out",
    "get /logs/out",
    "get /work_pools/{}/workers/connect",
    "get /task_runs/subscriptions/scheduled",
    "get /openapi.json",
];

/// `get /flows/{}`: the method, and the path without its last slash and the names of its parameters.
fn operation(method: &str, path: &str) -> String {
    let segments: Vec<&str> = path
        .trim_end_matches('/')
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
        .collect();
    format!("{method} {}", segments.join("/"))
}

fn documented() -> BTreeSet<String> {
    let text = std::fs::read_to_string(repository().join("openapi.json")).expect("openapi.json");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let mut operations = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        operations.extend(methods.as_object().expect("methods").keys().map(|method| operation(method, path)));
    }
    operations
}

fn served() -> BTreeSet<String> {
    let router = repository().join("crates/api/src/router.rs");
    let text = std::fs::read_to_string(router).expect("the router");
    let mut operations = BTreeSet::new();
    for route in text.split(".route(").skip(1) {
        let path = route.split('"').nth(1).expect("a path");
        // What follows the last route of a group is no part of it.
        let handlers = route.split("\n}").next().expect("a text");
        for method in METHODS {
            if handlers.contains(&format!("{method}(")) {
                operations.insert(operation(method, path));
            }
        }
    }
    operations
}

#[test]
fn the_document_and_the_router_tell_of_the_same_operations() {
    let mut expected = documented();
    assert!(expected.len() > 180, "the document looks different from what is searched for");
    expected.extend(NOT_IN_THE_DOCUMENT.map(str::to_owned));
    let served = served();
    let unserved: Vec<_> = expected.difference(&served).collect();
    let undocumented: Vec<_> = served.difference(&expected).collect();
    assert!(
        unserved.is_empty() && undocumented.is_empty(),
        "not served: {unserved:?}, not told of: {undocumented:?}"
    );
}

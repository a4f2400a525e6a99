//! `sluice artifact`

use serde_json::json;

use crate::cli::world::World;

#[test]
fn artifacts() {
    let world = World::start("artifact");
    for text in ["# one", "# two\n\nlines"] {
        world.post(
            "/artifacts/",
            &json!({ "key": "report", "type": "markdown", "data": text, "description": "daily" }),
        );
    }
    let other =
        world.post("/artifacts/", &json!({ "key": "chart", "type": "image", "data": "x" }))["id"].clone();
    let ids = [("OTHER", &other)];
    world.assert(
        "ls",
        &["artifact ls", "artifact ls --all", "artifact ls --limit 1 -o json", "artifact ls --limit x"],
        &ids,
    );
    world.assert(
        "inspect",
        &["artifact inspect report", "artifact inspect chart -o json", "artifact inspect raport"],
        &ids,
    );
    world.assert(
        "delete",
        &[
            "artifact delete report",
            "artifact delete report -y",
            "artifact delete --id {OTHER} -y -o json",
            "artifact delete report -y",
        ],
        &ids,
    );
}

//! `sluice api`

use crate::cli::world::World;

#[test]
fn requests_as_they_are() {
    let world = World::start("api");
    world.flow("etl");
    std::fs::write(world.home.path().join("body.yaml"), "flows: {name: {any_: [etl]}}\n").expect("a file");
    let file = format!("api POST /flows/count --data @{}/body.yaml", world.home.path().display());
    world.assert(
        "request",
        &[
            "api GET /health",
            "api post flows/filter -d '{\"limit\": 1}'",
            "api POST /flows/count -o json",
            "api GET /flows/name/nothing",
            "api POST /flows/filter --data '{'",
            "api POST /flows/filter --data '{\"limit\": -1}'",
            "api FETCH /flows",
        ],
        &[],
    );
    let counted = world.transcript(&[&file], &[]);
    assert!(counted.contains("--- stdout ---\n1\n"), "{counted}");
}

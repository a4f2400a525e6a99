//! `sluice variable`

use crate::cli::world::World;

#[test]
fn variables() {
    let world = World::start("variable");
    world.assert(
        "set",
        &[
            "variable set region eu --tag a",
            "variable set limits '{\"cpu\": 2}' -o json",
            "variable set region us",
            "variable set region us --overwrite",
        ],
        &[],
    );
    world.assert("ls", &["variable ls", "variable ls --limit 1 -o json", "variable ls --limit x"], &[]);
    world.assert(
        "get",
        &["variable get limits", "variable get limits -o json", "variable get region", "variable get regoin"],
        &[],
    );
    world.assert(
        "inspect",
        &["variable inspect limits", "variable inspect limits -o json", "variable inspect x"],
        &[],
    );
    world.assert(
        "unset",
        &[
            "variable unset region",
            "variable unset region --yes",
            "variable unset limits -y -o json",
            "variable unset limits -y",
        ],
        &[],
    );
}

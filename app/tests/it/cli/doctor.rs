//! `sluice doctor` and `sluice server status`

use crate::cli::world::{World, assert_transcript};
use crate::support::{shown, sluice};

#[test]
fn a_server_is_looked_at() {
    let world = World::start("doctor");
    world.assert(
        "status",
        &["server status", "server status --wait -o json", "server status --timeout x"],
        &[],
    );
    // Nothing of this machine: no Python, no cloud; Docker where nobody listens.
    let doctor = |api: &str, arguments: &[&str]| {
        let mut command = sluice(world.home.path());
        command
            .env("PREFECT_API_URL", api)
            .env("PATH", world.home.path())
            .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
            .arg("doctor")
            .args(arguments);
        shown(world.home.path(), &mut command)
    };
    assert_transcript("doctor", &doctor(&world.api, &[]));
    assert_transcript("doctor_json", &doctor(&world.api, &["-o", "json"]));
    assert_transcript("doctor_without_a_server", &doctor("http://127.0.0.1:1/api", &[]));
    world.assert("odd_option", &["doctor --thoroughly"], &[]);
}

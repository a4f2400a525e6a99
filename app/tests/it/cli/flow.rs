//! `sluice flow`, and what holds for every command.

use crate::cli::world::{World, assert_transcript};
use crate::support::{run, shown, sluice};

#[test]
fn flows() {
    let world = World::start("flow");
    world.assert("ls_of_nothing", &["flow ls", "flow ls -o json"], &[]);
    world.flow("etl");
    world.flow("report");
    world.assert("ls", &["flow ls", "flow ls --limit 1 -o json", "flow ls --limit few", "flow list"], &[]);

    // Colours only where they are asked for.
    let coloured = |name: &str, value: &str| {
        shown(world.home.path(), world.sluice().args(["flow", "ls"]).env(name, value)).contains("\u{1b}[")
    };
    assert!(!coloured("TERM", "xterm"), "nobody sees colours in a pipe");
    assert!(coloured("CLICOLOR_FORCE", "1"));
    assert!(!coloured("NO_COLOR", "1"));
}

#[test]
fn a_server_that_is_away_is_told_with_a_code_of_its_own() {
    let home = tempfile::tempdir().expect("a directory");
    // Port 1 is reserved: nobody listens there.
    let away = |arguments: &[&str]| {
        shown(
            home.path(),
            sluice(home.path()).env("PREFECT_API_URL", "http://127.0.0.1:1/api").args(arguments),
        )
    };
    let text = [away(&["flow", "ls"]), away(&["server", "status"])].join("\n");
    assert_transcript("server_unreachable", &text);
    let odd = sluice(home.path())
        .env("PREFECT_API_URL", "nonsense")
        .args(["flow", "ls"])
        .output()
        .expect("it runs");
    assert_eq!(odd.status.code(), Some(1));
}

#[test]
fn completions() {
    let home = tempfile::tempdir().expect("a directory");
    for shell in ["bash", "zsh", "fish"] {
        let script = run(home.path(), &["completions", shell]);
        assert!(script.contains("\nexit code: 0\n") && script.contains("set-concurrency-limit"), "{shell}");
    }
    assert_transcript("completions_of_no_shell", &run(home.path(), &["completions", "cmd"]));
}

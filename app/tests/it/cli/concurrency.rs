//! `sluice concurrency-limit` and `sluice global-concurrency-limit`

use crate::cli::world::World;

#[test]
fn limits_of_tags() {
    let world = World::start("concurrency");
    world.assert(
        "tag_create",
        &[
            "concurrency-limit create database 3",
            "concurrency-limit create gpu 1 -o json",
            "concurrency-limit create gpu many",
        ],
        &[],
    );
    world.assert(
        "tag_ls",
        &["concurrency-limit ls", "concurrency-limit ls -o json", "concurrency-limit ls --limit x"],
        &[],
    );
    world.assert(
        "tag_inspect",
        &[
            "concurrency-limit inspect database",
            "concurrency-limit inspect database -o json",
            "concurrency-limit inspect databse",
        ],
        &[],
    );
    world.assert(
        "tag_reset",
        &[
            "concurrency-limit reset database",
            "concurrency-limit reset database -o json",
            "concurrency-limit reset x",
        ],
        &[],
    );
    world.assert(
        "tag_delete",
        &[
            "concurrency-limit delete database",
            "concurrency-limit delete database -y",
            "concurrency-limit delete gpu -y -o json",
            "concurrency-limit delete gpu -y",
        ],
        &[],
    );
}

#[test]
fn global_limits() {
    let world = World::start("concurrency");
    let name = "global-concurrency-limit";
    let all =
        |commands: &[&str]| -> Vec<String> { commands.iter().map(|rest| format!("{name} {rest}")).collect() };
    let assert = |snapshot: &str, commands: &[&str]| {
        let lines = all(commands);
        world.assert(snapshot, &lines.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    };
    assert(
        "global_create",
        &[
            "create api --limit 5",
            "create slow -l 2 --slot-decay-per-second 0.5 --disable -o json",
            "create api --limit 5",
            "create x",
        ],
    );
    assert("global_ls", &["ls", "ls -o json", "ls --limit x"]);
    assert(
        "global_inspect",
        &["inspect api", "inspect api -o json", "inspect appi", "inspect api --file /nowhere/limit.json"],
    );
    assert("global_update", &["update api --limit 6", "update api --active-slots 1 -o json", "update api"]);
    assert("global_disable", &["disable api", "disable api -o json", "disable x"]);
    assert("global_enable", &["enable api", "enable api -o json", "enable x"]);
    assert("global_delete", &["delete api", "delete api -y", "delete slow -y -o json", "delete slow -y"]);
}

//! `sluice flow-run watch`, `sluice flow-run logs --follow` and `sluice deployment run --watch`

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::cli::world::World;
use crate::support::shown;

#[test]
fn a_run_is_watched_until_it_has_ended() {
    let world = World::start("flow_run");
    let flow = world.flow("etl");
    let run = world.flow_run(&flow, "brave-fox", "RUNNING");
    let id = run.as_str().expect("an id");
    let task = world.task_run(&run, "extract-0", "RUNNING");
    let watch = world
        .sluice()
        .args(["flow-run", "watch", id])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    world.log(&run, &Value::Null, &["working", "Finished in state Completed()"]);
    let completed = json!({ "state": { "type": "COMPLETED" } });
    let task = task.as_str().expect("an id");
    world.post(&format!("/task_runs/{task}/set_state"), &completed);
    world.post(&format!("/flow_runs/{id}/set_state"), &completed);
    let output = watch.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(0), "{text}");
    for expected in ["- working", "flow run 'brave-fox' is Completed", "task run 'extract-0' is Completed"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }

    let failed = world.flow_run(&flow, "sad-fox", "FAILED");
    let pending = world.flow_run(&flow, "slow-fox", "PENDING");
    let ids = [("FAILED", &failed), ("PENDING", &pending)];
    world.assert(
        "watch",
        &[
            "flow-run watch {FAILED}",
            "flow-run watch brave-fox",
            "flow-run watch brave-fox -o json",
            "flow-run watch {PENDING} --timeout 0",
            "flow-run watch nothing",
        ],
        &ids,
    );
}

#[test]
fn what_a_run_logs_is_followed_to_its_last_line() {
    let world = World::start("flow_run");
    let run = world.flow_run(&world.flow("etl"), "loud-fox", "RUNNING");
    let id = run.as_str().expect("an id");
    let follow = world
        .sluice()
        .args(["flow-run", "logs", id, "--follow"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // All within ten seconds, which are asked for again and again because lines may come late.
    let lines: Vec<String> = (0..2100).map(|number| format!("line {number}")).collect();
    for lines in lines.chunks(10) {
        world.log(&run, &Value::Null, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
    world.post(&format!("/flow_runs/{id}/set_state"), &json!({ "state": { "type": "COMPLETED" } }));
    let output = follow.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).expect("text");
    let messages: BTreeSet<&str> = text.lines().filter_map(|line| line.split(" - ").nth(1)).collect();
    assert_eq!((messages.len(), text.lines().count()), (2100, 2100), "all, and each once");

    let ids = [("LOUD", &run)];
    let short = world.flow_run(&world.flow("etl"), "shy-fox", "COMPLETED");
    world.log(&short, &Value::Null, &["hello", "Finished in state Completed()"]);
    world.assert(
        "logs_follow",
        &[
            "flow-run logs shy-fox -f",
            "flow-run logs shy-fox --follow -o json",
            "flow-run logs {LOUD} -f --tail",
            "flow-run logs nothing -f",
        ],
        &ids,
    );
}

#[test]
fn a_deployment_is_run_and_watched() {
    let world = World::start("flow_run");
    world.deployment();
    let mut command = world.sluice();
    command.args([
        "deployment",
        "run",
        "etl/nightly",
        "--flow-run-name",
        "one",
        "--watch",
        "--watch-timeout",
        "0",
    ]);
    let text = shown(world.home.path(), &mut command);
    assert!(
        text.contains("\nexit code: 1\n") && text.contains("flow run 'one' is still Scheduled after 0 s"),
        "{text}"
    );
}

//! `sluice flow-run watch` and `sluice deployment run --watch`

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

//! `sluice deploy`

use crate::cli::world::{World, assert_transcript};
use crate::support::shown;

const FLOW: &str = r#"from prefect import flow


@flow
def load(day: int = 1, region: str = "eu"):
    """Loads a day."""
"#;
const PROJECT: &str = "\
name: warehouse
deployments:
- name: nightly
  entrypoint: flow.py:load
  version: '1'
  schedules: [{cron: 0 3 * * *, timezone: UTC}]
  work_pool: {name: laptop}
- name: hourly
  entrypoint: flow.py:load
  version: '1'
  parameters: {region: us}
  work_pool: {name: laptop}
";
const TRIGGERS: &str = "\
triggers:
- {expect: [prefect.flow-run.Failed], parameters: {day: 2}}
- {name: quiet, posture: Proactive, expect: [landed], within: 60}
";

#[test]
fn projects_are_planned_and_deployed() {
    let world = World::start("deploy");
    world.post("/work_pools/", &serde_json::json!({ "name": "laptop", "type": "process" }));
    let project = world.home.path().join("project");
    std::fs::create_dir(&project).expect("a directory");
    for (name, text) in [("flow.py", FLOW), ("prefect.yaml", PROJECT), ("triggers.yaml", TRIGGERS)] {
        std::fs::write(project.join(name), text).expect("a file");
    }
    let assert = |name: &str, commands: &[&[&str]]| {
        let typed = |arguments: &&[&str]| {
            // No git and no Python: neither the version nor the flow depends on the machine.
            let mut command = world.sluice();
            command.current_dir(&project).env("PATH", world.home.path()).args(*arguments);
            shown(world.home.path(), &mut command) + "\n"
        };
        assert_transcript(&format!("deploy_{name}"), &commands.iter().map(typed).collect::<String>());
    };
    assert(
        "plan",
        &[
            &["deploy", "plan"],
            &["deploy", "plan", "-n", "hourly", "-o", "json"],
            &["deploy", "plan", "-n", "weekly"],
        ],
    );
    assert(
        "inspect",
        &[
            &["deploy", "inspect", "flow.py:load"],
            &["deploy", "inspect", "flow.py:load", "-o", "json"],
            &["deploy", "inspect", "flow.py:unload"],
        ],
    );
    assert(
        "ask",
        &[&["deploy"], &["deploy", "--all", "--yes"], &["deploy", "-y", "-o", "json", "-n", "hourly"]],
    );
    assert(
        "apply",
        &[
            &["deploy", "apply", "-n", "nightly", "--tag", "daily", "--param", "day=7"],
            &["deploy", "apply", "-n", "nightly", "-o", "json"],
            &["deploy", "apply", "--pool", "nowhere"],
        ],
    );
    assert(
        "options",
        &[
            &[
                "deploy",
                "apply",
                "flow.py:load",
                "-n",
                "adhoc",
                "-p",
                "laptop",
                "-q",
                "urgent",
                "--job-variable",
                "{\"env\": {\"A\": \"1\"}}",
                "--job-variable",
                "stream_output=no",
                "--interval",
                "60",
                "--anchor-date",
                "2026-01-01T00:00:00Z",
                "--cron",
                "0 5 * * *",
                "--rrule",
                "FREQ=DAILY",
                "--timezone",
                "Europe/Berlin",
                "--concurrency-limit",
                "2",
                "--collision-strategy",
                "CANCEL_NEW",
                "--version",
                "2",
                "--trigger",
                "triggers.yaml",
                "--trigger",
                "{\"name\": \"more\", \"expect\": [\"x\"]}",
                "--params",
                "{\"day\": 3}",
                "--no-enforce-parameter-schema",
                "--description",
                "by hand",
                "--sla",
                "{\"name\": \"late\", \"duration\": 60}",
            ],
            &["deploy", "plan", "flow.py:load", "-n", "adhoc", "-p", "laptop", "--trigger", "nowhere.yaml"],
            &["deploy", "plan", "flow.py:load", "-n", "adhoc", "-p", "laptop", "--trigger", "flow.py"],
            &["deploy", "plan", "flow.py:load", "-n", "adhoc", "-p", "laptop", "--sla", "late"],
        ],
    );
    assert("without_a_pool", &[&["deploy", "plan", "flow.py:load", "-n", "other"]]);

    // The profile in use names a work pool for those without one; the environment goes before it.
    world.transcript(&["work-pool create laptop --overwrite --set-as-default"], &[]);
    let plan = |environment: &[(&str, &str)]| {
        let mut command = world.sluice();
        command.current_dir(&project).envs(environment.iter().copied());
        shown(world.home.path(), command.args(["deploy", "plan", "flow.py:load", "-n", "other"]))
    };
    let planned = plan(&[]);
    assert!(planned.contains("work_pool_name: \"laptop\""), "{planned}");
    let planned = plan(&[("PREFECT_DEFAULT_WORK_POOL_NAME", "elsewhere")]);
    assert!(planned.contains("there is no work pool \"elsewhere\""), "{planned}");
}

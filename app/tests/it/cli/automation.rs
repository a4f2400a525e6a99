//! `sluice automation`

use crate::cli::world::World;

const BODY: &str = r#"[{"name": "tell", "description": "when something fails", "enabled": true, "trigger": {"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.Failed"], "threshold": 1, "within": 0}, "actions": [{"type": "do-nothing"}]}]"#;
/// As people write them: without what the client fills in, with a word that means nothing, and one that is wrong.
const SEVERAL: &str = "\
automations:
- name: hourly
  description: nothing came
  trigger: {posture: Proactive, expect: [landed], within: 3600}
  actions: [{type: do-nothing}]
- name: either
  enabled: no
  trigger:
    require: any
    within: 60
    triggers:
    - expect: [one]
    - expects: [two]
  actions: [{type: do-nothing}]
- name: wrong
  trigger: {expect: [x]}
  actions: [{type: dance}]
";
const ONE: &str = "\
name: single
trigger:
  expect:
  - prefect.flow-run.Crashed
actions:
- type: do-nothing
";

#[test]
fn automations() {
    let world = World::start("automation");
    let create = format!("automation create --from-json '{BODY}'");
    let again = create.replace("\"tell\"", "\"other\"") + " -o json";
    world.assert(
        "create",
        &[&create, &again, "automation create --from-json '{'", "automation create -f nowhere.json"],
        &[],
    );
    world.assert("ls", &["automation ls", "automation ls --limit 1 -o json", "automation ls --limit x"], &[]);
    world.assert(
        "inspect",
        &["automation inspect tell", "automation inspect tell -o json", "automation inspect tel"],
        &[],
    );
    world.assert(
        "pause",
        &["automation pause tell", "automation pause tell -o json", "automation pause x"],
        &[],
    );
    world.assert(
        "resume",
        &["automation resume tell", "automation resume tell -o json", "automation resume x"],
        &[],
    );
    let file = |name: &str, text: &str| {
        let path = world.home.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let several = file("several.yaml", SEVERAL);
    let one = file("one.yml", ONE);
    let json = file("list.json", &BODY.replace("\"tell\"", "\"listed\""));
    let odd = file("odd.json", "name: no JSON");
    world.assert_typed(
        "files",
        &[
            &["automation", "create", "--from-file", &several],
            &["automation", "create", "-f", &one],
            &["automation", "create", "-f", &json, "-o", "json"],
            &["automation", "create", "-f", &odd],
            &["automation", "inspect", "hourly"],
        ],
    );
    world.assert_typed(
        "update",
        &[
            &["automation", "update", "hourly", "--from-file", &one],
            &["automation", "update", "other", "--from-file", &one, "-o", "json"],
            &["automation", "update", "tell", "-f", &several],
            &["automation", "update", "nothing", "-f", &one],
            &["automation", "update", "tell"],
        ],
    );
    // `hourly` and `other` were given the name `single` above, so there are three of it.
    world.assert(
        "of_one_name",
        &[
            "automation pause single",
            "automation pause single -y",
            "automation resume single --yes -o json",
            "automation inspect single",
            "automation inspect single -o json",
            "automation delete single -y",
        ],
        &[],
    );
    world.assert_typed("update_of_one_name", &[&["automation", "update", "single", "--from-file", &one]]);
    world.assert(
        "delete",
        &[
            "automation delete tell",
            "automation delete tell -y",
            "automation delete listed -y -o json",
            "automation delete listed -y",
            "automation delete tell --all",
            "automation delete --all",
            "automation delete --all -y",
            "automation delete --all -y -o json",
        ],
        &[],
    );
}

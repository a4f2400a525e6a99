//! `sluice automation`

use crate::cli::world::World;

const BODY: &str = r#"[{"name": "tell", "description": "when something fails", "enabled": true, "trigger": {"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.Failed"], "threshold": 1, "within": 0}, "actions": [{"type": "do-nothing"}]}]"#;

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
    world.assert(
        "delete",
        &[
            "automation delete tell",
            "automation delete tell -y",
            "automation delete other -y -o json",
            "automation delete other -y",
        ],
        &[],
    );
}

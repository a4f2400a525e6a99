//! `sluice flow-run`

use serde_json::{Value, json};

use crate::cli::world::World;

#[test]
fn flow_runs() {
    let world = World::start("flow_run");
    let flow = world.flow("etl");
    let failed = world.flow_run(&flow, "brave-fox", "FAILED");
    let scheduled = world.flow_run(&flow, "calm-owl", "SCHEDULED");
    world.log(&failed, &Value::Null, &["first", "second", "third"]);
    let start: Value = failed.as_str().expect("an id").get(..18).expect("long enough").into();
    let ids = [("FAILED", &failed), ("SCHEDULED", &scheduled), ("START", &start)];

    world.assert(
        "ls",
        &[
            "flow-run ls --limit 1 --state failed",
            "flow-run ls --state-type scheduled --flow-name etl --tag nightly -o json",
            "flow-run ls --flow-name nothing",
            "flow-run ls --start-after '1 hour ago' --start-before 2100-01-01 --state failed",
            "flow-run ls --start-before '2 hours'",
            "flow-run ls --start-after soon",
            "flow-run ls --state-type sleeping",
        ],
        &ids,
    );
    world.assert(
        "inspect",
        &[
            "flow-run inspect {FAILED}",
            "flow-run inspect brave-fox -o json",
            "flow-run inspect {START}… -o json",
            "flow-run inspect brave-ox",
            "flow-run inspect 00000000-0000-0000-0000-000000000000",
        ],
        &ids,
    );
    world.assert(
        "logs",
        &[
            "flow-run logs {FAILED}",
            "flow-run logs brave-fox --tail --num-logs 2",
            "flow-run logs brave-fox --head -n 1 -o json",
            "flow-run logs brave-fox --reverse",
            "flow-run logs brave-fox -n 1",
            "flow-run logs nothing",
        ],
        &ids,
    );
    let deployment = world.deployment();
    let of_deployment = format!("/deployments/{}/create_flow_run", deployment.as_str().expect("an id"));
    for name in ["again", "once-more"] {
        let made = world.post(&of_deployment, &json!({ "name": name }));
        let id = made["id"].as_str().expect("an id");
        let failed = json!({ "state": { "type": "FAILED" }, "force": true });
        world.post(&format!("/flow_runs/{id}/set_state"), &failed);
    }
    world.assert(
        "retry",
        &[
            "flow-run retry again",
            "flow-run retry once-more -o json",
            "flow-run retry calm-owl",
            "flow-run retry brave-fox",
        ],
        &ids,
    );
    world.assert(
        "cancel",
        &[
            "flow-run cancel {SCHEDULED}",
            "flow-run cancel again -o json",
            "flow-run cancel brave-fox",
            "flow-run cancel nothing",
        ],
        &ids,
    );
    world.assert(
        "delete",
        &[
            "flow-run delete brave-fox",
            "flow-run delete brave-fox --yes",
            "flow-run delete calm-owl -y -o json",
            "flow-run delete calm-owl -y",
        ],
        &ids,
    );
}

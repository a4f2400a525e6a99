//! `sluice deployment`

use serde_json::json;

use crate::cli::world::World;

#[test]
fn deployments() {
    let world = World::start("deployment");
    let id = world.deployment();
    let ids = [("ID", &id)];
    world.assert(
        "ls",
        &["deployment ls", "deployment ls etl -o json", "deployment ls nothing", "deployment ls --limit x"],
        &ids,
    );
    world.assert(
        "inspect",
        &[
            "deployment inspect etl/nightly",
            "deployment inspect {ID} -o json",
            "deployment inspect --id {ID} -o json",
            "deployment inspect etl/nigthly",
            "deployment inspect nothing",
        ],
        &ids,
    );
    world.assert(
        "run",
        &[
            "deployment run etl/nightly --flow-run-name one --param day=3 --tag a",
            "deployment run nightly --flow-run-name two --params '{\"day\": 4}' --start-at 2100-01-02T03:04:05Z -o json",
            "deployment run etl/nightly --flow-run-name three --start-in '10 minutes' --job-variable x=1",
            "deployment run etl/nightly --param dya=3",
            "deployment run etl/nightly --param day",
            "deployment run etl/nightly --start-in soon",
        ],
        &ids,
    );
    world.assert(
        "pause",
        &["deployment pause etl/nightly", "deployment pause etl/nightly -o json", "deployment pause etl/x"],
        &ids,
    );
    world.assert(
        "resume",
        &[
            "deployment resume etl/nightly",
            "deployment resume etl/nightly -o json",
            "deployment resume etl/x",
        ],
        &ids,
    );

    world.assert(
        "schedule_ls",
        &[
            "deployment schedule ls etl/nightly",
            "deployment schedule ls etl/nightly -o json",
            "deployment schedule ls etl/x",
        ],
        &ids,
    );
    world.assert(
        "schedule_create",
        &[
            "deployment schedule create etl/nightly --interval 3600 --timezone UTC",
            "deployment schedule create etl/nightly --rrule FREQ=DAILY --no-active -o json",
            "deployment schedule create etl/nightly --cron nonsense",
            "deployment schedule create etl/nightly",
            "deployment schedule create etl/nightly --cron '0 4 * * *' --replace",
        ],
        &ids,
    );
    world.assert(
        "schedule_pause",
        &[
            "deployment schedule pause etl/nightly night",
            "deployment schedule pause etl/nightly --all -o json",
            "deployment schedule pause etl/nightly day",
        ],
        &ids,
    );
    world.assert(
        "schedule_resume",
        &[
            "deployment schedule resume etl/nightly night",
            "deployment schedule resume etl/nightly --all -o json",
            "deployment schedule resume etl/nightly day",
        ],
        &ids,
    );
    let noon = json!([{ "schedule": { "cron": "0 12 * * *" }, "slug": "noon" }]);
    world.post(&format!("/deployments/{}/schedules", id.as_str().expect("an id")), &noon);
    world.assert(
        "schedule_delete",
        &[
            "deployment schedule delete etl/nightly night",
            "deployment schedule delete etl/nightly noon -y",
            "deployment schedule delete etl/nightly night -y -o json",
            "deployment schedule delete etl/nightly night -y",
        ],
        &ids,
    );
    world.assert(
        "schedule_clear",
        &[
            "deployment schedule clear etl/nightly",
            "deployment schedule clear etl/nightly -y",
            "deployment schedule clear etl/nightly -y -o json",
        ],
        &ids,
    );
    world.assert(
        "schedule_by_both_days",
        &["deployment schedule create etl/nightly --active --no-day_or --cron '0 4 1 * 1' -o json"],
        &ids,
    );
    world.assert(
        "delete",
        &[
            "deployment delete etl/nightly",
            "deployment delete etl/nightly --yes -o json",
            "deployment delete --all -y",
            "deployment delete {ID} -y",
        ],
        &ids,
    );
}

//! `sluice work-pool`, `sluice work-queue` and `sluice worker`

use serde_json::json;

use crate::cli::world::World;

#[test]
fn work_pools() {
    let world = World::start("work_pool");
    world.assert(
        "create",
        &[
            "work-pool create laptop --type process --description mine",
            "work-pool create other -t process --paused -o json",
            "work-pool create laptop --type process",
            "work-pool create laptop --overwrite --concurrency-limit 9",
            "work-pool create third --type proces",
            "work-pool create third",
            "work-pool create third --type process --set-as-default",
        ],
        &[],
    );
    world.assert(
        "ls",
        &["work-pool ls", "work-pool ls -v", "work-pool ls --limit 1 -o json", "work-pool ls --limit x"],
        &[],
    );
    world.assert(
        "inspect",
        &["work-pool inspect laptop", "work-pool inspect laptop -o json", "work-pool inspect labtop"],
        &[],
    );
    world.assert(
        "update",
        &[
            "work-pool update laptop --description ours",
            "work-pool update laptop --concurrency-limit 8 -o json",
            "work-pool update laptop",
        ],
        &[],
    );
    world.assert(
        "pause",
        &["work-pool pause laptop", "work-pool pause laptop -o json", "work-pool pause x"],
        &[],
    );
    world.assert(
        "resume",
        &["work-pool resume laptop", "work-pool resume laptop -o json", "work-pool resume x"],
        &[],
    );
    world.assert(
        "set_concurrency_limit",
        &[
            "work-pool set-concurrency-limit laptop 3",
            "work-pool set-concurrency-limit laptop 4 -o json",
            "work-pool set-concurrency-limit laptop x",
        ],
        &[],
    );
    world.assert(
        "clear_concurrency_limit",
        &[
            "work-pool clear-concurrency-limit laptop",
            "work-pool clear-concurrency-limit laptop -o json",
            "work-pool clear-concurrency-limit x",
        ],
        &[],
    );
    world.assert(
        "template",
        &[
            "work-pool get-default-base-job-template -t process",
            "work-pool get-default-base-job-template -t docker -o json",
            "work-pool get-default-base-job-template -t nothing",
        ],
        &[],
    );
    world.assert(
        "preview",
        &["work-pool preview laptop", "work-pool preview laptop -o json", "work-pool preview x"],
        &[],
    );
    world.assert(
        "slots",
        &["work-pool slots laptop", "work-pool slots laptop -o json", "work-pool slots x"],
        &[],
    );
    world.assert(
        "storage_inspect",
        &[
            "work-pool storage inspect laptop",
            "work-pool storage inspect laptop -o json",
            "work-pool storage inspect x",
        ],
        &[],
    );
    world.assert(
        "delete",
        &[
            "work-pool delete laptop",
            "work-pool delete laptop -y",
            "work-pool delete other -y -o json",
            "work-pool delete other -y",
            "work-pools delete third -y",
        ],
        &[],
    );
}

#[test]
fn work_queues() {
    let world = World::start("work_pool");
    world.deployment();
    let flow = world.flow("etl");
    world.assert(
        "queue_create",
        &[
            "work-queue create urgent --pool laptop --priority 1 --limit 2",
            "work-queue create slow -p laptop -o json",
            "work-queue create slow -p labtop",
        ],
        &[],
    );
    world.post("/flow_runs/", &json!({ "flow_id": flow, "name": "due", "state": { "type": "SCHEDULED" }, "work_pool_name": "laptop", "work_queue_name": "urgent" }));
    world.assert(
        "queue_ls",
        &["work-queue ls", "work-queue ls --pool laptop --match urg -o json", "work-queue ls --pool x"],
        &[],
    );
    world.assert(
        "queue_inspect",
        &[
            "work-queue inspect urgent",
            "work-queue inspect urgent --pool laptop -o json",
            "work-queue inspect urgnt",
        ],
        &[],
    );
    world.assert(
        "queue_pause",
        &["work-queue pause urgent", "work-queue pause urgent -o json", "work-queue pause x"],
        &[],
    );
    world.assert(
        "queue_resume",
        &["work-queue resume urgent", "work-queue resume urgent -o json", "work-queue resume x"],
        &[],
    );
    world.assert(
        "queue_set_concurrency_limit",
        &[
            "work-queue set-concurrency-limit urgent 5",
            "work-queue set-concurrency-limit urgent 6 -o json",
            "work-queue set-concurrency-limit x 1",
        ],
        &[],
    );
    world.assert(
        "queue_clear_concurrency_limit",
        &[
            "work-queue clear-concurrency-limit urgent",
            "work-queue clear-concurrency-limit urgent -o json",
            "work-queue clear-concurrency-limit x",
        ],
        &[],
    );
    world.assert(
        "queue_preview",
        &[
            "work-queue preview urgent",
            "work-queue preview urgent --pool laptop -o json",
            "work-queue preview x",
        ],
        &[],
    );
    let pending = json!({ "flow_id": flow, "name": "busy", "state": { "type": "PENDING" }, "work_pool_name": "laptop", "work_queue_name": "urgent" });
    world.post("/flow_runs/", &pending);
    world.assert(
        "queue_slots",
        &[
            "work-queue slots urgent",
            "work-queue slots urgent -o json",
            "work-queue slots x",
            "work-pool slots laptop",
        ],
        &[],
    );
    world.assert(
        "queue_delete",
        &[
            "work-queue delete urgent",
            "work-queue delete urgent --yes",
            "work-queue delete slow -y -o json",
            "work-queue delete slow -y",
        ],
        &[],
    );
}

#[test]
fn workers() {
    let world = World::start("work_pool");
    world.post("/work_pools/", &json!({ "name": "laptop", "type": "process" }));
    world.heartbeat("laptop", "bee");
    world.assert("worker_ls", &["worker ls", "worker ls --pool laptop -o json", "worker ls --pool x"], &[]);
    world.assert(
        "worker_start",
        &[
            "worker start",
            "worker start --pool x --limit many",
            "worker start --pool laptop --python nowhere/python",
        ],
        &[],
    );
    world.assert(
        "worker_inspect",
        &["worker inspect bee", "worker inspect bee --pool laptop -o json", "worker inspect bea"],
        &[],
    );
}

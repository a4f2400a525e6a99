//! `sluice task-run`

use crate::cli::world::World;

#[test]
fn task_runs() {
    let world = World::start("task_run");
    let flow = world.flow("etl");
    let flow_run = world.flow_run(&flow, "brave-fox", "RUNNING");
    let task_run = world.task_run(&flow_run, "extract-0", "RUNNING");
    world.log(&flow_run, &task_run, &["of the task"]);
    let ids = [("ID", &task_run)];
    world.assert(
        "ls",
        &["task-run ls", "task-run ls --task-run-name extract-0 -o json", "task-run ls --state-type odd"],
        &ids,
    );
    world.assert(
        "inspect",
        &["task-run inspect {ID}", "task-run inspect extract-0 -o json", "task-run inspect nothing"],
        &ids,
    );
    world.assert(
        "logs",
        &["task-run logs {ID}", "task-run logs extract-0 -o json", "task-run logs nothing"],
        &ids,
    );
}

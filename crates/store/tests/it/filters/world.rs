//! Three flows, two deployments, four flow runs and what belongs to them. Ids are small numbers, times are seconds
//! after 1970.

use sluice_store::{Database, Store, StoreError, params};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

const HERE: WorkspaceId = WorkspaceId::DEFAULT;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn json(text: &str) -> RawJson {
    RawJson::from_text(text.to_owned()).expect("valid JSON")
}

/// Builds it, and one flow in another workspace.
pub(super) async fn build(store: &Store) {
    let built: Result<(), StoreError> = store
        .write((), |tx, ()| {
            Box::pin(async move {
                let flow = "INSERT INTO flow (id, workspace_id, created, updated, name, tags, labels)
                            VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)";
                let elsewhere = WorkspaceId(id(99));
                for (number, workspace, name, tags) in [
                    (1, HERE, "extract", r#"["db","red"]"#),
                    (2, HERE, "transform", r#"["db"]"#),
                    (3, HERE, "unused", "[]"),
                    (4, elsewhere, "extract", "[]"),
                ] {
                    let created = at(i64::try_from(number).unwrap_or(0));
                    tx.execute(flow, params![id(number), workspace, created, name, json(tags), RawJson::empty_object()])
                        .await?;
                }
                tx.execute(
                    "INSERT INTO work_pool (id, workspace_id, created, updated, name, type, base_job_template,
                         is_paused, status, storage_configuration)
                     VALUES (?1, ?2, ?3, ?3, 'kubernetes', 'kubernetes', ?4, ?5, 'READY', ?4)",
                    params![id(61), HERE, at(0), RawJson::empty_object(), false],
                )
                .await?;
                for (number, name) in [(71, "default"), (72, "High")] {
                    tx.execute(
                        "INSERT INTO work_queue (id, workspace_id, created, updated, name, description, is_paused,
                             priority, work_pool_id, status)
                         VALUES (?1, ?2, ?3, ?3, ?4, '', ?5, 1, ?6, 'READY')",
                        params![id(number), HERE, at(0), name, false, id(61)],
                    )
                    .await?;
                }
                for (number, name, flow, paused, tags, queue_name, queue) in [
                    (11, "nightly", 1, false, r#"["prod"]"#, Some("default"), Some(id(71))),
                    (12, "hourly", 2, true, "[]", None, None),
                ] {
                    tx.execute(
                        "INSERT INTO deployment (id, workspace_id, created, updated, name, flow_id, paused,
                             job_variables, parameters, tags, labels, work_queue_name, work_queue_id, status,
                             enforce_parameter_schema)
                         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?7, ?9, ?10, 'READY', ?11)",
                        params![
                            id(number), HERE, at(0), name, id(flow), paused, RawJson::empty_object(), json(tags),
                            queue_name, queue, true,
                        ],
                    )
                    .await?;
                }
                let flow_run = "INSERT INTO flow_run (id, workspace_id, created, updated, name, flow_id, deployment_id,
                        work_queue_name, work_queue_id, flow_version, parameters, idempotency_key, context,
                        empirical_policy, tags, labels, parent_task_run_id, run_count, expected_start_time,
                        next_scheduled_start_time, start_time, end_time, total_run_time, auto_scheduled, created_by,
                        state_type, state_name)
                    VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?10, ?10, ?12, ?10, ?13, 0, ?14, ?15,
                        ?16, ?17, 0, ?18, ?19, ?20, ?21)";
                let none: Option<&str> = None;
                let no_id: Option<Uuid> = None;
                let no_time: Option<Timestamp> = None;
                let creator = r#"{"id":"00000000-0000-0000-0000-00000000000b","type":"DEPLOYMENT"}"#;
                tx.execute_many(
                    flow_run,
                    vec![
                        params![
                            id(21), HERE, at(0), "run-21", id(1), id(11), "default", id(71), "v1",
                            RawJson::empty_object(), none, json(r#"["a","b"]"#), no_id, at(10), no_time, at(10), no_time,
                            false, json(creator), "RUNNING", "Running",
                        ],
                        params![
                            id(22), HERE, at(0), "run-22", id(2), no_id, none, no_id, "v2", RawJson::empty_object(),
                            none, json(r#"["c"]"#), id(31), at(20), no_time, at(20), at(25), false, none, "FAILED",
                            "Failed",
                        ],
                        params![
                            id(23), HERE, at(0), "run-23", id(1), id(11), none, no_id, none, RawJson::empty_object(),
                            "key", json("[]"), no_id, at(30), at(30), no_time, no_time, true, none, "SCHEDULED", "Late",
                        ],
                        params![
                            id(24), HERE, at(0), "stateless", id(2), no_id, none, no_id, none, RawJson::empty_object(),
                            none, json("[]"), no_id, no_time, no_time, no_time, no_time, false, none, none, none,
                        ],
                    ],
                )
                .await?;
                let task_run = "INSERT INTO task_run (id, workspace_id, created, updated, name, flow_run_id, task_key,
                        dynamic_key, empirical_policy, tags, labels, task_inputs, run_count, flow_run_run_count,
                        start_time, total_run_time, state_type, state_name)
                    VALUES (?1, ?2, ?3, ?3, ?4, ?5, 'load', ?4, ?6, ?7, ?6, ?6, 0, 0, ?8, 0, ?9, ?10)";
                let object = RawJson::empty_object;
                tx.execute_many(
                    task_run,
                    vec![
                        params![id(31), HERE, at(0), "load-0", id(21), object(), json(r#"["x"]"#), at(11), "COMPLETED", "Completed"],
                        params![id(32), HERE, at(0), "load-1", id(21), object(), json("[]"), no_time, "RUNNING", "Running"],
                        params![id(33), HERE, at(0), "free", no_id, object(), json("[]"), no_time, none, none],
                    ],
                )
                .await?;
                let artifact = "INSERT INTO artifact (id, workspace_id, created, updated, key, type, flow_run_id,
                        task_run_id) VALUES (?1, ?2, ?3, ?3, ?4, 'table', ?5, ?6)";
                tx.execute(artifact, params![id(41), HERE, at(0), "report", id(21), id(31)]).await?;
                tx.execute(artifact, params![id(42), HERE, at(0), none, no_id, no_id]).await?;
                let variable = "INSERT INTO variable (id, workspace_id, created, updated, name, tags)
                                VALUES (?1, ?2, ?3, ?3, ?4, ?5)";
                tx.execute(variable, params![id(51), HERE, at(0), "db_host", json("[]")]).await?;
                tx.execute(variable, params![id(52), HERE, at(0), "user", json(r#"["dev"]"#)]).await?;
                Ok(())
            })
        })
        .await;
    built.expect("the world is built");
    let logged: Result<(), StoreError> = store
        .write_to(Database::Telemetry, (), |tx, ()| {
            Box::pin(async move {
                let log = "INSERT INTO log (id, workspace_id, created, name, level, flow_run_id, task_run_id, message,
                        timestamp) VALUES (?1, ?2, ?3, 'the.logger', ?4, ?5, ?6, ?7, ?8)";
                let no_id: Option<Uuid> = None;
                tx.execute(log, params![id(81), HERE, at(0), 20, id(21), no_id, "100% done", at(1)]).await?;
                tx.execute(log, params![id(82), HERE, at(0), 40, id(21), id(31), "a Timeout", at(2)]).await?;
                Ok(())
            })
        })
        .await;
    logged.expect("the log lines are stored");
}

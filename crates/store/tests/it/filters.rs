//! Which objects filters find, on a small world (`filters/world.rs`).

mod random;
mod world;

use serde_json::{Value, json};
use sluice_store::{Database, Sql, Store, StoreError, filters};
use sluice_test_support::on_both_databases;
use sluice_wire::filters::{
    ArtifactFilterRequest, FilterRequest, LogFilter, VariableFilter, WorkPoolFilter, WorkQueueFilter,
};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::{
    ArtifactSort, DeploymentSort, FlowRunSort, FlowSort, LogSort, TaskRunSort, VariableSort,
};
use uuid::Uuid;

const HERE: WorkspaceId = WorkspaceId::DEFAULT;

/// The ids that the statement finds, as the small numbers that the world gives them.
async fn run(
    store: &Store,
    database: Database,
    build: impl Fn(&mut Sql) + Send + Sync + 'static,
) -> Vec<u128> {
    store
        .read_from(database, build, |tx, build| {
            Box::pin(async move {
                let mut sql = Sql::new(tx.dialect(), "");
                build(&mut sql);
                let rows = tx.query_sql(sql).await?;
                rows.into_iter().map(|row| row.scalar::<Uuid>().map(|id| id.as_u128())).collect()
            })
        })
        .await
        .expect("the statement runs")
}

fn parse<T: serde::de::DeserializeOwned>(body: &Value) -> T {
    serde_json::from_value(body.clone()).expect("a valid filter")
}

async fn find(store: &Store, table: &'static str, body: &Value) -> Vec<u128> {
    let body = body.clone();
    let database = if table == "log" { Database::Telemetry } else { Database::Main };
    run(store, database, move |sql| {
        sql.push("SELECT ").push(table).push(".id FROM ").push(table);
        match table {
            "flow" => {
                let request: FilterRequest<FlowSort> = parse(&body);
                filters::flows::push_where(sql, HERE, &request.filters);
                filters::flows::push_order(sql, request.sort);
            }
            "flow_run" => {
                let request: FilterRequest<FlowRunSort> = parse(&body);
                filters::flow_runs::push_where(sql, HERE, &request.filters);
                if body.get("sort").is_some() {
                    filters::flow_runs::push_order(sql, request.sort);
                } else {
                    sql.push(" ORDER BY flow_run.id");
                }
            }
            "task_run" => {
                let request: FilterRequest<TaskRunSort> = parse(&body);
                filters::task_runs::push_where(sql, HERE, &request.filters);
                sql.push(" ORDER BY task_run.id");
            }
            "deployment" => {
                let request: FilterRequest<DeploymentSort> = parse(&body);
                filters::deployments::push_where(sql, HERE, &request.filters);
                filters::deployments::push_order(sql, request.sort);
            }
            "artifact" => {
                let request: ArtifactFilterRequest<_, ArtifactSort> = parse(&body);
                filters::artifacts::push_where(sql, HERE, request.artifacts.as_ref(), &request.related);
                sql.push(" ORDER BY artifact.id");
            }
            "variable" => {
                let filter: VariableFilter = parse(&body);
                filters::variables::push_where(sql, HERE, Some(&filter));
                filters::variables::push_order(sql, VariableSort::NameAsc);
            }
            "work_pool" => {
                let filter: WorkPoolFilter = parse(&body);
                filters::work_pools::push_where(sql, HERE, Some(&filter));
            }
            "work_queue" => {
                let filter: WorkQueueFilter = parse(&body);
                filters::work_queues::push_where(sql, HERE, Some(&filter));
                sql.push(" ORDER BY work_queue.id");
            }
            "log" => {
                let filter: LogFilter = parse(&body);
                filters::logs::push_where(sql, HERE, Some(&filter));
                filters::logs::push_order(sql, LogSort::TimestampAsc);
            }
            other => panic!("no such table: {other}"),
        }
    })
    .await
}

async fn check(store: &Store, cases: &[(&'static str, Value, &[u128])]) {
    world::build(store).await;
    for (table, body, expected) in cases {
        assert_eq!(find(store, table, body).await, *expected, "{table} {body}");
    }
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// How SQLite goes about the statement.
async fn plan(store: &Store, body: &Value) -> Vec<String> {
    let request: FilterRequest<FlowRunSort> = parse(body);
    store
        .read(request, |tx, request| {
            Box::pin(async move {
                let mut sql = Sql::new(tx.dialect(), "EXPLAIN QUERY PLAN SELECT * FROM flow_run");
                filters::flow_runs::push_where(&mut sql, HERE, &request.filters);
                filters::flow_runs::push_order(&mut sql, request.sort);
                filters::push_page(&mut sql, 200, 0);
                let mut steps = Vec::new();
                for row in tx.query_sql(sql).await? {
                    let mut columns = row.columns();
                    let (_, _, _): (i64, i64, i64) = (columns.take()?, columns.take()?, columns.take()?);
                    steps.push(columns.take()?);
                }
                Ok::<_, StoreError>(steps)
            })
        })
        .await
        .expect("the plan is read")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_flow_runs_walk_an_index_on_sqlite() {
    let store = sluice_test_support::sqlite().await.open().await;
    let common = json!({"state": {"type": {"any_": ["COMPLETED", "FAILED"]}}});
    let rare = json!({"state": {"type": {"any_": ["RUNNING", "PENDING"]}}});
    let cases = [
        (json!({}), "flow_run_id"),
        (json!({"sort": "START_TIME_DESC"}), "flow_run_started"),
        (json!({"sort": "EXPECTED_START_TIME_DESC"}), "flow_run_expected"),
        (json!({"sort": "EXPECTED_START_TIME_ASC"}), "flow_run_expected"),
        (json!({"sort": "END_TIME_DESC"}), "flow_run_ended"),
        (json!({"sort": "NAME_ASC"}), "flow_run_name"),
        (json!({"sort": "START_TIME_DESC", "flow_runs": common}), "flow_run_started"),
        (json!({"sort": "EXPECTED_START_TIME_DESC", "flow_runs": common}), "flow_run_expected"),
        (json!({"sort": "START_TIME_DESC", "flows": {"name": {"any_": ["etl"]}}}), "flow_run_started"),
    ];
    for (body, index) in cases {
        let steps = plan(&store, &body).await;
        assert!(steps[0].contains(index), "{body}: {steps:?}");
        assert!(!steps.iter().any(|step| step.contains("ORDER BY")), "{body}: {steps:?}");
    }
    // Few rows: found by their state or id, then sorted.
    let by_state = plan(&store, &json!({"sort": "START_TIME_DESC", "flow_runs": rare})).await;
    assert!(by_state[0].contains("flow_run_state_type"), "{by_state:?}");
    let by_id = json!({"sort": "START_TIME_DESC", "flow_runs": {"id": {"any_": [id(1), id(2)]}}});
    let by_id = plan(&store, &by_id).await;
    assert!(by_id[0].contains(" AND id=?)") || by_id[0].contains("(id=?)"), "{by_id:?}");
}

on_both_databases! {
    async fn flows_are_found_by_their_own_fields_and_by_what_belongs_to_them(store: Store) {
        check(&store, &[
            ("flow", json!({}), &[1, 2, 3]),
            ("flow", json!({"flows": {}}), &[1, 2, 3]),
            ("flow", json!({"sort": "NAME_DESC"}), &[3, 2, 1]),
            ("flow", json!({"sort": "CREATED_DESC"}), &[3, 2, 1]),
            ("flow", json!({"flows": {"id": {"any_": [id(1), id(9)]}}}), &[1]),
            ("flow", json!({"flows": {"id": {"any_": []}}}), &[]),
            ("flow", json!({"flows": {"id": {"not_any_": [id(1)]}}}), &[2, 3]),
            ("flow", json!({"flows": {"id": {"not_any_": []}}}), &[1, 2, 3]),
            ("flow", json!({"flows": {"name": {"like_": "TRANS"}}}), &[2]),
            ("flow", json!({"flows": {"name": {"like_": "_xtrac%"}}}), &[1]),
            ("flow", json!({"flows": {"name": {"like_": ""}}}), &[1, 2, 3]),
            ("flow", json!({"flows": {"name": {"any_": ["extract", "none"]}}}), &[1]),
            ("flow", json!({"flows": {"tags": {"all_": ["db", "red"]}}}), &[1]),
            ("flow", json!({"flows": {"tags": {"all_": []}}}), &[1, 2, 3]),
            ("flow", json!({"flows": {"tags": {"is_null_": true}}}), &[3]),
            ("flow", json!({"flows": {"tags": {"is_null_": false}}}), &[1, 2]),
            ("flow", json!({"flows": {"tags": {"operator": "or_", "all_": ["red"], "is_null_": true}}}), &[1, 3]),
            ("flow", json!({"flows": {"deployment": {"is_null_": true}}}), &[3]),
            ("flow", json!({"flows": {"deployment": {"is_null_": false}}}), &[1, 2]),
            ("flow", json!({"flows": {"operator": "or_", "name": {"any_": ["extract"]}, "id": {"any_": [id(3)]}}}), &[1, 3]),
            ("flow", json!({"flows": {"operator": "or_", "name": {"any_": ["extract"]}, "id": {}}}), &[1, 2, 3]),
            ("flow", json!({"deployments": {}}), &[1, 2]),
            ("flow", json!({"deployments": {"name": {"any_": ["nightly"]}}}), &[1]),
            ("flow", json!({"work_pools": {"name": {"any_": ["kubernetes"]}}}), &[1]),
            ("flow", json!({"flow_runs": {}}), &[1, 2]),
            ("flow", json!({"flow_runs": {"state": {"type": {"any_": ["FAILED"]}}}}), &[2]),
            ("flow", json!({"task_runs": {"name": {"any_": ["load-0"]}}}), &[1]),
            ("flow", json!({"flow_runs": {"name": {"any_": ["run-22"]}}, "task_runs": {}}), &[]),
        ]).await;
    }

    async fn flow_runs_are_found_by_every_criterion(store: Store) {
        check(&store, &[
            ("flow_run", json!({}), &[21, 22, 23, 24]),
            ("flow_run", json!({"flow_runs": {"id": {"any_": [id(21), id(24)], "not_any_": [id(24)]}}}), &[21]),
            ("flow_run", json!({"flow_runs": {"name": {"like_": "RUN-2"}}}), &[21, 22, 23]),
            ("flow_run", json!({"flow_runs": {"tags": {"any_": ["a", "c"]}}}), &[21, 22]),
            ("flow_run", json!({"flow_runs": {"tags": {"any_": []}}}), &[]),
            ("flow_run", json!({"flow_runs": {"tags": {"all_": ["a", "b"]}}}), &[21]),
            ("flow_run", json!({"flow_runs": {"tags": {"is_null_": true}}}), &[23, 24]),
            ("flow_run", json!({"flow_runs": {"deployment_id": {"any_": [id(11)]}}}), &[21, 23]),
            ("flow_run", json!({"flow_runs": {"deployment_id": {"is_null_": true}}}), &[22, 24]),
            ("flow_run", json!({"flow_runs": {"deployment_id": {"operator": "or_", "any_": [id(11)], "is_null_": true}}}), &[21, 22, 23, 24]),
            ("flow_run", json!({"flow_runs": {"work_queue_name": {"any_": ["default"]}}}), &[21]),
            ("flow_run", json!({"flow_runs": {"work_queue_name": {"is_null_": true}}}), &[22, 23, 24]),
            ("flow_run", json!({"flow_runs": {"state": {"type": {"any_": ["RUNNING", "FAILED"]}}}}), &[21, 22]),
            ("flow_run", json!({"flow_runs": {"state": {"type": {"not_any_": ["RUNNING"]}}}}), &[22, 23]),
            ("flow_run", json!({"flow_runs": {"state": {"name": {"any_": ["Late"]}}}}), &[23]),
            ("flow_run", json!({"flow_runs": {"state": {"operator": "or_", "type": {"any_": ["FAILED"]}, "name": {"any_": ["Late"]}}}}), &[22, 23]),
            ("flow_run", json!({"flow_runs": {"state": {"operator": "or_", "type": {}, "name": {"any_": ["Late"]}}}}), &[23]),
            ("flow_run", json!({"flow_runs": {"state": {}}}), &[21, 22, 23, 24]),
            ("flow_run", json!({"flow_runs": {"flow_version": {"any_": ["v2"]}}}), &[22]),
            ("flow_run", json!({"flow_runs": {"start_time": {"after_": "1970-01-01T00:00:20Z"}}}), &[22, 23]),
            ("flow_run", json!({"flow_runs": {"start_time": {"is_null_": true}}}), &[23, 24]),
            ("flow_run", json!({"flow_runs": {"end_time": {"before_": "1970-01-01T00:00:25Z"}}}), &[22]),
            ("flow_run", json!({"flow_runs": {"end_time": {"is_null_": true}}}), &[21, 23, 24]),
            ("flow_run", json!({"flow_runs": {"expected_start_time": {"after_": "1970-01-01T00:00:10Z", "before_": "1970-01-01T00:00:20Z"}}}), &[21, 22]),
            ("flow_run", json!({"flow_runs": {"next_scheduled_start_time": {"before_": "1970-01-01T00:00:30Z"}}}), &[23]),
            ("flow_run", json!({"flow_runs": {"parent_task_run_id": {"any_": [id(31)]}}}), &[22]),
            ("flow_run", json!({"flow_runs": {"parent_task_run_id": {"is_null_": false}}}), &[22]),
            ("flow_run", json!({"flow_runs": {"parent_flow_run_id": {"any_": [id(21)]}}}), &[22]),
            ("flow_run", json!({"flow_runs": {"parent_flow_run_id": {}}}), &[21, 22, 23, 24]),
            ("flow_run", json!({"flow_runs": {"idempotency_key": {"any_": ["key"]}}}), &[23]),
            ("flow_run", json!({"flow_runs": {"idempotency_key": {"not_any_": ["other"]}}}), &[23]),
            ("flow_run", json!({"flow_runs": {"created_by": {"type_": ["DEPLOYMENT"]}}}), &[21]),
            ("flow_run", json!({"flow_runs": {"created_by": {"id_": [id(11)]}}}), &[21]),
            ("flow_run", json!({"flow_runs": {"created_by": {"is_null_": true}}}), &[22, 23, 24]),
            ("flow_run", json!({"flow_runs": {"operator": "or_", "name": {"any_": ["run-22"]}, "state": {"name": {"any_": ["Late"]}}}}), &[22, 23]),
        ]).await;
    }

    async fn flow_runs_are_found_by_what_they_belong_to_and_each_comes_once(store: Store) {
        check(&store, &[
            ("flow_run", json!({"flows": {"name": {"any_": ["extract"]}}}), &[21, 23]),
            ("flow_run", json!({"deployments": {}}), &[21, 23]),
            ("flow_run", json!({"deployments": {"name": {"any_": ["hourly"]}}}), &[]),
            ("flow_run", json!({"task_runs": {}}), &[21]),
            ("flow_run", json!({"task_runs": {"name": {"any_": ["none"]}}}), &[]),
            ("flow_run", json!({"flows": {"name": {"any_": ["transform"]}}, "task_runs": {}}), &[]),
            ("flow_run", json!({"work_pools": {"type": {"any_": ["kubernetes"]}}}), &[21]),
            ("flow_run", json!({"work_pool_queues": {"name": {"startswith_": ["DEF"]}}}), &[21]),
            ("flow_run", json!({"work_pool_queues": {"name": {"any_": ["none"]}}}), &[]),
        ]).await;
    }

    async fn flow_runs_are_sorted_with_the_id_as_the_tie_break(store: Store) {
        let known = json!({"id": {"any_": [id(21), id(22), id(23)]}});
        check(&store, &[
            ("flow_run", json!({"flow_runs": known, "sort": "ID_DESC"}), &[23, 22, 21]),
            ("flow_run", json!({"flow_runs": known, "sort": "START_TIME_ASC"}), &[21, 22, 23]),
            ("flow_run", json!({"flow_runs": known, "sort": "START_TIME_DESC"}), &[23, 22, 21]),
            ("flow_run", json!({"flow_runs": known, "sort": "EXPECTED_START_TIME_ASC"}), &[21, 22, 23]),
            ("flow_run", json!({"flow_runs": known, "sort": "EXPECTED_START_TIME_DESC"}), &[23, 22, 21]),
            ("flow_run", json!({"flow_runs": known, "sort": "NAME_ASC"}), &[21, 22, 23]),
            ("flow_run", json!({"flow_runs": known, "sort": "NAME_DESC"}), &[23, 22, 21]),
        ]).await;
    }

    async fn task_runs_are_found(store: Store) {
        check(&store, &[
            ("task_run", json!({}), &[31, 32, 33]),
            ("task_run", json!({"task_runs": {"id": {"any_": [id(31)]}}}), &[31]),
            ("task_run", json!({"task_runs": {"name": {"like_": "Load"}}}), &[31, 32]),
            ("task_run", json!({"task_runs": {"tags": {"all_": ["x"]}}}), &[31]),
            ("task_run", json!({"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}), &[31]),
            ("task_run", json!({"task_runs": {"state": {"operator": "or_", "type": {}, "name": {"any_": ["Running"]}}}}), &[32]),
            ("task_run", json!({"task_runs": {"start_time": {"is_null_": false}}}), &[31]),
            ("task_run", json!({"task_runs": {"subflow_runs": {"exists_": true}}}), &[31]),
            ("task_run", json!({"task_runs": {"subflow_runs": {"exists_": false}}}), &[32, 33]),
            ("task_run", json!({"task_runs": {"flow_run_id": {}}}), &[31, 32]),
            ("task_run", json!({"task_runs": {"flow_run_id": {"is_null_": true}}}), &[33]),
            ("task_run", json!({"task_runs": {"flow_run_id": {"is_null_": true, "any_": [id(21)]}}}), &[33]),
            ("task_run", json!({"task_runs": {"flow_run_id": {"is_null_": null}}}), &[31, 32, 33]),
            ("task_run", json!({"task_runs": {"flow_run_id": {"any_": [id(21)]}}}), &[31, 32]),
            ("task_run", json!({"flow_runs": {"id": {"any_": [id(21)]}}}), &[31, 32]),
            ("task_run", json!({"flow_runs": {"name": {"any_": ["run-21"]}}}), &[31, 32]),
            ("task_run", json!({"flow_runs": {}}), &[31, 32]),
            ("task_run", json!({"flows": {"name": {"any_": ["transform"]}}}), &[]),
            ("task_run", json!({"deployments": {"name": {"any_": ["nightly"]}}}), &[31, 32]),
        ]).await;
    }

    async fn deployments_are_found(store: Store) {
        check(&store, &[
            ("deployment", json!({}), &[12, 11]),
            ("deployment", json!({"sort": "NAME_DESC"}), &[11, 12]),
            ("deployment", json!({"deployments": {"id": {"any_": [id(12)]}}}), &[12]),
            ("deployment", json!({"deployments": {"name": {"like_": "NIGHT"}}}), &[11]),
            ("deployment", json!({"deployments": {"flow_or_deployment_name": {"like_": "trans"}}}), &[12]),
            ("deployment", json!({"deployments": {"flow_or_deployment_name": {"like_": "hourly"}}}), &[12]),
            ("deployment", json!({"deployments": {"flow_or_deployment_name": {}}}), &[12, 11]),
            ("deployment", json!({"deployments": {"paused": {"eq_": true}}}), &[12]),
            ("deployment", json!({"deployments": {"paused": {"eq_": false}}}), &[11]),
            ("deployment", json!({"deployments": {"tags": {"any_": ["prod"]}}}), &[11]),
            ("deployment", json!({"deployments": {"work_queue_name": {"any_": ["default"]}}}), &[11]),
            ("deployment", json!({"deployments": {"concurrency_limit": {"ge_": 5}}}), &[12, 11]),
            ("deployment", json!({"flows": {"name": {"any_": ["extract"]}}}), &[11]),
            ("deployment", json!({"flow_runs": {}}), &[11]),
            ("deployment", json!({"task_runs": {}}), &[11]),
            ("deployment", json!({"flow_runs": {"name": {"any_": ["run-23"]}}, "task_runs": {}}), &[]),
            ("deployment", json!({"work_pools": {"name": {"any_": ["kubernetes"]}}}), &[11]),
            ("deployment", json!({"work_pool_queues": {"name": {"any_": ["default"]}}}), &[11]),
        ]).await;
    }

    async fn artifacts_variables_pools_queues_and_logs_are_found(store: Store) {
        check(&store, &[
            ("artifact", json!({}), &[41, 42]),
            ("artifact", json!({"artifacts": {"key": {"like_": "REPORT"}}}), &[41]),
            ("artifact", json!({"artifacts": {"key": {"exists_": false}}}), &[42]),
            ("artifact", json!({"artifacts": {"key": {"exists_": true}}}), &[41]),
            ("artifact", json!({"artifacts": {"type": {"not_any_": ["table"]}}}), &[]),
            ("artifact", json!({"artifacts": {"flow_run_id": {"any_": [id(21)]}}}), &[41]),
            ("artifact", json!({"flows": {"name": {"any_": ["extract"]}}}), &[41]),
            ("artifact", json!({"deployments": {}}), &[41]),
            ("artifact", json!({"task_runs": {"name": {"any_": ["load-0"]}}}), &[41]),
            ("variable", json!({}), &[51, 52]),
            ("variable", json!({"name": {"like_": "HOST"}}), &[51]),
            ("variable", json!({"tags": {"all_": ["dev"]}}), &[52]),
            ("variable", json!({"operator": "or_", "tags": {"is_null_": true}, "id": {"any_": [id(52)]}}), &[51, 52]),
            ("work_pool", json!({"name": {"any_": ["kubernetes"]}}), &[61]),
            ("work_pool", json!({"type": {"any_": ["docker"]}}), &[]),
            ("work_queue", json!({"name": {"startswith_": ["hi", "none"]}}), &[72]),
            ("work_queue", json!({"name": {"startswith_": []}}), &[71, 72]),
            ("log", json!({}), &[81, 82]),
            ("log", json!({"level": {"ge_": 30}}), &[82]),
            ("log", json!({"timestamp": {"before_": "1970-01-01T00:00:01Z"}}), &[81]),
            ("log", json!({"flow_run_id": {"any_": [id(21)]}}), &[81, 82]),
            ("log", json!({"task_run_id": {"is_null_": true}}), &[81]),
            ("log", json!({"text": {"query": "TIMEOUT"}}), &[82]),
            ("log", json!({"text": {"query": "logger -timeout"}}), &[81]),
            ("log", json!({"text": {"query": "100%"}}), &[81]),
            ("log", json!({"text": {"query": ""}}), &[81, 82]),
        ]).await;
    }

    async fn lists_may_be_longer_than_a_statement_has_parameters(store: Store) {
        let mut ids: Vec<String> = (1_000..71_000).map(id).collect();
        ids.push(id(2));
        let mut names: Vec<String> = (0..70_000).map(|number| format!("name-{number}")).collect();
        names.push("transform".to_owned());
        check(&store, &[
            ("flow", json!({"flows": {"id": {"any_": ids}}}), &[2]),
            ("flow", json!({"flows": {"id": {"not_any_": ids}}}), &[1, 3]),
            ("flow", json!({"flows": {"name": {"any_": names}}}), &[2]),
        ]).await;
    }
}

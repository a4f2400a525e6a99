//! The bodies of `/filter`: what is read becomes SQL that the database must take.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sluice_store::{DatabaseUrl, Sql, Store, StoreError, StoreOptions, filters};
use sluice_wire::filters::{FilterRequest, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::{DeploymentSort, FlowRunSort, FlowSort, TaskRunSort};

use super::{RUNTIME, Target};

pub(super) const TARGET: Target = Target {
    name: "filters",
    seeds: &[
        r#"{"flow_runs":{"operator":"or_","state":{"type":{"any_":["RUNNING"]},"name":{"not_any_":["Late"]}},"tags":{"all_":["a"],"is_null_":false},"start_time":{"after_":"2026-01-01T00:00:00Z","is_null_":true}},"sort":"START_TIME_DESC","limit":10,"offset":3}"#,
        r#"{"flows":{"name":{"like_":"%e_t"},"id":{"any_":["6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f"]}},"deployments":{"paused":{"eq_":true},"concurrency_limit":{"ge_":1}},"work_pools":{"type":{"any_":["process"]}},"work_pool_queues":{"name":{"startswith_":["a"]}}}"#,
        r#"{"task_runs":{"state":{"type":{"any_":["FAILED"]}},"subflow_runs":{"exists_":true},"expected_start_time":{"before_":"2026-01-01T00:00:00Z"}},"sort":"EXPECTED_START_TIME_ASC"}"#,
        r#"{"flow_runs":{"parent_flow_run_id":{"any_":[]},"created_by":{"id_":["6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f"],"type_":["DEPLOYMENT"],"is_null_":false},"idempotency_key":{"not_any_":["x"]},"flow_version":{"any_":["1"]}}}"#,
    ],
    words: &[
        "\"any_\":",
        "\"not_any_\":",
        "\"all_\":",
        "\"is_null_\":",
        "\"like_\":",
        "\"before_\":",
        "\"after_\":",
        "\"operator\":",
        "\"or_\"",
        "\"and_\"",
        "\"flows\":",
        "\"flow_runs\":",
        "\"task_runs\":",
        "\"deployments\":",
        "\"work_pools\":",
        "\"work_pool_queues\":",
        "\"tags\":",
        "\"state\":",
        "\"name\":",
        "\"id\":",
        "\"sort\":",
        "\"limit\":",
        "\"offset\":",
        "[",
        "]",
        "{",
        "}",
        ",",
        "null",
        "\"?1\"",
        "\"'\"",
        "\"--\"",
    ],
    run: |text| {
        try_on::<FlowRunSort>(
            text,
            "flow_run",
            filters::flow_runs::push_where,
            filters::flow_runs::push_order,
        );
        try_on::<TaskRunSort>(
            text,
            "task_run",
            filters::task_runs::push_where,
            filters::task_runs::push_order,
        );
        try_on::<FlowSort>(text, "flow", filters::flows::push_where, filters::flows::push_order);
        try_on::<DeploymentSort>(
            text,
            "deployment",
            filters::deployments::push_where,
            filters::deployments::push_order,
        );
    },
};

/// An empty database; what it finds does not matter, that it takes the statement does.
#[expect(clippy::expect_used, reason = "without a database there is nothing to try")]
static STORE: LazyLock<(Store, tempfile::TempDir)> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a directory");
    let url = DatabaseUrl::Sqlite(directory.path().join("fuzz.db"));
    let store = RUNTIME.block_on(async {
        let store = Store::open(&url, StoreOptions::default()).await.expect("the database opens");
        store.migrate().await.expect("the database migrates");
        store
    });
    (store, directory)
});

fn try_on<S>(
    text: &str,
    table: &'static str,
    push_where: fn(&mut Sql, WorkspaceId, &RelatedFilters),
    push_order: fn(&mut Sql, S),
) where
    S: DeserializeOwned + Default + Copy + Send + Sync + 'static,
    FilterRequest<S>: for<'de> Deserialize<'de>,
{
    let Ok(request) = serde_json::from_str::<FilterRequest<S>>(text) else { return };
    let outcome = RUNTIME.block_on(STORE.0.read(request, move |tx, request| {
        Box::pin(async move {
            let mut sql = Sql::new(tx.dialect(), &format!("SELECT {table}.id FROM {table}"));
            push_where(&mut sql, WorkspaceId::random(), &request.filters);
            push_order(&mut sql, request.sort);
            filters::push_page(&mut sql, request.page.limit.unwrap_or(200), request.page.offset);
            tx.query_sql(sql).await?;
            Ok::<_, StoreError>(())
        })
    }));
    assert!(outcome.is_ok(), "the database does not take what became of the filter: {outcome:?}");
}

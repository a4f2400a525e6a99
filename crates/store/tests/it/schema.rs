use sluice_store::{Sql, Store, StoreError, filters};
use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;

async fn column(store: &Store, text: String, position: usize) -> Vec<String> {
    store
        .read((text, position), |tx, (text, position)| {
            Box::pin(async move {
                let mut values = Vec::new();
                for row in tx.query_sql(Sql::new(tx.dialect(), text)).await? {
                    let mut columns = row.columns();
                    // Numbers come before what is looked for.
                    for _ in 0..*position {
                        let _: i64 = columns.take()?;
                    }
                    values.push(columns.take()?);
                }
                Ok::<_, StoreError>(values)
            })
        })
        .await
        .expect("the statement runs")
}

/// A list in the condition of an index (`WHERE state IN (...)`) becomes a table in memory with every row that is
/// written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_index_makes_sqlite_build_a_table_for_a_row_that_is_written() {
    let store = sluice_test_support::sqlite().await.open().await;
    let tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'".to_owned();
    let tables = column(&store, tables, 0).await;
    assert!(tables.iter().any(|table| table == "flow_run"), "{tables:?}");
    for table in tables {
        let operations = column(&store, format!("EXPLAIN INSERT INTO {table} DEFAULT VALUES"), 1).await;
        assert!(
            operations.iter().any(|operation| operation == "Insert" || operation == "IdxInsert"),
            "{table}"
        );
        assert!(!operations.iter().any(|operation| operation == "OpenEphemeral"), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_that_changed_lately_are_found_by_an_index() {
    let store = sluice_test_support::sqlite().await.open().await;
    for state in ["PAUSED", "CANCELLING", "CANCELLED"] {
        let text = format!(
            "EXPLAIN QUERY PLAN SELECT id FROM flow_run WHERE state_type = '{state}' AND state_timestamp >= 5"
        );
        let plan = column(&store, text, 3).await;
        assert!(plan.iter().any(|step| step.contains("flow_run_changed")), "{state}: {plan:?}");
    }
}

/// A dashboard counts the task runs of two weeks by state.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn task_runs_of_a_time_are_counted_without_reading_them() {
    let store = sluice_test_support::sqlite().await.open().await;
    let filter = serde_json::json!({
        "start_time": { "after_": "2026-11-14T00:00:00Z", "before_": "2026-11-28T00:00:00Z" },
        "state": { "type": { "any_": ["COMPLETED"] } },
    });
    let filters = RelatedFilters {
        task_runs: Some(serde_json::from_value(filter).expect("a filter")),
        ..RelatedFilters::default()
    };
    let plan = store
        .read(filters, |tx, filters| {
            Box::pin(async move {
                let mut sql = Sql::new(tx.dialect(), "EXPLAIN QUERY PLAN SELECT count(*) FROM task_run");
                filters::task_runs::push_where(&mut sql, WorkspaceId::DEFAULT, filters);
                let row = tx.query_sql(sql).await?.into_iter().next().expect("a plan");
                let mut columns = row.columns();
                let _: (i64, i64, i64) = (columns.take()?, columns.take()?, columns.take()?);
                columns.take::<String>()
            })
        })
        .await
        .expect("the plan is read");
    assert!(plan.contains("COVERING INDEX task_run_started"), "{plan}");
}

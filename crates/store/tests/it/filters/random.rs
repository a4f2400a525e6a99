//! Whatever filters clients nest, the statement prepares and runs.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use sluice_test_support::on_both_databases;

use super::world::build;
use super::{find, id};

fn optional(
    name: &'static str,
    values: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Option<(&'static str, Value)>> {
    proptest::option::of(values.prop_map(move |value| (name, value))).boxed()
}

fn object(fields: Vec<BoxedStrategy<Option<(&'static str, Value)>>>) -> BoxedStrategy<Value> {
    fields
        .prop_map(|fields| {
            let fields = fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value));
            Value::Object(fields.collect::<Map<_, _>>())
        })
        .boxed()
}

fn list(items: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    proptest::collection::vec(items, 0..4).prop_map(Value::Array).boxed()
}

fn word() -> BoxedStrategy<Value> {
    prop_oneof![Just("a"), Just("%'_\\"), Just("ä\"?1 $1"), Just("")].prop_map(Value::from).boxed()
}

fn some_id() -> BoxedStrategy<Value> {
    (0_u128..90).prop_map(|number| id(number).into()).boxed()
}

fn truth() -> BoxedStrategy<Value> {
    prop_oneof![Just(Value::Null), Just(json!(true)), Just(json!(false))].boxed()
}

fn operator() -> BoxedStrategy<Option<(&'static str, Value)>> {
    optional("operator", prop_oneof![Just(json!("and_")), Just(json!("or_"))])
}

fn time() -> BoxedStrategy<Value> {
    (0_i64..60).prop_map(|second| format!("1970-01-01T00:00:{second:02}Z").into()).boxed()
}

fn ids() -> BoxedStrategy<Value> {
    object(vec![optional("any_", list(some_id()))])
}

fn ids_or_not() -> BoxedStrategy<Value> {
    object(vec![optional("any_", list(some_id())), optional("not_any_", list(some_id()))])
}

fn ids_or_null() -> BoxedStrategy<Value> {
    object(vec![operator(), optional("any_", list(some_id())), optional("is_null_", truth())])
}

fn name() -> BoxedStrategy<Value> {
    object(vec![optional("any_", list(word())), optional("like_", word())])
}

fn tags() -> BoxedStrategy<Value> {
    object(vec![operator(), optional("all_", list(word())), optional("is_null_", truth())])
}

fn any_tags() -> BoxedStrategy<Value> {
    object(vec![
        operator(),
        optional("all_", list(word())),
        optional("any_", list(word())),
        optional("is_null_", truth()),
    ])
}

fn times() -> BoxedStrategy<Value> {
    object(vec![optional("before_", time()), optional("after_", time())])
}

fn times_or_null() -> BoxedStrategy<Value> {
    object(vec![optional("before_", time()), optional("after_", time()), optional("is_null_", truth())])
}

fn state_type() -> BoxedStrategy<Value> {
    object(vec![optional("any_", list(prop_oneof![Just(json!("RUNNING")), Just(json!("FAILED"))]))])
}

fn state() -> BoxedStrategy<Value> {
    object(vec![
        operator(),
        optional("type", state_type()),
        optional("name", object(vec![optional("any_", list(word()))])),
    ])
}

fn flow() -> BoxedStrategy<Value> {
    object(vec![
        operator(),
        optional("id", ids_or_not()),
        optional("deployment", object(vec![operator(), optional("is_null_", truth())])),
        optional("name", name()),
        optional("tags", tags()),
    ])
}

fn flow_run() -> BoxedStrategy<Value> {
    object(vec![
        operator(),
        optional("id", ids_or_not()),
        optional("name", name()),
        optional("tags", any_tags()),
        optional("deployment_id", ids_or_null()),
        optional("state", state()),
        optional("start_time", times_or_null()),
        optional("end_time", times_or_null()),
        optional("expected_start_time", times()),
        optional("next_scheduled_start_time", times()),
        optional("parent_flow_run_id", ids()),
        optional("parent_task_run_id", ids_or_null()),
        optional(
            "created_by",
            object(vec![operator(), optional("id_", list(some_id())), optional("type_", list(word()))]),
        ),
    ])
}

fn task_run() -> BoxedStrategy<Value> {
    object(vec![
        operator(),
        optional("id", ids()),
        optional("name", name()),
        optional("tags", tags()),
        optional("state", state()),
        optional("start_time", times_or_null()),
        optional("subflow_runs", object(vec![optional("exists_", truth())])),
        optional("flow_run_id", ids_or_null()),
    ])
}

fn deployment() -> BoxedStrategy<Value> {
    object(vec![
        operator(),
        optional("id", ids_or_not()),
        optional("name", name()),
        optional("flow_or_deployment_name", object(vec![optional("like_", word())])),
        optional("paused", object(vec![optional("eq_", truth())])),
        optional("tags", any_tags()),
    ])
}

fn work_queue() -> BoxedStrategy<Value> {
    object(vec![
        operator(),
        optional("id", ids()),
        optional("name", object(vec![optional("any_", list(word())), optional("startswith_", list(word()))])),
    ])
}

fn request() -> BoxedStrategy<Value> {
    object(vec![
        optional("flows", flow()),
        optional("flow_runs", flow_run()),
        optional("task_runs", task_run()),
        optional("deployments", deployment()),
        optional(
            "work_pools",
            object(vec![operator(), optional("id", ids()), optional("name", object(vec![]))]),
        ),
        optional("work_pool_queues", work_queue()),
    ])
}

on_both_databases! {
    async fn every_nesting_runs(store: Store) {
        build(&store).await;
        let mut runner = TestRunner::new(Config::default());
        for _ in 0..64 {
            let request = request().new_tree(&mut runner).expect("a request").current();
            for table in ["flow", "flow_run", "task_run", "deployment", "artifact"] {
                let everything = find(&store, table, &json!({})).await;
                let found = find(&store, table, &request).await;
                assert!(found.iter().all(|id| everything.contains(id)), "{table} {request}");
            }
        }
    }
}

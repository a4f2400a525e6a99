//! Events: stored once, found by filter as the live streams find them, counted, deleted.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use sluice_store::events::{self, EventPage, NewEvent};
use sluice_store::{Database, Store, StoreError};
use sluice_test_support::on_both_databases;
use sluice_wire::events::ReceivedEvent;
use sluice_wire::events::counting::{Buckets, Countable, TimeUnit};
use sluice_wire::events::filter::EventFilter;
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::time::Timestamp;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn event(second: i64, name: &str, resource: &str) -> ReceivedEvent {
    serde_json::from_value(json!({
        "occurred": Timestamp::from_micros(second * 1_000_000), "event": name,
        "resource": {"prefect.resource.id": resource, "prefect.resource.name": format!("name of {resource}")},
        "related": [], "payload": {"n": second}, "id": EventId::sequential(), "follows": null,
        "received": Timestamp::from_micros(second * 1_000_000),
    }))
    .expect("an event")
}

async fn insert(store: &Store, stored: &[ReceivedEvent]) -> Vec<bool> {
    let rows: Vec<NewEvent> = stored.iter().map(|event| NewEvent::new(WORKSPACE, event, 7)).collect();
    store
        .write_to(Database::Telemetry, rows, |tx, rows| {
            Box::pin(async move { events::insert(tx, rows.iter().collect()).await })
        })
        .await
        .expect("the events are stored")
}

async fn find(store: &Store, filter: &EventFilter) -> Vec<ReceivedEvent> {
    let page = EventPage { limit: 10_000, ..EventPage::default() };
    let (found, count) = store
        .read_from(Database::Telemetry, (filter.clone(), page), |tx, (filter, page)| {
            Box::pin(async move {
                let found = events::read(tx, WORKSPACE, filter, *page).await?;
                Ok::<_, StoreError>((found, events::count(tx, WORKSPACE, filter).await?))
            })
        })
        .await
        .expect("the events are read");
    assert_eq!(i64::try_from(found.len()).expect("few"), count, "what is read is what is counted");
    found.into_iter().map(|event| event.into_received().expect("readable")).collect()
}

fn filter(text: &str) -> EventFilter {
    let mut filter: EventFilter = serde_json::from_str(text).expect(text);
    filter.occurred.since.get_or_insert(Timestamp::EPOCH);
    filter.occurred.until.get_or_insert(Timestamp::from_micros(4_000_000_000_000_000));
    filter
}

on_both_databases! {
    async fn an_event_is_stored_once_and_read_as_it_came(store: Store) {
        let mut first = event(1, "a", "r");
        first.related = vec![BTreeMap::from([
            ("prefect.resource.id".to_owned(), "other".to_owned()),
            ("prefect.resource.role".to_owned(), "role".to_owned()),
        ])];
        let second = event(2, "b", "r");
        assert_eq!(insert(&store, &[first.clone()]).await, [true]);
        assert_eq!(insert(&store, &[first.clone(), second.clone()]).await, [false, true]);
        let found = find(&store, &filter("{}")).await;
        assert_eq!(found, [second, first], "newest first");
    }

    async fn more_events_than_one_statement_holds(store: Store) {
        let many: Vec<_> = (0..300).map(|second| event(second, "a", &format!("r{second}"))).collect();
        assert_eq!(insert(&store, &many).await, vec![true; 300]);
        assert_eq!(insert(&store, &many).await, vec![false; 300]);
        assert_eq!(find(&store, &filter("{}")).await.len(), 300);
    }

    async fn distinct_resources_come_once_each(store: Store) {
        let stored = [event(1, "a", "x"), event(2, "a", "x"), event(3, "a", "y")];
        insert(&store, &stored).await;
        let newest = find(&store, &filter(r#"{"resource":{"distinct":true}}"#)).await;
        assert_eq!(newest, [stored[2].clone(), stored[1].clone()]);
        let oldest = find(&store, &filter(r#"{"resource":{"distinct":true},"order":"ASC"}"#)).await;
        assert_eq!(oldest, [stored[0].clone(), stored[2].clone()]);
    }

    async fn pages_follow_each_other_without_gaps(store: Store) {
        let mut stored: Vec<_> = (0..10).map(|number| event(number / 4, "a", "r")).collect();
        insert(&store, &stored).await;
        stored.sort_by_key(|event| (event.occurred, event.id));
        let mut filter = filter("{}");
        filter.order = sluice_wire::events::filter::EventOrder::Ascending;
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = EventPage { limit: 3, after, ..EventPage::default() };
            let found = store
                .read_from(Database::Telemetry, (filter.clone(), page), |tx, (filter, page)| {
                    Box::pin(events::read(tx, WORKSPACE, filter, *page))
                })
                .await
                .expect("a page");
            let Some(last) = found.last() else { break };
            after = Some((last.occurred, last.id));
            seen.extend(found.into_iter().map(|event| event.id));
        }
        assert_eq!(seen, stored.iter().map(|event| event.id).collect::<Vec<_>>());
    }

    async fn counts_by_what_they_are_and_when(store: Store) {
        insert(&store, &[event(10, "a", "x"), event(20, "a", "y"), event(70, "b", "x")]).await;
        let (since, until) = (Timestamp::EPOCH, Timestamp::from_micros(120_000_000));
        let buckets = Buckets::covering(since, until, TimeUnit::Minute, 1.0, until).expect("valid");
        for (countable, expected) in [
            (Countable::Event, vec![("a", "a", 2), ("b", "b", 1)]),
            (Countable::Resource, vec![("x", "name of x", 2), ("y", "name of y", 1)]),
            (Countable::Time, vec![("0", "1970-01-01T00:00:00+00:00", 2), ("1", "1970-01-01T00:01:00+00:00", 1)]),
        ] {
            let counts = store
                .read_from(Database::Telemetry, (filter("{}"), countable, buckets), |tx, (filter, countable, buckets)| {
                    Box::pin(events::count_by(tx, WORKSPACE, filter, *countable, *buckets))
                })
                .await
                .expect("the counts");
            let counts: Vec<_> =
                counts.iter().map(|count| (count.value.as_str(), count.label.as_str(), count.count)).collect();
            assert_eq!(counts, expected, "{countable:?}");
        }
    }

    async fn old_events_go_in_batches_and_leave_nothing(store: Store) {
        let mut stored: Vec<_> = (0..5).map(|second| event(second, "a", "r")).collect();
        for event in &mut stored {
            event.related = vec![BTreeMap::from([
                ("prefect.resource.id".to_owned(), "other".to_owned()),
                ("prefect.resource.role".to_owned(), "role".to_owned()),
            ])];
        }
        insert(&store, &stored).await;
        let before = Timestamp::from_micros(3_000_000);
        for expected in [2, 1, 0] {
            let deleted = store
                .write_to(Database::Telemetry, before, |tx, before| {
                    Box::pin(events::delete_expired(tx, WORKSPACE, *before, 2))
                })
                .await
                .expect("deleted");
            assert_eq!(deleted, expected);
        }
        assert_eq!(find(&store, &filter(r#"{"related":{"id":["other"]}}"#)).await.len(), 2);
        let rows: Option<i64> = store
            .read_from(Database::Telemetry, (), |tx, ()| {
                Box::pin(async move { tx.scalar("SELECT count(*) FROM event_related", Vec::new()).await })
            })
            .await
            .expect("counted");
        assert_eq!(rows, Some(2));
    }

    async fn sql_and_the_live_filter_agree(store: Store) {
        let mut runner = TestRunner::deterministic();
        let stored: Vec<ReceivedEvent> = (0..60)
            .map(|_| any_event().new_tree(&mut runner).expect("an event").current())
            .collect();
        insert(&store, &stored).await;
        for _ in 0..300 {
            let text = any_filter().new_tree(&mut runner).expect("a filter").current();
            let filter = filter(&text);
            let mut found: Vec<EventId> = find(&store, &filter).await.into_iter().map(|event| event.id).collect();
            let mut expected: Vec<EventId> =
                stored.iter().filter(|event| filter.matches(event)).map(|event| event.id).collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
    }
}

/// Few words, so that filters find something; some of what is special to GLOB, LIKE and JSON.
fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "ab", "abc", "b.c", "A", "x%y", "x_y", "[a]", "q\"q", "a*", "ü"])
}

fn labels(role: bool) -> impl Strategy<Value = serde_json::Value> {
    (word(), prop::option::of(word()), prop::option::of(word()), word()).prop_map(
        move |(id, env, odd, in_role)| {
            let mut labels = json!({"prefect.resource.id": id});
            if let Some(env) = env {
                labels["env"] = env.into();
            }
            if let Some(odd) = odd {
                labels["o'd.d\"x"] = odd.into();
            }
            if role {
                labels["prefect.resource.role"] = in_role.into();
            }
            labels
        },
    )
}

fn any_event() -> impl Strategy<Value = ReceivedEvent> {
    (0_i64..5, word(), labels(false), prop::collection::vec(labels(true), 0..3), word()).prop_map(
        |(second, name, resource, related, payload)| {
            serde_json::from_value(json!({
                "occurred": Timestamp::from_micros(second * 1_000_000), "event": name, "resource": resource,
                "related": related, "payload": {"word": payload}, "id": EventId::sequential(), "follows": null,
                "received": Timestamp::EPOCH,
            }))
            .expect("an event")
        },
    )
}

fn words() -> impl Strategy<Value = serde_json::Value> {
    prop::collection::vec(word(), 0..3).prop_map(|words| json!(words))
}

fn pattern() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "a*", "*c", "?b", "!a", "!*b*", "x%y", "x_y", "[a]", "*", "!*", "\\"])
        .prop_map(str::to_owned)
}

fn specification() -> impl Strategy<Value = serde_json::Value> {
    let label =
        prop::sample::select(vec!["prefect.resource.id", "prefect.resource.role", "env", "o'd.d\"x", "none"]);
    prop::collection::btree_map(label, prop::collection::vec(pattern(), 0..3), 0..3)
        .prop_map(|map| json!(map))
}

fn any_filter() -> impl Strategy<Value = String> {
    let resource = (words(), words(), specification())
        .prop_map(|(id, id_prefix, labels)| json!({"id": id, "id_prefix": id_prefix, "labels": labels}));
    let any_resource = (words(), words(), specification())
        .prop_map(|(id, id_prefix, labels)| json!({"id": id, "id_prefix": id_prefix, "labels": labels}));
    let related = (words(), words(), prop::collection::vec((word(), word()), 0..3), specification()).prop_map(
        |(id, role, pairs, labels)| json!({"id": id, "role": role, "resources_in_roles": pairs, "labels": labels}),
    );
    let name = (words(), words(), words(), words()).prop_map(|(prefix, exclude_prefix, name, exclude_name)| {
        json!({"prefix": prefix, "exclude_prefix": exclude_prefix, "name": name, "exclude_name": exclude_name})
    });
    let occurred = (0_i64..3, 2_i64..5).prop_map(|(since, until)| {
        json!({"since": Timestamp::from_micros(since * 1_000_000), "until": Timestamp::from_micros(until * 1_000_000)})
    });
    let text = prop::sample::select(vec!["a", "abc -ab", "+a +b", "-x%y", "\"q\\\"q\"", "A b.c", "word"]);
    (
        prop::option::of(occurred),
        prop::option::weighted(0.3, name),
        prop::option::weighted(0.3, resource),
        prop::option::weighted(0.3, prop::collection::vec(related, 0..3)),
        prop::option::weighted(0.3, prop::collection::vec(any_resource, 0..3)),
        prop::option::weighted(0.3, text),
    )
        .prop_map(|(occurred, name, resource, related, any_resource, text)| {
            let mut filter = json!({});
            let parts = [
                ("occurred", occurred),
                ("event", name),
                ("resource", resource),
                ("related", related.map(|list| json!(list))),
                ("any_resource", any_resource.map(|list| json!(list))),
                ("text", text.map(|query| json!({"query": query}))),
            ];
            for (key, part) in parts {
                if let Some(part) = part {
                    filter[key] = part;
                }
            }
            filter.to_string()
        })
}

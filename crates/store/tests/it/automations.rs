use serde_json::{Value, json};
use sluice_store::automations::buckets::{self, BucketKey};
use sluice_store::automations::{self, child_firings, followers, schedule};
use sluice_store::events::{self, NewEvent};
use sluice_store::{Database, StoreError};
use sluice_test_support::on_both_databases;
use sluice_wire::automations::{Automation, AutomationCore, Bucket, Firing, TriggerState};
use sluice_wire::events::{Labels, ReceivedEvent};
use sluice_wire::filters::AutomationFilter;
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::sorting::AutomationSort;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;
const NOW: Timestamp = Timestamp::from_micros(1_795_336_300_000_000);

fn core(name: &str, deployment: Option<Uuid>) -> AutomationCore {
    let action = match deployment {
        Some(id) => json!({"type": "run-deployment", "deployment_id": id, "parameters": {"z": 1, "a": 2}}),
        None => json!({"type": "do-nothing"}),
    };
    serde_json::from_value(json!({
        "name": name, "tags": [name, "all"], "trigger": {"posture": "Reactive", "expect": ["a"]}, "actions": [action],
    }))
    .expect("an automation")
}

async fn create(store: &sluice_store::Store, core: AutomationCore, owner: Option<String>) -> Automation {
    let created: Result<_, StoreError> = store
        .write((core, owner), |tx, (core, owner)| {
            Box::pin(automations::create(tx, WORKSPACE, core, owner.as_deref(), NOW))
        })
        .await;
    created.expect("created")
}

fn event(follows: Option<EventId>) -> ReceivedEvent {
    serde_json::from_value(json!({
        "occurred": NOW, "received": NOW, "event": "a", "resource": {"prefect.resource.id": "x"}, "related": [],
        "payload": {"z": 1, "a": 2}, "id": Uuid::now_v7(), "follows": follows,
    }))
    .expect("an event")
}

on_both_databases! {
    async fn automations_are_found_changed_and_deleted(store: Store) {
        let deployment = Uuid::new_v4();
        let resource = format!("prefect.deployment.{deployment}");
        let first = create(&store, core("first", Some(deployment)), None).await;
        create(&store, core("second", None), Some(resource.clone())).await;
        let found: Result<_, StoreError> = store.write((first.clone(), resource), |tx, (first, resource)| Box::pin(async move {
            let mut names = Vec::new();
            for filter in [
                json!({}), json!({"name": {"any_": ["first"]}}), json!({"tags": {"all_": ["all", "second"]}}),
                json!({"tags": {"any_": ["first", "x"]}}), json!({"tags": {"is_null_": true}}),
                json!({"created": {"before_": NOW}}), json!({"id": {"any_": [first.id]}}),
            ] {
                let filter: AutomationFilter = serde_json::from_value(filter).expect("a filter");
                let found = automations::filter(tx, WORKSPACE, Some(&filter), AutomationSort::NameDesc, 10, 0).await?;
                assert_eq!(automations::count(tx, WORKSPACE, Some(&filter)).await?, i64::try_from(found.len()).expect("few"));
                names.push(found.into_iter().map(|found| found.core.name).collect::<Vec<_>>());
            }
            assert_eq!(automations::read(tx, WORKSPACE, first.id).await?.as_ref(), Some(first));
            let version = automations::version(tx).await?;
            assert_eq!(automations::related_to(tx, WORKSPACE, resource).await?.len(), 2);
            automations::update(tx, WORKSPACE, first.clone(), &core("changed", None), NOW).await?;
            assert_eq!(automations::related_to(tx, WORKSPACE, resource).await?.len(), 1);
            let changed = automations::read(tx, WORKSPACE, first.id).await?.expect("exists");
            automations::set_enabled(tx, WORKSPACE, changed.clone(), false, NOW).await?;
            assert_eq!(automations::read_enabled(tx).await?.len(), 1);
            assert_eq!(automations::delete_owned_by(tx, WORKSPACE, resource).await?, 1);
            automations::delete(tx, WORKSPACE, &changed, NOW).await?;
            assert_eq!(automations::hold_version(tx).await?, version + 4);
            Ok((names, automations::count(tx, WORKSPACE, None).await?))
        })).await;
        let (names, left) = found.expect("found");
        let expected: Value = json!([
            ["second", "first"], ["first"], ["second"], ["first"], [], ["second", "first"], ["first"],
        ]);
        assert_eq!(json!(names), expected);
        assert_eq!(left, 0);
    }

    async fn what_triggers_know_is_kept_and_goes_with_the_automation(store: Store) {
        let automation = create(&store, core("a", None), None).await;
        let kept: Result<(), StoreError> = store.write(automation, |tx, automation| Box::pin(async move {
            let (id, trigger) = (automation.id, automation.core.trigger.id());
            let key = |values: &[&str]| BucketKey {
                workspace: WORKSPACE, automation: id, trigger,
                values: values.iter().map(|value| (*value).to_owned()).collect(),
            };
            let end = NOW + TimeDelta::from_secs(10);
            let bucket = Bucket { start: NOW, end, count: -1, last_event: Some(event(None)) };
            for values in [&["x"][..], &[], &["x", "y"]] {
                buckets::write(tx, &key(values), Some(&bucket)).await?;
            }
            let more = Bucket { count: 5, last_event: None, ..bucket.clone() };
            buckets::write(tx, &key(&["x"]), Some(&more)).await?;
            assert_eq!(buckets::read(tx, &key(&["x"])).await?, Some(more));
            assert_eq!(buckets::read(tx, &key(&["z"])).await?, None);
            buckets::delete_satisfied(tx, WORKSPACE, id, trigger, 5).await?;
            assert!(buckets::over(tx, WORKSPACE, id, trigger, NOW, 10).await?.is_empty());
            assert_eq!(buckets::over(tx, WORKSPACE, id, trigger, end, 10).await?.len(), 2);
            assert_eq!(buckets::next_end(tx, WORKSPACE, id, trigger).await?, Some(end));
            buckets::write(tx, &key(&[]), None).await?;
            assert_eq!(buckets::sweep(tx, NOW, 10).await?, 0);
            assert_eq!(buckets::sweep(tx, end, 10).await?, 1);
            assert_eq!(buckets::next_end(tx, WORKSPACE, id, trigger).await?, None);

            let (parent, child) = (Uuid::new_v4(), Uuid::new_v4());
            let firing = Firing {
                id: Uuid::new_v4(), trigger_id: child, trigger_states: vec![TriggerState::Triggered], triggered: NOW,
                triggering_labels: Labels::new(), triggering_firings: Vec::new(), triggering_event: Some(event(None)),
                triggering_value: None,
            };
            child_firings::write(tx, WORKSPACE, id, parent, std::slice::from_ref(&firing)).await?;
            assert_eq!(child_firings::read(tx, WORKSPACE, id, parent).await?, [firing]);
            child_firings::write(tx, WORKSPACE, id, parent, &[]).await?;
            assert!(child_firings::read(tx, WORKSPACE, id, parent).await?.is_empty());

            schedule::write(tx, WORKSPACE, id, trigger, NOW, Some("{}")).await?;
            schedule::write(tx, WORKSPACE, id, trigger, end, None).await?;
            assert_eq!(schedule::read(tx).await?.get(&trigger), Some(&end));
            assert_eq!(schedule::read_state(tx, WORKSPACE, id, trigger).await?, None);

            let (leader, follower) = (EventId::sequential(), event(None));
            followers::keep(tx, WORKSPACE, leader, &follower).await?;
            followers::keep(tx, WORKSPACE, leader, &follower).await?;
            let waiting = followers::waiting(tx).await?;
            assert!(waiting.leaders.contains(&leader) && waiting.followers.contains(&follower.id));
            assert!(followers::take_lost(tx, NOW).await?.is_empty());
            assert_eq!(followers::take(tx, leader).await?, [(WORKSPACE, follower)]);
            assert!(followers::take(tx, leader).await?.is_empty());

            buckets::write(tx, &key(&[]), Some(&bucket)).await?;
            automations::delete(tx, WORKSPACE, automation, NOW).await?;
            assert!(schedule::read(tx).await?.is_empty());
            assert_eq!(buckets::read(tx, &key(&[])).await?, None);
            Ok(())
        })).await;
        kept.expect("kept");
    }

    async fn arrivals_come_once_in_order(store: Store) {
        let mut cursor = 0;
        let mut expected = Vec::new();
        let mut found = Vec::new();
        for _ in 0..3 {
            let new: Vec<ReceivedEvent> = (0..3).map(|_| event(None)).collect();
            expected.extend(new.iter().map(|event| event.id));
            let rows: Vec<NewEvent> = new.iter().map(|event| NewEvent::new(WORKSPACE, event, 1)).collect();
            let stored: Result<_, StoreError> = store
                .write_to(Database::Telemetry, rows, |tx, rows| Box::pin(events::insert(tx, rows.iter().collect())))
                .await;
            stored.expect("stored");
            // On PostgreSQL other tests hold back what is handed out.
            while found.len() < expected.len() {
                let page: Result<_, StoreError> = store
                    .read_from(Database::Telemetry, cursor, |tx, cursor| Box::pin(events::arrivals(tx, *cursor)))
                    .await;
                let page = page.expect("read");
                cursor = page.through;
                found.extend(page.arrivals.into_iter().map(|arrival| arrival.id));
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
        assert_eq!(found, expected);
        let ids = expected.clone();
        let (positions, whole) = store.read_from(Database::Telemetry, ids, |tx, ids| Box::pin(async move {
            Ok::<_, StoreError>((events::positions(tx, ids).await?, events::read_by_ids(tx, ids).await?))
        })).await.expect("read");
        assert!(positions.values().all(|position| *position <= cursor) && positions.len() == whole.len());
    }
}

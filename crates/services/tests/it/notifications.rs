//! Messages of automations, to services that the tests play.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use sluice_delivery::{Deliverer, DeliveryOptions, MailServer, MailTls, PrivateAddresses};
use sluice_notifications::Endpoints;
use sluice_secrets::{KeyRing, KeySource, SecretKey};
use sluice_services::{Next, ServiceSettings};
use sluice_store::automations::actions;
use sluice_store::{Store, StoreError, block_documents, block_schemas, block_types, outbox, params};
use sluice_test_support::on_both_databases;
use sluice_wire::events::Event;
use sluice_wire::ids::{AutomationId, BlockDocumentId, WorkspaceId};
use sluice_wire::time::TimeDelta;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio::sync::watch;
use uuid::Uuid;

use crate::actions::{automation, event, payload, plan};
use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Trace: t\r\n\r\nok";
const AWAY: &str = "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n";

type Heard = Arc<Mutex<Vec<String>>>;

/// Answers requests in turn, the last answer for ever; an empty answer hangs up. Returns its address.
async fn service(answers: &[&str]) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let heard = Heard::default();
    let (noted, answers) =
        (Arc::clone(&heard), answers.iter().map(|&answer| answer.to_owned()).collect::<Vec<_>>());
    tokio::spawn(async move {
        for turn in 0.. {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let answer = answers[turn.min(answers.len() - 1)].clone();
            let noted = Arc::clone(&noted);
            tokio::spawn(async move {
                let mut text = Vec::new();
                let mut buffer = [0; 8_192];
                loop {
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    text.extend_from_slice(&buffer[..read]);
                    let so_far = String::from_utf8_lossy(&text).into_owned();
                    let is_whole = so_far.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        let length = head.to_lowercase().lines().find_map(|line| {
                            line.strip_prefix("content-length:").and_then(|length| length.trim().parse().ok())
                        });
                        body.len() >= length.unwrap_or(0_usize)
                    });
                    if is_whole || read == 0 {
                        noted.lock().expect("nobody panicked").push(so_far);
                        break;
                    }
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (address, heard)
}

/// A mail server that refuses, for now, receivers whose address begins with `later` the first time. Returns its port.
async fn mail_server() -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard = Heard::default();
    let noted = Arc::clone(&heard);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let noted = Arc::clone(&noted);
            tokio::spawn(async move {
                let mut stream = BufStream::new(stream);
                let mut answer = "220 test";
                let mut is_data = false;
                while stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_ok()
                    && stream.flush().await.is_ok()
                {
                    let mut line = String::new();
                    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) && is_data {
                        if line.ends_with("\r\n.\r\n") {
                            break;
                        }
                    }
                    if line.is_empty() {
                        break;
                    }
                    let seen = noted.lock().expect("nobody panicked").contains(&line);
                    answer = match line.split(' ').next().unwrap_or_default() {
                        _ if is_data => "250 taken",
                        "RCPT" if line.contains("<later") && !seen => "450 later",
                        "DATA\r\n" => "354 go on",
                        _ => "250 ok",
                    };
                    is_data = answer.starts_with("354");
                    noted.lock().expect("nobody panicked").push(line);
                }
            });
        }
    });
    (port, heard)
}

fn heard(heard: &Heard) -> Vec<String> {
    heard.lock().expect("nobody panicked").clone()
}

fn body(request: &str) -> Value {
    let (_, body) = request.split_once("\r\n\r\n").expect("a request");
    serde_json::from_str(body).unwrap_or_else(|_| body.into())
}

/// A world in which blocks have secrets, with services that the test plays.
fn world(store: Store, change: impl FnOnce(&mut ServiceSettings)) -> World {
    let mut world = World::new(store);
    let keys: Arc<dyn KeySource> = Arc::new(keys());
    let mut settings = ServiceSettings { secrets: Some(keys), ..ServiceSettings::default() };
    change(&mut settings);
    world.settings = Arc::new(settings);
    world
}

fn keys() -> Arc<KeyRing> {
    Arc::new(KeyRing::new([SecretKey::from_bytes([1; 32])]))
}

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a valid body")
}

/// A block of the type `slug`.
async fn block(world: &World, slug: &str, capabilities: &[&str], data: Value) -> BlockDocumentId {
    let capabilities: Vec<String> = capabilities.iter().map(|&name| name.to_owned()).collect();
    let created: Result<_, StoreError> = world
        .store
        .write((slug.to_owned(), capabilities, data, world.now()), |tx, (slug, capabilities, data, now)| {
            Box::pin(async move {
                let body = from_json(json!({"name": slug, "slug": slug}));
                let block_type =
                    block_types::create(tx, WORKSPACE, &body, *now).await?.expect("the slug is free");
                let fields = json!({"block_type_slug": slug, "secret_fields": ["url", "api_key"]});
                let body = from_json(
                    json!({"block_type_id": block_type.id, "fields": fields, "capabilities": capabilities}),
                );
                let schema = block_schemas::create(tx, WORKSPACE, &body, *now).await.expect("a schema");
                let body = from_json(json!({
                    "name": "mine", "data": data, "block_type_id": block_type.id,
                    "block_schema_id": schema.schema.id,
                }));
                let document = block_documents::create(tx, WORKSPACE, &keys(), &body, *now).await;
                Ok(document.expect("the block is stored").id)
            })
        })
        .await;
    created.expect("the block is stored")
}

/// Plans the action for an event, as if an automation had fired.
async fn fire(world: &World, action: &Value) {
    let automation = automation(world, action).await;
    plan(world, automation, Some(event(world, "thing", Uuid::now_v7()))).await;
}

/// The events that tell of the ends of actions, in order.
async fn ended(world: &World) -> Vec<Event> {
    let told = world.store.read((), |tx, ()| Box::pin(outbox::take(tx, 1_000))).await.expect("the outbox");
    let is_end = |event: &Event| {
        ["prefect.automation.action.executed", "prefect.automation.action.failed"]
            .contains(&event.event.as_str())
    };
    told.into_iter().map(|(_, _, event)| event).filter(is_end).collect()
}

/// How the only action ended: executed or not, and the payload without what is the same for all.
async fn ending(world: &World) -> (bool, Value) {
    let ended = ended(world).await;
    assert_eq!(ended.len(), 1, "{ended:?}");
    let mut told = payload(&ended[0]);
    for name in ["action_index", "action_type", "invocation"] {
        told.as_object_mut().expect("an object").remove(name).expect("it is told");
    }
    (ended[0].event.ends_with("executed"), told)
}

async fn send(world: &World) -> Next {
    world.run("notifications").await
}

/// Takes requests and answers none before `is_open`. Returns its address, and how many it has now and had at most.
async fn slow_service(is_open: watch::Receiver<bool>) -> (String, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counts = (Arc::clone(&now), Arc::clone(&most));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let (mut is_open, (now, most)) = (is_open.clone(), counts.clone());
            tokio::spawn(async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 8_192]).await;
                is_open.wait_for(|is_open| *is_open).await.expect("the test is there");
                now.fetch_sub(1, Ordering::SeqCst);
                let _ = stream.write_all(OK.as_bytes()).await;
            });
        }
    });
    (address, now, most)
}

on_both_databases! {
    async fn a_slow_host_holds_up_no_other(store: Store) {
        let (open, is_open) = watch::channel(false);
        let (slow, now, most) = slow_service(is_open).await;
        let (quick, asked) = service(&[OK]).await;
        let world = world(store, |_| {});
        let to_slow = block(&world, "webhook", &[], json!({"url": slow})).await;
        let to_quick = block(&world, "slack-webhook", &["notify"], json!({"url": quick})).await;
        for _ in 0..20 {
            fire(&world, &json!({"type": "call-webhook", "block_document_id": to_slow, "payload": "x"})).await;
        }
        fire(&world, &json!({
            "type": "send-notification", "block_document_id": to_quick, "subject": "s", "body": "b",
        })).await;
        let opens = async {
            while now.load(Ordering::SeqCst) < 16 || ended(&world).await.is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            open.send(true).expect("the services are there");
        };
        tokio::join!(send(&world), opens);
        // Whoever comes late to a place finds one that is free again.
        assert!(ended(&world).await.len() >= 17);
        world.wait(1);
        send(&world).await;
        assert_eq!((heard(&asked).len(), most.load(Ordering::SeqCst), ended(&world).await.len()), (1, 16, 21));
        for event in ended(&world).await {
            assert_eq!(payload(&event)["attempts"], 1, "waiting for a place is no try");
        }
    }

    async fn a_notification_is_sent_once_with_its_texts_filled_in(store: Store) {
        let (address, asked) = service(&[OK]).await;
        let world = world(store, |_| {});
        let url = format!("{address}/services/secret-token");
        let id = block(&world, "slack-webhook", &["notify"], json!({ "url": url })).await;
        fire(&world, &json!({
            "type": "send-notification", "block_document_id": id, "subject": "{{ automation.name }}",
            "body": "{{ event.payload.word }} & {{ event.resource.name }}",
        })).await;
        assert_eq!(world.run("actions").await, Next::Period);
        send(&world).await;
        world.wait(3_600);
        send(&world).await;
        let asked = heard(&asked);
        assert_eq!(asked.len(), 1);
        assert!(asked[0].starts_with("POST /services/secret-token HTTP/1.1"), "{asked:?}");
        let attachment = &body(&asked[0])["attachments"][0];
        assert_eq!((&attachment["title"], &attachment["text"]), (&json!("watch"), &json!("x &amp; n")));

        assert_eq!(ending(&world).await, (true, json!({"status_code": 200, "attempts": 1})));
        let ended = &ended(&world).await[0];
        let related: Vec<_> = ended.related.iter().map(|labels| {
            (labels["prefect.resource.id"].clone(), labels["prefect.resource.role"].clone())
        }).collect();
        assert_eq!(related[0], (format!("prefect.block-document.{id}"), "block".to_owned()));
        assert_eq!(ended.related[0]["prefect.resource.name"], "mine");
        assert_eq!(related[1], ("prefect.block-type.slack-webhook".to_owned(), "block-type".to_owned()));
    }

    async fn a_message_waits_for_a_service_that_is_away(store: Store) {
        let (address, asked) = service(&["", AWAY, "HTTP/1.1 429 Slow\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n", OK]).await;
        let world = world(store, |_| {});
        let id = block(&world, "webhook", &[], json!({"url": format!("{address}/hook")})).await;
        fire(&world, &json!({"type": "call-webhook", "block_document_id": id, "payload": "{{ event.payload.word }}"})).await;
        send(&world).await;
        assert_eq!((heard(&asked).len(), ended(&world).await.len()), (1, 0));
        // Other actions go on meanwhile, and so does a server that starts again: what is known stands in the row.
        let other = automation(&world, &json!({"type": "do-nothing"})).await;
        plan(&world, other, None).await;
        world.run("actions").await;
        assert_eq!(ended(&world).await.len(), 1);
        assert!(matches!(send(&world).await, Next::At(time) if time > world.now()));
        assert_eq!(heard(&asked).len(), 1);
        world.wait(2);
        send(&world).await;
        assert_eq!(heard(&asked).len(), 2);
        world.wait(4);
        send(&world).await;
        assert_eq!(heard(&asked).len(), 3);
        // The service said when to come back.
        world.wait(99);
        send(&world).await;
        assert_eq!(heard(&asked).len(), 3);
        world.wait(1);
        send(&world).await;
        let asked = heard(&asked);
        assert_eq!(asked.len(), 4);
        let key = |request: &str| {
            request.to_lowercase().lines().find_map(|line| line.strip_prefix("idempotency-key: ").map(str::to_owned))
        };
        assert!(key(&asked[0]).is_some());
        assert!(asked.iter().all(|request| key(request) == key(&asked[0]) && body(request) == "x"));
        let told = payload(ended(&world).await.last().expect("it ended"));
        assert_eq!((&told["status_code"], &told["attempts"]), (&json!(200), &json!(4)));
        assert_eq!(told["response_body"], "ok");
        assert_eq!(told["response_headers"], json!({"content-length": "2", "x-trace": "t"}));
    }

    async fn a_message_is_given_up_after_a_while(store: Store) {
        let (address, asked) = service(&[AWAY]).await;
        let world = world(store, |_| {});
        let id = block(&world, "slack-webhook", &["notify"], json!({ "url": address })).await;
        fire(&world, &json!({"type": "send-notification", "block_document_id": id, "body": "b"})).await;
        for _ in 0..20 {
            send(&world).await;
            world.wait(300);
        }
        assert_eq!(heard(&asked).len(), 8);
        assert_eq!(ending(&world).await, (false, json!({
            "reason": "Notification failed", "status_code": 503, "attempts": 8,
            "notification_log": "the service answered with status 503",
        })));
    }

    async fn a_refusal_is_final_and_no_secret_is_told(store: Store) {
        let (address, asked) = service(&[
            "HTTP/1.1 404 No\r\nContent-Length: 44\r\n\r\nno_service at /services/secret-token, sorry!!",
        ]).await;
        let world = world(store, |_| {});
        let url = format!("{address}/services/secret-token");
        let slack = block(&world, "slack-webhook", &["notify"], json!({ "url": url })).await;
        let hook = block(&world, "webhook", &[], json!({ "url": url })).await;
        fire(&world, &json!({"type": "send-notification", "block_document_id": slack, "body": "b"})).await;
        fire(&world, &json!({"type": "call-webhook", "block_document_id": hook})).await;
        send(&world).await;
        let ended = ended(&world).await;
        assert_eq!((heard(&asked).len(), ended.len()), (2, 2));
        for event in &ended {
            let told = payload(event);
            assert_eq!(told["status_code"], 404);
            let text = told.to_string();
            assert!(event.event.ends_with("failed") && text.contains("no_service at ***"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }

    async fn each_receiver_gets_a_message_once(store: Store) {
        let (address, asked) = service(&[OK, AWAY, "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", OK]).await;
        let world = world(store, |settings| {
            settings.endpoints = Endpoints { sendgrid: address, ..Endpoints::default() };
        });
        let data = json!({"api_key": "key", "sender_email": "a@b.c", "to_emails": ["1@b.c", "2@b.c", "3@b.c"]});
        let id = block(&world, "sendgrid-email", &["notify"], data).await;
        fire(&world, &json!({"type": "send-notification", "block_document_id": id, "body": "b"})).await;
        send(&world).await;
        world.wait(2);
        send(&world).await;
        let receivers: Vec<_> = heard(&asked).iter().map(|request| {
            body(request)["personalizations"][0]["to"][0]["email"].as_str().expect("an address").to_owned()
        }).collect();
        assert_eq!(receivers, ["1@b.c", "2@b.c", "3@b.c", "2@b.c"]);
        assert_eq!(ending(&world).await, (false, json!({
            "reason": "Notification failed", "status_code": 400, "attempts": 2, "messages": 3, "delivered": 2,
            "notification_log": "the service answered with status 400",
        })));
    }

    async fn each_receiver_gets_a_mail_once(store: Store) {
        let (port, told) = mail_server().await;
        let world = world(store, |settings| {
            let server = MailServer {
                host: "127.0.0.1".to_owned(),
                port,
                tls: MailTls::None,
                credentials: None,
                from: "sluice@example.com".to_owned(),
            };
            let options = DeliveryOptions { mail_server: Some(server), ..DeliveryOptions::default() };
            settings.deliverer = Arc::new(Deliverer::new(options));
        });
        fire(&world, &json!({
            "type": "send-email-notification", "emails": ["ann@example.com", "nobody", "later@example.com"],
            "subject": "about {{ event.resource.name }}", "body": "{{ event.payload.word }}!",
        })).await;
        send(&world).await;
        assert!(ended(&world).await.is_empty());
        world.wait(2);
        send(&world).await;
        let told = heard(&told);
        let receivers: Vec<_> = told.iter().filter(|line| line.starts_with("RCPT")).collect();
        assert_eq!(receivers, [
            "RCPT TO:<ann@example.com>\r\n", "RCPT TO:<later@example.com>\r\n", "RCPT TO:<later@example.com>\r\n",
        ]);
        let mails: Vec<_> = told.iter().filter(|text| text.contains("Subject: about n\r\n")).collect();
        assert!(mails.len() == 2 && mails.iter().all(|mail| mail.contains("\r\n\r\nx!\r\n")), "{mails:?}");
        let (is_executed, told) = ending(&world).await;
        assert!(!is_executed);
        assert_eq!((&told["messages"], &told["delivered"], &told["attempts"]), (&json!(3), &json!(2), &json!(2)));
        let log = told["notification_log"].as_str().expect("a log");
        assert!(log.starts_with("the address of the receiver is not valid"), "{log}");
    }

    async fn a_try_that_was_cut_off_is_made_again(store: Store) {
        let (address, asked) = service(&[OK]).await;
        let world = world(store, |_| {});
        let id = block(&world, "webhook", &[], json!({ "url": address })).await;
        fire(&world, &json!({"type": "call-webhook", "block_document_id": id})).await;
        // As if the process had ended between the claim and the request.
        let now = world.now();
        let claimed: Result<_, StoreError> = world.store.write(now, |tx, now| {
            Box::pin(actions::claim_messages(tx, *now, *now + TimeDelta::from_secs(30), 10))
        }).await;
        assert_eq!(claimed.expect("it is claimed").len(), 1);
        send(&world).await;
        assert_eq!(heard(&asked).len(), 0);
        world.wait(30);
        send(&world).await;
        assert_eq!(heard(&asked).len(), 1);
        assert_eq!(ending(&world).await.1["attempts"], 2);
    }

    async fn who_lost_the_claim_tells_nothing(store: Store) {
        let world = world(store, |_| {});
        let id = block(&world, "webhook", &[], json!({"url": "http://x"})).await;
        fire(&world, &json!({"type": "call-webhook", "block_document_id": id})).await;
        let claim = async |world: &World| {
            let claimed: Result<_, StoreError> = world.store.write(world.now(), |tx, now| {
                Box::pin(actions::claim_messages(tx, *now, *now + TimeDelta::from_secs(30), 10))
            }).await;
            let pending = claimed.expect("it is read").remove(0).expect("it can be read");
            actions::Claim { workspace: WORKSPACE, id: pending.action.id, attempt: pending.attempts }
        };
        let first = claim(&world).await;
        world.wait(30);
        let second = claim(&world).await;
        for (claim, expected) in [(first, false), (second, true)] {
            let done: Result<_, StoreError> = world.store.write((claim, world.now()), |tx, (claim, now)| {
                Box::pin(async move {
                    let kept = actions::keep_message(tx, claim, *now, "{}").await?;
                    Ok((kept, actions::complete_message(tx, claim).await?))
                })
            }).await;
            assert_eq!(done.expect("it is written"), (expected, expected));
        }
    }

    async fn blocks_that_cannot_send_are_told_of(store: Store) {
        let world = world(store, |_| {});
        let python = block(&world, "my-notifier", &["notify"], json!({"secret": "s3cret-value"})).await;
        let plain = block(&world, "json", &[], json!({})).await;
        let empty = block(&world, "slack-webhook", &["notify"], json!({})).await;
        let cases = [
            (json!({"type": "send-notification", "block_document_id": python, "body": "b"}),
             "The notification block was invalid: blocks of type 'my-notifier' send with Python code"),
            (json!({"type": "send-notification", "block_document_id": plain, "body": "b"}),
             "The referenced block was not a notification block"),
            (json!({"type": "call-webhook", "block_document_id": plain}),
             "The referenced block was not a webhook block"),
            (json!({"type": "send-notification", "block_document_id": empty, "body": "b"}),
             "The notification block was invalid: missing field `url`"),
            (json!({"type": "send-notification", "block_document_id": Uuid::now_v7(), "body": "b"}),
             "Unexpected status from 'send-notification' action: 404"),
            (json!({"type": "send-notification", "block_document_id": empty, "body": "{{ 'x' * 1000000000 }}"}),
             "Template rendering failed"),
            (json!({"type": "send-email-notification", "emails": ["a@b.c"], "body": "b"}),
             "this server has no mail server: set smtp-host and smtp-from"),
        ];
        for (action, _) in &cases {
            fire(&world, action).await;
            send(&world).await;
        }
        let ended = ended(&world).await;
        assert_eq!(ended.len(), cases.len());
        for (event, (action, expected)) in ended.iter().zip(&cases) {
            let told = payload(event);
            let text = told.to_string();
            assert!(event.event.ends_with("failed"), "{action}: {told}");
            let reason = told["notification_log"].as_str().or(told["reason"].as_str()).expect("a reason");
            assert!(reason.starts_with(expected), "{reason} does not begin with {expected}");
            assert!(!text.contains("s3cret"), "{text}");
        }
        assert!(payload(&ended[5])["template_source"].as_str().is_some());
    }

    async fn private_addresses_are_reached_when_server_and_block_allow_it(store: Store) {
        let (address, asked) = service(&[OK]).await;
        let mut world = world(store, |_| {});
        let wary = json!({"url": address, "allow_private_urls": false});
        let id = block(&world, "webhook", &[], wary).await;
        let action = json!({"type": "call-webhook", "block_document_id": id});
        fire(&world, &action).await;
        send(&world).await;
        assert_eq!(ending(&world).await, (false, json!({
            "reason": "Webhook call failed: the url is not allowed: its host resolves to a private address",
            "attempts": 1,
        })));
        let settings = ServiceSettings {
            deliverer: Arc::new(Deliverer::new(DeliveryOptions {
                private_addresses: PrivateAddresses::Always,
                ..DeliveryOptions::default()
            })),
            ..world.settings.as_ref().clone()
        };
        world.settings = Arc::new(settings);
        fire(&world, &action).await;
        send(&world).await;
        assert_eq!((heard(&asked).len(), ended(&world).await.len()), (1, 2));
    }

    async fn what_nobody_understands_is_in_nobodys_way(store: Store) {
        let (address, asked) = service(&[OK]).await;
        let world = world(store, |_| {});
        for is_message in [false, true] {
            let written: Result<(), StoreError> = world.store.write((is_message, world.now()), |tx, (is_message, now)| {
                Box::pin(async move {
                    tx.execute(
                        "INSERT INTO automation_action (id, workspace_id, created, automation_id, is_message, attempts,
                             next_attempt, action) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?3, ?6)",
                        params![Uuid::now_v7(), WORKSPACE, *now, AutomationId(Uuid::nil()), *is_message, "{\"from\": \"the future\"}"],
                    ).await?;
                    Ok(())
                })
            }).await;
            written.expect("it is written");
        }
        let id = block(&world, "webhook", &[], json!({ "url": address })).await;
        fire(&world, &json!({"type": "call-webhook", "block_document_id": id})).await;
        fire(&world, &json!({"type": "do-nothing"})).await;
        send(&world).await;
        world.run("actions").await;
        assert_eq!(heard(&asked).len(), 1);
        let ended = ended(&world).await;
        assert_eq!(ended.len(), 4);
        let unreadable: Vec<_> = ended.iter().filter(|event| {
            event.resource["prefect.resource.id"].ends_with(&Uuid::nil().to_string())
        }).collect();
        assert_eq!(unreadable.len(), 2);
        for event in unreadable {
            assert!(event.event.ends_with("failed"));
            assert!(payload(event)["reason"].as_str().expect("a reason").starts_with("The stored action cannot be read"));
        }
        send(&world).await;
        assert_eq!(world.run("actions").await, Next::Period);
    }
}

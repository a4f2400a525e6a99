use std::time::Duration;

use serde_json::json;
use sluice_delivery::{Deliverer, DeliveryError, DeliveryOptions};
use tokio::net::TcpListener;

use crate::support::{FixedResolver, certificate, heard, web_server, webhook};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Trace: t\r\n\r\nok";

#[tokio::test]
async fn a_request_arrives_as_it_was_made() {
    let (port, asked) = web_server(&[OK], None).await;
    let data = json!({
        "url": format!("http://us%40er:pa%3Ass@127.0.0.1:{port}/a%20b/c?d=e&f=%2F#fragment"), "method": "PUT",
        "headers": {"X-Own": "1", "Content-Length": "999", "Transfer-Encoding": "chunked"},
    });
    let answer = Deliverer::default().send(&webhook(&data, "{\"é\": 1}")).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_str(), answer.header("x-trace")), (200, "ok", Some("t")));
    let asked = heard(&asked);
    let (head, body) = asked[0].split_once("\r\n\r\n").expect("a request");
    assert_eq!(body, "{\"é\": 1}");
    assert!(head.starts_with("PUT /a%20b/c?d=e&f=%2F HTTP/1.1\r\n"), "{head}");
    // us@er:pa:ss
    assert!(head.contains("Basic dXNAZXI6cGE6c3M=") || head.contains("basic dXNAZXI6cGE6c3M="), "{head}");
    let head = head.to_lowercase();
    for expected in [
        format!("host: 127.0.0.1:{port}"),
        "x-own: 1".to_owned(),
        "content-length: 9".to_owned(),
        "idempotency-key: 7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51".to_owned(),
    ] {
        assert!(head.lines().any(|line| line == expected), "{expected} is not in {head}");
    }
    assert!(!head.contains("transfer-encoding"), "{head}");
}

#[tokio::test]
async fn redirects_are_answers() {
    let (port, asked) =
        web_server(&["HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"], None).await;
    let request = webhook(&json!({"url": format!("http://127.0.0.1:{port}/")}), "");
    let answer = Deliverer::default().send(&request).await.expect("an answer");
    assert_eq!((answer.status, heard(&asked).len()), (302, 1));
}

#[tokio::test]
async fn an_answer_that_is_no_text_is_read_as_far_as_it_is() {
    let (port, _asked) = web_server(&["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbin \0 end"], None).await;
    let request = webhook(&json!({"url": format!("http://127.0.0.1:{port}/")}), "");
    let answer = Deliverer::default().send(&request).await.expect("an answer");
    assert_eq!(answer.body, "bin  end");
}

#[tokio::test]
async fn services_prove_who_they_are_unless_the_block_says_otherwise() {
    let (authority, config) = certificate();
    let (port, asked) = web_server(&[OK], Some(config)).await;
    let url = format!("https://localhost:{port}/");
    let (wary, lax) = (json!({ "url": url }), json!({"url": url, "verify": false}));
    let refused = Deliverer::default().send(&webhook(&wary, "")).await.expect_err("an unknown authority");
    assert!(refused.to_string().contains("could not connect with TLS"), "{refused}");
    assert!(heard(&asked).is_empty());
    assert_eq!(Deliverer::default().send(&webhook(&lax, "")).await.expect("an answer").status, 200);
    let knowing = Deliverer::new(DeliveryOptions { roots: vec![authority], ..DeliveryOptions::default() });
    assert_eq!(knowing.send(&webhook(&wary, "")).await.expect("an answer").status, 200);
    let other_name = json!({"url": format!("https://other.example:{port}/")});
    let knowing = Deliverer::new(DeliveryOptions {
        resolver: FixedResolver::new(&["127.0.0.1"]),
        ..DeliveryOptions::default()
    });
    let refused = knowing.send(&webhook(&other_name, "")).await.expect_err("another name");
    assert!(matches!(refused, DeliveryError::Temporary(_)));
}

#[tokio::test]
async fn what_does_not_answer_may_be_tried_again() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent_port = silent.local_addr().expect("an address").port();
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gone_port = gone.local_addr().expect("an address").port();
    drop(gone);
    let (rude_port, _) = web_server(&[""], None).await;
    let deliverer = Deliverer::new(DeliveryOptions {
        timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_millis(200),
        ..DeliveryOptions::default()
    });
    for (port, expected) in [(silent_port, "in time"), (gone_port, "could not connect"), (rude_port, "broke")]
    {
        let url = format!("http://127.0.0.1:{port}/secret-path");
        let error = deliverer.send(&webhook(&json!({ "url": url }), "")).await.expect_err("no answer");
        assert!(matches!(error, DeliveryError::Temporary(_)), "{error}");
        let error = error.to_string();
        assert!(
            error.contains(expected) && !error.contains("secret") && !error.contains("127.0.0.1"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn long_answers_are_cut_off() {
    let long = format!("HTTP/1.1 500 No\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(1_000_000));
    let (port, _) = web_server(&[&long], None).await;
    let request = webhook(&json!({"url": format!("http://127.0.0.1:{port}/")}), "");
    let answer = Deliverer::default().send(&request).await.expect("an answer");
    assert_eq!((answer.status, answer.body.len()), (500, 64 * 1024));
}

#[tokio::test]
async fn the_status_decides_when_the_text_does_not_come() {
    let (port, _) = web_server(&["HTTP/1.1 202 Taken\r\nContent-Length: 9\r\n\r\nhal<stall>"], None).await;
    let deliverer = Deliverer::new(DeliveryOptions {
        text_timeout: Duration::from_millis(50),
        ..DeliveryOptions::default()
    });
    let request = webhook(&json!({"url": format!("http://127.0.0.1:{port}/")}), "");
    let answer = deliverer.send(&request).await.expect("an answer");
    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn the_next_address_is_taken_when_one_does_not_answer() {
    let (port, asked) = web_server(&[OK], None).await;
    let deliverer = Deliverer::new(DeliveryOptions {
        resolver: FixedResolver::new(&["127.0.0.2", "127.0.0.1"]),
        ..DeliveryOptions::default()
    });
    let request = webhook(&json!({"url": format!("http://two.example:{port}/")}), "");
    assert_eq!(deliverer.send(&request).await.expect("an answer").status, 200);
    assert!(heard(&asked)[0].to_lowercase().contains(&format!("host: two.example:{port}")));
}

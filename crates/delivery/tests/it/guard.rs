use serde_json::json;
use sluice_delivery::{Deliverer, DeliveryError, DeliveryOptions, PrivateAddresses};

use crate::support::{FixedResolver, heard, web_server, webhook};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn private_addresses_are_reached_only_when_it_is_allowed() {
    let (port, asked) = web_server(&[OK], None).await;
    let url = format!("http://127.0.0.1:{port}/secret");
    for (rule, by_block, expected) in [
        (PrivateAddresses::ByBlock, true, true),
        (PrivateAddresses::ByBlock, false, false),
        (PrivateAddresses::Never, true, false),
        (PrivateAddresses::Always, false, true),
    ] {
        let deliverer =
            Deliverer::new(DeliveryOptions { private_addresses: rule, ..DeliveryOptions::default() });
        let before = heard(&asked).len();
        let request = webhook(&json!({"url": url, "allow_private_urls": by_block}), "");
        let sent = deliverer.send(&request).await;
        assert_eq!(sent.is_ok(), expected, "{rule:?} {by_block}: {sent:?}");
        assert_eq!(heard(&asked).len() > before, expected);
        if let Err(error) = sent {
            assert_eq!(
                error,
                DeliveryError::Final(
                    "the url is not allowed: its host resolves to a private address".to_owned()
                )
            );
        }
    }
}

#[tokio::test]
async fn every_way_to_write_a_private_address_is_seen() {
    let deliverer = Deliverer::new(DeliveryOptions {
        private_addresses: PrivateAddresses::Never,
        ..DeliveryOptions::default()
    });
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "169.254.169.254",
        "localhost",
        "[fd00::1]",
    ] {
        let request = webhook(&json!({"url": format!("http://{host}:9/")}), "");
        let refused = deliverer.send(&request).await.expect_err("refused");
        assert!(matches!(refused, DeliveryError::Final(_)), "{host}: {refused}");
    }
}

#[tokio::test]
async fn one_private_address_among_others_is_enough() {
    let resolver = FixedResolver::new(&["93.184.216.34", "10.0.0.1"]);
    let deliverer =
        Deliverer::new(DeliveryOptions { resolver: resolver.clone(), ..DeliveryOptions::default() });
    let request = webhook(&json!({"url": "http://mixed.example/", "allow_private_urls": false}), "");
    assert!(matches!(deliverer.send(&request).await, Err(DeliveryError::Final(_))));
    // A name is asked for once: the addresses that were checked are those that are used.
    assert_eq!(*resolver.1.lock().expect("nobody panicked"), ["mixed.example"]);
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_used() {
    let (port, asked) = web_server(&[OK], None).await;
    let resolver = FixedResolver::new(&["127.0.0.1"]);
    let deliverer =
        Deliverer::new(DeliveryOptions { resolver: resolver.clone(), ..DeliveryOptions::default() });
    // The operating system knows no such name: the connection goes where the resolver said.
    let request = webhook(&json!({"url": format!("http://nowhere.invalid:{port}/")}), "");
    assert_eq!(deliverer.send(&request).await.expect("an answer").status, 200);
    assert_eq!((heard(&asked).len(), resolver.1.lock().expect("nobody panicked").len()), (1, 1));
}

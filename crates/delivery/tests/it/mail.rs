use std::sync::Arc;

use rustls::ServerConfig;
use sluice_delivery::{Deliverer, DeliveryError, DeliveryOptions, Mail, MailServer, MailTls};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{Heard, certificate, heard};

/// How the mail server of a test behaves.
#[derive(Clone, Default)]
struct Behaviour {
    tls: Option<Arc<ServerConfig>>,
    is_implicit: bool,
    /// What it says to receivers whose address holds `no`.
    refusal: &'static str,
}

async fn mail_server(behaviour: Behaviour) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let told = Heard::default();
    let noted = Arc::clone(&told);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (behaviour, noted) = (behaviour.clone(), Arc::clone(&noted));
            tokio::spawn(async move {
                let acceptor = behaviour.tls.clone().map(TlsAcceptor::from);
                match acceptor {
                    Some(acceptor) if behaviour.is_implicit => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            let _ = talk(stream, &behaviour, &noted, true, true).await;
                        }
                    }
                    acceptor => {
                        let Some(stream) = talk(stream, &behaviour, &noted, true, false).await else {
                            return;
                        };
                        let Some(acceptor) = acceptor else { return };
                        if let Ok(stream) = acceptor.accept(stream).await {
                            let _ = talk(stream, &behaviour, &noted, false, true).await;
                        }
                    }
                }
            });
        }
    });
    (port, told)
}

/// Speaks as a mail server; gives the stream back when it is to be encrypted.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    behaviour: &Behaviour,
    noted: &Heard,
    greets: bool,
    is_secure: bool,
) -> Option<S> {
    let mut stream = BufStream::new(stream);
    let mut is_data = false;
    if greets {
        say(&mut stream, "220 test").await?;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        noted.lock().expect("nobody panicked").push(format!("{}{line}", if is_secure { "tls " } else { "" }));
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." if is_data => {
                is_data = false;
                "250 taken"
            }
            _ if is_data => continue,
            "EHLO" if behaviour.tls.is_some() && !is_secure => "250-test\r\n250 STARTTLS",
            "EHLO" => "250-test\r\n250 AUTH PLAIN LOGIN",
            "STARTTLS" => {
                say(&mut stream, "220 go").await?;
                return Some(stream.into_inner());
            }
            "AUTH" => "235 welcome",
            "RCPT" if line.contains("no@") => behaviour.refusal,
            "DATA" => {
                is_data = true;
                "354 go on"
            }
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return None;
            }
            _ => "250 ok",
        };
        say(&mut stream, answer).await?;
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>, text: &str) -> Option<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

fn server(port: u16, tls: MailTls, credentials: bool) -> MailServer {
    MailServer {
        host: "localhost".to_owned(),
        port,
        tls,
        credentials: credentials.then(|| ("user".to_owned(), "secret".to_owned())),
        from: "Sluice <sluice@example.com>".to_owned(),
    }
}

fn mail(to: &str) -> Mail<'_> {
    let id = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51".parse().expect("an id");
    Mail { to, subject: "Run fäiled\r\nBcc: x@y.z", body: "line 1\n.\nline 3", id }
}

#[tokio::test]
async fn a_plain_server_takes_a_mail() {
    let (port, told) = mail_server(Behaviour::default()).await;
    let options = DeliveryOptions {
        mail_server: Some(server(port, MailTls::None, false)),
        ..DeliveryOptions::default()
    };
    let answer = Deliverer::new(options).mail(&mail("Ann <ann@example.com>")).await.expect("it is taken");
    assert!(answer.contains("taken"), "{answer}");
    let told = heard(&told);
    for expected in [
        "MAIL FROM:<sluice@example.com>",
        "RCPT TO:<ann@example.com>",
        "From: Sluice <sluice@example.com>",
        "To: Ann <ann@example.com>",
        "Message-ID: <7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51@example.com>",
        "line 1",
        // A dot alone would end the mail.
        "..",
        "line 3",
    ] {
        assert!(told.iter().any(|line| line.starts_with(expected)), "{expected} is not in {told:?}");
    }
    // A heading cannot bring further headers in.
    assert!(!told.iter().any(|line| line.starts_with("Bcc")), "{told:?}");
}

#[tokio::test]
async fn mail_is_encrypted_both_ways() {
    for (tls, is_implicit) in [(MailTls::StartTls, false), (MailTls::Implicit, true)] {
        let (authority, config) = certificate();
        let (port, told) =
            mail_server(Behaviour { tls: Some(config), is_implicit, ..Behaviour::default() }).await;
        let options =
            DeliveryOptions { mail_server: Some(server(port, tls, true)), ..DeliveryOptions::default() };
        let refused =
            Deliverer::new(options.clone()).mail(&mail("a@b.c")).await.expect_err("an unknown authority");
        assert!(matches!(refused, DeliveryError::Temporary(_)), "{refused}");
        assert!(!heard(&told).iter().any(|line| line.contains("AUTH") || line.contains("MAIL")));

        let knowing = Deliverer::new(DeliveryOptions { roots: vec![authority], ..options });
        knowing.mail(&mail("a@b.c")).await.expect("it is taken");
        let told = heard(&told);
        assert!(told.iter().any(|line| line.starts_with("tls AUTH PLAIN")), "{told:?}");
        assert!(told.iter().any(|line| line == "tls line 1"), "{told:?}");
    }
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_cannot_encrypt() {
    let (port, told) = mail_server(Behaviour::default()).await;
    let options = DeliveryOptions {
        mail_server: Some(server(port, MailTls::StartTls, true)),
        ..DeliveryOptions::default()
    };
    Deliverer::new(options).mail(&mail("a@b.c")).await.expect_err("it cannot encrypt");
    assert!(!heard(&told).iter().any(|line| line.contains("AUTH") || line.contains("MAIL")), "{told:?}");
}

#[tokio::test]
async fn refusals_are_final_or_not_as_the_server_says() {
    for (refusal, is_final) in [("550 no such user", true), ("450 come back later", false)] {
        let (port, _) = mail_server(Behaviour { refusal, ..Behaviour::default() }).await;
        let options = DeliveryOptions {
            mail_server: Some(server(port, MailTls::None, false)),
            ..DeliveryOptions::default()
        };
        let error = Deliverer::new(options).mail(&mail("no@example.com")).await.expect_err("refused");
        assert_eq!(matches!(error, DeliveryError::Final(_)), is_final, "{error}");
        assert!(error.to_string().contains(refusal.split_once(' ').expect("a text").1), "{error}");
    }
}

#[tokio::test]
async fn without_a_server_it_is_said_what_to_do() {
    let error = Deliverer::default().mail(&mail("a@b.c")).await.expect_err("there is no server");
    assert_eq!(error.to_string(), "this server has no mail server: set smtp-host and smtp-from");
    let (port, _) = mail_server(Behaviour::default()).await;
    let options = DeliveryOptions {
        mail_server: Some(server(port, MailTls::None, false)),
        ..DeliveryOptions::default()
    };
    let error = Deliverer::new(options).mail(&mail("nobody")).await.expect_err("no address");
    assert!(error.to_string().contains("the address of the receiver is not valid"), "{error}");
}

//! Starting and stopping the process.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::support::sluice;

/// Far more than stopping takes; the server itself cuts connections off sooner.
const STOPPED_BY: Duration = Duration::from_secs(30);

/// Ends the process with the test, whatever the test finds.
pub struct Server {
    process: Child,
    /// Host, port and path of the API.
    pub address: String,
}

impl Server {
    fn start(home: &Path) -> Self {
        Self::start_with(home, &[])
    }

    pub fn start_with(home: &Path, arguments: &[&str]) -> Self {
        let (server, log) = Self::spawn(home, arguments);
        // Somebody has to read on, or the server would wait for its log to be read.
        std::thread::spawn(move || log.for_each(drop));
        server
    }

    /// Starts a server; returns it with the lines of its log that follow the one that says where it listens.
    fn spawn(home: &Path, arguments: &[&str]) -> (Self, impl Iterator<Item = String> + Send + use<>) {
        let mut process = sluice(home)
            .args(["server", "start", "--port", "0"])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stderr = process.stderr.take().expect("a pipe");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let address = lines
            .find_map(|line| line.strip_prefix("Sluice serves the API at http://").map(str::to_owned))
            .expect("the server says where it listens");
        (Self { process, address }, lines)
    }

    /// The first line of the answer to `GET /health`.
    fn health(&self) -> String {
        let (host, path) = self.address.split_once('/').expect("an address with a path");
        let mut stream = TcpStream::connect(host).expect("a connection");
        write!(stream, "GET /{path}/health HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
            .expect("the request is sent");
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).expect("an answer");
        line.trim().to_owned()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.process.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    fn wait(&mut self) -> Option<i32> {
        let deadline = Instant::now() + STOPPED_BY;
        loop {
            if let Some(status) = self.process.try_wait().expect("the process is a child") {
                return status.code();
            }
            assert!(Instant::now() < deadline, "the server still runs");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already when the test went well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_signal_ends_it_with_0_while_a_client_is_connected() {
    let home = tempfile::tempdir().expect("a directory");
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(home.path());
        let mut request =
            format!("ws://{}/events/in", server.address).into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("prefect"));
        let (mut socket, _) = connect_async(request).await.expect("the server accepts");
        server.signal(signal);
        assert_eq!(server.wait(), Some(0), "after {signal}");
        // Whatever the last words are, the connection ends.
        while let Some(Ok(_)) = socket.next().await {}
    }
}

/// As when the disk with the log is full.
#[test]
fn requests_are_answered_when_the_log_cannot_be_written() {
    let home = tempfile::tempdir().expect("a directory");
    let (mut server, log) = Server::spawn(home.path(), &["--log-level", "debug"]);
    drop(log);
    for _ in 0..3 {
        assert_eq!(server.health(), "HTTP/1.1 200 OK");
    }
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn a_key_for_secrets_is_made_once_for_a_database() {
    let (first, second) =
        (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let key_of = |home: &tempfile::TempDir| home.path().join("data/secrets.key");
    let mut server = Server::start(first.path());
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    let key = std::fs::read(key_of(&first)).expect("the first server made a key");

    // Another home on the same database: this server lives without a key, and makes none of its own.
    let database = format!("sqlite:///{}", first.path().join("data/sluice.db").display());
    let mut server = Server::start_with(second.path(), &["--database-url", &database]);
    assert!(!key_of(&second).exists());
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));

    let mut server = Server::start(first.path());
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    assert_eq!(std::fs::read(key_of(&first)).expect("the key is there"), key);
}

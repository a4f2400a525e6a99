//! `/health`: whether the worker asks for runs as it should, in the words of the reference.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::shared::Shared;

const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_REQUEST: u64 = 8 * 1024;

/// Serves until the worker stops.
pub(crate) async fn serve(address: SocketAddr, shared: Arc<Shared>) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "serves /health");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(PATIENCE, answer(stream, &shared)).await;
        });
    }
}

async fn answer(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader).take(LONGEST_REQUEST);
    let mut request = String::new();
    reader.read_line(&mut request).await?;
    let mut header = String::new();
    while reader.read_line(&mut header).await? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, path) = (words.next(), words.next().map(|path| path.split('?').next().unwrap_or(path)));
    let (status, body) = match (method, path) {
        (Some("GET"), Some("/health")) if shared.is_polling() => ("200 OK", r#"{"message":"OK"}"#),
        (Some("GET"), Some("/health")) => {
            ("503 Service Unavailable", r#"{"message":"Worker may be unresponsive at this time"}"#)
        }
        (_, Some("/health")) => ("405 Method Not Allowed", r#"{"detail":"Method Not Allowed"}"#),
        _ => ("404 Not Found", r#"{"detail":"Not Found"}"#),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    writer.write_all(head.as_bytes()).await?;
    writer.write_all(body.as_bytes()).await?;
    writer.shutdown().await
}

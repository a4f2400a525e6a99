use std::fmt::Write;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use sluice_store::{Database, StoreError, flow_runs, logs};
use sluice_wire::filters::{AnyFilter, LogFilter};
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::logs::Log;
use sluice_wire::sorting::LogSort;

use super::not_found;
use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// Lines read at a time.
const PAGE: i64 = 1_000;

/// `GET /flow_runs/{id}/logs/download`: all log lines as CSV, read while they are sent.
pub async fn logs_download(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let run = app
        .store
        .read((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(flow_runs::read(tx, *workspace, *id, *now))
        })
        .await?
        .ok_or_else(not_found)?;
    let disposition = format!(
        "attachment; filename=\"flow-run-logs.csv\"; filename*=UTF-8''{}",
        percent_encoded(&format!("{}-logs.csv", run.name))
    );
    let pages = stream::unfold(Some(0), move |offset| {
        let app = app.clone();
        async move {
            let offset = offset?;
            match page(&app, workspace, id, offset).await {
                Ok((text, is_last)) => Some((Ok(Bytes::from(text)), (!is_last).then_some(offset + PAGE))),
                Err(error) => Some((Err(error), None)),
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// The lines from the `offset`-th on (the header before the first), and whether they are the last.
async fn page(
    app: &App,
    workspace: WorkspaceId,
    id: FlowRunId,
    offset: i64,
) -> Result<(String, bool), StoreError> {
    let filter = LogFilter { flow_run_id: Some(AnyFilter { any_: Some(vec![id]) }), ..LogFilter::default() };
    let lines = app
        .store
        .read_from(Database::Telemetry, (workspace, filter, offset), |tx, (workspace, filter, offset)| {
            Box::pin(logs::filter(tx, *workspace, Some(filter), LogSort::TimestampAsc, PAGE, *offset))
        })
        .await?;
    let mut text = String::new();
    if offset == 0 {
        text.push_str("timestamp,level,flow_run_id,task_run_id,message\r\n");
    }
    lines.iter().for_each(|line| push_line(&mut text, line));
    Ok((text, i64::try_from(lines.len()).unwrap_or(PAGE) < PAGE))
}

fn push_line(text: &mut String, line: &Log) {
    let id = |id: Option<String>| id.unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "{},{},{},{},",
        line.timestamp.python_str(),
        line.level,
        id(line.flow_run_id.map(|id| id.to_string())),
        id(line.task_run_id.map(|id| id.to_string()))
    );
    push_field(text, &line.message);
    text.push_str("\r\n");
}

/// Quotes a field when it needs it (RFC 4180).
fn push_field(text: &mut String, field: &str) {
    if field.contains([',', '"', '\r', '\n']) {
        text.push('"');
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(field);
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::{percent_encoded, push_field};

    #[test]
    fn fields_are_quoted_when_they_must_be() {
        for (field, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\nb", "\"a\nb\""),
        ] {
            let mut text = String::new();
            push_field(&mut text, field);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn file_names_are_percent_encoded() {
        assert_eq!(percent_encoded("a b/ü-1.csv"), "a%20b%2F%C3%BC-1.csv");
    }
}

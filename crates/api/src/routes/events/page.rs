//! Pages of events. A page carries the URL of the next one; what is asked for travels in its token.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sluice_store::Database;
use sluice_store::events::{self, StoredEvent};
use sluice_wire::events::filter::EventFilter;
use sluice_wire::ids::WorkspaceId;

use crate::{ApiError, App};

/// The size of a page when the request does not say, and at most.
pub const LARGEST_PAGE: i64 = 50;

/// A page of events.
#[derive(Debug, Serialize)]
pub struct EventPage {
    events: Vec<StoredEvent>,
    total: i64,
    next_page: Option<String>,
}

/// What is asked for; the content of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// Which events.
    pub filter: EventFilter,
    /// How many there are in all, where an earlier page has counted them.
    pub count: Option<i64>,
    /// How many are wanted.
    pub page_size: i64,
    /// Where the page begins.
    pub offset: i64,
}

/// Reads a token. Whatever is wrong with it, the answer is 403.
pub fn from_token(token: &str) -> Result<Question, ApiError> {
    let forbidden = || ApiError::detail(StatusCode::FORBIDDEN, "Forbidden");
    // A plus sign of the token may come as the space that it means in a query.
    let outer = STANDARD.decode(token.replace(' ', "+")).map_err(|_| forbidden())?;
    let inner = STANDARD.decode(outer).map_err(|_| forbidden())?;
    let question: Question = serde_json::from_slice(&inner).map_err(|_| forbidden())?;
    let is_sound = question.offset >= 0 && (0..=LARGEST_PAGE).contains(&question.page_size);
    if is_sound { Ok(question) } else { Err(forbidden()) }
}

fn to_token(question: &Question) -> Option<String> {
    let inner = serde_json::to_vec(question).ok()?;
    Some(STANDARD.encode(STANDARD.encode(inner)))
}

/// Reads a page.
pub async fn answer(
    app: &App,
    workspace: WorkspaceId,
    headers: &HeaderMap,
    question: Question,
) -> Result<Json<EventPage>, ApiError> {
    let arguments = (workspace, question.clone());
    let (events, total) = app
        .store
        .read_from(Database::Telemetry, arguments, |tx, (workspace, question)| {
            Box::pin(async move {
                let total = match question.count {
                    Some(count) => count,
                    None => events::count(tx, *workspace, &question.filter).await?,
                };
                let page = events::EventPage {
                    limit: question.page_size,
                    offset: question.offset,
                    ..events::EventPage::default()
                };
                let found = events::read(tx, *workspace, &question.filter, page).await?;
                Ok::<_, ApiError>((found, total))
            })
        })
        .await?;
    let next_offset = question.offset.saturating_add(question.page_size);
    let next_page = if next_offset < total {
        let next = Question { count: Some(total), offset: next_offset, ..question };
        to_token(&next).map(|token| format!("{}/api/events/filter/next?page-token={token}", origin(headers)))
    } else {
        None
    };
    Ok(Json(EventPage { events, total, next_page }))
}

/// Scheme and host under which the client knows this server.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = text("x-forwarded-proto").unwrap_or("http");
    let host = text(header::HOST.as_str()).unwrap_or("localhost");
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sluice_wire::events::filter::EventFilter;

    use super::{Question, from_token, to_token};

    #[test]
    fn tokens_lead_back_to_the_question() {
        let question = Question { filter: EventFilter::default(), count: Some(7), page_size: 2, offset: 4 };
        let token = to_token(&question).expect("a token");
        let read = from_token(&token).expect("the same question");
        assert_eq!((read.count, read.page_size, read.offset), (Some(7), 2, 4));
    }

    #[test]
    fn nonsense_is_forbidden() {
        let twice = |text: &str| STANDARD.encode(STANDARD.encode(text));
        for token in [
            String::new(),
            "zzz".to_owned(),
            STANDARD.encode("zzz"),
            twice("{}"),
            twice(r#"{"filter":{},"count":1,"page_size":500,"offset":0}"#),
            twice(r#"{"filter":{},"count":1,"page_size":5,"offset":-1}"#),
        ] {
            assert!(from_token(&token).is_err(), "{token}");
        }
    }
}

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_events::EventsError;
use sluice_wire::events::Event;

use crate::extract::{Body, Workspace};
use crate::{ApiError, App, responses};

/// `POST /events`: records events; 204 when they are on disk.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(events): Body<Vec<Event>>,
) -> Result<Response, ApiError> {
    app.events.publish(workspace, events).await.map_err(|error| match error {
        EventsError::Store(error) => error.into(),
        EventsError::Malformed(_) | EventsError::Stopping => {
            ApiError::retry_later(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping", 1.0)
        }
    })?;
    Ok(responses::no_content())
}
